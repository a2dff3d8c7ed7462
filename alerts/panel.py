"""What is tested: counts and totals of many series over the same days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


_BY_DAY = (
    "counts", "exposure", "totals", "known", "publishers", "stories", "heard",
    "usual",
    "past_counts", "past_exposure", "past_totals",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The last hours before the clock of the test. Arrays are (S,)."""

    hours: int
    counts: Floats
    exposure: Floats
    totals: Floats
    publishers: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """S series over T days without gaps. Arrays are (S, T) unless said otherwise, and nobody writes to them.

    What arrived as history is in the `past_` arrays alone: baselines know it, but it is never tested itself.
    """

    names: tuple[str, ...]
    days: tuple[date, ...]  #: T of them, in order, none missing
    counts: Floats  #: distinct stories, capped per publisher where publishers are known
    exposure: Floats  #: what the counts are measured against: totals, or expected counts by publisher
    totals: Floats  #: all stories of the desk
    known: Bools  #: False: no row for that day, so nothing is known of it
    publishers: Floats | None = None  #: distinct publishers of a series-day; None: unknown
    publishers_within: tuple[Floats, ...] | None = None  #: the same within each window of the policy; None: unknown
    stories: Floats | None = None  #: before the cap; None: as counts
    desk_publishers: Floats | None = None  #: (T,) publishers of the desk that published at all; None: unknown
    past_counts: Floats | None = None  #: counts with history; None: as counts
    past_exposure: Floats | None = None  #: exposure with history; None: as exposure
    past_totals: Floats | None = None  #: totals with history; None: as totals
    heard: Floats | None = None  #: by which outages are known; of a day not over, the last 24 hours. None: totals
    usual: Floats | None = None  #: what heard is held against, with history; None: totals with history
    hours: tuple[Hours, ...] = ()  #: parts of the last day
    #: What each series is tested under: empty where it stands by itself, else what it is a part of. None: no levels.
    parents: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit each other: that is a bug of the caller."""
        shape = (len(self.names), len(self.days))
        for name in _BY_DAY:
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise ValueError(f"panel: {name} has shape {array.shape}, not {shape}")

    def until(self, day: int) -> "Panel":
        """Give what was known at the end of the day of that index: nothing later."""
        cut = slice(0, day + 1)
        arrays = {name: a[:, cut] for name in _BY_DAY if (a := getattr(self, name)) is not None}
        desk = None if self.desk_publishers is None else self.desk_publishers[cut]
        hours = self.hours if day + 1 == len(self.days) else ()
        within = None if self.publishers_within is None else tuple(a[:, cut] for a in self.publishers_within)
        return replace(self, publishers_within=within, days=self.days[cut], desk_publishers=desk, hours=hours, **arrays)


def days_between(first: date, last: date) -> tuple[date, ...]:
    """Every day from first to last, both included."""
    return tuple(first + timedelta(days=i) for i in range((last - first).days + 1))


def weekdays(days: Sequence[date]) -> NDArray[np.intp]:
    """Monday 0 to Sunday 6 of each day."""
    return np.array([d.weekday() for d in days], dtype=np.intp)
