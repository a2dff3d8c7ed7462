"""Watch: count ─ detect ─ decide ─ summarise ─ render ─ land ─ load ─ deliver.

It reads the reading room and writes through landing, like everything else. A delivery is recorded after it was sent, so
a crash in between repeats one message, with the same idempotency key; it never loses one.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts import deliver, render
from alerts.decide import Alert, AlertChange, decide
from alerts.detect import STATES, Evaluations, evaluate
from alerts.evaluation_rows import to_evaluation_rows
from alerts.expected import panel_of
from alerts.policy import Policy
from alerts.story import EvidenceArticle, Summary
from alerts.summarise import summarise
from extractors.text import sentence_spans
from flows.steps.load import load_landed
from flows.version import CODE_VERSION
from flows.workspace import Workspace
from model.config import Channel, Detection
from model.counts import Counts
from model.outcomes import SEVERITIES, DeliveryOutcome
from storage import journal, landing, reading_room
from storage.counts import read_counts
from storage.evidence import behind, cited_query

# The baseline's half-life is 21 days: after 120 a day weighs 2 %. A year is read where there is one, for the season.
BASELINE_DAYS = 400
#: After a pause longer than this the days in between are evaluated no more: nobody wants the alerts of last quarter.
CATCH_UP_DAYS = 45
SEVERE = frozenset(severity.value for severity in SEVERITIES)
#: A channel that fails is tried again at every pass for so long.
DELIVER_DAYS = timedelta(days=7)


@dataclass(kw_only=True)
class WatchReport:
    """The accounting of one watch."""

    tested: int = 0
    states: Counter[str] = field(default_factory=Counter)
    told: list[dict[str, Any]] = field(default_factory=list)
    deliveries: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def watch_landed(work: Workspace, now: datetime, environment: Mapping[str, str] | None = None) -> WatchReport:
    """Evaluate what the reading room holds, tell what is new, deliver what is to be delivered."""
    report = WatchReport()
    if not (work.paths.reading_room / reading_room.DATABASE).exists():
        report.warnings.append("nothing is loaded yet, so there is nothing to watch")
        return report
    if _evaluate(work, now, report):
        loaded = load_landed(work, now)
        report.warnings += loaded.warnings
    _deliver(work, now, environment if environment is not None else os.environ, report)
    return report


# --- evaluate


def _evaluate(work: Workspace, now: datetime, report: WatchReport) -> bool:
    """Test every day since the last test, decide, and land the result. Tells whether there was anything to land."""
    config = work.watch.config.detection
    policy = Policy.of(config)
    with reading_room.connect(work.paths) as con:
        first, since = _span(con, now, config.zone)
        if first is None:
            return False
        counts = read_counts(con, first_day=first, as_of=now, zone=config.zone, rules=work.watch.config.series)
        panel = panel_of(counts, policy, config.cap_per_publisher)
        columns = _columns(counts, since, now)
        evaluations = evaluate(panel, policy, last=len(columns))
        told: list[Told] = []
        alerts = _stored(work, config.zone)
        rows: list[dict[str, Any]] = []
        for column, at, over in columns:
            changes = decide(
                evaluations, alerts.values(), policy, at, work.watch.calendar, column=column, hourly=not over
            )
            for change in changes:
                alerts[change.alert.alert_id] = change.alert
                told.append(_tell(work, con, counts, change))
            tested = to_evaluation_rows(
                evaluations,
                as_of=now,
                code_version=CODE_VERSION,
                watermark=counts.watermark,
                rules=counts.rules,
                column=column,
            )
            tested = ({**row, "parameters": _parameters(row["parameters"], config)} for row in tested)
            open_series = {a.series for a in alerts.values() if a.closed_at is None}
            rows += [r for r in tested if over or since is None or r["series"] in open_series or r["state"] in SEVERE]
    _count(evaluations, columns, report)
    _land(work, now, rows, told, counts, _parameters(evaluations.parameters, config), policy)
    shown = [t for t in told if t.change.told and _wanted(work, t.change)]
    report.told = [
        {
            "alert_id": t.change.alert.alert_id,
            "kind": t.change.kind,
            "severity": t.change.alert.severity,
            "text": t.text,
        }
        for t in shown
    ]
    return True


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


# --- tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change with everything a person reads of it."""

    change: AlertChange
    summary: Summary
    text: str
    payload: str
    articles: tuple[EvidenceArticle, ...]
    category: str


def _tell(work: Workspace, con: Any, counts: Counts, change: AlertChange) -> Told:
    alert = change.alert
    last = (alert.updated_day - counts.first_day).days
    first = last + 1 - max(1, round(alert.window_days))
    hours = round(alert.window_days * 24) if alert.window_days < 1 else 1 << 30
    rows = behind(con, alert.series, first=first, last=last, hours=hours)
    articles = tuple(EvidenceArticle(**{**row, "concepts": tuple(row["concepts"])}) for row in rows)
    summary = summarise(articles, sentence_spans, work.watch.config.alerts.top_stories)
    name, category = work.watch.config.watch.name, counts.categories.get(alert.series, "")
    extra = {"category": category, "code_version": CODE_VERSION, "watermark": counts.watermark}
    return Told(
        change=change,
        summary=summary,
        text=render.text(change, summary, name),
        payload=render.payload(change, summary, name, extra),
        articles=articles,
        category=category,
    )


def _shown(change: AlertChange, text: str) -> dict[str, Any]:
    alert = change.alert
    return {
        "alert_id": alert.alert_id,
        "series": alert.series,
        "kind": change.kind,
        "severity": alert.severity,
        "text": text,
    }


def _wanted(work: Workspace, change: AlertChange) -> bool:
    return deliver.RANK[change.alert.severity] >= deliver.RANK[work.watch.config.alerts.min_severity]


def _count(evaluations: Evaluations, columns: Sequence[Column], report: WatchReport) -> None:
    for column, _, _ in columns:
        states = Counter(STATES[code] for code in evaluations.state[:, column])
        report.states.update(states)
        report.tested += states.total()


# --- land


def _land(
    work: Workspace,
    now: datetime,
    rows: list[dict[str, Any]],
    told: list[Told],
    counts: Counts,
    parameters: str,
    policy: Policy,
) -> None:
    tables: dict[str, Any] = {"evaluations": rows}
    last = {t.change.alert.alert_id: t for t in told}
    if last:
        tables["alerts"] = [_alert_row(t, told, counts, policy, parameters) for t in last.values()]
        tables["alert_articles"] = list(_cited(told))
    landing.write_rows(work.paths.landing, "watch", landing.new_name(now), tables, now)


def _alert_row(last: Told, told: Iterable[Told], counts: Counts, policy: Policy, parameters: str) -> dict[str, Any]:
    """Give the row of an alert: its numbers as they stand, the text as it was last told."""
    alert = last.change.alert
    spoken = [t for t in told if t.change.alert.alert_id == alert.alert_id and t.change.told]
    message = spoken[-1] if spoken else last
    row = {k: v for k, v in asdict(alert).items() if k not in {"opened_day", "updated_day"}}
    return row | {
        "summary": message.text,
        "told": message.payload,
        "query": cited_query(alert.alert_id),
        "parameters": parameters,
        "rule_hash": policy.rule_hash(counts.rules.get(alert.series, "")),
        "code_version": CODE_VERSION,
        "watermark": counts.watermark,
        "category": last.category,
    }


def _cited(told: Iterable[Told]) -> Iterable[dict[str, Any]]:
    """Give a row for each article behind each alert, with the sentence quoted where it was."""
    seen: set[tuple[str, int]] = set()
    for t in told:
        positions = {story.article_id: (n, story.quote) for n, story in enumerate(t.summary.stories, 1)}
        for article in t.articles:
            key = (t.change.alert.alert_id, article.article_id)
            if key not in seen:
                seen.add(key)
                position, quote = positions.get(article.article_id, (0, ""))
                yield {
                    "alert_id": key[0],
                    "article_id": article.article_id,
                    "edition": article.edition,
                    "story_id": article.story_id,
                    "position": position,
                    "quote": quote,
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


def _stored(work: Workspace, zone: str) -> dict[str, Alert]:
    """Read the alerts back as records. Their days are those of their instants in the watch's zone."""
    place = ZoneInfo(zone)
    alerts = {}
    for stored in journal.current_alerts(work.paths):
        row = {column: stored[column] for column in ALERT_COLUMNS}
        opened, updated = row["opened_at"].astimezone(place), row["updated_at"].astimezone(place)
        row |= {"opened_at": opened.astimezone(UTC), "updated_at": updated.astimezone(UTC)}
        if row["closed_at"] is not None:
            row["closed_at"] = row["closed_at"].astimezone(UTC)
        alerts[row["alert_id"]] = Alert(opened_day=opened.date(), updated_day=updated.date(), **row)
    return alerts


# --- deliver


def _deliver(work: Workspace, now: datetime, environment: Mapping[str, str], report: WatchReport) -> None:
    """Tell each channel each alert as it now stands, once. What is older than a week is no news to a new channel."""
    channels = {channel.name: channel for channel in work.watch.config.alerts.channels}
    rows = [
        _deliver_one(channels[name], alert, environment, now, report)
        for alert, name in journal.undelivered(work.paths, tuple(channels))
        if alert["updated_at"] >= now - DELIVER_DAYS and not deliver.is_quiet(channels[name], now)
    ]
    if rows:
        landing.write_rows(work.paths.landing, "deliver", landing.new_name(now), {"deliveries": rows}, now)
        load_landed(work, now)


def _deliver_one(
    channel: Channel, alert: Mapping[str, Any], environment: Mapping[str, str], now: datetime, report: WatchReport
) -> dict[str, Any]:
    message = render.message(
        alert["alert_id"],
        alert["revision"],
        channel.name,
        severity=alert["severity"],
        category=alert["category"],
        told=alert["told"],
    )
    refusal = deliver.unwanted(channel, message.severity, message.category)
    result = (
        deliver.Delivery(outcome=DeliveryOutcome.SKIPPED, detail=refusal)
        if refusal
        else deliver.deliver(channel, message, environment)
    )
    report.deliveries[result.outcome.value] += 1
    if result.outcome is DeliveryOutcome.FAILED:
        report.failed.append({"alert_id": message.alert_id, "channel": channel.name, "detail": result.detail})
    return {
        "delivery_id": message.delivery_id,
        "alert_id": message.alert_id,
        "revision": message.revision,
        "channel": channel.name,
        "attempted_at": now,
        "outcome": result.outcome.value,
        "detail": result.detail,
    }
