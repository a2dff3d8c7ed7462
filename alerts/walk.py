"""Walks through the days of a panel and says what was expected of each window, from what was known before it.

    expected = rate x weekday factor x season x exposure

where rate is the decayed share of the series, with days that stood out counted less, and exposure is the amount of
news (by publisher where known: alerts.expected). The days inside a window are never part of its own baseline, nor is
the week before a week. The variance holds over-dispersion learnt from the series' own one-step residuals, each frozen
on its day, and the uncertainty of the rate. Sources: Farrington 1996 and Noufaily 2013 (doi:10.1002/sim.5595) for the
re-weighting; the scan over trailing windows is the usual temporal scan.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from alerts.baseline import Baseline, Tested, after, anscombe
from alerts.outage import outages
from alerts.panel import Bools, Floats, Hours, Panel, weekdays
from alerts.policy import Policy
from alerts.season import Season


class _Days:
    """Counts and exposure of each day, (T, S) so that a day lies together, with what no data may tell taken out."""

    def __init__(self, panel: Panel, counts: Floats, exposure: Floats, usable: Bools) -> None:
        self.usable: Bools = np.ascontiguousarray(usable.T)
        self.counts: Floats = np.where(self.usable, counts.T, 0.0)
        self.exposure: Floats = np.where(self.usable, exposure.T, 0.0)
        self.weekday = weekdays(panel.days)

    @classmethod
    def tested(cls, panel: Panel, policy: Policy) -> "_Days":
        """What is tested: what arrived in its time."""
        heard = panel.totals if panel.heard is None else panel.heard
        usual = _first(panel.usual, panel.past_totals, panel.totals)
        usable = panel.known & ~outages(heard, usual, panel.days, policy)
        return cls(panel, panel.counts, panel.exposure, usable)

    @classmethod
    def remembered(cls, panel: Panel, policy: Policy) -> "_Days":
        """What baselines are made of: history too."""
        counts = panel.counts if panel.past_counts is None else panel.past_counts
        exposure = panel.exposure if panel.past_exposure is None else panel.past_exposure
        usual = _first(panel.usual, panel.past_totals, panel.totals)
        return cls(panel, counts, exposure, panel.known & ~outages(usual, usual, panel.days, policy))


def _first(*arrays: Floats | None) -> Floats:
    """Give the first that is known; the last always is."""
    return next(a for a in arrays if a is not None)


@dataclass(frozen=True, slots=True)
class Step:
    """One day of the walk."""

    day: int
    tested: list[Tested]  #: the windows of the policy
    parts: list[Tested]  #: the hours of the panel, on its last day
    usable: Bools  #: (S, T)
    history: Floats  #: (S,) days with data before this one
    residual: Floats  #: (S,) Anscombe residual of the day


def walk(panel: Panel, policy: Policy, *, first: int = 0) -> Iterator[Step]:
    """Give each day from the one of index `first` on; the days before it only teach the baseline."""
    days = _Days.tested(panel, policy)
    memory = days if panel.past_counts is None else _Days.remembered(panel, policy)
    season = Season(len(panel.names), len(panel.days), policy)
    reach = max(w + g for w, g in zip(policy.windows, policy.gaps, strict=True))
    empty = Baseline.empty(len(panel.names), len(policy.windows))
    past: deque[Baseline] = deque([empty] * reach, maxlen=reach)  # past[-n] is the end of the day n days ago
    for day in range(len(panel.days)):
        factor = season.factor(day)
        remembered = _look(memory, day, past, factor, policy)
        residual = anscombe(remembered[0])
        if day >= first:
            tested = remembered if memory is days else _look(days, day, past, factor, policy)
            hours = panel.hours if day + 1 == len(panel.days) else ()
            parts = [_part(h, int(days.weekday[day]), past, factor, policy) for h in hours]
            yield Step(day, tested, parts, days.usable.T, past[-1].history, residual)
        weekday = int(memory.weekday[day])
        today = memory.counts[day], memory.exposure[day], memory.usable[day]
        past.append(after(past[-1], *today, weekday, residual, remembered, policy))
        season.after(remembered[0], residual)


def _look(days: _Days, day: int, past: deque[Baseline], season: Floats, policy: Policy) -> list[Tested]:
    """Test all windows that end with one day, each against what was known before it."""
    return [_window(days, day, i, past, season, policy) for i in range(len(policy.windows))]


def _window(days: _Days, day: int, index: int, past: deque[Baseline], season: Floats, policy: Policy) -> Tested:
    length = policy.windows[index]
    baseline = past[-(length + policy.gaps[index])]
    start = max(0, day + 1 - length)
    exposure = np.zeros_like(days.exposure[day])
    for d in range(start, day + 1):
        exposure += days.exposure[d] * baseline.weekday_factors[days.weekday[d]]
    return _tested(days.counts[start : day + 1].sum(axis=0), exposure * season, baseline, index, policy)


def _part(part: Hours, weekday: int, past: deque[Baseline], season: Floats, policy: Policy) -> Tested:
    """Test the last hours against what was known two days ago: a day's hours may reach into yesterday."""
    baseline = past[-2]
    exposure = part.exposure * baseline.weekday_factors[weekday] * season
    return _tested(part.counts, exposure, baseline, 0, policy)


def _tested(observed: Floats, exposure: Floats, baseline: Baseline, index: int, policy: Policy) -> Tested:
    phi, rate_spread = baseline.phi(index, policy), 1.0 / baseline.worth()
    return Tested(
        observed=observed,
        expected=baseline.rate() * exposure,
        phi=phi,
        spread=phi * rate_spread + policy.extra_variance[index],
        exposure=exposure,
        rate_spread=rate_spread,
    )
