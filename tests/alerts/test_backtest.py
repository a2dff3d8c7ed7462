"""Backtests: as of each day, held against events; candidate rules in the shadow of the live one; the season."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from alerts.backtest import OTHERS, Share, Told, backtest, compare, counts_of
from alerts.detect import evaluate
from alerts.policy import DASHBOARD_EVIDENCE, Policy
from model.watch import CalendarRow
from tests.alerts.worlds import FIRST, panel, told

DESK = dict.fromkeys("abcdefgh", (12.0, 0.05))
POLICY = Policy()


def burst(day: int, stories: int = 6) -> list[Told]:
    return [
        Told(day=FIRST + timedelta(days=day), publisher=p, story=f"burst {day} {p} {i}", series=("category:war",))
        for p in DESK
        for i in range(stories)
    ]


def event(day: int, name: str = "it happened") -> CalendarRow:
    return CalendarRow(date=FIRST + timedelta(days=day), name=name)


def test_an_event_is_found_with_its_lead_and_the_rest_is_false() -> None:
    articles = told(120, DESK) + burst(60) + burst(100)
    result = backtest(articles, POLICY, events=[event(61), event(20, "missed"), event(999, "outside")])
    assert (result.sensitivity.found, result.sensitivity.of) == (1, 2)
    assert [e.lead_days for e in result.events if e.alert] == [1]
    assert [e.name for e in result.misses] == ["missed"]
    assert [a.opened_day for a in result.false] == [FIRST + timedelta(days=100)]
    assert (result.episodes.found, result.episodes.of) == (1, 2)
    rate, low, high = result.false_a_year
    assert rate == pytest.approx(365.25 / 120)
    assert low < rate < high


def test_what_comes_later_changes_no_earlier_alert() -> None:
    articles = told(120, DESK) + burst(60)
    early = backtest([t for t in articles if t.day < FIRST + timedelta(days=80)], POLICY)
    late = backtest(articles, POLICY)
    assert early.alerts[0].opened_at == late.alerts[0].opened_at
    # Publishers may stand in another order, and sums of floats know it.
    assert early.alerts[0].evidence == pytest.approx(late.alerts[0].evidence, rel=1e-12)


def test_the_order_of_articles_within_the_run_changes_nothing() -> None:
    articles = told(80, DESK) + burst(60)
    assert backtest(articles, POLICY).alerts == backtest(articles[::-1], POLICY).alerts


def test_a_candidate_rule_shows_what_it_would_have_changed() -> None:
    articles = told(120, DESK) + burst(60) + burst(90, stories=3)
    live = backtest(articles, POLICY)
    candidate = backtest(articles, replace(POLICY, evidence=DASHBOARD_EVIDENCE))
    shown = compare(live, candidate)
    assert len(shown.both) == len(live.alerts)
    assert shown.only_live == ()
    assert len(shown.only_candidate) == len(candidate.alerts) - len(live.alerts)


def test_a_thousand_small_publishers_share_a_name() -> None:
    articles = [Told(day=FIRST, publisher=f"p{i}", story=str(i), series=("category:war",)) for i in range(400)]
    counts = counts_of(articles)
    assert counts.publishers[-1] == OTHERS
    assert sum(counts.daily_totals.live) == 400


def test_nothing_cannot_be_replayed_and_nothing_said_alarms_nobody() -> None:
    with pytest.raises(ValueError, match="nothing"):
        counts_of([])
    silent = [Told(day=FIRST + timedelta(days=i), publisher="a", story=str(i), series=()) for i in range(40)]
    assert backtest(silent, POLICY).alerts == ()


def test_a_share_has_the_interval_of_wilson() -> None:
    low, high = Share(found=8, of=10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Share(found=0, of=0).interval == (0.0, 1.0)


def test_a_season_that_comes_back_is_expected_the_second_time() -> None:
    rng = np.random.default_rng(6)
    days = 760
    yearly = 1 + 0.9 * np.maximum(0, np.sin(2 * np.pi * np.arange(days) / 364)) ** 8
    counts = rng.poisson(40 * yearly, (40, days))
    with_season = evaluate(panel(counts), POLICY)
    without = evaluate(panel(counts), replace(POLICY, season_prior=1e12))
    rise = slice(364 + 60, 364 + 95)
    assert np.abs(np.log(with_season.ratio[:, rise])).mean() < 0.7 * np.abs(np.log(without.ratio[:, rise])).mean()
    assert np.array_equal(with_season.expected[:, :300], without.expected[:, :300])


def test_days_of_a_backtest_are_those_of_its_articles() -> None:
    assert counts_of(burst(3) + burst(9)).days == 7
    assert counts_of(burst(3)).first_day == date(2025, 1, 9)
