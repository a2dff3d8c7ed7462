"""Merging landed batches into an open corpus: editions, stories, entries, and everything that has a key."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from model.outcomes import EntryOutcome
from model.records import Batch, Membership, StoryText
from storage import joining, landing
from storage.corpus import open_corpus, transaction
from storage.joining import Nearby
from storage.landing import Landed
from storage.merge import Merged, merge
from tests.storage.material import NOW, Rules, article, batch, entry, fetch


class Corpus:
    """An open corpus that takes batches through a real landing folder."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.con, self.folder = con, folder

    def take(self, landed: Batch | Path) -> Merged:
        path = landing.write(self.folder, landed) if isinstance(landed, Batch) else landed
        return self.merge(landing.read(path), Rules())

    def merge(self, landed: Landed, rules: Rules) -> Merged:
        nearby = Nearby(self.con, [landed.rows("articles")], rules)
        with transaction(self.con):
            return merge(self.con, landed, nearby, NOW, "1")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    with open_corpus(tmp_path / "corpus.duckdb", NOW) as con:
        yield Corpus(con, tmp_path / "landing")


def test_a_changed_text_is_the_next_edition_and_an_old_text_a_duplicate(corpus: Corpus) -> None:
    later = NOW + timedelta(hours=1)
    first, second = article(1, text="first words"), article(1, text="second words", fetched_at=later)
    corpus.take(batch("1", [first]))
    corpus.take(batch("2", [second]))
    merged = corpus.take(batch("3", [first, second, article(1, text="third words")]))
    assert (merged.articles, merged.editions, merged.duplicates) == (0, 1, 2)
    assert corpus.ask("SELECT edition, text FROM corpus ORDER BY 1") == [
        (1, "first words"), (2, "second words"), (3, "third words")
    ]  # fmt: skip
    assert corpus.ask("SELECT edition, count(*) FROM mentions GROUP BY 1 ORDER BY 1") == [(1, 1), (2, 1), (3, 1)]
    assert corpus.ask("SELECT count(*) FROM story_members") == [(1,)]
    assert corpus.ask("SELECT stories, articles, total FROM concept_daily") == [(1, 1, 1)]


def test_two_editions_in_one_batch_are_numbered_by_the_time_they_were_fetched(corpus: Corpus) -> None:
    old, new = article(1, text="old"), article(1, text="new", fetched_at=NOW + timedelta(hours=2))
    corpus.take(batch("1", [new, old]))
    assert corpus.ask("SELECT edition, text FROM corpus ORDER BY 1") == [(1, "old"), (2, "new")]


def test_copies_join_one_story_across_batches_within_the_window_only(corpus: Corpus) -> None:
    corpus.take(batch("1", [article(1, publisher="beta"), article(9)]))
    near = article(2, story=1, at=NOW + timedelta(days=2))
    far = article(3, story=1, at=NOW + timedelta(days=9))
    bare = replace(article(4), signature=())
    corpus.take(batch("2", [near, bare]))
    corpus.take(batch("3", [far]))
    original = article(1, publisher="beta").article_id
    stories = dict(corpus.ask("SELECT article_id, story_id FROM story_members"))
    assert stories == {
        original: original, article(9).article_id: article(9).article_id, near.article_id: original,
        far.article_id: far.article_id, bare.article_id: bare.article_id,
    }  # fmt: skip


def test_copies_are_found_too_where_the_little_memory_for_it_is_not_enough(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "_BUFFER_BYTES", 1 << 20)  # DuckDB alone takes more
    limit = corpus.ask("SELECT current_setting('memory_limit')")
    corpus.take(batch("1", [article(1)]))
    corpus.take(batch("2", [article(2, story=1)]))
    assert corpus.ask("SELECT count(*), count(DISTINCT story_id) FROM story_members") == [(2, 1)]
    assert corpus.ask("SELECT current_setting('memory_limit')") == limit


def test_an_entry_is_updated_in_place_and_what_became_an_article_stays_one(corpus: Corpus) -> None:
    pending = entry(1, outcome=EntryOutcome.PENDING)
    corpus.take(batch("1", entries=(pending,)))
    corpus.take(batch("2", entries=(entry(1),)))
    lost = replace(pending, title="New title", first_seen_at=NOW + timedelta(days=3))
    corpus.take(batch("3", entries=(lost,)))
    assert corpus.ask("SELECT outcome, title, first_seen_at FROM entries") == [("article", "New title", NOW)]


def test_polls_evaluations_and_deliveries_landed_twice_are_stored_once(corpus: Corpus) -> None:
    delivery = {
        "delivery_id": "d", "alert_id": "a", "revision": 1, "channel": "mail", "attempted_at": NOW, "outcome": "sent",
        "detail": "",
    }  # fmt: skip
    for name in "12":
        corpus.take(batch(name, feed_fetches=(fetch(),)))
        corpus.take(landing.write_rows(corpus.folder, "deliver", f"{name}d", {"deliveries": [delivery, delivery]}, NOW))
    assert corpus.ask("SELECT (SELECT count(*) FROM feed_fetches), (SELECT count(*) FROM deliveries)") == [(1, 1)]


def test_a_text_seen_in_any_edition_before_is_a_duplicate(corpus: Corpus) -> None:
    """A publisher who takes a correction back must not make a third edition of the first text."""
    first, second = article(1, text="first"), article(1, text="second")
    for name, text in (("1", first), ("2", second)):
        corpus.take(batch(name, [text]))
    assert corpus.take(batch("3", [first])).duplicates == 1
    assert corpus.ask("SELECT max(edition) FROM articles") == [(2,)]


def test_a_batch_that_fails_halfway_leaves_nothing(corpus: Corpus) -> None:
    class Broken(Rules):
        def assign(self, new: Sequence[StoryText], known: Sequence[StoryText]) -> list[Membership]:
            raise RuntimeError("broken")

    path = landing.write(corpus.folder, batch("1", [article(1)], entries=(entry(1),)))
    with pytest.raises(RuntimeError, match="broken"):
        corpus.merge(landing.read(path), Broken())
    for table in ("article_keys", "articles", "article_texts", "mentions", "entries", "batches"):
        assert corpus.ask(f"SELECT count(*) FROM {table}") == [(0,)], table
    assert corpus.take(path).articles == 1


def test_an_id_above_half_of_64_bits_is_kept_exactly(corpus: Corpus) -> None:
    huge = replace(article(1), article_id=(1 << 64) - 3)
    corpus.take(batch("1", [huge]))
    assert corpus.take(batch("2", [huge, replace(huge, text_hash="other")])).editions == 1
    assert corpus.ask("SELECT DISTINCT article_id, story_id FROM story_members") == [((1 << 64) - 3, (1 << 64) - 3)]


def test_an_alert_is_replaced_by_what_was_told_of_it_last(corpus: Corpus) -> None:
    """A batch may tell the same alert twice: the last row of its order holds."""
    alert = {
        "alert_id": "a1", "series": "s", "opened_at": NOW, "severity": "watch", "observed": 9.0, "expected": 2.0,
        "ratio": 4.5, "evidence": 5.0, "window_days": 1.0, "publishers": 4, "stories": 9, "summary": "", "told": "",
        "query": "", "parameters": "", "rule_hash": "", "code_version": "", "watermark": 1, "updated_at": NOW,
        "revision": 1, "quiet_days": 0, "close_reason": "", "category": "c",
    }  # fmt: skip
    rows = [alert, alert | {"severity": "alert", "revision": 2}]
    corpus.take(landing.write_rows(corpus.folder, "watch", "1", {"alerts": rows}, NOW))
    corpus.take(landing.write_rows(corpus.folder, "watch", "2", {"alerts": [alert | {"revision": 3}]}, NOW))
    assert corpus.ask("SELECT alert_id, revision, severity, batch_id FROM alerts") == [("a1", 3, "watch", 2)]
