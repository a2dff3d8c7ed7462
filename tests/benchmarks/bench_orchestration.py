"""What orchestration costs: a pass of about a thousand articles with and without Prefect, and its database's growth.

    python tests/benchmarks/bench_orchestration.py

CPU seconds of everything a pass starts, the Prefect server's share included. The newsroom that serves the pages runs in
this process and is not counted.
"""

import contextlib
import os
import resource
import shutil
import socket
import sqlite3
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


def used_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_of(code: str, folder: Path, server: NewsroomServer, environment: dict[str, str]) -> tuple[float, int]:
    """Run one pass over a fresh corpus; give its CPU seconds and its articles."""
    shutil.rmtree(folder, ignore_errors=True)
    simulation.prepare(folder, server.feeds())
    now = (simulation.START + timedelta(days=DAYS)).isoformat()
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


def main() -> None:
    clock = simulation.Clock(simulation.START + timedelta(days=DAYS))
    newsroom = Newsroom(1, simulation.START, clock, days=DAYS, volume=1.0, window=400)
    with tempfile.TemporaryDirectory() as scratch, NewsroomServer(newsroom) as server:
        root = Path(scratch)
        quiet = {**os.environ, "DO_NOT_TRACK": "1", "PREFECT_LOGGING_LEVEL": "WARNING"}
        plain_s, articles = cpu_of(PLAIN, root / "plain", server, quiet)
        print(f"plain pass: {articles} articles, {plain_s:.1f} s CPU, {1000 * plain_s / articles:.1f} ms an article")
        home = root / "prefect"
        with prefect_server(home) as (api, process):
            with_api = {**quiet, "PREFECT_API_URL": api, "PREFECT_HOME": str(home)}
            cpu_of(ORCHESTRATED, root / "warm-up", server, with_api)
            time.sleep(5)  # the server records events after a run has ended
            idle_a_s = idle_rate(process)
            served, grown, began = server_cpu(process), database_bytes(home), time.monotonic()
            client_s, _ = cpu_of(ORCHESTRATED, root / "orchestrated", server, with_api)
            time.sleep(5)
            server_s = server_cpu(process) - served - idle_a_s * (time.monotonic() - began)
            grown = database_bytes(home) - grown
        extra = client_s + server_s - plain_s
        print(
            f"with a Prefect server: {client_s:.1f} s + {server_s:.1f} s in the server: orchestration {extra / plain_s:+.1%}"
        )
        print(f"Prefect's database grew by {grown / 1000:.0f} kB in that run")
        own = {**quiet, "PREFECT_HOME": str(root / "ephemeral"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        own["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "120"
        own.pop("PREFECT_API_URL", None)
        alone_s, _ = cpu_of(ORCHESTRATED, root / "alone", server, own)
        print(f"with a temporary server of its own: {alone_s:.1f} s: orchestration {alone_s / plain_s - 1:+.1%}")


if __name__ == "__main__":
    main()
