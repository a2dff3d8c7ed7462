"""Counts stories of every series in SQL: by publisher, by day of a stated zone and by the hours before a clock."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from model.config import Series
from model.counts import Cells, Counts, Totals
from storage.series_rules import rule_statement, rule_text

HERE = Path(__file__).parent / "queries"
_DAY, _HOUR = "cell >> 32", "(cell >> 1) & 127"  #: parts of `cell`: see counts_articles.sql
_ANY_HOUR = 128
_HOURS = 24  #: within the day, detection looks back so far


def read_counts(
    con: duckdb.DuckDBPyConnection,
    *,
    first_day: date,
    as_of: datetime,
    zone: str,
    rules: Sequence[Series] = (),
    watermark: int | None = None,
) -> Counts:
    """Count from the start of `first_day` in `zone` up to `as_of`, looking at nothing loaded after `watermark`.

    Works on the corpus and on the reading room: it reads tables of the schema and writes temporary ones alone. A story
    counts once in a series, on the day and at the publisher of its article there that was seen first. Raises ValueError
    for a zone that does not exist or an `as_of` without one.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a zone")
    days = (as_of.astimezone(ZoneInfo(zone)).date() - first_day).days + 1
    starts = _starts(first_day, days, zone)
    if watermark is None:
        watermark = _number(con, "SELECT coalesce(max(batch_id), 0) FROM batches")
    seen = {"as_of": as_of, "first_at": starts[0], "watermark": watermark, "starts": [_us(at) for at in starts]}
    _run(con, "counts_articles.sql", seen)
    _run(con, "counts_mentions.sql", {"rules": [rule.name for rule in rules]})
    for rule in rules:
        con.execute(*rule_statement(con, rule))
    _run(con, "counts_firsts.sql", {})
    names = _column(con, "SELECT series FROM series_names ORDER BY number")
    return Counts(
        names=tuple(names),
        categories=_categories(con, names),
        publishers=tuple(_column(con, "SELECT publisher FROM publisher_names ORDER BY number")),
        first_day=first_day,
        days=days,
        as_of=as_of,
        zone=zone,
        watermark=watermark,
        daily=Cells(**_cells(con, "counts_cells.sql", _DAY, _ANY_HOUR)),
        daily_totals=Totals(**_cells(con, "counts_totals.sql", _DAY, _ANY_HOUR)),
        hourly=Cells(**_cells(con, "counts_cells.sql", _HOUR, _HOURS)),
        hourly_totals=Totals(**_cells(con, "counts_totals.sql", _HOUR, _HOURS)),
        rules={rule.name: rule_text(rule) for rule in rules},
    )


def _starts(first_day: date, days: int, zone: str) -> list[datetime]:
    """Give the instants at which the days begin, and the end of the last one."""
    place = ZoneInfo(zone)
    return [datetime.combine(first_day + timedelta(days=i), time(), place).astimezone(UTC) for i in range(days + 1)]


def _us(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _run(con: duckdb.DuckDBPyConnection, file: str, values: Mapping[str, Any]) -> None:
    """Run each statement of a file with those of the values that it names."""
    for statement in (HERE / file).read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            con.execute(statement, {k: v for k, v in values.items() if f"${k}" in statement})


def _cells(con: duckdb.DuckDBPyConnection, file: str, unit: str, hours: int) -> dict[str, Any]:
    text = (HERE / file).read_text(encoding="utf-8").replace("{time}", unit)
    return dict(con.execute(text, {"hours": hours}).fetchnumpy())


def _column(con: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [row[0] for row in con.execute(query).fetchall()]


def _number(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0


def _categories(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, str]:
    """Give the category of each series: that of a concept, `relation` of a pair, `series` of a rule."""
    of_concept = dict(con.execute("SELECT 'concept:' || concept_id, category FROM concept_categories").fetchall())
    return {name: _category(name, of_concept) for name in names}


def _category(name: str, of_concept: Mapping[str, str]) -> str:
    kind, colon, rest = name.partition(":")
    known = {"concept": of_concept.get(name, ""), "category": rest, "relation": "relation"}
    return known.get(kind, "series") if colon else "series"
