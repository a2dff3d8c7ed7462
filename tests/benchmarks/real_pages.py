"""Real pages to measure on, from a folder of test material that a checkout may have beside it."""

import gzip
import tarfile
from collections.abc import Iterator
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"  #: holds `data/pages/*.tar.xz`


def real_pages(shared: Path) -> Iterator[bytes]:
    """Read the pages of all archives; none where there is no such folder."""
    for archive in sorted((shared / "data" / "pages").glob("*.tar.xz")):
        with tarfile.open(archive) as tar:
            for member in tar:
                if (
                    member.isfile()
                    and member.name.endswith((".html.gz", ".html"))
                    and (file := tar.extractfile(member))
                ):
                    body = file.read()
                    yield gzip.decompress(body) if member.name.endswith(".gz") else body
