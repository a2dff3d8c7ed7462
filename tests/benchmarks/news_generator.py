"""Simulated news counts with planted events and their truth: what the detector's false-alarm promise is measured on.

Three desks of about 150, 1,000 and 5,000 stories a day, ten publishers each. A week has its rhythm, a desk has outages
that leave 40 per cent of a day, one publisher joins late and makes the desk 80 per cent larger. A series has a share of
its own at every publisher, a weekday habit, a share that drifts, a day's mood that carries over to the next, and counts
that clump. Events multiply what is expected: spikes by 2, 3 or 5 for one to five days, ramps to 2 or 3 over two to
three and a half weeks. The dirty counts add floods by a single publisher.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DESKS = (150.0, 1000.0, 5000.0)
PUBLISHERS = 10
WEEK = np.array([1.12, 1.14, 1.17, 1.14, 1.12, 0.68, 0.63])
KINDS = (("spike", 2.0), ("spike", 3.0), ("spike", 5.0), ("ramp", 2.0), ("ramp", 3.0))
KIND_ODDS = (0.26, 0.26, 0.29, 0.105, 0.085)
FLOODS_PER_DAY = 1 / 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One planted event: days are indices, both included."""

    series: int
    start: int
    end: int
    kind: str
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """S series over T days. Arrays are (S, T) unless said otherwise."""

    counts: Floats
    totals: Floats
    publishers: Floats
    dirty_counts: Floats
    dirty_totals: Floats
    dirty_publishers: Floats
    by_publisher: Floats  #: (S, K, T)
    desk_totals: Floats  #: (desk, K, T)
    desk: NDArray[np.intp]  #: (S,)
    expected: Floats  #: true mean without events: what an oracle knows
    phi: Floats  #: (S,) true clumping
    events: tuple[Event, ...]


def generate(seed: int, series: int = 240, days: int = 400) -> News:
    """Make one news world. The same seed gives the same world."""
    rng = np.random.default_rng(seed)
    desk = rng.integers(0, len(DESKS), series)
    totals = np.stack([_desk_totals(rng, size, days) for size in DESKS])
    level = np.exp(rng.uniform(np.log(0.0015), np.log(0.05), series))
    shares = level[:, None] * np.exp(rng.normal(0, 0.3, (series, PUBLISHERS)))
    phi = 1 + rng.gamma(2.0, 0.45, series)
    path = _weekday_habit(rng, series, days) * _drift(rng, series, days)
    mood = _mood(rng, series, days)
    events = tuple(e for s in range(series) if rng.random() < 0.75 for e in _events(rng, s, days))
    effect = _effect(events, series, days)
    by_publisher = np.empty((series, PUBLISHERS, days))
    clean = np.zeros((series, days))
    for k in range(PUBLISHERS):
        mean = shares[:, k : k + 1] * totals[desk, k] * path
        clean += mean
        by_publisher[:, k] = _clumped(rng, mean * mood * effect, phi)
    counts = by_publisher.sum(axis=1)
    total = totals[desk].sum(axis=1)
    publishers = (by_publisher > 0).sum(axis=1).astype(float)
    flood, who = _floods(rng, series, days)
    dirty = by_publisher.copy()
    s, t = np.nonzero(flood)
    dirty[s, who[s, t], t] += flood[s, t]
    return News(
        counts=counts,
        totals=total,
        publishers=publishers,
        dirty_counts=counts + flood,
        dirty_totals=total + flood,
        dirty_publishers=(dirty > 0).sum(axis=1).astype(float),
        by_publisher=by_publisher,
        desk_totals=totals,
        desk=desk,
        expected=clean,
        phi=phi,
        events=events,
    )


def _desk_totals(rng: np.random.Generator, size: float, days: int) -> Floats:
    """(K, T) stories of one desk by publisher."""
    weights = 1 / np.arange(1, PUBLISHERS)
    mean = np.append(size * weights / weights.sum(), 0.8 * size)[:, None] * WEEK[np.arange(days) % 7]
    mean[-1, : rng.integers(int(0.62 * days), int(0.78 * days))] = 0
    mean = mean * np.exp(rng.normal(0, 0.03, days)) * np.exp(rng.normal(0, 0.03, (PUBLISHERS, days)))
    for start in rng.integers(14, days - 3, 8):
        mean[:, start : start + rng.integers(1, 4)] *= 0.4
    return rng.poisson(mean).astype(float)


def _weekday_habit(rng: np.random.Generator, series: int, days: int) -> Floats:
    habit = np.exp(rng.normal(0, 0.09, (series, 7)))
    return (habit / habit.mean(axis=1, keepdims=True))[:, np.arange(days) % 7]


def _drift(rng: np.random.Generator, series: int, days: int) -> Floats:
    return np.exp(np.cumsum(rng.normal(0, 0.012, (series, days)), axis=1))


def _mood(rng: np.random.Generator, series: int, days: int) -> Floats:
    """AR(1) in the logarithm: what no model of the past can know of today."""
    carry, spread = 0.5, 0.09
    mood = np.zeros((series, days))
    shocks = rng.normal(0, spread, (series, days))
    for t in range(days):
        mood[:, t] = shocks[:, t] + (carry * mood[:, t - 1] if t else 0)
    return np.exp(mood)


def _events(rng: np.random.Generator, series: int, days: int) -> list[Event]:
    found, day = [], 35 + int(rng.integers(0, 25))
    while True:
        kind, size = KINDS[rng.choice(len(KINDS), p=KIND_ODDS)]
        length = int(rng.integers(1, 6)) if kind == "spike" else int(rng.integers(14, 25))
        if day + length > days - 5:
            return found
        found.append(Event(series=series, start=day, end=day + length - 1, kind=kind, size=size))
        day += length + 26 + int(rng.integers(0, 50))


def _effect(events: tuple[Event, ...], series: int, days: int) -> Floats:
    effect = np.ones((series, days))
    for e in events:
        length = e.end - e.start + 1
        rise = np.full(length, e.size) if e.kind == "spike" else 1 + (e.size - 1) * np.arange(1, length + 1) / length
        effect[e.series, e.start : e.end + 1] = rise
    return effect


def _clumped(rng: np.random.Generator, mean: Floats, phi: Floats) -> Floats:
    """Negative binomial of that mean and variance phi x mean."""
    shape = np.maximum(mean / (phi[:, None] - 1 + 1e-9), 1e-12)
    return rng.poisson(rng.gamma(shape, np.maximum(mean, 1e-300) / shape)).astype(float)


def _floods(rng: np.random.Generator, series: int, days: int) -> tuple[Floats, NDArray[np.intp]]:
    size = np.where(rng.random((series, days)) < FLOODS_PER_DAY, rng.integers(5, 21, (series, days)), 0)
    return size.astype(float), rng.integers(0, PUBLISHERS - 1, (series, days))
