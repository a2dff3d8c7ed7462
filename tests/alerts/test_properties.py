"""What has to hold whatever the counts are."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alerts.backtest import backtest, counts_of
from alerts.detect import NO_DATA, WATCH, evaluate
from alerts.evaluation_rows import to_evaluation_rows
from alerts.expected import panel_of
from alerts.policy import DASHBOARD_EVIDENCE, Policy
from alerts.replay import end_of, replay
from alerts.walk import walk
from tests.alerts.worlds import FIRST, panel, quiet, told

MANY = settings(max_examples=25, deadline=None)
COUNTS = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(20, 60)), elements=st.integers(0, 40))


@pytest.mark.parametrize("mean", [0.5, 2.0, 10.0, 60.0])
@pytest.mark.parametrize("evidence", [DASHBOARD_EVIDENCE, 3.0])
def test_flat_series_alarm_at_no_more_than_the_promised_rate(mean: float, evidence: float) -> None:
    policy = Policy(evidence=evidence)
    evaluations = evaluate(panel(quiet(228, mean, seed=int(mean * 10), series=150)), policy)
    days = evaluations.state[:, 28:]
    assert (days >= WATCH).mean() <= 10**-evidence


@MANY
@given(COUNTS, st.integers(2, 5), st.integers(0, 2))
def test_when_totals_and_counts_double_the_ratio_and_the_share_stay(
    counts: np.ndarray, times: int, window: int
) -> None:
    policy = Policy()
    days = policy.windows[window]
    totals = np.full(counts.shape, 200.0)
    louder, more = counts.copy(), totals.copy()
    louder[:, -days:] *= times
    more[:, -days:] *= times
    last = counts.shape[1] - 1
    one, two = (
        next(iter(walk(panel(x, n), policy, first=last))).tested[window] for x, n in ((counts, totals), (louder, more))
    )
    assert np.allclose(two.observed, times * one.observed, rtol=1e-12)
    assert np.allclose(two.expected, times * one.expected, rtol=1e-12)


def test_a_newsroom_that_grows_does_not_raise_a_series_that_keeps_its_share() -> None:
    rng = np.random.default_rng(4)
    totals = np.where(np.arange(120) < 90, 500.0, 1000.0)
    counts = rng.poisson(0.02 * totals, (200, 120))
    evaluations = evaluate(panel(counts, totals), Policy(evidence=DASHBOARD_EVIDENCE))
    grown = evaluations.ratio[:, 97:]
    assert 0.95 < grown.mean() / evaluations.ratio[:, 60:90].mean() < 1.05
    assert (evaluations.state[:, 90:] >= WATCH).mean() <= 10**-DASHBOARD_EVIDENCE


@MANY
@given(COUNTS, st.integers(15, 19), st.integers(1, 4))
def test_an_outage_is_never_quiet_and_never_opens_or_closes(counts: np.ndarray, start: int, length: int) -> None:
    totals = np.full(counts.shape, 300.0)
    totals[:, start : start + length] = 0
    counts = counts.copy()
    counts[:, start : start + length] = 0
    evaluations = evaluate(panel(counts, totals), Policy(evidence=1.4))
    assert (evaluations.state[:, start : start + length] == NO_DATA).all()
    silent = {FIRST + timedelta(days=d) for d in range(start, start + length)}
    changes = replay(evaluations, Policy(evidence=1.4)).changes
    assert not [c for c in changes if c.kind != "keep" and c.alert.updated_at.date() in silent]


def test_an_open_alert_outlives_an_outage() -> None:
    counts = quiet(60)
    counts[0, 50:] = 60
    totals = np.full(counts.shape, 1000.0)
    counts[0, 52:57], totals[0, 52:57] = 0, 100
    alerts = replay(evaluate(panel(counts, totals), Policy()), Policy()).alerts
    assert [a.closed_at for a in alerts] == [None]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.floats(0.02, 0.9))
def test_a_new_publisher_never_alarms_by_its_arrival(seed: int, share: float) -> None:
    desk = {"a": (30.0, 0.1), "b": (20.0, 0.05), "c": (10.0, 0.2), "new": (40.0, share)}
    articles = told(90, desk, seed=seed, start={"new": 50})
    with_it = backtest(articles, Policy())
    without = backtest([t for t in articles if t.publisher != "new"], Policy())
    opened = {a.opened_day for a in with_it.alerts} - {a.opened_day for a in without.alerts}
    assert not [d for d in opened if d >= FIRST + timedelta(days=50)]


def test_running_again_gives_the_same_rows() -> None:
    counts = quiet(80, seed=9, series=5)
    counts[2, 70:] *= 4
    rows = [
        list(to_evaluation_rows(evaluate(panel(counts), Policy()), as_of=end_of(FIRST), code_version="1", watermark=7))
        for _ in range(2)
    ]
    assert rows[0] == rows[1]
    lives = [replay(evaluate(panel(counts), Policy()), Policy()) for _ in range(2)]
    assert lives[0].changes == lives[1].changes
    assert lives[0].alerts


@MANY
@given(COUNTS, st.integers(16, 19))
def test_a_day_is_tested_with_nothing_that_came_after_it(counts: np.ndarray, day: int) -> None:
    whole = panel(counts)
    then = evaluate(whole.until(day), Policy(), last=1)
    now = evaluate(whole, Policy())
    for name in ("observed", "expected", "variance", "evidence", "p", "state"):
        assert np.array_equal(getattr(then, name)[:, 0], getattr(now, name)[:, day])


def test_history_teaches_the_baseline_and_opens_nothing_by_arriving() -> None:
    counts = quiet(60)
    counts[0, 55:] = 0
    flood = counts.copy()
    flood[0, 55] = 200
    totals = np.full(counts.shape, 1000.0)
    given = panel(counts, totals, past_counts=flood, past_exposure=totals, past_totals=totals)
    evaluations = evaluate(given, Policy())
    assert (evaluations.state[0, 55:] < WATCH).all()
    assert evaluations.expected[0, -1] > 0


def test_days_of_history_alone_end_the_warming_up() -> None:
    counts = quiet(40)
    totals = np.full(counts.shape, 1000.0)
    live_counts, live_totals = counts.copy(), totals.copy()
    live_counts[:, :39], live_totals[:, :39] = 0, 0
    given = panel(live_counts, live_totals, past_counts=counts, past_exposure=totals, past_totals=totals)
    evaluations = evaluate(given, Policy(), last=1)
    assert evaluations.state[0, 0] > NO_DATA
    # Whatever the window, one day of it is live.
    assert evaluations.expected[0, 0] == pytest.approx(10, rel=0.35)


def test_counts_in_any_order_of_arrival_give_the_same_panel() -> None:
    articles = told(40, {"a": (20.0, 0.2), "b": (10.0, 0.1)})
    by_day = sorted(articles, key=lambda t: (t.day, t.story), reverse=False)
    one, two = (panel_of(counts_of(order), Policy()) for order in (articles, sorted(by_day, key=lambda t: t.day)))
    assert np.array_equal(one.counts, two.counts)
    assert np.allclose(one.exposure, two.exposure, rtol=1e-12)


def test_policy_text_is_stable_and_its_hash_follows_the_rule() -> None:
    policy = Policy()
    assert policy.as_json() == Policy().as_json()
    assert policy.rule_hash("a") != policy.rule_hash("b")
    assert policy.rule_hash("a") != replace(policy, min_ratio=2.0).rule_hash("a")
