"""The table of counts: read with every bad line named, and alarmed about day by day."""

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from alerts.policy import DASHBOARD_EVIDENCE, Policy
from alerts.sheet import ALARM_COLUMNS, detect_counts, read_counts

FIRST = date(2025, 1, 6)


def table(counts: list[int], total: int = 1000) -> list[str]:
    rows = [f"s,{FIRST + timedelta(days=i)},{count},{total}" for i, count in enumerate(counts)]
    return ["series,date,count,total", *rows]


def quiet(days: int, seed: int = 1) -> list[int]:
    return np.random.default_rng(seed).poisson(10, days).tolist()


def test_a_jump_after_quiet_weeks_is_an_alarm_on_its_day() -> None:
    counts = [*quiet(60), 60, *quiet(5, seed=2)]
    panel, problems = read_counts(table(counts))
    rows = [dict(zip(ALARM_COLUMNS, row, strict=True)) for row in detect_counts(panel, Policy())]
    assert problems == []
    assert str(FIRST + timedelta(days=60)) in {r["date"] for r in rows}
    assert min(r["date"] for r in rows) == str(FIRST + timedelta(days=60))


def test_every_bad_line_is_named_and_the_others_are_read() -> None:
    lines = ["series,date,count,total,extra", "s,2025-01-06,1,100,x", "s,06.01.2025,1,100,", ",2025-01-07,1,100,",
             "s,2025-01-08,-1,100,", "s,2025-01-09,many,100,", "s,2025-01-06,2,100,", "s,2025-01-10,nan,100,",
             "s,2025-01-11", "s,2025-01-12,3,100,"]  # fmt: skip
    panel, problems = read_counts(lines, "c.csv")
    assert [p.line for p in problems] == [3, 4, 5, 6, 7, 8, 9]
    assert all(str(p).startswith("c.csv:") for p in problems)
    assert panel.counts[0, [0, 6]].tolist() == [1, 3]
    assert panel.known.sum() == 2


def test_a_table_without_a_needed_column_or_without_rows_is_one_problem() -> None:
    for lines in ([], ["series,date,count"], ["series,date,count,total"]):
        panel, problems = read_counts(lines)
        assert panel is None
        assert len(problems) == 1


def test_a_mistyped_century_does_not_fill_the_memory() -> None:
    many = [f"s{i},2025-01-06,1,10" for i in range(50)]
    panel, problems = read_counts(["series,date,count,total", "s,0001-01-01,1,10", "s,9999-12-31,1,10", *many])
    assert panel is None
    assert "too far apart" in problems[-1].message


def test_each_day_is_tested_as_of_that_day() -> None:
    counts = [*quiet(50, seed=3), 40, 50, *quiet(20, seed=4)]
    whole = detect_counts(read_counts(table(counts))[0], Policy(evidence=DASHBOARD_EVIDENCE))
    for cut in (52, 55, 60):
        part = detect_counts(read_counts(table(counts[:cut]))[0], Policy(evidence=DASHBOARD_EVIDENCE))
        last = str(FIRST + timedelta(days=cut - 1))
        assert part == [row for row in whole if row[1] <= last]


def test_public_counts_reach_both_promised_levels(shared: Path) -> None:
    folder = shared / "detection/news-counts"
    with (folder / "counts.csv").open(encoding="utf-8", newline="") as lines:
        panel, problems = read_counts(lines)
    truth = list(csv.DictReader(io.StringIO((folder / "truth.csv").read_text(encoding="utf-8"))))
    assert problems == []
    days = {(t["series"], t["start"]) for t in truth if t["size"] == "5.0" and t["kind"] == "spike"}
    alarms = {(r[0], r[1]) for r in detect_counts(panel, Policy())}
    # The first day of an event five times the usual is seen at once more often than not, even at the strict level.
    assert len(days & alarms) / len(days) > 0.5
