"""backtest: what a watch would have told."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from flows.commands.options import watch_option
from flows.output import plain, progress, read_bytes, read_lines, say, table
from flows.workspace import watch_folder
from model.errors import UsageError
from model.watch import CalendarRow


@click.command(
    epilog="\b\nExamples:\n  tensionwatch backtest articles.jsonl --events events.csv\n"
    "  tensionwatch backtest articles.jsonl -o alerts.jsonl --shadow-evidence 2.2"
)
@click.argument("articles")
@watch_option
@click.option("--events", help="CSV of `date,name`: what should have been told.")
@click.option("-o", "--output", help="Write the alerts there as JSON Lines instead of to standard output.")
@click.option("--evidence", type=click.FloatRange(min=0, min_open=True), help="-log10 p that opens an alert.")
@click.option("--shadow-evidence", type=click.FloatRange(min=0, min_open=True), help="A candidate level to compare.")
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
def backtest(
    articles: str,
    watch_dir: Path | None,
    events: str | None,
    output: str | None,
    evidence: float | None,
    shadow_evidence: float | None,
    jobs: int,
) -> None:
    """Replay dated texts (`url,title,text,publisher,published_at` lines) through the whole watch, as of each day."""
    from alerts.backtest import compare
    from alerts.policy import Policy
    from flows.steps import backtest as step
    from model.reading import load_watch

    watch = load_watch(watch_folder(watch_dir))
    texts = _texts(articles)
    known = _events(events) if events else []
    with progress("match", total=len(texts)) as bar:
        told = step.told_of(watch, texts, step.read_texts(watch, texts, jobs, bar.advance))
        bar.expect(1, "replay")
        policy = Policy.of(watch.config.detection, evidence)
        result = step.run_backtest(watch, told, policy, known)
        bar.advance()
    _write(output, [plain(alert) for alert in result.alerts])
    say(f"{len(texts)} texts over {len(result.evaluations.days)} days: {len(result.alerts)} alerts")
    if known:
        _score(result)
    if shadow_evidence is not None:
        shadow = step.run_backtest(watch, told, Policy.of(watch.config.detection, shadow_evidence), known)
        difference = compare(result, shadow)
        say(
            f"at evidence {shadow_evidence}: {len(difference.both)} the same, {len(difference.only_candidate)} new,"
            f" {len(difference.only_live)} gone"
        )
        if known:
            _score(shadow)


def _texts(source: str) -> list[Any]:
    from flows.steps.backtest import dated_text

    texts, left_out = [], 0
    for number, line in read_lines(source):
        try:
            texts.append(dated_text(line))
        except ValueError as error:
            left_out += 1
            say(f"{source}:{number}: {error}; the line is left out")
    if not texts:
        raise UsageError(f"{source}: no dated text; lines are objects of url, title, text, publisher, published_at")
    if left_out:
        say(f"{left_out} of {left_out + len(texts)} lines were left out")
    return sorted(texts, key=lambda t: t.published_at)


def _events(source: str) -> list[CalendarRow]:
    from datetime import date

    text = read_bytes(source).decode("utf-8-sig", errors="replace")
    rows = csv.DictReader(text.splitlines())
    if not {"date", "name"} <= set(rows.fieldnames or ()):
        raise UsageError(f"{source}:1: the heading must name date,name")
    events = []
    for row in rows:
        try:
            events.append(CalendarRow(date=date.fromisoformat(row["date"].strip()), name=row["name"]))
        except (ValueError, AttributeError):
            raise UsageError(f"{source}:{rows.line_num}: {row['date']!r} is no date like 2020-09-27") from None
    return events


def _write(output: str | None, alerts: Sequence[Any]) -> None:
    lines = "".join(json.dumps(alert, ensure_ascii=False) + "\n" for alert in alerts)
    if output is None:
        click.echo(lines, nl=False)
        return
    try:
        Path(output).write_text(lines, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from None


def _score(result: Any) -> None:
    """Print the score card: sensitivity, precision, lead time, false alerts a year; then every event."""
    sensitivity, precision, false = result.sensitivity, result.episodes, result.false_a_year
    rows = [
        ("sensitivity", f"{sensitivity.found} of {sensitivity.of}", *_span(sensitivity.value, *sensitivity.interval)),
        ("precision (episodes)", f"{precision.found} of {precision.of}", *_span(precision.value, *precision.interval)),
        ("median lead, days", "", f"{result.lead_days:g}", ""),
        ("false alerts a year", str(precision.of - precision.found), *_span(*false)),
    ]
    table(("score", "count", "value", "95 % interval"), rows)
    table(
        ("event", "name", "first alert", "series", "lead, days"),
        [
            (e.event.date, e.event.name, e.alert and e.alert.opened_day, e.alert and e.alert.series, e.lead_days)
            for e in result.events
        ],
    )
    say(f"{len(result.misses)} misses, {len(result.false)} alerts that belong to no event")


def _span(value: float, low: float, high: float) -> tuple[str, str]:
    return f"{value:.2f}", f"{low:.2f} to {high:.2f}"
