"""Scores alarms against planted truth: false episodes a series-year, and the share of events found, with intervals.

Alarm days with at most two quiet days between them are one episode. An episode is false when none of its days lies
within an event or the three days after it. The first 28 days are not scored.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from news_generator import Event, Floats
from numpy.typing import NDArray

WARM_UP, GAP, TAIL = 28, 2, 3
STRATA = ((0.0, 2.0), (2.0, 15.0), (15.0, np.inf))


@dataclass(slots=True)
class Score:
    """Sums that add up over worlds."""

    false: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(STRATA)))
    quiet_years: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(STRATA)))
    found: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    delays: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: "Score") -> "Score":
        """Take another world in."""
        self.false += other.false
        self.quiet_years += other.quiet_years
        for kind, found in other.found.items():
            self.found[kind] += found
            self.delays[kind] += other.delays[kind]
        return self

    @property
    def rate(self) -> float:
        """False episodes a series-year."""
        return float(self.false.sum() / self.quiet_years.sum())

    def share(self, kind: str) -> float:
        """Share of events found."""
        return float(np.mean(self.found[kind])) if self.found[kind] else float("nan")


def wilson(found: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    p = found / of
    centre = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * float(np.sqrt(p * (1 - p) / of + z * z / (4 * of * of)))
    return centre - half, centre + half


def score(alarm: NDArray[np.bool_], counts: Floats, events: Sequence[Event]) -> Score:
    """Score one world's alarms, (S, T)."""
    series, days = alarm.shape
    covered = np.zeros((series, days), dtype=bool)
    for e in events:
        covered[e.series, e.start : e.end + 1 + TAIL] = True
    level = counts.mean(axis=1)
    result = Score()
    alarm = alarm.copy()
    alarm[:, :WARM_UP] = False
    for number, (low, high) in enumerate(STRATA):
        rows = np.nonzero((level >= low) & (level < high))[0]
        result.quiet_years[number] = (~covered[rows, WARM_UP:]).sum() / 365
        result.false[number] = sum(_false_episodes(alarm[r], covered[r]) for r in rows)
    for e in events:
        if e.start >= WARM_UP:
            hits = np.nonzero(alarm[e.series, e.start : e.end + 1])[0]
            kind = f"{e.kind} x{e.size:g}"
            result.found[kind].append(int(hits.size > 0))
            result.delays[kind] += [int(hits[0])] if hits.size else []
    return result


def _false_episodes(alarm: NDArray[np.bool_], covered: NDArray[np.bool_]) -> int:
    days = np.nonzero(alarm)[0]
    if not days.size:
        return 0
    episodes = np.split(days, np.nonzero(np.diff(days) > GAP + 1)[0] + 1)
    return sum(not covered[e].any() for e in episodes)
