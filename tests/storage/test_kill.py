"""kill -9 at random moments of collecting and loading: nothing lost, nothing doubled."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from model.config import Paths
from model.outcomes import FetchOutcome, PageOutcome
from model.records import Entry, FeedFetch, ParsedFeed
from storage import landing, loader, reading_room
from storage.frontier import Frontier, PageResult
from tests.storage.material import FEEDS, NOW, Rules, article, paths, watch

ROOT = Path(__file__).resolve().parents[2]
PER_POLL = 5
CHILD = """
import sys
from pathlib import Path
from typing import Any
from tests.storage.test_kill import passes
for number in passes(Path(sys.argv[1]), int(sys.argv[2])):
    print(number, flush=True)
"""


def passes(folder: Path, total: int) -> Iterator[int]:
    """Collect and load until `total` entries are articles, going on from wherever an earlier life stopped."""
    where = paths(folder)
    yield 0
    while True:
        with Frontier.open(where.frontier) as frontier:
            frontier.sync_feeds(FEEDS[:1])
            known = poll(frontier, total)
            land(frontier, where)
            done = known >= total and frontier.count_pending() == 0
        load(where)
        if done:
            return
        yield known


def poll(frontier: Frontier, total: int) -> int:
    """Poll a feed that shows its last ten entries and five new ones each time. Returns how many it has shown."""
    (state,) = frontier.feed_states()
    shown = int(state.validators.etag or 0)
    upto = min(shown + PER_POLL, total)
    entries = tuple(
        Entry(entry_id=f"guid-{n}", url=f"https://alpha.example/{n}", title=f"Title {n}")
        for n in range(max(0, shown - 2 * PER_POLL), upto)
    )
    at = NOW + timedelta(minutes=upto)
    after = replace(state, validators=replace(state.validators, etag=str(upto)), first_polled_at=NOW)
    fetch = FeedFetch(feed_url=state.url, fetched_at=at, outcome=FetchOutcome.OK)
    frontier.record_poll(
        after, fetch, ParsedFeed(title="", entries=entries), canonicalise=lambda url: url, is_history=False
    )
    return upto


def land(frontier: Frontier, where: Paths) -> None:
    pages = []
    for entry in frontier.pending_pages(NOW, 100):
        number = int(entry.url.rsplit("/", 1)[1])
        made = article(number, at=NOW + timedelta(minutes=number))
        pages.append(PageResult(canonical_url=entry.canonical_url, outcome=PageOutcome.ARTICLE, article=made))
    batch = frontier.next_batch(landing.new_name(NOW), NOW, pages)
    landing.write(where.landing, batch)
    frontier.mark_landed(batch)


def load(where: Paths) -> None:
    loader.load(where, watch=watch(where.corpus.parent), story_rules=Rules(), now=NOW, code_version="1")


def run_with_kills(folder: Path, kills: int, rng: random.Random) -> None:
    for _ in range(kills):
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder), "1000000"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "0\n"
            time.sleep(rng.uniform(0.0, 1.0))
            child.send_signal(signal.SIGKILL)


def check(folder: Path) -> None:
    """Finish in peace and compare what there is with what was shown."""
    where = paths(folder)
    with Frontier.open(where.frontier) as frontier:
        frontier.sync_feeds(FEEDS[:1])
        shown = int(frontier.feed_states()[0].validators.etag or 0)
    total = shown + PER_POLL
    assert list(passes(folder, total))
    assert landing.pending(where.landing) == []
    expected = [(article(n).article_id,) for n in range(total)]

    def ask(sql: str) -> list[tuple[Any, ...]]:
        return reading_room.query(where, sql)[1]

    for table in ("articles", "article_texts", "mentions", "actor_mentions", "story_members"):
        assert sorted(ask(f"SELECT article_id FROM {table}")) == sorted(expected), table
    assert ask("SELECT outcome, count(*), count(DISTINCT entry_id) FROM entries GROUP BY 1") == [
        ("article", total, total)
    ]
    assert ask("SELECT sum(new) FROM feed_fetches") == [(total,)]
    ((articles, landed),) = ask("SELECT sum(articles), sum(articles + editions + duplicates) FROM batches")
    assert articles == total
    assert landed >= total
    assert ask("SELECT count(*) = count(DISTINCT name) FROM batches") == [(True,)]


def torture(folder: Path, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        print(f" [seed {seed}]", end="", flush=True)
    run_with_kills(folder, kills, random.Random(seed))
    check(folder)


def test_three_kills_lose_and_double_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torture(tmp_path, 3, capsys)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_twenty_kills_lose_and_double_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torture(tmp_path, 20, capsys)
