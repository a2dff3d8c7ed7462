"""init and check: watches as folders."""

import shutil
from collections import Counter
from pathlib import Path

import click

from flows.commands.options import watch_option
from flows.output import say, table
from flows.workspace import BUNDLED, bundled_watch, watch_folder
from model.errors import UsageError
from model.reading import load_watch
from model.watch import Watch


@click.command(epilog="\b\nExample:\n  tensionwatch init my-watch && tensionwatch check --watch my-watch")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--watch", "name", default=BUNDLED, show_default=True, help="Bundled watch to start from.")
def init(folder: Path, name: str) -> None:
    """Copy a bundled watch to FOLDER for editing."""
    source = bundled_watch(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists and is not an empty folder; choose another name")
    try:
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}") from None
    say(f"{folder} holds the watch {name}; edit it, then `tensionwatch check --watch {folder}`")


@click.command(epilog="\b\nExample:\n  tensionwatch check --watch my-watch")
@watch_option
def check(watch_dir: Path | None) -> None:
    """Validate a watch: every problem at once, with file and line. Exit 2 when there is one."""
    folder = watch_folder(watch_dir)
    watch = load_watch(folder)
    table(("what", "count"), _contents(watch), title=f"{watch.config.watch.name} ({folder})")
    say("no problems")


def _contents(watch: Watch) -> list[tuple[str, str]]:
    languages = Counter(row.language for row in watch.lexicon)
    return [
        ("feeds", f"{len(watch.feeds)} of {len({f.publisher for f in watch.feeds})} publishers"),
        ("concepts", f"{len({r.concept_id for r in watch.lexicon})} in {len(languages)} languages"),
        ("patterns", f"{len(watch.lexicon)}: " + ", ".join(f"{k} {n}" for k, n in sorted(languages.items()))),
        ("actors", f"{len({r.actor_id for r in watch.actors})} with {len(watch.actors)} patterns"),
        ("exclusions", str(len(watch.exclusions))),
        ("series named", str(len(watch.config.series))),
        ("calendar days", str(len(watch.calendar))),
        ("seeds", str(len(watch.seeds))),
        ("channels", str(len(watch.config.alerts.channels))),
        ("lexicon version", watch.lexicon_version),
    ]
