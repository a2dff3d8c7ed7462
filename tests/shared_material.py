"""Real third-party material beside the checkout, which never comes with it: what reads it does without it or is skipped."""

import gzip
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

SHARED = Path(os.environ.get("TENSIONWATCH_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def members(archive: Path, suffixes: tuple[str, ...] = ("",)) -> Iterator[tuple[str, bytes]]:
    """Read the files of an archive whose names end so, each with its name below the archive's one folder."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(suffixes):
                file = tar.extractfile(member)
                assert file is not None
                yield member.name.partition("/")[2], file.read()


def real_pages(shared: Path) -> Iterator[bytes]:
    """Read the pages of all archives; none where there are none."""
    for archive in sorted((shared / "data" / "pages").glob("*.tar.xz")):
        for name, data in members(archive, (".html.gz", ".html")):
            yield gzip.decompress(data) if name.endswith(".gz") else data
