"""Runs the life of alerts through days gone by: what would have been told, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from alerts.decide import Alert, AlertChange, decide
from alerts.detect import NO_DATA, Evaluations
from alerts.panel import Bools
from alerts.policy import Policy
from model.watch import CalendarRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Every change in order, the alerts as they ended, and the series-days in alarm (S, D)."""

    changes: tuple[AlertChange, ...]
    alerts: tuple[Alert, ...]
    alarm: Bools


def replay(evaluations: Evaluations, policy: Policy, calendar: Sequence[CalendarRow] = ()) -> Replay:
    """Decide at the end of each day. A series-day is in alarm while its alert is open and its evidence is kept up."""
    alarm = np.zeros(evaluations.evidence.shape, dtype=bool)
    rows = {name: i for i, name in enumerate(evaluations.names)}
    changes: list[AlertChange] = []
    open_alerts: dict[str, Alert] = {}
    closed: list[Alert] = []
    for column, day in enumerate(evaluations.days):
        recent = [a for a in closed if a.closed_at and day - a.closed_at.date() <= timedelta(days=policy.cooldown_days)]
        found = decide(evaluations, [*open_alerts.values(), *recent], policy, end_of(day), calendar, column=column)
        for change in found:
            if change.alert.closed_at is None:
                open_alerts[change.alert.alert_id] = change.alert
            else:
                open_alerts.pop(change.alert.alert_id, None)
                closed.append(change.alert)
        changes += found
        for alert in open_alerts.values():
            row = rows[alert.series]
            loud = evaluations.evidence[row, column] >= policy.keep_evidence
            alarm[row, column] = loud and evaluations.state[row, column] > NO_DATA
    return Replay(changes=tuple(changes), alerts=(*closed, *open_alerts.values()), alarm=alarm)


def end_of(day: date) -> datetime:
    """Give the last second of a day: the clock of a test that saw all of it."""
    return datetime.combine(day, time(23, 59, 59), UTC)
