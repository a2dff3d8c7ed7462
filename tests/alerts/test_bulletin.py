"""One event, one message."""

from datetime import UTC, datetime

from alerts.bulletin import Finding, bulletins
from alerts.decide import Alert, AlertChange

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def finding(
    series: str, stories: set[int], *, kind: str = "open", severity: str = "alert", evidence: float = 4
) -> Finding:
    alert = Alert(
        alert_id=series,
        series=series,
        opened_at=NOW,
        opened_day=NOW.date(),
        updated_at=NOW,
        updated_day=NOW.date(),
        severity=severity,
        observed=len(stories),
        expected=1.0,
        ratio=float(len(stories)),
        evidence=evidence,
        window_days=1,
        publishers=3,
        stories=len(stories),
    )
    return Finding(AlertChange(kind=kind, alert=alert), frozenset(stories))  # type: ignore[arg-type]


def test_changes_on_the_same_stories_are_one_message_under_the_broadest_series() -> None:
    found = bulletins(
        [
            finding("concept:war", {1, 2, 3}, evidence=9),
            finding("category:military", {1, 2, 3, 4}),
            finding("concept:trade_ban", {10, 11, 12}),
            finding("relation:azerbaijan|russia", {2, 3}),
        ]
    )
    assert {b.lead: set(b.others) for b in found} == {1: {0, 3}, 2: set()}


def test_a_rule_of_the_watch_leads_before_categories() -> None:
    [found] = bulletins([finding("category:military", {1, 2}), finding("my-crisis", {1, 2})])
    assert found.lead == 1


def test_an_ending_is_never_told_with_a_beginning() -> None:
    assert len(bulletins([finding("concept:war", {1, 2}), finding("category:military", {1, 2}, kind="close")])) == 2


def test_single_concepts_of_an_event_that_is_known_are_not_told_again() -> None:
    known = [frozenset({1, 2, 3, 4})]
    assert bulletins([finding("concept:war", {1, 2, 9})], known) == []
    assert len(bulletins([finding("concept:war", {7, 8, 9})], known)) == 1
    assert len(bulletins([finding("category:border", {1, 2, 3})], known)) == 1
