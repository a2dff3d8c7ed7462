"""The command line: fast questions, clear refusals."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import COMMANDS
from tests.flows.conftest import Run

QUESTIONS = (["sql", "SELECT 1"], ["alerts"], ["feeds"], ["--help"])
PROBE = """
import resource, sys
from flows.cli import main
try:
    main({arguments!r})
except SystemExit as end:
    assert not end.code, end.code
used = resource.getrusage(resource.RUSAGE_SELF)
heavy = sorted(m for m in ("prefect", "trafilatura", "feedparser", "scipy.stats") if m in sys.modules)
print("PROBE", used.ru_utime + used.ru_stime, heavy, file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", QUESTIONS, ids=lambda a: a[0])
def test_a_question_imports_neither_prefect_nor_trafilatura(
    arguments: list[str], watch: Path, tensionwatch: Run
) -> None:
    if arguments[0] != "--help":
        tensionwatch("load")
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=arguments)], cwd=watch, capture_output=True, text=True, check=True
    )
    found = re.search(r"PROBE ([\d.]+) (\[.*\])", done.stderr)
    assert found, done.stderr
    assert found[2] == "[]"


def test_every_command_of_the_help_page_can_be_asked_for_help(tensionwatch: Run) -> None:
    listed = tensionwatch("--help").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in listed
    for name in ("run", "sql", "detect", "feeds", "alerts"):
        done = tensionwatch(name, "--help")
        assert done.returncode == 0
        assert "Example" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu"], "did you mean 'run'?"),
        (["run", "--watch", "/nowhere"], "/nowhere: no such folder"),
        (["sql", "SELECT 1", "--format", "xml"], "xml"),
        (["explain", "nothing"], "no alert has it"),
        (["parse-feed", "/no/such/file"], "/no/such/file: No such file"),
        (["extract"], "no page"),
        (["detect", "/no/counts.csv"], "/no/counts.csv: No such file"),
        (["seed", "/no/folder"], "/no/folder is not a folder"),
        (["init", "."], "is not an empty folder"),
        (["notify", "--test"], "no channels"),
    ],
    ids=lambda a: " ".join(a) if isinstance(a, list) else "",
)
def test_a_wrong_step_ends_in_one_clear_line_and_exit_2(arguments: list[str], words: str, tensionwatch: Run) -> None:
    if arguments[0] == "explain":
        tensionwatch("load")
    done = tensionwatch(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_before_the_first_load_a_query_says_what_to_do(tensionwatch: Run) -> None:
    done = tensionwatch("sql", "SELECT 1")
    assert done.returncode == 2
    assert "there is no reading room" in done.stderr


def test_init_makes_a_watch_that_check_accepts(tensionwatch: Run, tmp_path: Path) -> None:
    assert tensionwatch("init", str(tmp_path / "mine")).returncode == 0
    assert tensionwatch("check", "--watch", str(tmp_path / "mine")).returncode == 0
    (tmp_path / "mine" / "feeds.csv").write_text("url\nftp://x\n")
    done = tensionwatch("check", "--watch", str(tmp_path / "mine"))
    assert done.returncode == 2
    assert "feeds.csv:1: missing column" in done.stderr
