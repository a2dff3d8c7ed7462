"""When to ask again: tempo, wishes, failures, moves, lies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.schedule import GONE_INTERVAL_S, may_have_missed, next_state
from model.config import Schedule
from model.outcomes import FetchOutcome, RejectReason
from model.records import Entry, FeedState, Fetched, ParsedFeed, RejectedEntry, Validators

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BOUNDS = Schedule()
URL = "https://example.org/rss"
HOUR = timedelta(hours=1)
FRESH = FeedState(url=URL, publisher="p", poll_url=URL)
KNOWN = replace(FRESH, interval_s=3_600, first_polled_at=NOW - 9 * HOUR, last_ok_at=NOW - HOUR, last_new_at=NOW - HOUR)


def answer(outcome: FetchOutcome = FetchOutcome.OK, body: bytes = b"<rss/>", **more: object) -> Fetched:
    return Fetched(url=URL, final_url=URL, fetched_at=NOW, outcome=outcome, body=body, **more)  # type: ignore[arg-type]


def feed(count: int, gap: timedelta = HOUR, ttl_s: int | None = None) -> ParsedFeed:
    entries = (Entry(entry_id=str(n), url=f"{URL}/{n}", title="", published_at=NOW - n * gap) for n in range(count))
    return ParsedFeed(title="", entries=tuple(entries), ttl_s=ttl_s)


def wait_s(state: FeedState) -> float:
    assert state.next_poll_at is not None
    return (state.next_poll_at - NOW).total_seconds()


# --- tempo --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap_minutes", "interval_s"), [(1, 300), (20, 600), (120, 3_600), (60 * 24 * 7, 86_400)])
def test_the_interval_is_half_the_gap_between_items_within_bounds(gap_minutes: int, interval_s: int) -> None:
    after = next_state(FRESH, answer(), feed(20, timedelta(minutes=gap_minutes)), 20, NOW, BOUNDS)
    assert after.interval_s == interval_s


def test_a_feed_whose_dates_say_nothing_is_asked_twice_an_hour() -> None:
    parsed = ParsedFeed(title="", entries=(Entry(entry_id="1", url=URL, title=""),))
    assert next_state(FRESH, answer(), parsed, 1, NOW, BOUNDS).interval_s == 1_800


def test_a_silent_feed_is_asked_less_and_less_but_once_a_day() -> None:
    silent = replace(KNOWN, last_new_at=NOW - timedelta(days=5))
    assert next_state(silent, answer(FetchOutcome.NOT_MODIFIED), None, 0, NOW, BOUNDS).interval_s == 43_200
    dead = replace(KNOWN, last_new_at=NOW - timedelta(days=500))
    assert next_state(dead, answer(FetchOutcome.NOT_MODIFIED), None, 0, NOW, BOUNDS).interval_s == 86_400


def test_a_silent_feed_that_speaks_again_gets_its_tempo_back() -> None:
    silent = replace(KNOWN, interval_s=43_200, last_new_at=NOW - timedelta(days=5))
    assert next_state(silent, answer(), feed(20, timedelta(minutes=20)), 3, NOW, BOUNDS).interval_s == 600


def test_items_that_may_have_scrolled_off_shorten_the_interval() -> None:
    parsed = feed(10, timedelta(days=1))
    assert may_have_missed(KNOWN, parsed, 10)
    assert next_state(KNOWN, answer(), parsed, 10, NOW, BOUNDS).interval_s == 1_200  # an hour replaced all ten
    assert not may_have_missed(KNOWN, parsed, 9)
    assert not may_have_missed(FRESH, parsed, 10)


def test_a_feed_without_dates_is_timed_by_what_it_brings() -> None:
    parsed = replace(feed(30), entries=tuple(replace(entry, published_at=None) for entry in feed(30).entries))
    slow = replace(KNOWN, interval_s=86_400, last_ok_at=NOW - 24 * HOUR)
    assert next_state(slow, answer(), parsed, 12, NOW, BOUNDS).interval_s == 3_600


def test_an_index_of_sitemaps_is_always_asked_for_whole() -> None:
    index = ParsedFeed(title="", entries=(), children=("https://example.org/a.xml",))
    after = next_state(KNOWN, answer(headers={"etag": '"1"'}), index, 0, NOW, BOUNDS)
    assert after.validators == Validators()


def test_rejected_items_count_as_items_of_the_feed() -> None:
    parsed = replace(feed(5), rejected=(RejectedEntry(reason=RejectReason.NO_LINK, excerpt=""),))
    assert not may_have_missed(KNOWN, parsed, 5)


# --- wishes --------------------------------------------------------------------------------------------------------------


def test_ttl_and_cache_control_are_honoured() -> None:
    assert next_state(KNOWN, answer(), feed(50, HOUR / 6, ttl_s=7_200), 1, NOW, BOUNDS).interval_s == 7_200
    cached = answer(headers={"cache-control": "public, max-age=5400"})
    assert next_state(KNOWN, cached, feed(50, HOUR / 6), 1, NOW, BOUNDS).interval_s == 5_400


def test_a_wish_never_costs_items_nor_exceeds_the_bounds() -> None:
    assert next_state(KNOWN, answer(), feed(10, HOUR / 6, ttl_s=80_000), 5, NOW, BOUNDS).interval_s == 2_000
    assert next_state(FRESH, answer(), feed(500, ttl_s=9_000_000), 500, NOW, BOUNDS).interval_s == 86_400


@pytest.mark.parametrize("outcome", [FetchOutcome.RATE_LIMITED, FetchOutcome.SERVER_ERROR, FetchOutcome.OK])
def test_retry_after_is_never_undercut_not_even_by_the_bounds(outcome: FetchOutcome) -> None:
    after = next_state(KNOWN, answer(outcome, retry_after_s=200_000), feed(3), 1, NOW, BOUNDS)
    assert wait_s(after) >= 200_000


# --- failures -------------------------------------------------------------------------------------------------------------


def test_failures_back_off_linearly_soft_ones_half_as_fast_and_none_kills() -> None:
    def waits(outcome: FetchOutcome, count: int) -> list[float]:
        state, found = KNOWN, []
        for _ in range(count):
            state = next_state(state, answer(outcome), None, 0, NOW, BOUNDS)
            found.append(wait_s(state))
        return found

    assert waits(FetchOutcome.NOT_FOUND, 3) == [7_200, 10_800, 14_400]
    assert waits(FetchOutcome.TIMEOUT, 3) == [5_400, 7_200, 9_000]
    assert waits(FetchOutcome.NOT_A_FEED, 1_000)[-1] == 86_400


def test_one_good_answer_forgets_all_failures() -> None:
    after = next_state(replace(KNOWN, failures=40), answer(), feed(10), 1, NOW, BOUNDS)
    assert after.failures == 0
    assert after.interval_s == 1_800


def test_a_failure_changes_neither_validators_nor_history() -> None:
    state = replace(KNOWN, validators=Validators(etag='"1"', body_hash="h"))
    after = next_state(state, answer(FetchOutcome.SERVER_ERROR, body=b""), None, 0, NOW, BOUNDS)
    assert (after.validators, after.last_ok_at, after.last_new_at) == (
        state.validators,
        state.last_ok_at,
        state.last_new_at,
    )
    assert after.last_outcome is FetchOutcome.SERVER_ERROR


def test_a_feed_that_never_answered_keeps_its_first_poll_to_come() -> None:
    assert next_state(FRESH, answer(FetchOutcome.TIMEOUT), None, 0, NOW, BOUNDS).first_polled_at is None
    assert next_state(FRESH, answer(), feed(1), 1, NOW, BOUNDS).first_polled_at == NOW


def test_gone_is_asked_once_a_week() -> None:
    assert wait_s(next_state(KNOWN, answer(FetchOutcome.GONE), None, 0, NOW, BOUNDS)) == GONE_INTERVAL_S


# --- moves ----------------------------------------------------------------------------------------------------------------


def test_a_permanent_move_is_followed_and_given_up_when_it_fails_for_good() -> None:
    moved = next_state(KNOWN, answer(moved_to="https://new.org/rss"), feed(3), 1, NOW, BOUNDS)
    assert (moved.url, moved.poll_url) == (URL, "https://new.org/rss")
    assert next_state(moved, answer(FetchOutcome.TIMEOUT), None, 0, NOW, BOUNDS).poll_url == "https://new.org/rss"
    assert next_state(moved, answer(FetchOutcome.NOT_FOUND), None, 0, NOW, BOUNDS).poll_url == URL


def test_a_move_to_what_is_no_feed_is_not_followed() -> None:
    after = next_state(
        KNOWN, answer(FetchOutcome.NOT_A_FEED, moved_to="https://parking.example/"), None, 0, NOW, BOUNDS
    )
    assert after.poll_url == URL


# --- validators -------------------------------------------------------------------------------------------------------------


def test_validators_are_kept_as_they_came() -> None:
    headers = {"etag": 'W/"1"', "last-modified": "Mon, 02 Mar 2026 10:00:00 GMT"}
    known = next_state(KNOWN, answer(headers=headers), feed(3), 1, NOW, BOUNDS).validators
    assert (known.etag, known.last_modified, len(known.body_hash)) == ('W/"1"', headers["last-modified"], 64)
    again = next_state(
        replace(KNOWN, validators=known), answer(FetchOutcome.NOT_MODIFIED, body=b""), None, 0, NOW, BOUNDS
    )
    assert again.validators == known


def test_a_validator_that_stayed_while_the_body_changed_is_never_sent_again() -> None:
    state = replace(KNOWN, validators=Validators(etag='"1"', body_hash="old"))
    for _ in range(3):
        state = next_state(state, answer(headers={"etag": '"1"'}), feed(3), 1, NOW, BOUNDS)
        assert state.validators.etag.startswith("--")
    state = next_state(state, answer(headers={"etag": '"2"'}), feed(3), 1, NOW, BOUNDS)
    assert state.validators.etag.startswith("--")


def test_every_tenth_unchanged_poll_asks_without_validators() -> None:
    state = replace(
        KNOWN, interval_s=7_200, validators=Validators(etag='"1"', body_hash="h"), last_ok_at=NOW, last_new_at=NOW
    )
    held, now = 0, NOW + timedelta(seconds=7_200)
    for _ in range(200):
        outcome = FetchOutcome.UNCHANGED if state.validators.etag.startswith("-") else FetchOutcome.NOT_MODIFIED
        state = next_state(state, answer(outcome, headers={"etag": '"1"'}), None, 0, now, BOUNDS)
        held += state.validators.etag.startswith("-")
        assert state.next_poll_at is not None
        now = state.next_poll_at
    assert 5 <= held <= 20


# --- always ---------------------------------------------------------------------------------------------------------------


def test_jitter_only_ever_adds_at_most_a_tenth() -> None:
    early, late = (next_state(KNOWN, answer(), feed(10), 1, NOW, BOUNDS, jitter) for jitter in (0.0, 1.0))
    assert wait_s(early) == early.interval_s
    assert wait_s(late) == pytest.approx(late.interval_s * 1.1)


@given(
    outcome=st.sampled_from(list(FetchOutcome)), new=st.integers(0, 50), count=st.integers(0, 50), jitter=st.floats(-1, 2),
    retry=st.none() | st.integers(0, 86_400), age=st.integers(0, 10_000_000), interval=st.integers(0, 86_400), failures=st.integers(0, 10_000),
    control=st.text(max_size=20), ttl=st.none() | st.integers(60, 31_536_000),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_whatever_happened_there_is_a_next_poll_not_before_it_is_due(
    outcome: FetchOutcome,
    new: int,
    count: int,
    jitter: float,
    retry: int | None,
    age: int,
    interval: int,
    failures: int,
    control: str,
    ttl: int | None,
) -> None:
    past = NOW - timedelta(seconds=age)
    state = replace(KNOWN, interval_s=interval, failures=failures, last_ok_at=past, last_new_at=past)
    parsed = feed(count, ttl_s=ttl) if outcome is FetchOutcome.OK else None
    fetched = answer(outcome, retry_after_s=retry, headers={"cache-control": control})
    after = next_state(state, fetched, parsed, min(new, count), NOW, BOUNDS, jitter)
    assert max(BOUNDS.min_interval_s, retry or 0) <= wait_s(after) <= max(GONE_INTERVAL_S, retry or 0) * 1.1 + 1
