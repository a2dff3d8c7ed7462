"""The annual factor: what the same weeks of last year had more than its own baseline then expected.

A trailing baseline is late for a summer lull or a yearly summit. Once a year of history exists, the counts within three
weeks of the same day last year are held against what had been expected of each of those days. Days that stood out are
left out: last year's war is no season.
"""

import numpy as np

from alerts.baseline import Tested
from alerts.panel import Floats
from alerts.policy import Policy

_YEAR_DAYS = 364  #: 52 weeks: the same weekday


class Season:
    """Running sums of what was seen and expected, day by day, of S series."""

    def __init__(self, series: int, days: int, policy: Policy) -> None:
        """Know nothing yet; `days` is how long the walk will be, for a short one needs no sums."""
        self.policy = policy
        self.idle = days <= _YEAR_DAYS
        self.seen: list[Floats] = [np.zeros(series)]
        self.expected: list[Floats] = [np.zeros(series)]

    def factor(self, day: int) -> Floats:
        """Give the factor of a day, from days before it alone; 1 until there is a year."""
        middle, half, prior = day - _YEAR_DAYS, self.policy.season_days, self.policy.season_prior
        if middle < half:
            return np.ones_like(self.seen[0])
        low, high = middle - half, min(middle + half + 1, len(self.seen) - 1)
        seen, expected = self.seen[high] - self.seen[low], self.expected[high] - self.expected[low]
        factor: Floats = (seen + prior) / (expected + prior)
        return factor

    def after(self, tested: Tested, residual: Floats) -> None:
        """Take one day in, unless it stood out."""
        if self.idle:
            return
        usual = np.abs(residual) <= self.policy.omega_from
        self.seen.append(self.seen[-1] + usual * tested.observed)
        self.expected.append(self.expected[-1] + usual * tested.expected)
