"""The detector: how much more is told of a subject than its own past and today's amount of news let expect.

Pure numpy. Each day is tested as of that day: its result uses that day and earlier ones only. The test is a
negative-binomial tail on the count of a window against

    expected = rate x weekday factor x exposure

where rate is the decayed share of the series, with days that stood out counted less, and exposure is the amount of
news (by publisher where known: alerts.expected). The days inside a window are never part of its own baseline. The
variance holds over-dispersion learnt from the series' own one-step residuals, each frozen on its day, and the
uncertainty of the rate.
Sources: Farrington 1996 and Noufaily 2013 (doi:10.1002/sim.5595) for the re-weighting and the negative-binomial
threshold; the scan over trailing windows is the usual temporal scan.
"""

import json
from collections import deque
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from alerts.outage import outages
from alerts.panel import Bools, Floats, Hours, Panel, weekdays
from alerts.policy import Policy
from alerts.tail import LEAST_P, upper_tail

Ints = NDArray[np.int8]

#: Codes of `Evaluations.state`, in order of the closed list SeriesState.
WARMING_UP, NO_DATA, QUIET, WATCH, ALERT, HIGH, CRITICAL = range(7)
STATES = ("warming-up", "no-data", "quiet", "watch", "alert", "high", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluations:
    """What was found of each series on each day kept. Arrays are (S, D) for the last D days of the panel."""

    names: tuple[str, ...]
    days: tuple[date, ...]
    state: Ints
    window: Floats  #: the window with the least p, in days
    observed: Floats
    expected: Floats
    variance: Floats
    ratio: Floats
    p: Floats
    evidence: Floats  #: -log10 of the least p over the windows
    exposure: Floats
    total: Floats
    publishers: Floats  #: in the window; where only days are known, the most of any of its days; -1 unknown
    stories: Floats
    counts: Floats  #: stories counted on the day itself
    residual: Floats  #: Anscombe residual of the day, frozen; NaN when there was none
    policy: Policy
    first_day: date  #: of the panel: baselines begin there

    @property
    def parameters(self) -> str:
        """Everything a test depends on beside the corpus and its watermark, as JSON with sorted keys."""
        return json.dumps({"first_day": self.first_day.isoformat(), **asdict(self.policy)}, sort_keys=True)


@dataclass(frozen=True, slots=True)
class _Baseline:
    """What is known of the series at the end of one day."""

    counts: Floats  #: decayed, down-weighted sum of counts
    counts_squared_weight: Floats  #: the same with squared weights: what the sum is worth as evidence
    exposure: Floats  #: decayed, down-weighted sum of exposure x weekday factor
    weekday_counts: Floats  #: (7, S)
    weekday_expected: Floats  #: (7, S)
    squares: tuple[Floats, ...]  #: for each window, decayed sum of squared residuals
    weights: tuple[Floats, ...]  #: and of their weights
    history: Floats  #: days with data so far


def _empty(series: int, windows: int) -> _Baseline:
    zero = np.zeros(series)
    return _Baseline(
        zero, zero, zero, np.zeros((7, series)), np.zeros((7, series)), (zero,) * windows, (zero,) * windows, zero
    )


@dataclass(frozen=True, slots=True)
class _Tested:
    """One window of one day, all series."""

    observed: Floats
    expected: Floats
    variance: Floats
    exposure: Floats
    rate_variance: Floats  #: share of expected^2 that is uncertainty of the rate


def _weekday_factor(baseline: _Baseline, weekday: int, policy: Policy) -> Floats:
    prior = policy.weekday_prior
    factor: Floats = (baseline.weekday_counts[weekday] + prior) / (baseline.weekday_expected[weekday] + prior)
    return factor


def _rate(baseline: _Baseline) -> tuple[Floats, Floats]:
    """Give the rate per unit of exposure and the stories it rests on. Half a story more: Jeffreys' prior."""
    counts = baseline.counts + 0.5
    exposure = np.maximum(baseline.exposure, 1e-12)
    worth = counts * counts / np.maximum(baseline.counts_squared_weight + 0.5, 1e-12)
    return np.where(baseline.exposure > 0, counts / exposure, 0.0), worth


class _Days:
    """Counts and exposure of each day, with what no data may tell taken out."""

    def __init__(self, panel: Panel, counts: Floats, exposure: Floats, usable: Bools) -> None:
        self.usable = usable
        self.counts: Floats = np.where(usable, counts, 0.0)
        self.exposure: Floats = np.where(usable, exposure, 0.0)
        self.weekday = weekdays(panel.days)

    @classmethod
    def tested(cls, panel: Panel, policy: Policy) -> "_Days":
        """What is tested: what arrived in its time."""
        heard = panel.totals if panel.heard is None else panel.heard
        usual = panel.totals if panel.past_totals is None else panel.past_totals
        usable = panel.known & ~outages(heard, usual, panel.days, policy)
        return cls(panel, panel.counts, panel.exposure, usable)

    @classmethod
    def remembered(cls, panel: Panel, policy: Policy) -> "_Days":
        """What baselines are made of: history too."""
        if panel.past_counts is None or panel.past_exposure is None or panel.past_totals is None:
            return cls.tested(panel, policy)
        usable = panel.known & ~outages(panel.past_totals, panel.past_totals, panel.days, policy)
        return cls(panel, panel.past_counts, panel.past_exposure, usable)


def _window(days: _Days, day: int, length: int, baseline: _Baseline, phi: Floats, policy: Policy) -> _Tested:
    """Test the `length` days that end with `day` against what was known before them."""
    start = max(0, day + 1 - length)
    observed = days.counts[:, start : day + 1].sum(axis=1)
    exposure = np.zeros_like(observed)
    for d in range(start, day + 1):
        exposure += days.exposure[:, d] * _weekday_factor(baseline, int(days.weekday[d]), policy)
    rate, worth = _rate(baseline)
    expected = rate * exposure
    variance = phi * expected + expected**2 * (phi / worth + policy.extra_variance)
    return _Tested(observed, expected, variance, exposure, 1.0 / worth)


def _phi(baseline: _Baseline, index: int, policy: Policy) -> Floats:
    """Over-dispersion of one window: the prior, and the residuals frozen so far."""
    prior = policy.phi_prior * (policy.phi_long if policy.windows[index] > 1 else 1.0)
    weight = policy.phi_prior_days
    phi = (weight * prior + baseline.squares[index]) / (weight + baseline.weights[index])
    return np.maximum(1.0, phi)


def _anscombe(observed: Floats, expected: Floats, phi: Floats) -> Floats:
    """Noufaily's residual: near normal for counts. 0 where nothing was expected."""
    mean = np.maximum(expected, 1e-9)
    residual = 1.5 * (observed ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(phi))
    return np.where(expected > 0, residual, 0.0)


def _after(
    before: _Baseline, days: _Days, day: int, residual: Floats, tested: list[_Tested], policy: Policy
) -> _Baseline:
    """Take one day into the baseline. A day without data changes nothing, not even the age of the others."""
    omega = np.where(residual > policy.omega_from, (policy.omega_from / np.maximum(residual, 1e-9)) ** 2, 1.0)
    usable = days.usable[:, day]
    decay = np.where(usable, 0.5 ** (1.0 / policy.half_life_days), 1.0)
    weight = np.where(usable, omega, 0.0)
    weekday = int(days.weekday[day])
    factor = _weekday_factor(before, weekday, policy)
    counts, exposure = days.counts[:, day], days.exposure[:, day]
    weekday_counts, weekday_expected = before.weekday_counts * decay, before.weekday_expected * decay
    weekday_counts[weekday] += weight * counts
    weekday_expected[weekday] += weight * np.where(before.history > 0, _rate(before)[0] * exposure, counts)
    squares, weights = [], []
    for i, test in enumerate(tested):
        ready = weight * (before.history >= policy.min_history_days) * (test.expected > 0)
        scale = test.expected + test.expected**2 * test.rate_variance
        e2 = (test.observed - test.expected) ** 2 / np.maximum(scale, 1e-9)
        squares.append(before.squares[i] * decay + ready * np.minimum(e2, policy.residual_cap))
        weights.append(before.weights[i] * decay + ready)
    return _Baseline(
        before.counts * decay + weight * counts,
        before.counts_squared_weight * decay**2 + weight**2 * counts,
        before.exposure * decay + weight * exposure * factor,
        weekday_counts,
        weekday_expected,
        tuple(squares),
        tuple(weights),
        before.history + usable,
    )


def evaluate(panel: Panel, policy: Policy, *, last: int | None = None) -> Evaluations:
    """Test every series on each of the `last` days of the panel (all when None), each as of its own day."""
    days, memory = _Days.tested(panel, policy), _Days.remembered(panel, policy)
    same = panel.past_counts is None
    length = len(panel.days)
    first = 0 if last is None else max(0, length - last)
    result = _Result(panel, policy, first)
    longest = max(policy.windows)
    empty = _empty(len(panel.names), len(policy.windows))
    past: deque[_Baseline] = deque([empty] * longest, maxlen=longest)  # past[-w] is the end of the day w days ago
    for day in range(length):
        remembered, residual = _look(memory, day, past, policy)
        if day >= first:
            tested = remembered if same else _look(days, day, past, policy)[0]
            parts = [_part(h, days, day, past, policy) for h in panel.hours] if day + 1 == length else []
            result.take(day, days, tested + parts, past[-1].history, residual)
        past.append(_after(past[-1], memory, day, residual, remembered, policy))
    return result.finish()


def _look(days: _Days, day: int, past: deque[_Baseline], policy: Policy) -> tuple[list[_Tested], Floats]:
    """Test all windows that end with one day; give them and the day's Anscombe residual."""
    phis = [_phi(past[-w], i, policy) for i, w in enumerate(policy.windows)]
    tested = [_window(days, day, w, past[-w], phis[i], policy) for i, w in enumerate(policy.windows)]
    return tested, _anscombe(tested[0].observed, tested[0].expected, phis[0])


def _part(part: Hours, days: _Days, day: int, past: deque[_Baseline], policy: Policy) -> _Tested:
    """Test the last hours against what was known two days ago: a day's hours may reach into yesterday."""
    baseline = past[-2] if len(past) > 1 else past[-1]
    rate, worth = _rate(baseline)
    exposure = part.exposure * _weekday_factor(baseline, int(days.weekday[day]), policy)
    phi = _phi(baseline, 0, policy)
    expected = rate * exposure
    variance = phi * expected + expected**2 * (phi / worth + policy.extra_variance)
    return _Tested(part.counts, expected, variance, exposure, 1.0 / worth)


class _Result:
    """Fills the arrays of Evaluations day by day."""

    def __init__(self, panel: Panel, policy: Policy, first: int) -> None:
        self.panel, self.policy, self.first, self.counts = panel, policy, first, panel.counts
        shape = (len(panel.names), len(panel.days) - first)
        self.fields = {
            name: np.zeros(shape)
            for name in (
                "window", "observed", "expected", "variance", "ratio", "p", "exposure", "total", "publishers", "stories"
            )
        }  # fmt: skip
        self.residual = np.full(shape, np.nan)
        self.state = np.zeros(shape, dtype=np.int8)

    def take(self, day: int, days: _Days, tested: list[_Tested], history: Floats, residual: Floats) -> None:
        """Choose each series' best window and judge it."""
        panel, policy, column = self.panel, self.policy, day - self.first
        hours = panel.hours[: len(tested) - len(policy.windows)]
        tails = np.stack([upper_tail(t.observed, t.expected, t.variance) for t in tested])
        tails[len(policy.windows) :] = np.minimum(1.0, tails[len(policy.windows) :] * policy.looks_a_day)
        # A window longer than the history would test days against nothing.
        enough = [history >= policy.min_history_days + w - 1 for w in (*policy.windows, *(1 for _ in hours))]
        tails = np.where(np.stack(enough), tails, 1.0)
        best = np.argmin(tails, axis=0)

        def chosen(values: list[Floats]) -> Floats:
            picked: Floats = np.stack(values)[best, np.arange(len(best))]
            return picked

        f = self.fields
        f["window"][:, column] = np.array([*policy.windows, *(h.hours / 24 for h in hours)])[best]
        f["p"][:, column] = np.maximum(chosen(list(tails)), LEAST_P)
        for name in ("observed", "expected", "variance", "exposure"):
            f[name][:, column] = chosen([getattr(t, name) for t in tested])
        f["ratio"][:, column] = f["observed"][:, column] / np.maximum(f["expected"][:, column], 1e-9)
        stories = panel.counts if panel.stories is None else panel.stories
        f["total"][:, column] = chosen([*self._sums(panel.totals, days, day), *(h.totals for h in hours)])
        f["stories"][:, column] = chosen([*self._sums(stories, days, day), *(h.counts for h in hours)])
        f["publishers"][:, column] = -1.0
        if panel.publishers is not None:
            most = [_trailing(panel.publishers, days.usable, day, w).max(axis=1) for w in policy.windows]
            f["publishers"][:, column] = chosen([*most, *(h.publishers for h in hours)])
        self.residual[:, column] = np.where(history >= policy.min_history_days, residual, np.nan)
        self.state[:, column] = self._judge(day, column, history, days.usable[:, day])

    def _sums(self, values: Floats, days: _Days, day: int) -> list[Floats]:
        return [_trailing(values, days.usable, day, w).sum(axis=1) for w in self.policy.windows]

    def _judge(self, day: int, column: int, history: Floats, usable: Bools) -> Ints:
        policy, f = self.policy, self.fields
        asked = policy.evidence + np.where(history < policy.young_days, policy.young_penalty, 0.0)
        evidence = -np.log10(f["p"][:, column])
        publishers, ratio = f["publishers"][:, column], f["ratio"][:, column]
        least = float(policy.min_publishers)
        desk = self.panel.desk_publishers
        if desk is not None and desk[day] < policy.small_desk:
            least = min(least, float(policy.few_publishers))
        passes = (
            (evidence >= asked)
            & (f["observed"][:, column] >= policy.min_stories)
            & (ratio >= policy.min_ratio)
            & ((publishers < 0) | (publishers >= least))
        )
        wide = publishers < 0
        state = np.where(passes, WATCH, QUIET)
        state = np.where(passes & (evidence >= 3) & (ratio >= 2), ALERT, state)
        state = np.where(passes & (evidence >= 5) & (ratio >= 3) & (wide | (publishers >= 5)), HIGH, state)
        state = np.where(passes & (evidence >= 8) & (ratio >= 5) & (wide | (publishers >= 8)), CRITICAL, state)
        state = np.where(history < policy.min_history_days, WARMING_UP, state)
        return np.where(usable, state, NO_DATA).astype(np.int8)

    def finish(self) -> Evaluations:
        """Freeze what was filled."""
        return Evaluations(
            names=self.panel.names,
            days=self.panel.days[self.first :],
            state=self.state,
            evidence=-np.log10(self.fields["p"]),
            counts=self.counts[:, self.first :],
            residual=self.residual,
            policy=self.policy,
            first_day=self.panel.days[0],
            **self.fields,
        )


def _trailing(values: Floats, usable: Bools, day: int, length: int) -> Floats:
    """Cut the last `length` days that end with `day`, unusable ones as 0."""
    cut = slice(max(0, day + 1 - length), day + 1)
    return np.where(usable[:, cut], values[:, cut], 0.0)
