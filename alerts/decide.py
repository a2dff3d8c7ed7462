"""The life of an alert: opened, updated, kept, closed. Pure: evaluations and open alerts in, changes out.

What is told is told once: running again on the same data gives no change, and the id of an alert is a hash of its
series and the instant it opened.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np

from alerts.detect import NO_DATA, STATES, WARMING_UP, WATCH, Evaluations
from alerts.policy import Policy
from model.watch import CalendarRow

ChangeKind = Literal["open", "update", "close", "keep"]
CloseReason = Literal["", "quiet", "new-level", "corrected"]

#: Days the evaluations must reach back for `decide`: to the opening of the oldest open alert, which closes after three
#: weeks as a new level, and the window it told of.
LOOK_BACK_DAYS = 30
_RATIO_GROWTH = 1.5  #: half as much again is news to whoever was told
_PUBLISHER_GROWTH = 2.0  #: so is twice as many publishers


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert as it stands; the numbers are those of its last update. Fields as in the table `alerts`."""

    alert_id: str
    series: str
    opened_at: datetime
    opened_day: date
    updated_at: datetime
    updated_day: date
    severity: str
    observed: float
    expected: float
    ratio: float
    evidence: float
    window_days: float
    publishers: int
    stories: int
    revision: int = 1
    quiet_days: int = 0
    closed_at: datetime | None = None
    close_reason: CloseReason = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChange:
    """What happens to one alert. `told` is whether people are to hear of it."""

    kind: ChangeKind
    alert: Alert
    reasons: tuple[str, ...] = ()
    told: bool = True


def alert_id(series: str, opened_at: datetime) -> str:
    """Name an alert: the same series and instant give the same name."""
    return hashlib.sha256(f"{series}\n{opened_at.isoformat()}".encode()).hexdigest()[:16]


def decide(
    evaluations: Evaluations,
    alerts: Iterable[Alert],
    policy: Policy,
    now: datetime,
    calendar: Sequence[CalendarRow] = (),
    *,
    column: int = -1,
    hourly: bool = False,
) -> list[AlertChange]:
    """Give what changes, as of the day in `column` of the evaluations. `now` is the clock of the test.

    The evaluations reach back `LOOK_BACK_DAYS` before `column`, or to the first day there is: quiet days are counted
    in them. `alerts` are the open ones and those closed in the last `cooldown_days`. `hourly` says that the day is not
    over, so that it cannot count as a quiet one yet. A day without data changes nothing.
    """
    column = column % len(evaluations.days)
    row = {name: i for i, name in enumerate(evaluations.names)}
    known = list(alerts)
    changes = [
        change
        for alert in known
        if alert.closed_at is None and alert.series in row
        if (change := _carry(evaluations, row[alert.series], column, alert, policy, now, calendar, hourly))
    ]
    busy = {a.series for a in known if a.closed_at is None}
    for i in np.nonzero(evaluations.state[:, column] >= WATCH)[0]:
        series = evaluations.names[i]
        if series not in busy and _may_open(evaluations, int(i), column, known, policy):
            changes.append(_open(evaluations, int(i), column, now, calendar))
    return changes


def _may_open(e: Evaluations, row: int, column: int, known: list[Alert], policy: Policy) -> bool:
    """After a close the same story needs a decade more evidence for a few days."""
    day, series = e.days[column], e.names[row]
    cooling = any(
        a.series == series
        and a.closed_at is not None
        and day - a.closed_at.date() <= timedelta(days=policy.cooldown_days)
        for a in known
    )
    return not cooling or bool(e.evidence[row, column] >= policy.evidence + policy.cooldown_penalty)


def _numbers(e: Evaluations, row: int, column: int) -> dict[str, float | int]:
    at = row, column
    return {
        "observed": float(e.observed[at]), "expected": float(e.expected[at]), "ratio": float(e.ratio[at]),
        "evidence": float(e.evidence[at]), "window_days": float(e.window[at]),
        "publishers": max(0, int(e.publishers[at])), "stories": int(e.stories[at]),
    }  # fmt: skip


def _open(e: Evaluations, row: int, column: int, now: datetime, calendar: Sequence[CalendarRow]) -> AlertChange:
    day, series = e.days[column], e.names[row]
    severity, reasons = _severity(e, row, column, calendar)
    alert = Alert(
        alert_id=alert_id(series, now), series=series, opened_at=now, opened_day=day, updated_at=now, updated_day=day,
        severity=severity, **_numbers(e, row, column),  # type: ignore[arg-type]
    )  # fmt: skip
    return AlertChange(kind="open", alert=alert, reasons=reasons)


def _severity(e: Evaluations, row: int, column: int, calendar: Sequence[CalendarRow]) -> tuple[str, tuple[str, ...]]:
    """Give the day's severity, one step milder on a day of the calendar, and the reason for that."""
    state = max(int(e.state[row, column]), WATCH)
    expected = [c.name for c in calendar if _falls_on(c.date, e.days[column])]
    if expected:
        return STATES[max(WATCH, state - 1)], (f"on the calendar: {', '.join(expected)}",)
    return STATES[state], ()


def _falls_on(marked: date, day: date) -> bool:
    """On the day itself or the day after, in its year or as an anniversary: papers look back a day late."""
    return any(
        (d.month, d.day) == (marked.month, marked.day) and d.year >= marked.year for d in (day, day - timedelta(days=1))
    )


def _carry(
    e: Evaluations, row: int, column: int, alert: Alert, policy: Policy, now: datetime,
    calendar: Sequence[CalendarRow], hourly: bool,
) -> AlertChange | None:  # fmt: skip
    """Say what becomes of one open alert."""
    if e.state[row, column] in (NO_DATA, WARMING_UP):
        return None
    start = max(0, (alert.opened_day - e.days[0]).days)
    evidence = e.evidence[row, start : column + 1]
    data = e.state[row, start : column + 1] > NO_DATA
    loud = np.nonzero((evidence >= policy.keep_evidence) & data)[0]
    since = data[(int(loud[-1]) + 1 if loud.size else 0) :]
    quiet = int(since.sum()) - (1 if hourly and since.size else 0)
    if not loud.size and _fewer(e, row, alert):
        return _close(alert, now, "corrected", quiet)
    if quiet >= policy.close_after_days:
        return _close(alert, now, "quiet", quiet)
    if (e.days[column] - alert.opened_day).days > policy.new_level_days:
        return _close(alert, now, "new-level", quiet)
    return _update(e, row, column, alert, now, calendar, quiet)


def _fewer(e: Evaluations, row: int, alert: Alert) -> bool:
    """Whether the stories that were told of are no longer there: retracted, or merged into one."""
    end = (alert.updated_day - e.days[0]).days
    start = end + 1 - max(1, round(alert.window_days))
    return start >= 0 and float(e.counts[row, start : end + 1].sum()) < alert.observed


def _close(alert: Alert, now: datetime, reason: CloseReason, quiet: int) -> AlertChange:
    closed = replace(
        alert, closed_at=now, updated_at=now, close_reason=reason, quiet_days=max(0, quiet), revision=alert.revision + 1
    )
    return AlertChange(kind="close", alert=closed, reasons=(reason,))


def _update(
    e: Evaluations, row: int, column: int, alert: Alert, now: datetime, calendar: Sequence[CalendarRow], quiet: int
) -> AlertChange | None:
    severity, notes = _severity(e, row, column, calendar)
    numbers = _numbers(e, row, column)
    reasons = []
    if e.state[row, column] >= WATCH:
        if STATES.index(severity) > STATES.index(alert.severity):
            reasons.append(f"severity rose from {alert.severity} to {severity}")
        if numbers["ratio"] >= _RATIO_GROWTH * alert.ratio:
            reasons.append("the ratio grew by half")
        if alert.publishers > 0 and numbers["publishers"] >= _PUBLISHER_GROWTH * alert.publishers:
            reasons.append("twice as many publishers")
    if reasons:
        worst = max(severity, alert.severity, key=STATES.index)
        fresh = replace(
            alert, severity=worst, updated_at=now, updated_day=e.days[column], revision=alert.revision + 1,
            quiet_days=max(0, quiet), **numbers,  # type: ignore[arg-type]
        )  # fmt: skip
        return AlertChange(kind="update", alert=fresh, reasons=(*reasons, *notes))
    if max(0, quiet) != alert.quiet_days:
        return AlertChange(kind="keep", alert=replace(alert, quiet_days=max(0, quiet)), told=False)
    return None
