"""Calibrate: whether evidence means what it says on this corpus's own quiet days, and whether the budget is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from alerts.budget import Budget, budget, within_budget
from alerts.calibrate import Calibration, calibrate, health
from alerts.every_rule import evaluate_counts
from alerts.findings import Evaluations
from alerts.policy import Policy
from flows.workspace import Workspace
from model.counts import Counts
from model.outcomes import Judgement
from storage import journal, reading_room
from storage.counts import read_counts
from storage.reach import reached_days

#: A year of quiet days is enough to tell; more would look at a world that has gone.
DAYS = 400
#: Quiet days that reach the levels less than half as often as promised may be luck: the budget is loosened no further.
LEAST_HEALTH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """The health of the evidence by level, and the budget promised and realised."""

    levels: tuple[Calibration, ...]
    health: float
    budget: Budget
    series: int
    days: int

    @property
    def warnings(self) -> list[str]:
        """Say which levels are off by more than a factor of two, beyond chance."""
        return [level.warning for level in self.levels if level.warning]


def calibration_of(work: Workspace, now: datetime) -> CalibrationReport:
    """Evaluate every day the corpus has, as of each day, and count how often quiet days reached which evidence."""
    config = work.watch.config.detection
    zone = ZoneInfo(config.zone)
    first = now.astimezone(zone).date() - timedelta(days=DAYS)
    with reading_room.connect(work.paths) as con:
        row = con.execute("SELECT min(counted_at) FROM articles WHERE origin <> 'seed'").fetchone()
        if row and row[0] is not None:
            first = max(first, row[0].astimezone(zone).date())
        counts = read_counts(con, first_day=first, as_of=now, zone=config.zone, rules=work.watch.config.series)
        reached = reached_days(con, counts)
    return calibrated(work, counts, reached, Policy.of(config), now)


def calibrated(work: Workspace, counts: Counts, reached: Any, policy: Policy, now: datetime) -> CalibrationReport:
    """Calibrate on counts that were read already."""
    config = work.watch.config.detection
    sides = {feed.publisher: feed.ownership for feed in work.watch.feeds}
    evaluations = evaluate_counts(counts, policy, cap=config.cap_per_publisher, sides=sides, reached=reached)
    alerts = journal.current_alerts(work.paths)
    judged = {row["alert_id"]: row["judgement"] for row in journal.rows_of(work.paths, "judgements")}
    real = [row for row in alerts if judged.get(row["alert_id"]) == Judgement.REAL.value]
    levels = tuple(calibrate(evaluations, _days_of(evaluations, real, now, ZoneInfo(config.zone))))
    found = max(health(list(levels)), LEAST_HEALTH)
    kept = within_budget(policy, config, len(counts.names), found)
    window = timedelta(days=min(counts.days, 90))
    unreal = [row for row in alerts if row not in real and row["opened_at"] >= now - window]
    return CalibrationReport(
        levels=levels,
        health=found,
        budget=budget(kept, len(counts.names), len(unreal), window.days, found),
        series=len(counts.names),
        days=counts.days,
    )


def _days_of(evaluations: Evaluations, alerts: Sequence[Mapping[str, Any]], now: datetime, zone: ZoneInfo) -> Any:
    """Mark the series-days of alerts, in an array of the evaluations' shape."""
    marked = np.zeros(evaluations.evidence.shape, dtype=bool)
    rows = {name: i for i, name in enumerate(evaluations.names)}
    for alert in alerts:
        if alert["series"] in rows:
            start, end = _day(alert["opened_at"], zone), _day(alert["closed_at"] or now, zone)
            first = max(0, (start - evaluations.days[0]).days - 7)  # the week-long window saw it coming
            marked[rows[alert["series"]], first : max(0, (end - evaluations.days[0]).days + 1)] = True
    return marked


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
