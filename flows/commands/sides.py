"""sides: how tense each side is, and who led, followed and is silent on an alert."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from flows.commands.alerts import whole_id
from flows.commands.options import corpus_option, watch_option
from flows.output import json_line, say, table
from flows.workspace import locate
from model.config import Paths

#: A side's days without articles are in no mean: no data is not calm.
INDEX = """
SELECT name, sum(articles) AS articles, sum(tense) AS tense, sum(tense) / sum(articles) AS tense_share,
    avg(index) AS index, avg(signed_index) AS signed_index, count(*) AS days,
    any_value(base_first_day) AS base_first_day, any_value(base_last_day) AS base_last_day,
    any_value(base_days) AS base_days, any_value(last.day) - CAST($1 - 1 AS INTEGER) AS first_day,
    any_value(last.day) AS last_day
FROM tension_index, (SELECT max(day) AS day FROM tension_daily) AS last
WHERE tension_index.kind IN ($2, 'all') AND tension_index.day > last.day - CAST($1 AS INTEGER)
GROUP BY kind, name ORDER BY kind = 'all' DESC, articles DESC, tense DESC, name
"""
ALERT = """
SELECT role, side, publisher, side_first_at, lag_hours, articles, publishers, volume, expected
FROM alert_sides WHERE alert_id = ? ORDER BY place NULLS LAST, expected DESC, side
"""
BASE_DAYS = 365  #: when a base period is over: 03_tension_daily.sql
EXAMPLES = """\b
Examples:
  tensionwatch sides                          the last 7 days by country and owners
  tensionwatch sides --by owners --days 30    state, independent, exile, private
  tensionwatch sides --by category
  tensionwatch sides 1f00c0ffee12             who led, followed and is silent on an alert
"""


@click.command(epilog=EXAMPLES)
@click.argument("alert_id", required=False)
@click.option("--days", type=click.IntRange(1, 3660), default=7, show_default=True, help="So many days up to the last.")
@click.option("--by", type=click.Choice(["side", "country", "owners", "category"]), default="side", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row.")
@watch_option
@corpus_option
def sides(alert_id: str | None, days: int, by: str, as_json: bool, watch_dir: Path | None, corpus: Path | None) -> None:
    """Show how tense each side is; of an ALERT_ID who led, who followed and who is silent.

    A side is a publisher's country and who owns it, as in "AZ state".
    """
    paths = locate(watch_dir, corpus)
    rows = _index(paths, days, by) if alert_id is None else _alert(paths, alert_id)
    if as_json:
        for row in rows:
            json_line(row)
    elif alert_id is None:
        _show_index(rows, by)
    else:
        _show_alert(rows)


def _index(paths: Paths, days: int, by: str) -> list[dict[str, Any]]:
    return _ask(paths, INDEX, (days, by))


def _alert(paths: Paths, beginning: str) -> list[dict[str, Any]]:
    return _ask(paths, ALERT, (whole_id(paths, beginning),))


def _ask(paths: Paths, query: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    from storage import reading_room

    columns, rows = reading_room.query(paths, query, values)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _show_index(rows: list[dict[str, Any]], by: str) -> None:
    shown = ("name", "articles", "tense", "tense_share", "index", "signed_index", "days")
    table((by, *shown[1:3], "tense %", "index", "signed", "days"), [_line(row, shown) for row in rows])
    if not rows:
        say("no article names a watched actor yet")
        return
    say(f"{_day(rows[0]['first_day'])} to {_day(rows[0]['last_day'])}; index 100 is the mean of each row's base period")
    if any((row["base_days"] or 0) < BASE_DAYS for row in rows):
        say(f"base periods of fewer than {BASE_DAYS} days still move: their index is provisional")


def _line(row: dict[str, Any], shown: tuple[str, ...]) -> tuple[Any, ...]:
    rounded = {
        "tense_share": f"{100 * row['tense_share']:.0f}",
        **{c: _whole(row[c]) for c in ("index", "signed_index")},
    }
    return tuple({**row, **rounded}[column] for column in shown)


def _whole(number: float | None) -> str:
    return "" if number is None else f"{number:.0f}"


def _day(day: date) -> str:
    return f"{day:%Y-%m-%d}"


def _show_alert(rows: list[dict[str, Any]]) -> None:
    columns = ("", "side", "first publisher", "first at", "after h", "articles", "of", "expected")
    table(columns, [_told(row) for row in rows])
    say(
        "silent: has none where 3 or more were to be expected, had it told of this as often as the others"
        if rows
        else "this alert cites no article, so it has no sides"
    )


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    lag, expected = row["lag_hours"], row["expected"]
    return (
        row["role"], row["side"], row["publisher"], row["side_first_at"], None if lag is None else f"{lag:.1f}",
        row["articles"], row["volume"], None if expected is None else f"{expected:.1f}",
    )  # fmt: skip
