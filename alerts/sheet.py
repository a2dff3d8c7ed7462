"""Counts in a table of text, `series,date,count,total[,publishers]`, and the alarms found in it."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from alerts.detect import QUIET, STATES, Evaluations, evaluate
from alerts.floods import without_floods
from alerts.panel import Bools, Panel, days_between
from alerts.policy import Policy
from alerts.replay import replay
from model.errors import Problem

COLUMNS = ("series", "date", "count", "total")
ALARM_COLUMNS = ("series", "date", "observed", "expected", "ratio", "window", "p", "evidence", "severity")
_MOST_CELLS = 50_000_000  #: series x days: 400 MB an array; beyond it somebody mistyped a year


@dataclass(frozen=True, slots=True)
class _Row:
    count: float
    total: float
    publishers: float  #: -1: the column is absent or empty


def read_counts(lines: Iterable[str], file: str = "counts") -> tuple[Panel | None, list[Problem]]:
    """Read a table; give its panel and every line that could not be used. None when nothing could.

    Other columns are ignored. A day without a row is unknown, not zero.
    """
    reader = csv.DictReader(lines)
    absent = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
    if absent:
        need = ",".join(COLUMNS)
        return None, [Problem(file=file, line=1, message=f"column {absent[0]} is missing; the header must name {need}")]
    rows: dict[str, dict[date, _Row]] = {}
    problems: list[Problem] = []
    try:
        for row in reader:
            _take(row, rows, problems, file, reader.line_num)
    except csv.Error as error:
        problems.append(Problem(file=file, line=reader.line_num, message=f"not a CSV line: {error}"))
    if not rows:
        return None, problems or [Problem(file=file, message="holds no counts")]
    return _panel(rows, problems, file), problems


def _take(
    row: Mapping[str, str | None], rows: dict[str, dict[date, _Row]], problems: list[Problem], file: str, line: int
) -> None:
    try:
        name, day, values = _parse(row)
    except ValueError as error:
        problems.append(Problem(file=file, line=line, message=f"{error}; the line is left out"))
        return
    of_series = rows.setdefault(name, {})
    if day in of_series:
        problems.append(Problem(file=file, line=line, message=f"{name} has {day} twice; the first one counts"))
        return
    of_series[day] = values


def _parse(row: Mapping[str, str | None]) -> tuple[str, date, _Row]:
    name = (row["series"] or "").strip()
    if not name:
        raise ValueError("series is empty")
    text = (row["date"] or "").strip()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"date {text!r} is not YYYY-MM-DD") from None
    publishers = (row.get("publishers") or "").strip()
    return (
        name,
        day,
        _Row(_number(row, "count"), _number(row, "total"), _number(row, "publishers") if publishers else -1),
    )


def _number(row: Mapping[str, str | None], column: str) -> float:
    text = (row[column] or "").strip()
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{column} {text!r} is not a number") from None
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{column} {text!r} is not a number of 0 or more")
    return value


def _panel(rows: dict[str, dict[date, _Row]], problems: list[Problem], file: str) -> Panel | None:
    first, last = min(min(r) for r in rows.values()), max(max(r) for r in rows.values())
    if (last - first).days * len(rows) > _MOST_CELLS:
        problems.append(
            Problem(file=file, message=f"the dates reach from {first} to {last}: too far apart; mend the dates")
        )
        return None
    days = days_between(first, last)
    shape = (len(rows), len(days))
    counts, totals, publishers = np.zeros(shape), np.zeros(shape), np.full(shape, -1.0)
    known = np.zeros(shape, dtype=bool)
    for i, of_series in enumerate(rows.values()):
        for day, values in of_series.items():
            at = i, (day - first).days
            counts[at], totals[at], publishers[at], known[at] = values.count, values.total, values.publishers, True
    told = bool((publishers >= 0).any())
    return Panel(
        names=tuple(rows), days=days, exposure=totals, totals=totals, known=known, stories=counts,
        counts=without_floods(counts, publishers, known) if told else counts,
        publishers=publishers if told else None,
    )  # fmt: skip


def alarm_rows(evaluations: Evaluations, alarm: Bools) -> Iterator[tuple[str, ...]]:
    """Give a row of text for each series-day in alarm, in the order of `ALARM_COLUMNS`."""
    e = evaluations
    for s, d in zip(*np.nonzero(alarm), strict=True):
        at = s, d
        yield (
            e.names[s], e.days[d].isoformat(), f"{e.observed[at]:g}", f"{e.expected[at]:.6g}", f"{e.ratio[at]:.6g}",
            f"{e.window[at]:g}", f"{e.p[at]:.6g}", f"{e.evidence[at]:.6g}", STATES[max(e.state[at], QUIET + 1)],
        )  # fmt: skip


def detect_counts(panel: Panel, policy: Policy) -> list[tuple[str, ...]]:
    """Find every series-day in alarm, day by day and each as of its own day; rows as `ALARM_COLUMNS`."""
    evaluations = evaluate(panel, policy)
    return list(alarm_rows(evaluations, replay(evaluations, policy).alarm))
