"""What would have been told: dated stories replayed day by day, and the alerts held against known events.

Every day is tested as of that day: baselines, publishers' shares and weekday factors come from days before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from scipy.special import gammaincinv

from alerts.decide import Alert
from alerts.detect import Evaluations, evaluate
from alerts.expected import panel_of
from alerts.policy import Policy
from alerts.replay import end_of, replay
from model.counts import Cells, Counts, Totals
from model.watch import CalendarRow

#: An alert belongs to an event when it opens from a week before to three days after it, or is open on the day: earlier
#: is coincidence, later everybody knows.
DAYS_BEFORE, DAYS_AFTER = 7, 3
#: Publishers beyond the busiest share one name: a source with a story a month has no share of its own to learn.
MOST_PUBLISHERS = 300
OTHERS = "(others)"
_EPISODE_GAP = 2  #: quiet days between alerts of one episode


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One dated article, as far as counting needs it."""

    day: date
    publisher: str
    story: str
    series: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many, with its 95 % interval (Wilson 1927)."""

    found: int
    of: int

    @property
    def value(self) -> float:
        """The share; NaN of nothing."""
        return self.found / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Between what it may lie."""
        if not self.of:
            return 0.0, 1.0
        z, n, p = 1.96, self.of, self.value
        centre, scale = (p + z * z / (2 * n)), 1 + z * z / n
        half = z * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
        return (centre - half) / scale, (centre + half) / scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """An event and the first alert that belongs to it, if any."""

    event: CalendarRow
    alert: Alert | None

    @property
    def lead_days(self) -> int | None:
        """Days from the alert to the event; below 0 it came after."""
        return None if self.alert is None else (self.event.date - self.alert.opened_day).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Alerts, and how they did against the events."""

    alerts: tuple[Alert, ...]
    evaluations: Evaluations
    events: tuple[Detected, ...] = ()
    false: tuple[Alert, ...] = ()  #: alerts that belong to no event
    episodes: Share = field(default_factory=lambda: Share(found=0, of=0))  #: that belong to an event, of all
    years: float = 0.0

    @property
    def sensitivity(self) -> Share:
        """Events with an alert, of all events."""
        return Share(found=sum(e.alert is not None for e in self.events), of=len(self.events))

    @property
    def misses(self) -> tuple[CalendarRow, ...]:
        """Events without an alert."""
        return tuple(e.event for e in self.events if e.alert is None)

    @property
    def lead_days(self) -> float:
        """Median lead over the events found; NaN of none."""
        leads = [e.lead_days for e in self.events if e.lead_days is not None]
        return float(np.median(leads)) if leads else float("nan")

    @property
    def false_a_year(self) -> tuple[float, float, float]:
        """False episodes a year with their exact Poisson interval: value, low, high."""
        number = self.episodes.of - self.episodes.found
        low = float(gammaincinv(number, 0.025)) if number else 0.0
        high = float(gammaincinv(number + 1, 0.975))
        years = max(self.years, 1e-9)
        return number / years, low / years, high / years


def counts_of(told: Iterable[Told], categories: Mapping[str, str] | None = None) -> Counts:
    """Count stories by series, publisher and day, in the order given: a story counts once, where it came first.

    `categories` gives the category of each concept series. Raises ValueError when there is nothing to count.
    """
    articles = sorted(told, key=lambda t: t.day)
    if not articles:
        raise ValueError("nothing to count")
    first, last = articles[0].day, articles[-1].day
    publisher = _publishers(articles)
    names = sorted({name for t in articles for name in t.series})
    row = {name: i for i, name in enumerate(names)}
    cells: dict[tuple[int, int, int], list[int]] = {}
    totals: dict[tuple[int, int], int] = {}
    seen: set[tuple[int, str]] = set()
    for t in articles:
        place, day = publisher.get(t.publisher, len(publisher) - 1), (t.day - first).days
        if (-1, t.story) not in seen:
            seen.add((-1, t.story))
            totals[place, day] = totals.get((place, day), 0) + 1
        for name in t.series:
            cell = cells.setdefault((row[name], place, day), [0, 0])
            cell[1] += 1
            if (row[name], t.story) not in seen:
                seen.add((row[name], t.story))
                cell[0] += 1
    keys, values = np.array(list(cells) or np.zeros((0, 3))).T.astype(int), np.array(list(cells.values()) or [[0, 0]])
    values = values[: keys.shape[1]]
    zeros = np.zeros(keys.shape[1], dtype=int)
    told_keys, told_values = np.array(list(totals)).T, np.array(list(totals.values()))
    return Counts(
        names=tuple(names),
        categories={**dict.fromkeys(names, ""), **(categories or {})},
        publishers=tuple(publisher),
        first_day=first,
        days=(last - first).days + 1,
        as_of=end_of(last),
        zone="UTC",
        watermark=0,
        daily=Cells(
            series=keys[0], publisher=keys[1], time=keys[2], live=values[:, 0], history=zeros, articles=values[:, 1]
        ),
        daily_totals=Totals(
            publisher=told_keys[0], time=told_keys[1], live=told_values, history=np.zeros_like(told_values)
        ),
    )  # fmt: skip


def _publishers(articles: Sequence[Told]) -> dict[str, int]:
    """Give the busiest publishers a place each, and the last place to all others."""
    number: dict[str, int] = {}
    for t in articles:
        number[t.publisher] = number.get(t.publisher, 0) + 1
    busiest = sorted(number, key=lambda p: (-number[p], p))[:MOST_PUBLISHERS]
    return {name: place for place, name in enumerate([*busiest, OTHERS])}


def backtest(
    told: Iterable[Told], policy: Policy, *, cap: int = 3, events: Sequence[CalendarRow] = (),
    calendar: Sequence[CalendarRow] = (), categories: Mapping[str, str] | None = None,
) -> Backtest:  # fmt: skip
    """Replay articles and score the alerts. Events outside the days covered are left out."""
    counts = counts_of(told, categories)
    evaluations = evaluate(panel_of(counts, policy, cap), policy)
    alerts = sorted(replay(evaluations, policy, calendar).alerts, key=lambda a: (a.opened_day, a.series))
    return judged(alerts, evaluations, events)


def judged(alerts: Sequence[Alert], evaluations: Evaluations, events: Sequence[CalendarRow]) -> Backtest:
    """Hold alerts against events."""
    first, last = evaluations.days[0], evaluations.days[-1]
    inside = [e for e in sorted(events, key=lambda e: e.date) if first <= e.date <= last]
    detected = tuple(Detected(event=e, alert=_first(alerts, e)) for e in inside)
    true = [any(_belongs(a, e) for e in inside) for a in alerts]
    groups = _episodes(alerts, last)
    hits = sum(any(true[i] for i in group) for group in groups)
    return Backtest(
        alerts=tuple(alerts),
        evaluations=evaluations,
        events=detected,
        false=tuple(a for a, good in zip(alerts, true, strict=True) if not good),
        episodes=Share(found=hits, of=len(groups)),
        years=((last - first).days + 1) / 365.25,
    )


def _belongs(alert: Alert, event: CalendarRow) -> bool:
    days = (event.date - alert.opened_day).days
    still = alert.closed_at is None or alert.closed_at.date() >= event.date
    return -DAYS_AFTER <= days <= DAYS_BEFORE or (days > 0 and still)


def _first(alerts: Sequence[Alert], event: CalendarRow) -> Alert | None:
    """Give the first alert that opened around the event; one that was open before counts when there is no other."""
    belonging = [a for a in alerts if _belongs(a, event)]
    near = [a for a in belonging if (event.date - a.opened_day).days <= DAYS_BEFORE]
    return min(near or belonging, key=lambda a: a.opened_day, default=None)


def _episodes(alerts: Sequence[Alert], last: date) -> list[list[int]]:
    """Join alerts of whatever series that overlap or nearly do: one thing that happened."""
    order = sorted(range(len(alerts)), key=lambda i: alerts[i].opened_day)
    groups: list[list[int]] = []
    until = date.min
    for i in order:
        closed = alerts[i].closed_at
        end = last if closed is None else closed.date()
        if groups and alerts[i].opened_day <= until + timedelta(days=_EPISODE_GAP):
            groups[-1].append(i)
            until = max(until, end)
        else:
            groups.append([i])
            until = end
    return groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a candidate policy would have changed."""

    both: tuple[tuple[Alert, Alert], ...]  #: live and candidate, of one series and overlapping days
    only_live: tuple[Alert, ...]
    only_candidate: tuple[Alert, ...]


def compare(live: Backtest, candidate: Backtest) -> Comparison:
    """Set a candidate rule beside the live one, run in its shadow over the same days."""
    left = list(candidate.alerts)
    both: list[tuple[Alert, Alert]] = []
    only_live: list[Alert] = []
    for alert in live.alerts:
        twin = next((c for c in left if c.series == alert.series and _overlap(alert, c)), None)
        if twin is None:
            only_live.append(alert)
        else:
            left.remove(twin)
            both.append((alert, twin))
    return Comparison(both=tuple(both), only_live=tuple(only_live), only_candidate=tuple(left))


def _overlap(one: Alert, other: Alert) -> bool:
    def end(alert: Alert) -> date:
        return date.max if alert.closed_at is None else alert.closed_at.date()

    return one.opened_day <= end(other) and other.opened_day <= end(one)
