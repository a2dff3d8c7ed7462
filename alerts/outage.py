"""No data is not calm: the days on which too little arrived to say anything."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from alerts.panel import Bools, Floats, weekdays
from alerts.policy import Policy

_MEMORY_DAYS = 28  #: the usual total is that of the last four weeks with data
_LEAST_DAYS = 7  #: below a week nothing is usual yet


def outages(heard: Floats, totals: Floats, days: Sequence[date], policy: Policy) -> Bools:
    """True where what was heard is 0 or under `outage_share` of the usual total. All arrays are (S, T).

    Usual is the lower of two medians of `totals`, over the same weekday and over all days of the last four weeks,
    outages left out: a quiet Sunday is no outage, nor is a quiet first Saturday.
    """
    rows, which = _distinct(np.concatenate([heard, totals], axis=1))  # most series share their totals
    heard, totals = heard[rows], totals[rows]
    weekday = weekdays(days)
    out = heard <= 0
    empty = totals <= 0
    for day in range(_LEAST_DAYS, len(days)):
        usual = policy.outage_share * _usual(totals, empty, weekday, day)
        out[:, day] |= heard[:, day] < usual
        empty[:, day] |= totals[:, day] < usual
    result: Bools = out[which]
    return result


def _distinct(lines: Floats) -> tuple[list[int], list[int]]:
    """Give the first row of each different line, and for each row the place of its line among them."""
    place: dict[bytes, int] = {}
    rows: list[int] = []
    which: list[int] = []
    for row, line in enumerate(lines):
        number = place.setdefault(line.tobytes(), len(place))
        if number == len(rows):
            rows.append(row)
        which.append(number)
    return rows, which


def _usual(lines: Floats, out: Bools, weekday: NDArray[np.intp], day: int) -> Floats:
    recent = slice(max(0, day - _MEMORY_DAYS), day)
    good = np.where(out[:, recent], np.nan, lines[:, recent])
    overall = _median(good)
    same = _median(good[:, weekday[recent] == weekday[day]])
    usual = np.fmin(overall, same)
    enough = np.isfinite(good).sum(axis=1) >= _LEAST_DAYS
    return np.where(enough & np.isfinite(usual), usual, 0.0)


def _median(values: Floats) -> Floats:
    """Median of each row without its NaN; NaN where a row has nothing. numpy's own warns and crawls."""
    ordered = np.sort(values, axis=1)  # NaN sorts last
    number = np.isfinite(values).sum(axis=1)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    pick = np.arange(len(values))
    low, high = np.maximum(number - 1, 0) // 2, np.minimum(number // 2, values.shape[1] - 1)
    middle: Floats = (ordered[pick, low] + ordered[pick, high]) / 2
    return np.where(number > 0, middle, np.nan)
