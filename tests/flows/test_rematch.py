"""Rematching after a changed lexicon: what counts then, that old alerts are reproduced, and kill -9 in the middle."""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.steps import rematch as step
from flows.steps.explain import explain_alert, why_not
from flows.steps.watch import watch_landed
from flows.workspace import Workspace, open_workspace
from model.errors import UsageError
from storage import landing, loader, reading_room
from storage.counts import read_counts
from tests.flows.conftest import Run, accounting
from tests.flows.test_watch import PUBLISHERS, SPIKE_DAY, START, land_days
from tests.storage.material import held

ROOT = Path(__file__).resolve().parents[2]
NEW_TERM = "any_news,diplomatic,escalation,2,en,news,no,added by a test,test\n"
CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from flows.steps import rematch as step
from flows.workspace import open_workspace

def show(what, total):
    print(total, flush=True)
    return lambda by: print(by, flush=True)

if __name__ == "__main__":
    step.CHUNK, step.LOAD_EVERY = 20, 2
    watch = Path(sys.argv[1])
    step.rematch(open_workspace(watch, watch / "corpus.duckdb"), lambda: datetime.now(UTC), jobs=2, show=show)
"""


@pytest.fixture
def change(watch: Path, work: Workspace) -> Callable[[], Workspace]:
    """Take the English patterns of one concept out of the lexicon and add another one."""

    def edit() -> Workspace:
        file = watch / "lexicon.csv"
        lines = file.read_text().splitlines(keepends=True)
        file.write_text(
            "".join(x for x in lines if not x.startswith("protest_note,diplomatic,escalation,3,en")) + NEW_TERM
        )
        return open_workspace(watch, work.paths.corpus)

    return edit


@pytest.fixture
def work(watch: Path) -> Workspace:
    shutil.rmtree(watch / "seeds")  # in five languages, whose patterns would be compiled for each test
    return open_workspace(watch, watch / "corpus.duckdb")


def rematch(work: Workspace, jobs: int = 1) -> step.RematchReport:
    return step.rematch(work, lambda: datetime.now(UTC), jobs=jobs, show=lambda *_: lambda _: None)


def ask(work: Workspace, sql: str) -> list[tuple[Any, ...]]:
    return reading_room.query(work.paths, sql)[1]


def stories(work: Workspace, watermark: int | None = None) -> dict[str, int]:
    """Count the stories of the two concepts."""
    with reading_room.connect(work.paths) as con:
        found = read_counts(
            con, first_day=START.date(), as_of=START + timedelta(days=3), zone="UTC", watermark=watermark
        )
    totals = {"concept:protest_note": 0, "concept:any_news": 0}
    for series, live in zip(found.daily.series, found.daily.live, strict=True):
        if found.names[series] in totals:
            totals[found.names[series]] += int(live)
    return totals


def test_counts_follow_the_changed_lexicon_and_a_second_run_has_nothing_to_do(
    work: Workspace, change: Callable[[], Workspace], tensionwatch: Run
) -> None:
    land_days(work, 0, 2, 0)
    every = 2 * len(PUBLISHERS) * 10
    assert stories(work) == {"concept:protest_note": 2, "concept:any_news": 0}
    ((mark,),) = ask(work, "SELECT max(batch_id) FROM batches")
    changed = change()
    done = tensionwatch("rematch", "--jobs", "1")
    assert (done.returncode, f"{every} editions matched again: lexicon test -> " in done.stderr) == (0, True), done
    shown = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.stdout.splitlines()]
    assert ["any_news", "0", str(every), f"+{every}"] in shown
    assert ["protest_note", "2", "0", "-2"] in shown
    assert stories(changed) == {"concept:protest_note": 0, "concept:any_news": every}
    assert stories(changed, mark) == {"concept:protest_note": 2, "concept:any_news": 0}
    new = changed.watch.lexicon_version
    both = "SELECT count(*) FROM mentions WHERE concept_id = 'protest_note' AND lexicon_version = 'test'"
    assert ask(changed, both) == [(2,)]
    assert ask(changed, "SELECT DISTINCT lexicon_version FROM corpus") == [(new,)]
    assert any("1 mentions" in line for line in why_not(changed, "https://publisher1.example/20260101/5"))
    again = rematch(changed)
    assert (again.pending, again.before, again.warnings) == (0, {}, [])
    assert ask(changed, "SELECT count(*), sum(rematched), sum(passed_over) FROM batches WHERE kind = 'rematch'") == [
        (1, every, 0)
    ]


@pytest.mark.slow
def test_an_alert_told_before_is_reproduced_after_a_rematch_that_takes_its_words(
    work: Workspace, change: Callable[[], Workspace]
) -> None:
    land_days(work, SPIKE_DAY - 18, SPIKE_DAY, 0)
    watch_landed(work, START + timedelta(days=SPIKE_DAY, hours=-1))
    land_days(work, SPIKE_DAY, SPIKE_DAY + 1, 4)
    now = START + timedelta(days=SPIKE_DAY + 1, hours=-2)
    assert watch_landed(work, now).told
    changed = change()
    rematch(changed)
    alerts = ask(changed, "SELECT alert_id, series FROM alerts")
    assert "concept:protest_note" in {series for _, series in alerts}
    for alert_id, _ in alerts:
        found = explain_alert(changed, alert_id)
        assert found["reproduced"], found
    # Baseline and window were scored alike, so that what the new term finds in all of them is no news.
    assert [t["kind"] for t in watch_landed(changed, now + timedelta(minutes=10)).told if t["kind"] == "open"] == []


def test_a_corpus_that_is_held_delays_the_load_and_nothing_is_matched_twice(
    work: Workspace, change: Callable[[], Workspace], tensionwatch: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_days(work, 0, 1, 0)
    changed = change()
    monkeypatch.setitem(loader.load.__kwdefaults__ or {}, "deadline_s", 0.1)
    with held(work.paths):
        first = rematch(changed)
        assert (first.rematched, first.waiting, first.left) == (0, 1, first.pending)
        assert rematch(changed).pending == 0
    done = tensionwatch("rematch", "--json")
    assert (done.returncode, accounting(done)["left"]) == (0, 0)
    assert ask(changed, "SELECT count(*), count(DISTINCT article_id) FROM rematches") == [(80, 80)]


def test_without_a_corpus_it_says_so(work: Workspace) -> None:
    with pytest.raises(UsageError, match="there is no corpus"):
        rematch(work)


def killed(watch: Path, rng: random.Random) -> None:
    """Rematch in a process of its own and kill it at a random moment; its own processes must end by themselves."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(watch)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for _ in range(rng.randint(1, 6)):
            child.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.2))
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=30)  # returns when the last process that could write there has gone


def everything(work: Workspace) -> list[list[tuple[Any, ...]]]:
    """What a rematch leaves, without the batches it came in."""
    return [
        ask(work, f"SELECT * EXCLUDE (batch_id) FROM {table} ORDER BY ALL")
        for table in ("rematches", "mentions", "actor_mentions", "current_mentions", "current_actor_mentions")
    ] + [ask(work, "SELECT * FROM corpus ORDER BY ALL")]  # fmt: skip


def torture(watch: Path, change: Callable[[], Workspace], kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    with capsys.disabled():
        print(f" [seed {seed}]", end="", flush=True)
    whole = watch.parent / "whole"
    work = change()
    land_days(work, 0, 3, 0)
    shutil.copytree(watch, whole)
    rng = random.Random(seed)
    for _ in range(kills):
        killed(watch, rng)
    rematch(work)
    peaceful = open_workspace(whole, whole / "corpus.duckdb")
    rematch(peaceful)
    assert landing.pending(work.paths.landing) == []
    assert everything(work) == everything(peaceful)
    assert ask(work, "SELECT sum(rematched) FROM batches") == ask(peaceful, "SELECT sum(rematched) FROM batches")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ten_kills_in_the_middle_change_nothing_of_the_result(
    watch: Path, change: Callable[[], Workspace], capsys: pytest.CaptureFixture[str]
) -> None:
    torture(watch, change, 10, capsys)
