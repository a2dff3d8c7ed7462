"""Watch: count ─ detect ─ decide ─ summarise ─ render ─ land ─ load ─ deliver.

It reads the reading room and writes through landing, like everything else.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.decide import LOOK_BACK_DAYS, Alert, AlertChange, decide
from alerts.evaluation_rows import to_evaluation_rows
from alerts.every_rule import evaluate_counts
from alerts.findings import STATES, Evaluations
from alerts.policy import Policy
from flows.steps.calibration import calibrated
from flows.steps.deliver import deliver_pending
from flows.steps.load import load_landed
from flows.steps.tell import Finding, Told, find, tell
from flows.version import CODE_VERSION
from flows.workspace import Workspace
from model.config import Detection
from model.counts import Counts
from model.outcomes import SEVERITIES
from storage import journal, landing, reading_room
from storage.counts import read_counts
from storage.evidence import cited_query
from storage.reach import reached_days
from storage.rematches import other_versions

# The baseline's half-life is 21 days: after 120 a day weighs 2 %. A year is read where there is one, for the season.
BASELINE_DAYS = 400
#: After a pause longer than this the days in between are evaluated no more: nobody wants the alerts of last quarter.
CATCH_UP_DAYS = 45
SEVERE = frozenset(severity.value for severity in SEVERITIES)
Row = dict[str, Any]


@dataclass(kw_only=True)
class WatchReport:
    """The accounting of one watch."""

    tested: int = 0
    states: Counter[str] = field(default_factory=Counter)
    told: list[Row] = field(default_factory=list)
    deliveries: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    behind: int = 0  #: editions that count under another lexicon version than the watch's


def watch_landed(work: Workspace, now: datetime, environment: Mapping[str, str] | None = None) -> WatchReport:
    """Evaluate what the reading room holds, tell what is new, deliver what is to be delivered."""
    report = WatchReport()
    if not (work.paths.reading_room / reading_room.DATABASE).exists():
        report.warnings.append("nothing is loaded yet, so there is nothing to watch")
        return report
    if _evaluate(work, now, report):
        report.warnings += load_landed(work, now).warnings
    sent = deliver_pending(work, now, environment)
    report.deliveries, report.failed = sent.outcomes, sent.failed
    return report


# --- evaluate


def _evaluate(work: Workspace, now: datetime, report: WatchReport) -> bool:
    """Test every day since the last test, decide, tell, and land the result. False when there is nothing to test."""
    config = work.watch.config.detection
    stored = {row["alert_id"]: row for row in journal.current_alerts(work.paths)}
    with reading_room.connect(work.paths) as con:
        report.behind = sum(other_versions(con, work.watch.lexicon_version).values())
        first, since = _span(con, now, config.zone)
        if first is None:
            return False
        counts = read_counts(con, first_day=first, as_of=now, zone=config.zone, rules=work.watch.config.series)
        columns = _columns(counts, since, now)
        policy = _policy(work, counts, reached_days(con, counts), now)
        evaluations = evaluate_counts(
            counts,
            policy,
            cap=config.cap_per_publisher,
            sides={feed.publisher: feed.ownership for feed in work.watch.feeds},
            reached=reached_days(con, counts),
            last=len(columns) + LOOK_BACK_DAYS,
        )
        alerts, changes = _decide(work, evaluations, columns, stored, policy)
        findings = [find(work, con, counts, change) for change in changes]
        told = tell(work, con, counts, findings)
    parameters = _parameters(evaluations.parameters, config)
    rows = _evaluation_rows(evaluations, columns, alerts, counts, parameters, now, everything=since is None)
    alert_rows = [
        _alert_row(f, told, stored.get(f.change.alert.alert_id, {}), counts, parameters, policy) for f in findings
    ]
    cited = [row for f in findings for row in f.cited()]
    tables = {"evaluations": rows, "alerts": alert_rows, "alert_articles": cited}
    landing.write_rows(work.paths.landing, "watch", landing.new_name(now), {k: v for k, v in tables.items() if v}, now)
    _count(evaluations, columns, report)
    report.told = [row for row in (_shown(t) for t in told.values() if t.leads) if row["wanted"]]
    return True


def _policy(work: Workspace, counts: Counts, reached: Any, now: datetime) -> Policy:
    """Make the policy of the watch; with an alarm budget the opening level follows from the corpus's own quiet days."""
    config = work.watch.config.detection
    policy = Policy.of(config)
    if config.max_alerts_per_month is None:
        return policy
    return replace(policy, evidence=calibrated(work, counts, reached, policy, now).budget.evidence)


def _parameters(tested: str, config: Detection) -> str:
    """Add to a test's settings those of the count, so that it can be done again."""
    counting = {"zone": config.zone, "cap_per_publisher": config.cap_per_publisher}
    return json.dumps({**json.loads(tested), **counting}, sort_keys=True)


def _span(con: Any, now: datetime, zone: str) -> tuple[date | None, datetime | None]:
    """Find the first day to read and the clock of the last evaluation."""
    row = con.execute("SELECT min(counted_at), max(counted_at) FROM articles WHERE origin <> 'seed'").fetchone()
    if row is None or row[0] is None:
        return None, None
    since = con.execute("SELECT max(as_of) FROM evaluations").fetchone()
    today = now.astimezone(ZoneInfo(zone)).date()
    oldest = row[0].astimezone(ZoneInfo(zone)).date()
    return max(oldest, today - timedelta(days=BASELINE_DAYS)), (since[0] if since else None)


Column = tuple[int, datetime, bool]  #: place from the end, instant an alert of it opens at, whether the day was over


def _columns(counts: Counts, since: datetime | None, now: datetime) -> list[Column]:
    """List the days to test: those that ended since the last test, then today so far."""
    zone = ZoneInfo(counts.zone)
    today = now.astimezone(zone).date()
    started = today if since is None else since.astimezone(zone).date()
    begin = max(started, today - timedelta(days=CATCH_UP_DAYS), counts.first_day)
    columns: list[Column] = []
    for back in range((today - begin).days, 0, -1):
        end = datetime.combine(today - timedelta(days=back), time(23, 59, 59), zone).astimezone(UTC)
        if since is None or end > since:
            columns.append((-1 - back, end, True))
    return [*columns, (-1, now, False)]


def _decide(
    work: Workspace, evaluations: Evaluations, columns: Sequence[Column], stored: Mapping[str, Row], policy: Policy
) -> tuple[dict[str, Alert], list[AlertChange]]:
    """Live through the days; give the alerts as they then stand and the last change of each that changed."""
    place = ZoneInfo(work.watch.config.detection.zone)
    alerts = {key: _restored(row, place) for key, row in stored.items()}
    changed: dict[str, AlertChange] = {}
    for column, at, over in columns:
        known, calendar = list(alerts.values()), work.watch.calendar
        for change in decide(evaluations, known, policy, at, calendar, column=column, hourly=not over):
            alerts[change.alert.alert_id] = change.alert
            changed[change.alert.alert_id] = _merged(changed.get(change.alert.alert_id), change)
    return alerts, list(changed.values())


def _merged(before: AlertChange | None, after: AlertChange) -> AlertChange:
    """Join two changes of one alert in one pass: what opened today is told as opened, with its latest numbers."""
    if before is None:
        return after
    kind = "open" if before.kind == "open" and after.kind != "close" else after.kind
    return AlertChange(kind=kind, alert=after.alert, reasons=after.reasons, told=before.told or after.told)


def _restored(row: Row, place: ZoneInfo) -> Alert:
    """Read an alert back. Its days are those of its instants in the watch's zone."""
    values = {column: row[column] for column in ALERT_COLUMNS}
    instants = {c: values[c].astimezone(UTC) for c in ("opened_at", "updated_at", "closed_at") if values[c] is not None}
    opened_day, updated_day = (instants[c].astimezone(place).date() for c in ("opened_at", "updated_at"))
    return Alert(opened_day=opened_day, updated_day=updated_day, **{**values, **instants})


def _count(evaluations: Evaluations, columns: Sequence[Column], report: WatchReport) -> None:
    for column, _, _ in columns:
        states = Counter(STATES[code] for code in evaluations.state[:, column])
        report.states.update(states)
        report.tested += states.total()


# --- rows


def _evaluation_rows(
    evaluations: Evaluations,
    columns: Sequence[Column],
    alerts: Mapping[str, Alert],
    counts: Counts,
    parameters: str,
    now: datetime,
    *,
    everything: bool,
) -> list[Row]:
    """Give the rows to keep: all of each day that is over; of today so far those that are severe or have an alert.

    A day so far is tested at every pass; keeping all of that would be 30,000 rows a day of nothing.
    """
    open_series = {a.series for a in alerts.values() if a.closed_at is None}
    kept: list[Row] = []
    for column, _, over in columns:
        rows = to_evaluation_rows(
            evaluations,
            as_of=now,
            code_version=CODE_VERSION,
            watermark=counts.watermark,
            rules=counts.rules,
            column=column,
        )
        whole = over or everything
        kept += [
            {**row, "parameters": parameters}
            for row in rows
            if whole or row["series"] in open_series or row["state"] in SEVERE
        ]
    return kept


def _alert_row(
    finding: Finding,
    told: Mapping[str, Told],
    stored: Mapping[str, Row],
    counts: Counts,
    parameters: str,
    policy: Policy,
) -> Row:
    """Give the row of an alert: its numbers as they stand, the text as it was last told."""
    alert = finding.change.alert
    before = stored.get(alert.alert_id, {})
    message = told.get(alert.alert_id)
    return {column: getattr(alert, column) for column in ALERT_COLUMNS} | {
        "summary": message.text if message else before.get("summary", ""),
        "told": message.payload if message else before.get("told", ""),
        "query": cited_query(alert.alert_id),
        "parameters": parameters,
        "rule_hash": policy.rule_hash(counts.rules.get(alert.series, "")),
        "code_version": CODE_VERSION,
        "watermark": counts.watermark,
        "category": finding.category,
    }


def _shown(told: Told) -> Row:
    return {
        "alert_id": told.alert_id,
        "series": told.series,
        "kind": told.kind,
        "severity": told.severity,
        "wanted": told.wanted,
        "text": told.text,
    }


ALERT_COLUMNS = (
    "alert_id",
    "series",
    "opened_at",
    "closed_at",
    "severity",
    "observed",
    "expected",
    "ratio",
    "evidence",
    "window_days",
    "publishers",
    "stories",
    "updated_at",
    "revision",
    "quiet_days",
    "close_reason",
)
