"""What each series should count on each day, from what every publisher published and how often it speaks of it.

A publisher that speaks of Azerbaijan in every third story and one that never does weigh as they should, so a newcomer,
an outage of one feed or a big story elsewhere does not look like a spike. A publisher is shadowed for its first days:
it enters neither side until its own share is known.
"""

import math

import numpy as np
from numpy.typing import NDArray

from alerts.panel import Bools, Floats, Hours, Panel, days_between
from alerts.policy import Policy
from model.counts import Cells, Counts, Totals

_PRIOR_STORIES = (
    2.0  #: pulls a publisher's share to that of all: two stories are little and stop wild shares of newcomers
)
_CAP_OF_USUAL = 2.0  #: an agency with forty stories a day on a subject may have eighty; a flood has more


def panel_of(counts: Counts, policy: Policy, cap: int = 3) -> Panel:
    """Build the panel of a corpus: counts capped per publisher, measured against what publishers let expect.

    `cap` is the number of stories of one publisher and day that count in a series whatever its habits.
    """
    publishers, days, series = len(counts.publishers), counts.days, len(counts.names)
    live, history = _totals(counts.daily_totals, publishers, days)
    admitted = admission(live, history, policy.admit_days)
    cells = _Cube(counts.daily, series, publishers, days)
    return _panel(counts, cells, live, history, admitted, policy, cap)


def _totals(totals: Totals, publishers: int, days: int) -> tuple[Floats, Floats]:
    live, history = np.zeros((publishers, days)), np.zeros((publishers, days))
    live[totals.publisher, totals.time] = totals.live
    history[totals.publisher, totals.time] = totals.history
    return live, history


def admission(live: Floats, history: Floats, admit_days: int) -> Bools:
    """True from the day on which a publisher has been read for `admit_days` days, history included. Arrays are (K, T).

    Whoever was there when the reading began, on its first day or the next, has been there before: otherwise a corpus
    could not begin. What a first poll brings of earlier weeks does not make the others newcomers.
    """
    days = live.shape[1]
    first = _first_day(live + history)
    begun = _first_day(live).min(initial=days) if live.any() else first.min(initial=days)
    since = np.arange(days)[None, :] - first[:, None]
    admitted: Bools = (since >= admit_days) | ((first[:, None] <= begun + 1) & (since >= 0))
    return admitted


def _first_day(stories: Floats) -> NDArray[np.intp]:
    """Give each publisher's first day with a story; the number of days where there is none."""
    some = stories > 0
    first: NDArray[np.intp] = np.where(some.any(axis=1), some.argmax(axis=1), stories.shape[1])
    return first


class _Cube:
    """The sparse cells, sorted by day, to be unfolded one day at a time: S x K numbers, never S x K x T."""

    def __init__(self, cells: Cells, series: int, publishers: int, days: int) -> None:
        self.shape = series, publishers
        time = np.asarray(cells.time)
        order = np.argsort(time, kind="stable")
        self.edges = np.searchsorted(time[order], np.arange(days + 1))
        self.columns = {
            name: np.asarray(getattr(cells, name))[order]
            for name in ("series", "publisher", "live", "history", "articles")
        }

    def day(self, name: str, day: int) -> Floats:
        """Unfold one measure of one day."""
        cut = slice(self.edges[day], self.edges[day + 1])
        out = np.zeros(self.shape)
        np.add.at(out, (self.columns["series"][cut], self.columns["publisher"][cut]), self.columns[name][cut])
        return out


def _panel(
    counts: Counts, cells: _Cube, live: Floats, history: Floats, admitted: Bools, policy: Policy, cap: int
) -> Panel:
    series, publishers = cells.shape
    shape = series, counts.days
    out = {
        name: np.zeros(shape)
        for name in ("counts", "past_counts", "exposure", "past_exposure", "publishers", "stories")
    }
    decay = 0.5 ** (1.0 / policy.exposure_half_life_days)
    spoken, told, weight = np.zeros((series, publishers)), np.zeros(publishers), 0.0
    spoke = np.full((series, publishers), -math.inf)  # the last day each publisher spoke of each series
    within = tuple(np.zeros(shape) for _ in policy.windows)
    for day in range(counts.days):
        here = admitted[:, day]
        today, before = cells.day("live", day), cells.day("history", day)
        arrived = today + before, live[:, day] + history[:, day]
        # On the very first day nothing is known but the day itself.
        share = _shares(spoken, told) if told.any() else _shares(*arrived)
        usual = told / max(weight, 1e-9)
        out["stories"][:, day] = today.sum(axis=1)
        spoke[cells.day("articles", day) > 0] = day
        out["publishers"][:, day] = (spoke == day).sum(axis=1)
        for length, array in zip(policy.windows, within, strict=True):
            array[:, day] = (spoke > day - length).sum(axis=1)
        out["exposure"][:, day] = share @ np.where(here, live[:, day], 0.0)
        out["past_exposure"][:, day] = share @ np.where(here, live[:, day] + history[:, day], 0.0)
        most = np.maximum(cap, np.ceil(_CAP_OF_USUAL * share * usual))
        out["counts"][:, day] = np.minimum(today, most)[:, here].sum(axis=1)
        out["past_counts"][:, day] = np.minimum(today + before, most)[:, here].sum(axis=1)
        spoken, told, weight = spoken * decay + arrived[0], told * decay + arrived[1], weight * decay + 1.0
    totals = np.broadcast_to(live.sum(axis=0), shape)
    past_totals = np.broadcast_to((live + history).sum(axis=0), shape)
    hours = _hours(counts, shares_now=share, most=most, admitted=admitted[:, -1], policy=policy)
    heard = out["exposure"].copy()
    if hours:
        heard[:, -1] = np.maximum(heard[:, -1], hours[-1].exposure)
    days = days_between(counts.first_day, counts.first_day.fromordinal(counts.first_day.toordinal() + counts.days - 1))
    return Panel(
        names=counts.names,
        days=days,
        totals=totals,
        known=np.broadcast_to((live + history).sum(axis=0) > 0, shape),
        past_totals=past_totals,
        heard=heard,
        usual=out["past_exposure"],
        hours=hours,
        publishers_within=within,
        parents=tuple(_parent(name, counts) for name in counts.names),
        desk_publishers=(live > 0).sum(axis=0).astype(float),
        **out,
    )


def _hours(counts: Counts, *, shares_now: Floats, most: Floats, admitted: Bools, policy: Policy) -> tuple[Hours, ...]:
    """Give the last hours, the longest last; nothing where hours were not counted."""
    if counts.hourly is None or counts.hourly_totals is None:
        return ()
    series, publishers = shares_now.shape
    longest = max(policy.hours)
    cells = _Cube(counts.hourly, series, publishers, longest)
    totals, _ = _totals(counts.hourly_totals, publishers, longest)
    found = []
    for hours in policy.hours:
        told = sum((cells.day("live", h) for h in range(hours)), np.zeros((series, publishers)))
        spread = sum((cells.day("articles", h) for h in range(hours)), np.zeros((series, publishers)))
        total = np.where(admitted, totals[:, :hours].sum(axis=1), 0.0)
        found.append(
            Hours(
                hours=hours,
                counts=np.minimum(told, most)[:, admitted].sum(axis=1),
                exposure=shares_now @ total,
                totals=np.full(series, totals[:, :hours].sum()),
                publishers=(spread > 0).sum(axis=1).astype(float),
            )
        )
    return tuple(found)


def _parent(name: str, counts: Counts) -> str:
    """Give the series a concept is a part of: its category. Everything else stands by itself."""
    category = counts.categories.get(name, "")
    return f"category:{category}" if name.startswith("concept:") and category else ""


def _shares(spoken: Floats, told: Floats) -> Floats:
    """Each publisher's share of stories in each series, pulled to the share over all publishers: (S, K)."""
    overall = (spoken.sum(axis=1) + 0.5) / (told.sum() + 1.0)
    shares: Floats = (spoken + _PRIOR_STORIES) / (told[None, :] + _PRIOR_STORIES / overall[:, None])
    return shares
