"""kill -9 of `collect` and `load` at random moments: nothing lost, nothing doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows.conftest import Run
from tests.flows.site import Site

ARTICLES_A_ROUND = 6


def kill_at_random(watch: Path, command: str, chance: random.Random, longest_s: float) -> bool:
    """Start a command, kill it with all it started after a random while. Tells whether it was still at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", command, *(["--all", "--jobs", "1"] if command == "collect" else [])],
        cwd=watch,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(chance.uniform(0.2, longest_s))
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return alive


def check(kills: int, site: Site, watch: Path, tensionwatch: Run, add_feed: Callable[..., None]) -> None:
    seed = int(os.environ.get("TENSIONWATCH_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    items = site.articles(ARTICLES_A_ROUND)
    add_feed(site.rss("/rss", items))
    began = time.monotonic()
    tensionwatch("collect", "--all", "--jobs", "1")
    whole_s = time.monotonic() - began
    killed = 0
    for turn in range(1, 10 * kills):
        items += site.articles(ARTICLES_A_ROUND, start=turn * ARTICLES_A_ROUND)
        site.rss("/rss", items)
        killed += kill_at_random(watch, "collect" if turn % 2 else "load", chance, whole_s)
        if killed >= kills:
            break
    assert killed == kills
    assert tensionwatch("collect", "--all").returncode == 0
    assert tensionwatch("load").returncode == 0
    done = tensionwatch(
        "sql",
        "SELECT (SELECT count(*) FROM articles WHERE origin = 'feed'), (SELECT count(DISTINCT canonical_url) FROM articles"
        " WHERE origin = 'feed'), (SELECT count(*) FROM entries WHERE outcome = 'article'), (SELECT count(*) FROM"
        " (SELECT DISTINCT article_id, edition FROM mentions) JOIN articles USING (article_id, edition) WHERE origin = 'feed'),"
        " (SELECT count(*) FROM articles WHERE origin = 'seed')",
        "--format",
        "csv",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == ",".join([str(len(items))] * 4 + ["5"])
    assert not list((watch / "landing").glob("*.batch"))


@pytest.mark.timeout(180)
@pytest.mark.slow
def test_two_kills_lose_and_double_nothing(
    site: Site, watch: Path, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    check(2, site, watch, tensionwatch, add_feed)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_kills_lose_and_double_nothing(
    site: Site, watch: Path, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    check(int(os.environ.get("TENSIONWATCH_KILLS", "20")), site, watch, tensionwatch, add_feed)
