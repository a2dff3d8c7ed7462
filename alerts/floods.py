"""Takes floods by one publisher out of counts of which only the number of distinct publishers is known.

Where every publisher's count is known, a cap per publisher does this exactly (alerts.expected). Here the number of
publishers that so many stories usually come from is learnt: N stories come from about a ln(1 + N/a) publishers (Fisher,
Corbet and Williams 1943, for species in a sample; a is the series' own diversity). Stories beyond what today's
publishers would bring, one publisher given on top, are not counted. An event raises both numbers; a flood raises one.
"""

import numpy as np

from alerts.panel import Bools, Floats

_HALF_LIFE_DAYS = 28.0  #: as the baseline's
_SPARE = 1.0  #: publishers granted on top of those seen: their number is itself by chance
_SATURATED = 0.9  #: of all publishers: from there on more stories bring no more of them, and nothing can be told
_LEAST_DAYS = 14  #: of data before anything is taken out
_STEPS = 30  #: of bisection: nine digits
_LARGE = 50.0  #: e^50 stories: no cap at all, and no overflow


def without_floods(counts: Floats, publishers: Floats, known: Bools) -> Floats:
    """Give the counts, each as of its own day, with what one publisher piled up taken out. Arrays are (S, T).

    A negative number of publishers is unknown, and its count is left alone.
    """
    series, days = counts.shape
    told = known & (publishers >= 0)
    kept = counts.copy()
    stories, sources, weight, most, seen = (np.zeros(series) for _ in range(5))
    decay = 0.5 ** (1 / _HALF_LIFE_DAYS)
    for day in range(days):
        here, number = told[:, day], publishers[:, day]
        diversity = _diversity(stories / np.maximum(weight, 1e-9), sources / np.maximum(weight, 1e-9))
        most_stories = diversity * np.expm1(np.minimum((number + _SPARE) / diversity, _LARGE))
        judged = here & (seen >= _LEAST_DAYS) & (number < _SATURATED * most) & (stories > 0)
        kept[:, day] = np.where(judged, np.minimum(counts[:, day], np.ceil(most_stories)), counts[:, day])
        # A day without stories says nothing of where stories come from.
        some = here & (counts[:, day] > 0)
        stories = np.where(some, stories * decay + kept[:, day], stories)
        sources = np.where(some, sources * decay + number, sources)
        weight = np.where(some, weight * decay + 1.0, weight)
        most = np.where(here, np.maximum(most * decay ** (1 / 4), number), most)
        seen = seen + here
    return kept


def _diversity(stories: Floats, sources: Floats) -> Floats:
    """Solve a ln(1 + stories/a) = sources for a; between 0.01 and 1000."""
    low, high = np.full(stories.shape, -2.0), np.full(stories.shape, 3.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        a = 10.0**middle
        fewer = a * np.log1p(stories / a) < sources
        low, high = np.where(fewer, middle, low), np.where(fewer, high, middle)
    diversity: Floats = 10.0 ** ((low + high) / 2)
    return diversity
