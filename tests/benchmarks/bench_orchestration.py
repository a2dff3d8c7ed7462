"""What orchestration costs: a pass of about a thousand articles with and without Prefect, and its database's growth.

    python tests/benchmarks/bench_orchestration.py [--pairs 5] [--pages SHARED]

The pages are those of the newsroom, some 6 kB each; with SHARED, a folder that holds `data/pages/*.tar.xz`, they are a
thousand real ones, as large as the web's.

CPU seconds of everything a pass starts, the Prefect server's share included. What serves the pages runs in this process
and is not counted. Passes with and without Prefect alternate, and medians are compared: one pass differs
from the next by more than what is measured.
"""

import argparse
import contextlib
import os
import re
import resource
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import psutil

from flows import simulation
from newsroom import Newsroom, NewsroomServer
from shared_material import real_pages
from tests.flows.site import Answer, serving

PLAIN = """
import asyncio, sys
from datetime import datetime, UTC
from pathlib import Path
from flows.steps.one_pass import one_pass
from flows.workspace import open_workspace
work = open_workspace(Path(sys.argv[1]) / "watch", Path(sys.argv[1]) / "corpus.duckdb")
report = asyncio.run(one_pass(work, clock=lambda: datetime.fromisoformat(sys.argv[2]), everything=True))
print(report.collect.articles)
"""
ORCHESTRATED = """
import asyncio, sys
from datetime import datetime, UTC
from pathlib import Path
from flows.monitor import pass_flow
from flows.workspace import open_workspace
work = open_workspace(Path(sys.argv[1]) / "watch", Path(sys.argv[1]) / "corpus.duckdb")
flow = pass_flow(work, clock=lambda: datetime.fromisoformat(sys.argv[2]), everything=True)
async def main(): return await flow()
print(asyncio.run(main())["collect"]["pages"]["article"])
"""
DAYS = 14
NOW = simulation.START + timedelta(days=DAYS)
Feeds = list[dict[str, str]]


def used_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def newsroom_feeds() -> Iterator[Feeds]:
    """Serve the newsroom; give its feeds."""
    clock = simulation.Clock(NOW)
    with NewsroomServer(Newsroom(1, simulation.START, clock, days=DAYS, volume=1.0, window=400)) as server:
        yield server.feeds()


@contextlib.contextmanager
def real_feeds(shared: Path) -> Iterator[Feeds]:
    """Serve a thousand real pages, those there are in turn, in ten feeds."""
    # Without the canonical links, which lead to the live web.
    bodies = [re.sub(rb"<link[^>]*canonical[^>]*>", b"", body, flags=re.IGNORECASE) for body in real_pages(shared)]
    with serving() as site:
        feeds = []
        for number in range(10):
            items = []
            for place in range(number * 100, number * 100 + 100):
                path = f"/{number}/{place}"
                site.answers[path] = Answer(bodies[place % len(bodies)], headers={"Content-Type": "text/html"})
                items.append((f"Page {place}", site.url + path, NOW - timedelta(hours=1)))
            feeds.append({"url": site.rss(f"/feed/{number}", items), "publisher": f"Publisher {number}", "kind": "rss"})
        yield feeds


def cpu_of(code: str, folder: Path, feeds: Feeds, environment: dict[str, str]) -> tuple[float, int]:
    """Run one pass over a fresh corpus; give its CPU seconds and its articles."""
    shutil.rmtree(folder, ignore_errors=True)
    simulation.prepare(folder, feeds)
    now = NOW.isoformat()
    before = used_by_children()
    command = [sys.executable, "-c", code, str(folder), now]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return used_by_children() - before, int(done.stdout.split()[-1])


@contextlib.contextmanager
def prefect_server(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {
        **os.environ,
        "PREFECT_HOME": str(home),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    api = f"http://127.0.0.1:{port}/api"
    try:
        for _ in range(240):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{api}/health", timeout=2).is_success:
                    break
            time.sleep(0.5)
        yield api, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def server_cpu(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(p.cpu_times().user + p.cpu_times().system for p in family)


def idle_rate(process: psutil.Process, seconds: float = 10) -> float:
    """Measure what a server that nobody asks anything uses: its own loops run whether we do or not."""
    before = server_cpu(process)
    time.sleep(seconds)
    return (server_cpu(process) - before) / seconds


def database_bytes(home: Path) -> int:
    """Bytes in use: the file itself grows in steps."""
    with contextlib.closing(sqlite3.connect(home / "prefect.db", timeout=30)) as con:
        con.execute("PRAGMA wal_checkpoint(PASSIVE)")
        size, pages, free = (
            con.execute(f"PRAGMA {p}").fetchone()[0] for p in ("page_size", "page_count", "freelist_count")
        )
        return int(size * (pages - free))


def pairs_of_passes(
    pairs: int, root: Path, feeds: Feeds, quiet: dict[str, str]
) -> tuple[list[tuple[float, float]], int, float]:
    """Run passes without and with Prefect in turn: the CPU seconds of each pair, articles, bytes of database a run."""
    home = root / "prefect"
    with prefect_server(home) as (api, process):
        with_api = {**quiet, "PREFECT_API_URL": api, "PREFECT_HOME": str(home)}
        _, articles = cpu_of(ORCHESTRATED, root / "warm-up", feeds, with_api)
        time.sleep(5)  # the server records events after a run has ended
        idle_a_s, bytes_before = idle_rate(process), database_bytes(home)
        seen = []
        for _ in range(pairs):
            plain_s, _ = cpu_of(PLAIN, root / "plain", feeds, quiet)
            before, began = server_cpu(process), time.monotonic()
            client_s, _ = cpu_of(ORCHESTRATED, root / "orchestrated", feeds, with_api)
            time.sleep(5)
            served_s = server_cpu(process) - before - idle_a_s * (time.monotonic() - began)
            print(
                f"plain {plain_s:.1f} s, with Prefect {client_s:.1f} s and {served_s:.1f} s in the server", flush=True
            )
            seen.append((plain_s, client_s + served_s))
        return seen, articles, (database_bytes(home) - bytes_before) / pairs


def main() -> None:
    """Print what a pass costs plainly, with a server that stands, and with a temporary one of its own."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--pages", type=Path, metavar="SHARED")
    given = options.parse_args()
    serve = real_feeds(given.pages) if given.pages else newsroom_feeds()
    with tempfile.TemporaryDirectory() as scratch, serve as feeds:
        root = Path(scratch)
        quiet = {**os.environ, "DO_NOT_TRACK": "1", "PREFECT_LOGGING_LEVEL": "WARNING"}
        quiet.pop("PREFECT_API_URL", None)
        seen, articles, grown = pairs_of_passes(given.pairs, root, feeds, quiet)
        plain_s, with_s = (statistics.median(side) for side in zip(*seen, strict=True))
        print(f"a run of {articles} articles: {plain_s:.1f} s, {1000 * plain_s / articles:.1f} ms an article")
        print(f"with Prefect {with_s:.1f} s: orchestration is {1 - plain_s / with_s:.1%} of the run's CPU (medians)")
        print(f"Prefect's database grows by {grown / 1000:.0f} kB a run")
        own = {**quiet, "PREFECT_HOME": str(root / "ephemeral"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        own["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "120"
        alone_s, _ = cpu_of(ORCHESTRATED, root / "alone", feeds, own)
        print(f"with a temporary server of its own, started for the first time: {alone_s:.1f} s")


if __name__ == "__main__":
    main()
