"""Silence, first times, discovery by levels, budget and calibration, floods, expected counts by publisher."""

from datetime import timedelta

import numpy as np
import pytest

from alerts.backtest import counts_of
from alerts.budget import budget, false_alerts_a_month, within_budget
from alerts.calibrate import calibrate, health
from alerts.decide import decide
from alerts.detect import ALERT, NO_DATA, QUIET, WATCH, evaluate
from alerts.drops import drops, publisher_panel
from alerts.every_rule import category_of, evaluate_counts
from alerts.expected import admission, panel_of
from alerts.findings import joined
from alerts.floods import without_floods
from alerts.multiplicity import benjamini_hochberg, discovered
from alerts.novelty import novelties
from alerts.policy import Policy
from alerts.replay import end_of
from model.config import Detection
from tests.alerts.worlds import FIRST, panel, quiet, told

POLICY = Policy()


def test_a_publisher_that_falls_silent_is_a_drop_and_its_side_too() -> None:
    desk = {"trend": (20.0, 0.1), "apa": (15.0, 0.1), "tass": (25.0, 0.1)}
    articles = [t for t in told(60, desk) if t.publisher == "tass" or t.day < FIRST + timedelta(days=55)]
    given = publisher_panel(counts_of(articles), {"trend": "AZ", "apa": "AZ", "tass": "RU"})
    found = drops(given, POLICY, last=1)
    silent = {n for n, s in zip(found.names, found.state[:, 0], strict=True) if s >= WATCH}
    assert silent == {"drop:publisher:trend", "drop:publisher:apa", "drop:side:AZ"}
    assert found.state[found.names.index("drop:side:AZ"), 0] == ALERT


def test_an_outage_of_ours_is_no_drop() -> None:
    desk = {"trend": (20.0, 0.1), "tass": (25.0, 0.1)}
    counts = counts_of([t for t in told(60, desk) if t.publisher == "tass" or t.day < FIRST + timedelta(days=55)])
    reached = np.ones((len(counts.publishers), counts.days), dtype=bool)
    reached[counts.publishers.index("trend"), 55:] = False
    found = drops(publisher_panel(counts, {}, reached), POLICY, last=1)
    assert found.state[found.names.index("drop:publisher:trend"), 0] == NO_DATA


def test_quiet_series_rarely_drop() -> None:
    found = drops(panel(quiet(160, 6, series=100)), POLICY)
    assert (found.state[:, 40:] >= WATCH).mean() < 1e-3


def test_a_drop_lives_the_life_of_an_alert() -> None:
    counts = quiet(60, 20)
    counts[0, 54:] = 0
    found = drops(panel(counts), POLICY)
    change = decide(found, [], POLICY, end_of(FIRST))[0]
    assert (change.kind, change.alert.series) == ("open", "drop:s0")


def test_what_was_never_told_of_is_a_first_time_once() -> None:
    counts = np.zeros((2, 60))
    counts[0, 57], counts[1, 10], counts[1, 57] = 4, 30, 4
    publishers = np.minimum(counts, 3)
    found = novelties(panel(counts, publishers=publishers), POLICY)
    assert found.state[0, 57:].tolist() == [WATCH, WATCH, WATCH]
    assert (found.state[1, 28:] == QUIET).all()


def test_one_publisher_alone_makes_no_first_time() -> None:
    counts = np.zeros((1, 60))
    counts[0, 57] = 9
    found = novelties(panel(counts, publishers=np.minimum(counts, 1)), POLICY)
    assert (found.state[0, 28:] == QUIET).all()


def test_evaluations_of_several_rules_stand_under_one_another() -> None:
    given = panel(quiet(60, series=2))
    both = joined(evaluate(given, POLICY, last=3), novelties(given, POLICY, last=3))
    assert both.names == ("s0", "s1", "novelty:s0", "novelty:s1")
    assert both.evidence.shape == (4, 3)
    with pytest.raises(ValueError, match="days"):
        joined(evaluate(given, POLICY, last=3), novelties(given, POLICY, last=2))


def test_benjamini_and_hochberg_by_hand() -> None:
    p = np.array([0.001, 0.2, 0.012, 0.03, 0.9])
    assert benjamini_hochberg(p, 0.05).tolist() == [True, False, True, True, False]
    assert not benjamini_hochberg(np.array([]), 0.05).size


def test_concepts_are_looked_at_inside_the_categories_that_were_found() -> None:
    names = ("category:a", "category:b", "concept:x", "concept:y", "relation:r|s")
    parents = ("", "", "category:a", "category:b", "")
    found = discovered(np.array([5.0, 0.2, 3.0, 3.0, 4.0]), parents, names, 0.1)
    assert found.tolist() == [True, False, True, False, True]


def test_what_is_not_discovered_stays_on_the_dashboard() -> None:
    counts = np.concatenate([quiet(60, series=2), [[0.0] * 60]])
    counts[1, 59] = 60
    given = panel(counts, parents=("", "s0", ""))
    assert evaluate(given, POLICY, last=1).state[:, 0].tolist()[1] == WATCH
    assert evaluate(panel(counts), POLICY, last=1).state[1, 0] > ALERT


def test_a_budget_sets_the_evidence_and_the_promise_is_kept_on_quiet_days() -> None:
    series, promised = 120, 4.0
    policy = within_budget(POLICY, Detection(max_alerts_per_month=promised), series)
    assert false_alerts_a_month(policy.evidence, series) == pytest.approx(promised, rel=0.01)
    evaluations = evaluate(panel(quiet(200, 8, series=series)), policy)
    opened = sum(
        len(decide(evaluations, [], policy, end_of(d), column=i)) for i, d in enumerate(evaluations.days) if i >= 28
    )
    assert opened <= promised * 172 / 30.4 * 1.3
    assert budget(policy, series, alerts=10, days=61).realised == pytest.approx(5, rel=0.01)
    assert budget(policy, series, alerts=0, days=0).realised is None


def test_a_named_evidence_is_not_overruled_by_a_budget() -> None:
    named = Detection(evidence=2.5, max_alerts_per_month=1)
    assert within_budget(Policy.of(named), named, 100).evidence == 2.5
    assert within_budget(POLICY, Detection(), 100) is POLICY


def test_calibration_counts_quiet_days_and_leaves_real_ones_out() -> None:
    counts = quiet(150, 12, series=60)
    counts[:30, 100:106] *= 4
    evaluations = evaluate(panel(counts), POLICY)
    real = np.zeros(counts.shape, dtype=bool)
    real[:30, 100:113] = True
    honest, naive = calibrate(evaluations, real), calibrate(evaluations)
    assert health(honest) < 2 < health(naive)
    # Poisson counts are tamer than news, so there may be warnings of too few.
    assert not any(c.warning for c in honest if c.health > 1)
    assert any("times as often as promised" in c.warning for c in naive)


def test_too_few_days_give_no_warning() -> None:
    found = calibrate(evaluate(panel(quiet(40)), POLICY))
    assert not any(c.warning for c in found)
    assert health(found) == 1.0


def test_a_flood_by_one_publisher_is_taken_out_and_an_event_is_not() -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson(5, (1, 80)).astype(float)
    publishers = np.ceil(6 * np.log1p(counts / 6))
    counts[0, 60], publishers[0, 60] = 20, 4
    counts[0, 70], publishers[0, 70] = 20, 9
    kept = without_floods(counts, publishers, np.ones(counts.shape, dtype=bool))
    assert kept[0, 60] < 12
    assert kept[0, 70] == 20
    assert np.array_equal(without_floods(counts, np.full(counts.shape, -1.0), np.ones(counts.shape, bool)), counts)


def test_stories_of_one_publisher_count_up_to_the_cap_or_twice_its_habit() -> None:
    desk = {"agency": (60.0, 0.5), "a": (10.0, 0.2), "b": (10.0, 0.2)}
    articles = told(40, desk)
    last = FIRST + timedelta(days=39)
    flood = list(told(1, {"a": (40.0, 1.0)}, seed=8))
    extra = [type(t)(day=last, publisher="a", story=f"flood{t.story}", series=t.series) for t in flood]
    plain, flooded = (panel_of(counts_of(x), POLICY).counts[0, -1] for x in (articles, [*articles, *extra]))
    assert flooded - plain <= 6
    agency = panel_of(counts_of([t for t in articles if t.publisher == "agency"]), POLICY)
    assert agency.counts[0, 20:].mean() > 25


def test_expected_counts_follow_the_publishers_that_are_there() -> None:
    desk = {"speaks": (20.0, 0.5), "silent": (80.0, 0.0)}
    articles = [t for t in told(60, desk) if t.publisher == "speaks" or t.day < FIRST + timedelta(days=50)]
    evaluations = evaluate(panel_of(counts_of(articles), POLICY), POLICY)
    # Four fifths of the news are gone, yet none of them spoke of it.
    assert evaluations.expected[0, -1] / evaluations.window[0, -1] == pytest.approx(10, rel=0.25)
    assert (evaluations.state[0, 20:] < WATCH).all()


def test_every_rule_stands_in_one_set_of_evaluations() -> None:
    desk = {"trend": (20.0, 0.1), "tass": (25.0, 0.1)}
    counts = counts_of([t for t in told(60, desk) if t.publisher == "tass" or t.day < FIRST + timedelta(days=55)])
    found = evaluate_counts(counts, POLICY, last=3)
    assert found.names[:2] == ("category:war", "novelty:category:war")
    assert found.state[found.names.index("drop:publisher:trend"), -1] >= WATCH
    assert [category_of(n, {"category:war": "war"}) for n in found.names[:2]] == ["war", "novelty"]


def test_publishers_are_shadowed_only_when_they_join_later() -> None:
    live, history = np.zeros((4, 40)), np.zeros((4, 40))
    live[0, 20:], live[1, 21:], live[2, 30:] = 1, 1, 1
    history[0, 2], history[3, 5] = 9, 9
    admitted = admission(live, history, 14)
    assert admitted[0, 2:].all()
    assert admitted[1, 21:].all()
    assert not admitted[1, :21].any()
    assert not admitted[2].any()
    assert admission(np.zeros((1, 3)), np.ones((1, 3)), 14).all()
