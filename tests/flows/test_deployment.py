"""A real Prefect server, a real process worker, a scheduled run; and the same after both died together."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.conftest import ROOT
from tests.flows.conftest import Run
from tests.flows.site import Answer, Site

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_UI_ENABLED": "false",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in a group of its own and end the whole group afterwards."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, env=environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        yield process
    finally:
        end(process, signal.SIGTERM)


def end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, how)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=15)


def kill_with_children(pid: int) -> None:
    """Kill a worker and the flow it runs at one moment, as a host that loses power does."""
    worker = psutil.Process(pid)
    family = [worker, *worker.children(recursive=True)]
    assert any("prefect.engine" in " ".join(p.cmdline()) for p in family[1:]), [p.cmdline() for p in family]
    for process in family:
        process.send_signal(signal.SIGSTOP)  # none of them may notice that another is gone
    for process in family:
        process.kill()


def until(what: str, seconds: float, found: Callable[[], Any]) -> Any:
    """Wait until something is found; fail by its name when it is not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            if result := found():
                return result
        time.sleep(0.5)
    pytest.fail(f"not within {seconds:.0f} s: {what}")


def runs(api: str, state: str) -> list[dict[str, Any]]:
    answer = httpx.post(
        f"{api}/flow_runs/filter", json={"flow_runs": {"state": {"type": {"any_": [state]}}}}, timeout=10
    )
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def counted(tensionwatch: Run) -> int:
    done = tensionwatch("sql", "SELECT count(*) FROM articles WHERE origin = 'feed'", "--format", "csv")
    return int(done.stdout.split()[1]) if done.returncode == 0 else 0


def test_a_scheduled_run_completes_and_the_schedule_recovers_after_worker_and_flow_died_together(
    site: Site, watch: Path, tmp_path: Path, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    add_feed(site.rss("/rss", site.articles(5)))
    port, log = free_port(), tmp_path / "prefect.log"
    api = f"http://127.0.0.1:{port}/api"
    environment = {**os.environ, **QUIET, "PREFECT_HOME": str(tmp_path / "prefect"), "PREFECT_API_URL": api}
    yaml = (ROOT / "deployments" / "prefect.yaml").read_text()
    every_20_s = yaml.replace('- cron: "3-59/10 * * * *"\n        timezone: UTC', "- interval: 20")
    assert every_20_s != yaml
    prefect_file = tmp_path / "prefect.yaml"
    prefect_file.write_text(every_20_s)
    prefect = [sys.executable, "-m", "prefect"]
    setup = [sys.executable, str(ROOT / "deployments" / "setup.py"), "--prefect-file", str(prefect_file)]
    setup += ["--watch", str(watch), "--corpus", str(watch / "corpus.duckdb")]
    worker = [*prefect, "worker", "start", "--pool", "tensionwatch", "--name", "test"]
    with running([*prefect, "server", "start", "--host", "127.0.0.1", "--port", str(port)], environment, log):
        until("the server's health", 120, lambda: httpx.get(f"{api}/health", timeout=5).is_success)
        for again in ("made", "was there"):
            done = subprocess.run(setup, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            assert f"work pool tensionwatch: {again}" in done.stdout
            assert f"zombie automation: {again}" in done.stdout
        with running(worker, environment, log) as first:
            run = until("a scheduled run that completed", 120, lambda: runs(api, "COMPLETED"))[0]
            assert run["auto_scheduled"]
            assert counted(tensionwatch) == 5
            site.answers["/a/0"] = Answer(b"late", delay_s=15)
            site.rss("/rss", [("slow", site.url + "/slow", None), *site.articles(3, start=20)])
            site.answers["/slow"] = Answer(b"late", delay_s=15)
            forget_schedule(watch)
            until("a run at work on the slow page", 60, lambda: site.asked["/slow"])
            kill_with_children(first.pid)
        died = time.monotonic()
        finished = {r["id"] for r in runs(api, "COMPLETED")}
        with running(worker, environment, log):
            until(
                "a run that completed after the crash",
                200,
                lambda: [r for r in runs(api, "COMPLETED") if r["id"] not in finished],
            )
            print(f"recovered by itself {time.monotonic() - died:.0f} s after worker and flow were killed")
            until("the articles of after the crash", 60, lambda: counted(tensionwatch) >= 8)


def forget_schedule(watch: Path) -> None:
    """Make every feed due: the frontier is told so by hand, as nobody waits half an hour in a test."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(watch / "frontier.sqlite", timeout=10)) as con:
        con.execute("UPDATE feeds SET next_poll_at = NULL, interval_s = 300")
        con.commit()
