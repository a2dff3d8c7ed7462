"""Small worlds of counts for the tests of the alerts room."""

from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.backtest import Told
from alerts.panel import Panel, days_between

FIRST = date(2025, 1, 6)


def panel(counts: Any, totals: Any = 1000.0, **more: Any) -> Panel:
    """Make a panel of (S, T) counts against totals of that shape, or of one number for all."""
    counts = np.atleast_2d(np.asarray(counts, dtype=float))
    totals = np.broadcast_to(np.asarray(totals, dtype=float), counts.shape).copy()
    return Panel(
        names=tuple(f"s{i}" for i in range(len(counts))),
        days=days_between(FIRST, FIRST + timedelta(days=counts.shape[1] - 1)),
        counts=counts,
        exposure=totals,
        totals=totals,
        **{"known": np.ones(counts.shape, dtype=bool), **more},
    )


def quiet(days: int, mean: float = 10, seed: int = 1, series: int = 1) -> NDArray[np.float64]:
    """Poisson counts of series where nothing happens."""
    return np.random.default_rng(seed).poisson(mean, (series, days)).astype(float)


def told(
    days: int, publishers: dict[str, tuple[float, float]], seed: int = 1, start: dict[str, int] | None = None
) -> list[Told]:
    """Make articles: each publisher with stories a day and the share that speaks of `category:war`."""
    rng = np.random.default_rng(seed)
    found = []
    for day in range(days):
        for name, (mean, share) in publishers.items():
            if day < (start or {}).get(name, 0):
                continue
            for i in range(rng.poisson(mean)):
                series = ("category:war",) if rng.random() < share else ()
                found.append(
                    Told(day=FIRST + timedelta(days=day), publisher=name, story=f"{name}/{day}/{i}", series=series)
                )
    return found
