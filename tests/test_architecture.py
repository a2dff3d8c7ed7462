"""The import rules hold, and each of them catches a breach."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("flows", "extractors", "storage", "alerts", "model")
BREACHES = [
    ("extractors/breach.py", "import storage.landing\n", "Dependencies point down"),
    ("model/breach.py", "import extractors.urls\n", "Dependencies point down"),
    ("model/breach.py", "import duckdb\n", "The model knows the standard library and pydantic"),
    ("alerts/breach.py", "import duckdb\n", "Only storage knows DuckDB"),
    ("flows/steps/breach.py", "import sqlite3\n", "Only storage knows DuckDB"),
    ("flows/steps/breach.py", "import prefect\n", "Only the flow files know Prefect"),
    ("storage/breach.py", "import httpx\n", "The network has two doors"),
    ("extractors/feeds_breach.py", "import aiohttp\n", "The network has two doors"),
    ("alerts/breach.py", "import trafilatura\n", "Deciding is pure"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "PYTHONPATH": str(folder)},
    )


def copy_of_rooms(tmp_path: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_rules_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("file", "line", "contract"), BREACHES)
def test_each_contract_catches_a_breach(tmp_path: Path, file: str, line: str, contract: str) -> None:
    folder = copy_of_rooms(tmp_path)
    (folder / file).write_text(f'"""A breach."""\n\n{line}')
    done = lint(folder)
    assert done.returncode == 1, done.stdout
    broken = [text for text in " ".join(done.stdout.split()).split("KEPT") if "BROKEN" in text]
    assert any(contract in text for text in broken), done.stdout
