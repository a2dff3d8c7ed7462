"""The life of an alert."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from alerts.decide import Alert, AlertChange, decide
from alerts.detect import evaluate
from alerts.policy import Policy
from alerts.replay import end_of, replay
from model.watch import CalendarRow
from tests.alerts.worlds import FIRST, panel, quiet

POLICY = Policy()


def after_quiet(*days: float, before: int = 60) -> np.ndarray:
    return np.concatenate([quiet(before)[0], np.array(days, dtype=float)])[None, :]


def changes(*days: float, calendar: tuple[CalendarRow, ...] = ()) -> list[AlertChange]:
    return list(replay(evaluate(panel(after_quiet(*days)), POLICY), POLICY, calendar).changes)


def told(found: list[AlertChange]) -> list[tuple[str, str]]:
    return [(c.kind, c.alert.close_reason) for c in found if c.told]


def test_it_opens_when_the_count_jumps_and_closes_after_two_quiet_days() -> None:
    found = changes(60, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10)
    assert told(found)[0] == ("open", "")
    assert told(found)[-1] == ("close", "quiet")
    assert found[0].alert.opened_day == FIRST + timedelta(days=60)


def test_it_is_told_again_when_it_grows() -> None:
    found = changes(30, 80, 200)
    assert [c.kind for c in found if c.told][:2] == ["open", "update"]
    update = next(c for c in found if c.kind == "update")
    assert any("severity rose" in r or "ratio" in r for r in update.reasons)
    assert update.alert.revision == 2


def test_twice_as_many_publishers_are_told() -> None:
    counts = after_quiet(40, 40)
    publishers = np.full(counts.shape, 3.0)
    publishers[0, -1] = 6
    evaluations = evaluate(panel(counts, publishers=publishers), POLICY)
    found = replay(evaluations, POLICY).changes
    assert any("twice as many publishers" in r for c in found for r in c.reasons)


def test_what_lasts_three_weeks_is_the_new_level() -> None:
    # Rising all the time, so that no quiet day closes it before.
    found = changes(*(40 * 1.12**i for i in range(26)))
    assert ("close", "new-level") in told(found)


def test_after_a_close_the_same_needs_a_decade_more() -> None:
    counts = after_quiet(60, *[10.0] * 12)
    evaluations = evaluate(panel(counts), POLICY)
    state, evidence = evaluations.state.copy(), evaluations.evidence.copy()
    column = counts.shape[1] - 1
    day = evaluations.days[column]
    state[0, column], evidence[0, column] = 3, 3.5
    again = replace(evaluations, state=state, evidence=evidence)
    closed = Alert(
        alert_id="x", series="s0", opened_at=end_of(FIRST), opened_day=FIRST, updated_at=end_of(FIRST), updated_day=FIRST,
        severity="watch", observed=1, expected=1, ratio=1, evidence=3, window_days=1, publishers=0, stories=1,
        closed_at=end_of(day - timedelta(days=1)), close_reason="quiet",
    )  # fmt: skip
    assert decide(again, [closed], POLICY, end_of(day)) == []
    evidence[0, column] = 4.1
    assert [c.kind for c in decide(again, [closed], POLICY, end_of(day))] == ["open"]


def test_running_again_tells_nothing_twice() -> None:
    evaluations = evaluate(panel(after_quiet(60)), POLICY)
    now = datetime(2025, 3, 7, 15, tzinfo=UTC)
    first = decide(evaluations, [], POLICY, now)
    assert decide(evaluations, [], POLICY, now) == first
    assert decide(evaluations, [c.alert for c in first], POLICY, now + timedelta(hours=1), hourly=True) == []


def test_a_day_that_is_not_over_is_no_quiet_day() -> None:
    counts = after_quiet(60, *[5.0] * 12)
    evaluations = evaluate(panel(counts), POLICY)
    opened = replay(evaluations, POLICY).changes[0].alert
    quiet_from = next(i for i in range(61, 73) if evaluations.evidence[0, i] < POLICY.keep_evidence)
    kinds = {
        hourly: [
            c.kind
            for c in decide(evaluations, [opened], POLICY, end_of(FIRST), column=quiet_from + 1, hourly=hourly)
            if c.told
        ]
        for hourly in (True, False)
    }
    assert kinds == {True: [], False: ["close"]}


def test_an_alert_whose_stories_are_gone_is_corrected() -> None:
    opened = decide(evaluate(panel(after_quiet(60)), POLICY), [], POLICY, end_of(FIRST))[0].alert
    retracted = evaluate(panel(after_quiet(11)), POLICY)
    change = decide(retracted, [opened], POLICY, end_of(FIRST))[0]
    assert (change.kind, change.alert.close_reason) == ("close", "corrected")


def test_an_anniversary_lowers_the_severity_and_says_so() -> None:
    day = FIRST + timedelta(days=60)
    marked = CalendarRow(date=day.replace(year=2020), name="Anniversary of the ceasefire")
    plain, milder = changes(90)[0], changes(90, calendar=(marked,))[0]
    assert plain.alert.severity == "critical"
    assert milder.alert.severity == "high"
    assert milder.reasons == ("on the calendar: Anniversary of the ceasefire",)


def test_a_day_of_the_calendar_does_not_lower_days_before_it_ever_was() -> None:
    marked = CalendarRow(date=(FIRST + timedelta(days=60)).replace(year=2030), name="later")
    assert changes(90, calendar=(marked,))[0].alert.severity == "critical"
