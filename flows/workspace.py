"""Which watch and which corpus a command works on."""

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from model.config import Paths
from model.errors import UsageError
from model.reading import load_watch
from model.watch import Watch

BUNDLED = "russia-azerbaijan"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A watch with the files of its corpus."""

    watch: Watch
    paths: Paths


def bundled_watch(name: str) -> Path:
    """Find the folder of a watch that came with the package. Raises UsageError when there is none of that name."""
    root = Path(str(files("watches")))
    known = sorted(p.name for p in root.iterdir() if (p / "watch.toml").is_file())
    if name not in known:
        raise UsageError(f"no bundled watch {name!r}; there is {', '.join(known)}")
    return root / name


def watch_folder(given: Path | None) -> Path:
    """Choose the watch: the one asked for, the folder one stands in, TENSIONWATCH_WATCH, else the bundled one."""
    if given is not None:
        return given
    if Path("watch.toml").is_file():
        return Path()
    named = os.environ.get("TENSIONWATCH_WATCH")
    return Path(named) if named else bundled_watch(BUNDLED)


def corpus_path(folder: Path, configured: str, given: Path | None) -> Path:
    """Place the corpus: as asked, else as watch.toml says, beside the watch; for a bundled watch, in this folder."""
    if given is not None:
        return given
    bundled = Path(str(files("watches"))) in folder.resolve().parents
    return (Path.cwd() if bundled else folder) / configured


def open_workspace(watch: Path | None, corpus: Path | None) -> Workspace:
    """Read the watch and resolve its paths. Raises ConfigurationError with all problems of the watch."""
    folder = watch_folder(watch)
    read = load_watch(folder)
    place = corpus_path(folder, read.config.storage.corpus, corpus)
    return Workspace(watch=read, paths=Paths.of(read.config.storage, place))


def locate(watch: Path | None, corpus: Path | None) -> Paths:
    """Resolve the paths without reading the pattern files: what a question about the corpus needs."""
    from model.reading import read_config

    folder = watch_folder(watch)
    storage = read_config(folder).storage
    return Paths.of(storage, corpus_path(folder, storage.corpus, corpus))
