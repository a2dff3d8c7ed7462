"""From an alert and its summary to text and JSON. Pure; nothing is said that the summary does not hold."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from alerts.decide import Alert, AlertChange
from alerts.deliver import RANK, delivery_id
from alerts.story import Message, SideTold, Summary, TopStory

HEADINGS = {"open": "", "update": "update: ", "close": "closed: "}
CLOSINGS = {
    "quiet": "the count is back within what is expected",
    "new-level": "it has lasted three weeks and is the new level",
    "corrected": "the evidence is gone: articles were retracted or turned out to be one story",
}
NOVELTY = "novelty:"
RULES = {"novelty": "first seen:", "drop": "silence:"}
DAYS_PER_YEAR = 365
MAX_ALSO = 8  #: series named beside the headline, sides named as followers and as silent
MAX_RATIO = 100  #: beyond it a ratio says how little was expected, not how much there is


def subject(change: AlertChange, watch: str) -> str:
    """Write the one line a phone shows."""
    alert = change.alert
    told = f"{_number(alert.observed)} stories, {_number(alert.expected)} expected"
    return f"[{watch}] {HEADINGS.get(change.kind, '')}{alert.severity}: {title(alert.series)}: {told}"


def title(series: str) -> str:
    """Write a series for a person: `relation:azerbaijan|russia` becomes `azerbaijan – russia`."""
    kind, _, name = series.partition(":")
    if not name:
        return series
    if kind in RULES:
        return f"{RULES[kind]} {title(name)}"
    words = name.replace("|", " – ").replace("_", " ")
    return f"{words} ({kind})"


def text(change: AlertChange, summary: Summary, watch: str, also: Sequence[Alert] = ()) -> str:
    """Write the whole message as plain text. `also` are alerts on the same stories, told with this one."""
    alert = change.alert
    lines = [subject(change, watch), "", *_numbers(alert), *_who(summary)]
    lines += _also(alert, also)
    if change.kind == "close":
        lines.append(f"Closed: {CLOSINGS[alert.close_reason]}." if alert.close_reason else "Closed.")
    if change.reasons and change.kind != "close":
        lines.append(f"Told because: {'; '.join(change.reasons)}.")
    if summary.stories:
        lines += ["", "Top stories", *(line for n, story in enumerate(summary.stories, 1) for line in _story(n, story))]
    lines += ["", f"Every number and article behind it: tensionwatch explain {alert.alert_id}"]
    return "\n".join(lines)


def _also(lead: Alert, also: Sequence[Alert]) -> list[str]:
    """Name the other series on the same stories; those new to the corpus only where they are not spiking too."""
    spiking = {lead.series, *(a.series for a in also)}
    ranked = sorted(also, key=lambda a: (-RANK[a.severity], -a.evidence, a.series))
    first = [a for a in ranked if a.series.startswith(NOVELTY) and a.series.removeprefix(NOVELTY) not in spiking]
    rest = [a for a in ranked if not a.series.startswith(NOVELTY)]
    spikes = [f"{title(a.series)} {_number(a.observed)} where {_number(a.expected)}" for a in rest]
    news = [f"{title(a.series.removeprefix(NOVELTY))} {_number(a.observed)}" for a in first]
    told = [("On the same stories", spikes), ("Told of for the first time", news)]
    return [f"{what}: {', '.join(names[:MAX_ALSO])}{_more(names)}." for what, names in told if names]


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - MAX_ALSO} more" if len(names) > MAX_ALSO else ""


def _numbers(alert: Alert) -> list[str]:
    window = _window(alert.window_days)
    return [
        (
            f"{_number(alert.observed)} stories in {window} where {_number(alert.expected)} were expected"
            f" ({_times(alert.ratio)}), from {alert.publishers} publishers."
        ),
        f"By chance this would happen {_chance(alert.evidence)}.",
    ]


def _times(ratio: float) -> str:
    return f"×{_number(ratio)}" if ratio <= MAX_RATIO else f"more than ×{MAX_RATIO}"


def _window(days: float) -> str:
    if days < 1:
        return f"{round(days * 24)} hours"
    return "1 day" if days == 1 else f"{days:g} days"


def _chance(evidence: float) -> str:
    years = 10**evidence / DAYS_PER_YEAR
    if years < 1:
        return f"about once in {math.ceil(10**evidence)} days for this series"
    return f"about once in {years:,.0f} years for this series" if years < 1e6 else "less than once in a million years"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _who(summary: Summary) -> list[str]:
    lines = []
    if summary.since is not None:
        lines.append(f"Since {_instant(summary.since)}; {summary.articles} articles tell it.")
    if summary.publishers:
        lines.append(f"Who reports it: {_list(summary.publishers, 8)}.")
    if summary.one_sided:
        lines.append(f"One-sided so far: only {summary.one_sided} media report it.")
    elif summary.sides:
        lines.append(f"Owners: {_list(summary.sides, 6)}. Languages: {_list(summary.languages, 8)}.")
    lines += _sides(summary.by_side)
    if summary.concepts:
        lines.append(f"What spiked: {_list(summary.concepts, 8)}.")
    return lines


def _sides(by_side: Sequence[SideTold]) -> list[str]:
    """Say who led, who followed after how long, and who is silent where that is a surprise."""
    led, followed, silent = ([s for s in by_side if s.role == role] for role in ("led", "followed", "silent"))
    if not led:
        return []
    after = [f"{s.side} after {_hours(s.lag_hours or 0.0)}" for s in followed]
    rest = f"; followed by {', '.join(after[:MAX_ALSO])}{_more(after)}" if after else "; no other side followed"
    lines = [f"Led by {led[0].side} ({led[0].publisher}){rest}."]
    if silent:
        mute = [f"{s.side} ({_number(s.expected or 0.0)} expected of {s.volume} articles)" for s in silent]
        lines.append(f"Silent: {', '.join(mute[:MAX_ALSO])}{_more(mute)}.")
    return lines


def _hours(hours: float) -> str:
    return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.0f} h"


def _list(items: Sequence[tuple[str, int]], most: int) -> str:
    shown = ", ".join(f"{name} {count}" for name, count in items[:most])
    return shown + (f" and {len(items) - most} more" if len(items) > most else "")


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _story(number: int, story: TopStory) -> list[str]:
    copies = f", in {story.copies} articles of {story.publishers} publishers" if story.copies > 1 else ""
    lines = [f"{number}. {story.title}", f"   {story.publisher}, {_instant(story.first_at)}{copies}"]
    if story.quote:
        lines.append(f"   “{story.quote}”")
    return [*lines, f"   {story.url}"]


def payload(change: AlertChange, summary: Summary, watch: str, also: Sequence[Alert], extra: Mapping[str, Any]) -> str:
    """Write what a webhook gets: every number as a number, and the text."""
    body = {
        "watch": watch,
        "kind": change.kind,
        "reasons": list(change.reasons),
        "alert": asdict(change.alert),
        "summary": asdict(summary),
        "subject": subject(change, watch),
        "text": text(change, summary, watch, also),
        "severity": max((change.alert, *also), key=lambda a: RANK[a.severity]).severity,
        **extra,
    }
    return json.dumps(body, ensure_ascii=False, default=str, sort_keys=True)


def message(
    alert_id: str, revision: int, channel: str, *, severity: str, category: str, told: Mapping[str, Any]
) -> Message:
    """Address what `payload` wrote, read back from JSON, to one channel."""
    identity = delivery_id(alert_id, revision, channel)
    return Message(
        delivery_id=identity,
        alert_id=alert_id,
        revision=revision,
        severity=severity,
        category=category,
        subject=told["subject"],
        text=told["text"],
        payload=json.dumps({**told, "delivery_id": identity}, ensure_ascii=False, sort_keys=True),
    )


def test_message(watch: str, channel: str, now: datetime) -> Message:
    """Write a message that says it is a test."""
    told = f"This is a test of the channel {channel}, sent at {_instant(now)}. Alerts will look like this."
    head = f"[{watch}] test message"
    identity = delivery_id("test", int(now.timestamp()), channel)
    return Message(
        delivery_id=identity,
        alert_id="test",
        revision=0,
        severity="critical",
        category="test",
        subject=head,
        text=told,
        payload=json.dumps({"kind": "test", "watch": watch, "subject": head, "text": told, "delivery_id": identity}),
    )
