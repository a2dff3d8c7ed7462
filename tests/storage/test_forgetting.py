"""Forgetting a URL or a publisher: erased everywhere, kept out for good."""

from pathlib import Path
from typing import Any

import pytest

from model.config import Paths
from model.errors import CorpusBusyError
from storage import landing, loader, reading_room
from storage.compact import compact
from storage.corpus import open_corpus
from storage.forgetting import forget
from storage.frontier import Frontier
from tests.storage.material import FEEDS, NOW, Rules, article, batch, entry, held, paths, watch

WORDS = "an unmistakable sentence about somebody"


@pytest.fixture
def where(tmp_path: Path) -> Paths:
    """A corpus with a sentence to forget: loaded, in an alert, and once more waiting in landing."""
    where = paths(tmp_path)
    told = article(1, text=WORDS * 30)
    alert = {
        "alert_id": "a1", "series": "s", "opened_at": NOW, "severity": "alert", "observed": 9.0, "expected": 2.0,
        "ratio": 4.5, "evidence": 5.0, "window_days": 1.0, "publishers": 4, "stories": 9,
        "summary": f"It is said: {WORDS} ({told.canonical_url})", "told": told.title, "query": "", "parameters": "",
        "rule_hash": "", "code_version": "", "watermark": 1, "updated_at": NOW, "revision": 1, "quiet_days": 0,
        "close_reason": "", "category": "c",
    }  # fmt: skip
    cited = {
        "alert_id": "a1", "article_id": told.article_id, "edition": 1, "story_id": 1, "position": 1, "quote": WORDS,
    }  # fmt: skip
    landing.write(
        where.landing, batch("1", [told, article(2), article(3, publisher="beta")], entries=(entry(1), entry(2)))
    )
    landing.write_rows(where.landing, "watch", "2", {"alerts": [alert], "alert_articles": [cited]}, NOW)
    load(where)
    landing.write(where.landing, batch("3", [article(1, text=WORDS * 31), article(4)], entries=(entry(1), entry(4))))
    return where


def load(where: Paths) -> loader.LoadReport:
    return loader.load(where, watch=watch(where.corpus.parent), story_rules=Rules(), now=NOW, code_version="1")


def ask(where: Paths, sql: str) -> list[tuple[Any, ...]]:
    return reading_room.query(where, sql)[1]


def test_a_url_is_erased_everywhere_and_kept_out(where: Paths) -> None:
    url = article(1).canonical_url
    done = forget(where, url, "url", NOW)
    assert (done.articles, done.batches) == (1, 1)
    for table in ("articles", "article_texts", "mentions", "actor_mentions", "story_members"):
        assert ask(where, f"SELECT count(DISTINCT article_id) FROM {table}") == [(2,)], table
    assert ask(where, "SELECT count(*) FROM alert_articles") == [(0,)]
    assert ask(where, "SELECT summary, told FROM alerts") == [("It is said: [forgotten] ([forgotten])", "[forgotten]")]
    for path in (path for path in where.corpus.parent.rglob("*") if path.is_file()):
        # The corpus is written anew and the room rebuilt: rows marked as deleted would still be on the disk.
        assert WORDS.encode() not in path.read_bytes(), path
    report = load(where)
    assert (report.articles, report.warnings) == (1, ())
    landing.write(where.landing, batch("5", [article(1)], entries=(entry(1),)))
    assert load(where).forgotten == 1
    assert ask(where, "SELECT count(*) FROM entries WHERE canonical_url = 'https://alpha.example/1'") == [(0,)]
    assert ask(where, "SELECT sum(articles), sum(forgotten) FROM batches") == [(3, 2)]


def test_a_publisher_is_erased_with_its_entries_and_kept_out(where: Paths) -> None:
    with Frontier.open(where.frontier) as frontier:
        frontier.sync_feeds(FEEDS)
    assert forget(where, "alpha", "publisher", NOW).articles == 2
    assert load(where).articles == 0
    assert ask(where, "SELECT publisher FROM articles") == [("beta",)]
    assert ask(where, "SELECT count(*) FROM entries") == [(0,)]
    with Frontier.open(where.frontier) as frontier:
        assert [(target, kind) for target, kind, _ in frontier.tombstones()] == [("alpha", "publisher")]


def test_a_busy_corpus_is_said_and_forgetting_can_be_repeated(where: Paths) -> None:
    with held(where), pytest.raises(CorpusBusyError):
        forget(where, article(1).canonical_url, "url", NOW, deadline_s=0.1)
    assert forget(where, article(1).canonical_url, "url", NOW).articles == 1
    assert forget(where, article(1).canonical_url, "url", NOW).articles == 0
    assert ask(where, "SELECT count(*) FROM tombstones") == [(1,)]


def test_compacting_keeps_every_row_comment_and_view(where: Paths) -> None:
    load(where)

    def everything() -> list[Any]:
        with open_corpus(where.corpus, NOW, read_only=True) as con:
            comments = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
            return [con.execute(sql).fetchall() for sql in ("SELECT * FROM corpus ORDER BY ALL", comments)]

    before = everything()
    old, new = compact(where.corpus)
    assert old > 0
    assert new > 0
    assert everything() == before
    landing.write(where.landing, batch("9", [article(2), article(77)]))
    report = load(where)
    assert (report.articles, report.duplicates, report.warnings) == (1, 1, ())
