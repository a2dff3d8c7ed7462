"""The demo from nothing to an alert that names the planted cause."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows import simulation
from newsroom import Newsroom

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    command = [sys.executable, "-m", "flows.cli", "demo", "--dir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=550, cwd=folder.parent)
    return folder, done


def asked(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    where = ["--watch", str(folder / "watch"), "--corpus", str(folder / "corpus.duckdb")]
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments, *where], capture_output=True, text=True, check=False, timeout=60
    )


def test_it_prints_an_alert_that_names_the_planted_cause(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = demo
    assert done.returncode == 0, done.stderr
    newsroom = Newsroom(1, simulation.START, lambda: simulation.START, days=simulation.DAYS, volume=simulation.VOLUME)
    cause = newsroom.planted_cause()
    assert "azerbaijan – russia" in done.stdout
    assert len([c for c in cause.concepts if c in done.stdout]) >= 4
    rows = asked(folder, "sql", "SELECT count(DISTINCT story_id) FROM alert_articles", "--format", "csv")
    assert int(rows.stdout.splitlines()[1]) >= 10
    opened = asked(folder, "sql", "SELECT min(opened_at)::DATE FROM alerts", "--format", "csv").stdout.splitlines()[1]
    assert opened >= cause.opened_at.date().isoformat()  # five weeks of calm raised nothing


def test_its_corpus_holds_the_seeds_and_hundreds_of_articles(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = demo
    query = "SELECT origin, count(*) FROM corpus WHERE length(text) > 0 GROUP BY 1 ORDER BY 1"
    rows = asked(folder, "sql", query, "--format", "csv").stdout.splitlines()[1:]
    counts = dict(row.split(",") for row in rows)
    assert counts["seed"] == "5"
    assert int(counts["feed"]) >= 300


def test_every_alert_can_be_reproduced_from_the_corpus(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    listed = asked(folder, "alerts", "--all", "--json").stdout.splitlines()
    assert listed
    for line in listed:
        alert = json.loads(line)
        done = asked(folder, "explain", alert["alert_id"], "--json")
        found = json.loads(done.stdout)
        assert found["reproduced"], found
        assert found["articles"]


def test_a_second_demo_into_the_same_folder_ends_in_a_clear_line(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = demo
    command = [sys.executable, "-m", "flows.cli", "demo", "--dir", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "already holds something" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_occupied_port_ends_in_a_clear_line(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "flows.cli", "demo", "--dir", str(tmp_path / "d"), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=os.environ)
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_python_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    """Stands in for an old interpreter by telling the check an older version than it runs on."""
    from tests.conftest import ROOT

    code = (
        "import sys, runpy; sys.version_info = (3, 9, 0); "
        f"runpy.run_path({str(ROOT / 'deployments' / 'check_python.py')!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this is 3.9" in done.stderr
