"""Within the day: the last hours are tested beside the days, and looking every hour has its price."""

from dataclasses import replace

import numpy as np
import pytest

from alerts.backtest import counts_of
from alerts.detect import NO_DATA, evaluate
from alerts.expected import panel_of
from alerts.policy import Policy
from model.counts import Cells, Counts, Totals
from tests.alerts.worlds import told

POLICY = Policy()
DESK = {"a": (30.0, 0.1), "b": (20.0, 0.1), "c": (10.0, 0.1)}


def so_far(stories: int, total: int, hour: int = 1, day_share: float = 1.0) -> Counts:
    """Counts of forty days whose last is not over: `stories` of `total` by three publishers came in the last hours."""
    counts = counts_of(told(41, DESK, seed=5))
    last = counts.daily.time < 40
    d, t = counts.daily, counts.daily_totals
    keep = t.time < 40
    publishers = np.arange(3)
    return replace(
        counts,
        daily=Cells(
            series=np.append(d.series[last], [0, 0, 0]), publisher=np.append(d.publisher[last], publishers),
            time=np.append(d.time[last], [40] * 3), live=np.append(d.live[last], [stories] * 3),
            history=np.append(d.history[last], [0] * 3), articles=np.append(d.articles[last], [stories] * 3),
        ),
        daily_totals=Totals(
            publisher=np.append(t.publisher[keep], publishers), time=np.append(t.time[keep], [40] * 3),
            live=np.append(t.live[keep], [total] * 3), history=np.append(t.history[keep], [0] * 3),
        ),
        hourly=Cells(
            series=np.zeros(3, int), publisher=publishers, time=np.full(3, hour), live=np.full(3, stories),
            history=np.zeros(3, int), articles=np.full(3, stories),
        ),
        hourly_totals=Totals(
            publisher=np.tile(publishers, 2), time=np.repeat([hour, 20], 3),
            live=np.repeat([total, 15], 3), history=np.zeros(6, int),
        ),
    )  # fmt: skip


def test_a_burst_of_the_last_hours_is_found_before_the_day_is_over() -> None:
    found = evaluate(panel_of(so_far(stories=4, total=5), POLICY), POLICY, last=1)
    assert found.window[0, 0] in {3 / 24, 6 / 24, 1.0}
    assert found.evidence[0, 0] > 2.2
    # Four stories each, of which the smallest publisher may bring three.
    assert found.observed[0, 0] == 11


def test_hours_must_be_rarer_by_the_number_of_looks() -> None:
    panel = panel_of(so_far(stories=2, total=4), POLICY)
    alone = replace(panel, hours=())
    dear = replace(POLICY, looks_a_day=1e6)
    assert evaluate(panel, dear, last=1).evidence[0, 0] == pytest.approx(
        evaluate(alone, POLICY, last=1).evidence[0, 0], abs=1e-12
    )
    assert evaluate(panel, POLICY, last=1).evidence[0, 0] >= evaluate(alone, POLICY, last=1).evidence[0, 0]


def test_the_small_hours_are_no_outage() -> None:
    found = evaluate(panel_of(so_far(stories=0, total=1), POLICY), POLICY, last=1)
    assert found.state[0, 0] > NO_DATA
