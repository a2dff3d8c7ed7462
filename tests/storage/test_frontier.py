"""The frontier on a real SQLite file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from model.errors import StorageError
from model.outcomes import EntryOutcome, FetchOutcome, PageOutcome, RejectReason
from model.records import Article, Entry, FeedFetch, FeedState, ParsedFeed, PendingEntry, RejectedEntry, Validators
from storage import landing
from storage.frontier import Frontier, PageResult
from tests.storage.material import FEEDS, NOW, article, batch

ALPHA, BETA, GAMMA = (feed.url for feed in FEEDS)


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[Frontier]:
    with Frontier.open(tmp_path / "frontier.sqlite") as opened:
        opened.sync_feeds(FEEDS)
        yield opened


def item(number: int, **changes: object) -> Entry:
    values = {
        "entry_id": f"guid-{number}", "url": f"https://alpha.example/{number}", "title": f"Title {number}",
        "published_at": NOW - timedelta(hours=number),
    }  # fmt: skip
    return Entry(**(values | changes))  # type: ignore[arg-type]


def poll(
    frontier: Frontier, *items: Entry, feed: str = ALPHA, rejected: tuple[RejectedEntry, ...] = (), minutes: int = 0
) -> FeedFetch:
    at = NOW + timedelta(minutes=minutes)
    state = next(state for state in frontier.feed_states() if state.url == feed)
    after = replace(
        state, first_polled_at=state.first_polled_at or at, next_poll_at=at + timedelta(minutes=10), interval_s=600,
        validators=Validators(etag=f'"{minutes}"'),
    )  # fmt: skip
    return frontier.record_poll(
        after,
        FeedFetch(feed_url=feed, fetched_at=at, outcome=FetchOutcome.OK, http_status=200),
        ParsedFeed(title="t", entries=items, rejected=rejected),
        canonicalise=lambda url: url if url.startswith("https:") else None,
        is_history=state.first_polled_at is None,
    )


def page_of(entry: PendingEntry, article: Article | None = None, reason: RejectReason | None = None) -> PageResult:
    """What the flow reports of a page it fetched."""
    outcome = PageOutcome.ARTICLE if article else PageOutcome.REJECTED if reason else PageOutcome.DEFERRED
    return PageResult(canonical_url=entry.canonical_url, outcome=outcome, article=article, reason=reason)


def outcomes(frontier: Frontier) -> dict[tuple[str, str], str]:
    entries, _ = frontier.unlanded()
    return {(e.feed_url, e.entry_id): e.outcome.value for e in entries}


def test_a_new_feed_is_due_and_a_removed_one_rests_with_what_it_learnt(frontier: Frontier) -> None:
    poll(frontier, item(1))
    assert [state.url for state in frontier.due_feeds(NOW)] == [BETA, GAMMA]
    frontier.sync_feeds(FEEDS[1:])
    assert [state.url for state in frontier.feed_states()] == [BETA, GAMMA]
    frontier.sync_feeds(FEEDS)
    back = next(state for state in frontier.feed_states() if state.url == ALPHA)
    assert back.validators.etag == '"0"'


def test_the_most_overdue_feed_comes_first_and_everything_means_every_feed(frontier: Frontier) -> None:
    poll(frontier, feed=BETA, minutes=0)
    poll(frontier, feed=ALPHA, minutes=5)
    poll(frontier, feed=GAMMA, minutes=300)
    assert [s.url for s in frontier.due_feeds(NOW + timedelta(hours=1))] == [BETA, ALPHA]
    assert len(frontier.due_feeds(NOW, everything=True)) == 3


def test_items_of_a_feed_are_new_or_duplicate_or_rejected(frontier: Frontier) -> None:
    bad = RejectedEntry(reason=RejectReason.NO_LINK, excerpt="no link here")
    first = poll(frontier, item(1), item(2), item(3, url="mailto:x"), rejected=(bad,))
    assert (first.new, first.duplicate, first.rejected) == (2, 0, 2)
    again = poll(frontier, item(1), item(2), item(3, url="mailto:x"), item(4), rejected=(bad,), minutes=10)
    assert (again.new, again.duplicate, again.rejected) == (1, 2, 2)
    reasons = {e.reason for e in frontier.unlanded()[0] if e.outcome is EntryOutcome.REJECTED}
    assert reasons == {RejectReason.NO_LINK, RejectReason.BAD_URL}


def test_an_item_that_its_feed_mended_is_new(frontier: Frontier) -> None:
    early = RejectedEntry(reason=RejectReason.FUTURE_DATE, excerpt="tomorrow", entry_id="guid-1")
    assert poll(frontier, item(2, url="mailto:x"), rejected=(early,)).rejected == 2
    again = poll(frontier, item(1), item(2), minutes=10)
    assert (again.new, again.duplicate, again.rejected) == (2, 0, 0)
    assert frontier.count_pending() == 2


def test_a_retitled_and_redated_entry_is_updated_in_place(frontier: Frontier) -> None:
    poll(frontier, item(1))
    frontier.mark_landed(batch("b", entries=frontier.unlanded()[0]))
    assert frontier.unlanded()[0] == ()
    poll(frontier, item(1, title="Better title", published_at=None), minutes=10)
    (changed,) = frontier.unlanded()[0]
    assert (changed.title, changed.published_at) == ("Better title", NOW - timedelta(hours=1))


def test_what_a_feeds_first_poll_brings_is_history_and_what_later_polls_bring_is_not(frontier: Frontier) -> None:
    poll(frontier, item(1))
    poll(frontier, item(1), item(2), minutes=10)
    assert {e.entry_id: e.is_history for e in frontier.pending_pages(NOW, 10)} == {"guid-1": True, "guid-2": False}


def test_publishers_take_turns_newest_first(frontier: Frontier) -> None:
    poll(frontier, *(item(n) for n in range(1, 6)))
    poll(frontier, item(50, url="https://beta.example/50"), feed=BETA)
    pages = frontier.pending_pages(NOW, 3)
    assert [page.entry_id for page in pages] == ["guid-1", "guid-50", "guid-2"]


def test_one_page_is_fetched_once_and_settles_every_entry_that_leads_to_it(frontier: Frontier) -> None:
    poll(frontier, item(1))
    poll(frontier, item(9, url="https://alpha.example/1"), feed=BETA)
    (page,) = frontier.pending_pages(NOW, 10)
    made = frontier.next_batch("b", NOW, [page_of(page, article(1))])
    assert [a.article_id for a in made.articles] == [article(1).article_id]
    assert {(e.feed_url, e.outcome) for e in made.entries} == {(ALPHA, "article"), (BETA, "duplicate")}
    assert frontier.count_pending() == 1
    frontier.mark_landed(made)
    assert frontier.count_pending() == 0
    assert frontier.unlanded() == ((), ())
    poll(frontier, item(7, url="https://alpha.example/1"), feed=GAMMA)
    assert outcomes(frontier) == {(GAMMA, "guid-7"): "duplicate"}


def test_another_address_of_a_known_text_is_a_duplicate_and_a_changed_text_an_article(frontier: Frontier) -> None:
    poll(frontier, item(1), item(2), item(3), item(4))
    first, second, third, fourth = frontier.pending_pages(NOW, 10)
    both = frontier.next_batch("b", NOW, [page_of(first, article(1)), page_of(second, article(1))])
    assert (len(both.articles), [e.outcome for e in both.entries]) == (1, ["article", "duplicate", "", ""])
    frontier.mark_landed(both)
    changed = article(1, text="corrected")
    later = frontier.next_batch("c", NOW, [page_of(third, article(1)), page_of(fourth, changed)])
    assert later.articles == (changed,)
    assert [e.outcome for e in later.entries] == ["duplicate", "article"]
    frontier.mark_landed(later)
    assert frontier.known_text(changed.article_id) == changed.text_hash


def test_an_entry_that_appears_while_its_page_is_landing_gets_the_pages_outcome(frontier: Frontier) -> None:
    poll(frontier, item(1))
    (page,) = frontier.pending_pages(NOW, 10)
    made = frontier.next_batch("b", NOW, [page_of(page, article(1))])
    poll(frontier, item(9, url="https://alpha.example/1"), feed=BETA)
    frontier.mark_landed(made)
    assert outcomes(frontier) == {(BETA, "guid-9"): "duplicate"}


def test_a_rejected_page_rejects_every_entry_that_leads_to_it(frontier: Frontier) -> None:
    poll(frontier, item(1))
    poll(frontier, item(9, url="https://alpha.example/1"), feed=BETA)
    (page,) = frontier.pending_pages(NOW, 10)
    made = frontier.next_batch("b", NOW, [page_of(page, reason=RejectReason.NO_TEXT)])
    assert [(e.outcome, e.reason) for e in made.entries] == [("rejected", "no-text")] * 2


def test_a_deferred_result_leaves_its_entry_pending(frontier: Frontier) -> None:
    poll(frontier, item(1))
    (page,) = frontier.pending_pages(NOW, 10)
    frontier.mark_landed(frontier.next_batch("b", NOW, [page_of(page)]))
    assert frontier.pending_pages(NOW, 10) == [page]


def test_a_deferred_page_waits_for_every_entry_and_counts_its_attempts(frontier: Frontier) -> None:
    poll(frontier, item(1))
    poll(frontier, item(9, url="https://alpha.example/1"), feed=BETA)
    (page,) = frontier.pending_pages(NOW, 10)
    frontier.defer(page, "503", NOW + timedelta(hours=1))
    assert frontier.pending_pages(NOW, 10) == []
    (later,) = frontier.pending_pages(NOW + timedelta(hours=2), 10)
    assert later.attempts == 1


def test_an_entry_that_the_feed_changed_while_its_batch_was_landing_lands_again(frontier: Frontier) -> None:
    poll(frontier, item(1))
    entries, fetches = frontier.unlanded()
    poll(frontier, item(1, title="Meanwhile"), minutes=10)
    frontier.mark_landed(batch("b", entries=entries, feed_fetches=fetches))
    entries, fetches = frontier.unlanded()
    assert [e.title for e in entries] == ["Meanwhile"]
    assert [f.fetched_at for f in fetches] == [NOW + timedelta(minutes=10)]


def test_a_kill_between_landing_and_marking_leaves_the_page_pending(frontier: Frontier, tmp_path: Path) -> None:
    poll(frontier, item(1))
    (page,) = frontier.pending_pages(NOW, 10)
    landing.write(tmp_path / "landing", frontier.next_batch("b", NOW, [page_of(page, article(1))]))
    assert frontier.pending_pages(NOW, 10) == [page]


def test_new_entries_can_be_counted_before_they_are_recorded(frontier: Frontier) -> None:
    poll(frontier, item(1))
    assert frontier.unseen(ALPHA, [item(1), item(2), item(3)]) == 2


def test_forgetting_a_url_erases_its_words_and_keeps_it_out(frontier: Frontier) -> None:
    poll(frontier, item(1), item(2))
    assert frontier.forget("https://alpha.example/1", "url", NOW) == 1
    gone = next(e for e in frontier.unlanded()[0] if e.outcome is EntryOutcome.REJECTED)
    assert (gone.title, gone.url, gone.reason) == ("", "", "forgotten")
    fetch = poll(frontier, item(8, url="https://alpha.example/1"), feed=BETA)
    assert (fetch.new, fetch.rejected) == (0, 1)
    assert all("alpha.example/1" not in (e.url, e.entry_id, e.title) for e in frontier.unlanded()[0])


def test_forgetting_a_publisher_covers_all_its_feeds(frontier: Frontier) -> None:
    poll(frontier, item(1), item(2))
    assert frontier.forget("alpha", "publisher", NOW) == 2
    assert poll(frontier, item(3), minutes=10).rejected == 1
    assert frontier.count_pending() == 0


def test_robots_are_kept_as_they_were_given(frontier: Frontier) -> None:
    assert frontier.robots("https://a.example") is None
    frontier.put_robots("https://a.example", NOW, "ok", b"User-agent: *")
    assert frontier.robots("https://a.example") == (NOW, "ok", b"User-agent: *")


def test_state_survives_closing(tmp_path: Path) -> None:
    with Frontier.open(tmp_path / "f.sqlite") as frontier:
        frontier.sync_feeds(FEEDS)
        poll(frontier, item(1))
        before = frontier.feed_states(), frontier.pending_pages(NOW, 9)
    with Frontier.open(tmp_path / "f.sqlite") as frontier:
        assert (frontier.feed_states(), frontier.pending_pages(NOW, 9)) == before


def test_a_file_that_is_no_database_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "f.sqlite").write_text("not a database at all, but long enough to be looked at" * 30)
    with pytest.raises(StorageError, match="move it away"), Frontier.open(tmp_path / "f.sqlite"):
        pass


def test_a_feed_state_comes_back_as_it_was_saved(frontier: Frontier) -> None:
    saved = FeedState(
        url=ALPHA, publisher="alpha", poll_url="https://moved.example", next_poll_at=NOW, interval_s=5, failures=2,
        first_polled_at=NOW, last_ok_at=NOW, last_new_at=NOW, last_outcome=FetchOutcome.TIMEOUT,
        validators=Validators(etag="e", last_modified="m", body_hash="h"),
    )  # fmt: skip
    fetch = FeedFetch(feed_url=ALPHA, fetched_at=NOW, outcome=FetchOutcome.TIMEOUT)
    frontier.record_poll(saved, fetch, None, canonicalise=str, is_history=False)
    assert saved in frontier.feed_states()
