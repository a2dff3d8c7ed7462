"""The demo: simulated weeks of a newsroom on loopback, through the flow of production. Only the clock is another."""

import csv
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flows.steps.collect import extraction_pool
from flows.steps.one_pass import Show
from flows.workspace import BUNDLED, Workspace, bundled_watch, open_workspace
from model.errors import UsageError

START = datetime(2026, 1, 5, tzinfo=UTC)  #: a Monday
DAYS = 35
VOLUME = 0.3  #: of the newsroom: about 850 articles, 15 s of extraction
WINDOW = 60  #: items a feed shows: nothing scrolls off in the four days between two runs
#: When the flow runs, in days after the start: sparse while it learns, closer when it matters.
RUNS = (3.4, 7.4, 11.4, 15.4, 19.4, 23.4, 27.4, 31.4, 33.4, 34.9)
FEED_COLUMNS = ("url", "publisher", "homepage", "country", "language", "kind", "ownership")


@dataclass
class Clock:
    """A clock that somebody moves."""

    now: datetime

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


def prepare(folder: Path, feeds: Sequence[dict[str, str]]) -> Workspace:
    """Make the demo's folder: the bundled watch with the newsroom's feeds. Raises UsageError when it is in use."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} already holds something, perhaps an earlier demo; remove it or give another --dir")
    try:
        shutil.copytree(bundled_watch(BUNDLED), folder / "watch")
        _write_feeds(folder / "watch" / "feeds.csv", feeds)
        _allow_loopback(folder / "watch" / "watch.toml")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}; give another --dir") from None
    return open_workspace(folder / "watch", folder / "corpus.duckdb")


def _write_feeds(path: Path, feeds: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FEED_COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(feeds)


def _allow_loopback(path: Path) -> None:
    """Let this watch read loopback, without the pause between two requests to a host that real publishers are owed."""
    text = path.read_text(encoding="utf-8")
    text = text.replace("allow_private_addresses = false", "allow_private_addresses = true")
    path.write_text(text.replace("per_host_gap_s = 2.0", "per_host_gap_s = 0.0"), encoding="utf-8")


async def simulate(work: Workspace, clock: Clock, show: Show, jobs: int) -> list[dict[str, Any]]:
    """Run the flow at each simulated instant; give the accountings, in order."""
    from flows.monitor import pass_flow

    reports = []
    with extraction_pool(work, jobs) as pool:
        for number, day in enumerate(RUNS, 1):
            clock.now = START + timedelta(days=day)
            show_run = _numbered(show, number, clock.now)
            flow = pass_flow(work, clock=clock, everything=True, pool=pool, show=show_run)
            reports.append(await flow())
    return reports


def _numbered(show: Show, number: int, now: datetime) -> Show:
    def show_run(what: str, total: int) -> Any:
        return show(f"{now:%d %b} (run {number} of {len(RUNS)}): {what}", total)

    return show_run
