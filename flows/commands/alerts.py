"""alerts, explain, why-not, notify: what spiked, and why."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from flows.commands.options import corpus_option, watch_option
from flows.output import json_line, say, table
from flows.workspace import locate, open_workspace
from model.errors import UsageError
from model.outcomes import Judgement

LIST = """
SELECT a.alert_id, a.opened_at, a.closed_at, a.severity, a.series, a.observed, a.expected, a.ratio, a.evidence,
    a.publishers, a.window_days, coalesce(j.judgement, '') AS judgement
FROM alerts AS a
LEFT JOIN (SELECT alert_id, arg_max(judgement, judged_at) AS judgement FROM judgements GROUP BY alert_id) AS j
    USING (alert_id)
WHERE $everything OR a.severity <> 'watch'
ORDER BY a.opened_at DESC, a.evidence DESC
"""
COLUMNS = ("id", "opened", "closed", "severity", "series", "stories", "expected", "×", "publishers", "judged")


@click.group(
    invoke_without_command=True,
    epilog="\b\nExamples:\n  tensionwatch alerts --all\n  tensionwatch alerts judge 1f00c0ffee12 real",
)
@click.option("--all", "everything", is_flag=True, help="Also those of severity watch.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an alert.")
@watch_option
@corpus_option
@click.pass_context
def alerts(ctx: click.Context, everything: bool, as_json: bool, watch_dir: Path | None, corpus: Path | None) -> None:
    """List alerts, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    from storage import reading_room

    columns, rows = reading_room.query(locate(watch_dir, corpus), LIST.replace("$everything", str(everything).lower()))
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    if as_json:
        for row in found:
            json_line(row)
        return
    table(COLUMNS, [_line(row) for row in found])
    still = sum(row["closed_at"] is None for row in found)
    say(f"{len(found)} alerts, {still} open" + ("" if everything else "; --all also shows severity watch"))


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    closed = row["closed_at"] or "open"
    numbers = (round(row["observed"], 1), round(row["expected"], 1), round(row["ratio"], 1))
    head = (row["alert_id"], row["opened_at"], closed, row["severity"], row["series"])
    return (*head, *numbers, row["publishers"], row["judgement"])


@alerts.command(epilog="\b\nExample:\n  tensionwatch alerts judge 1f00c0ffee12 false --note 'one wire story'")
@click.argument("alert_id")
@click.argument("judgement", type=click.Choice([j.value for j in Judgement]))
@click.option("--note", default="", help="Why, in your words.")
@watch_option
@corpus_option
def judge(alert_id: str, judgement: str, note: str, watch_dir: Path | None, corpus: Path | None) -> None:
    """Record what you know of an alert: calibration leaves out days that were real."""
    from flows.steps.load import load_landed
    from storage import landing

    work = open_workspace(watch_dir, corpus)
    whole = whole_id(work.paths, alert_id)
    now = datetime.now(UTC)
    row = {"alert_id": whole, "judgement": judgement, "judged_at": now, "note": note}
    landing.write_rows(work.paths.landing, "judge", landing.new_name(now), {"judgements": [row]}, now)
    report = load_landed(work, now)
    say(f"{whole} is judged {judgement}" + ("; it waits in landing/ until the corpus is free" if report.busy else ""))


@alerts.command(epilog="\b\nExample:\n  tensionwatch alerts calibration")
@watch_option
@corpus_option
def calibration(watch_dir: Path | None, corpus: Path | None) -> int:
    """Show whether the evidence means what it says on this corpus's quiet days, and the alarm budget. Exit 1 if not."""
    from flows.steps.calibration import calibration_of

    found = calibration_of(open_workspace(watch_dir, corpus), datetime.now(UTC))
    rows = [
        (
            f"{c.low:g} to {c.high:g}",
            c.evidence,
            c.days,
            c.reached,
            f"{c.days * 10**-c.evidence:.1f}",
            f"{c.health:.2f}",
        )
        for c in found.levels
    ]
    table(("stories a day", "evidence", "quiet days", "reached it", "promised", "ratio"), rows)
    kept = found.budget
    realised = "nothing watched yet" if kept.realised is None else f"{kept.realised:.1f} opened"
    say(
        f"{found.series} series over {found.days} days; alerts open at evidence {kept.evidence:g}: "
        f"{kept.promised:.1f} a month promised on quiet days, {realised}"
    )
    for warning in found.warnings:
        say(f"warning: {warning}")
    return int(bool(found.warnings))


def whole_id(paths: Any, beginning: str) -> str:
    """Complete an alert_id from its beginning. Raises UsageError when none or several begin so."""
    from storage import reading_room

    _, rows = reading_room.query(paths, "SELECT alert_id FROM alerts WHERE starts_with(alert_id, ?)", (beginning,))
    if len(rows) == 1:
        return str(rows[0][0])
    known = f"{len(rows)} alerts begin so" if rows else "no alert has it; `tensionwatch alerts --all` lists them"
    raise UsageError(f"alert {beginning!r}: {known}")


@click.command(epilog="\b\nExample:\n  tensionwatch explain 1f00c0ffee12")
@click.argument("alert_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@watch_option
@corpus_option
def explain(alert_id: str, as_json: bool, watch_dir: Path | None, corpus: Path | None) -> int:
    """Re-run an alert on what was known then; show every number beside the stored one, and every article."""
    from flows.steps.explain import explain_alert

    work = open_workspace(watch_dir, corpus)
    found = explain_alert(work, whole_id(work.paths, alert_id))
    if as_json:
        json_line(found)
        return 0 if found["reproduced"] else 1
    click.echo(found["summary"])
    click.echo()
    table(("number", "stored", "re-run", "difference"), [tuple(n.values()) for n in found["numbers"]])
    table(("counted at", "publisher", "story", "title"), [tuple(a.values()) for a in found["articles"]])
    click.echo(found["query"])
    say("reproduced" if found["reproduced"] else f"NOT reproduced: {found['why']}")
    return 0 if found["reproduced"] else 1


@click.command("why-not", epilog="\b\nExample:\n  tensionwatch why-not https://example.org/news/1")
@click.argument("url")
@watch_option
@corpus_option
def why_not(url: str, watch_dir: Path | None, corpus: Path | None) -> None:
    """Say why an article did not count: never seen, rejected, history, a copy, no mention, no actor."""
    from flows.steps.explain import why_not as reasons

    for line in reasons(open_workspace(watch_dir, corpus), url):
        click.echo(line)


@click.command(epilog="\b\nExample:\n  tensionwatch notify --test")
@click.option("--test", "is_test", is_flag=True, required=True, help="Send a test message to each channel.")
@watch_option
def notify(is_test: bool, watch_dir: Path | None) -> int:  # noqa: ARG001 - the option is required: nothing else is sent
    """Send a test message to each channel of the watch. Exit 1 when one did not get it."""
    import os

    from alerts import deliver, render
    from flows.workspace import watch_folder
    from model.outcomes import DeliveryOutcome
    from model.reading import read_config

    config = read_config(watch_folder(watch_dir))
    if not config.alerts.channels:
        raise UsageError("the watch has no channels; add [[alerts.channels]] to watch.toml")
    results = []
    for channel in config.alerts.channels:
        message = render.test_message(config.watch.name, channel.name, datetime.now(UTC))
        results.append((channel.name, deliver.deliver(channel, message, os.environ)))
    table(("channel", "outcome", "detail"), [(name, r.outcome, r.detail) for name, r in results])
    return int(any(r.outcome is not DeliveryOutcome.SENT for _, r in results))
