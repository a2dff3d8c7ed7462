"""Loading landed batches into a real corpus and reading room."""

import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from model.config import Paths
from model.errors import CorpusBusyError, StorageError
from model.records import Feed
from storage import landing, loader, reading_room
from storage.corpus import open_corpus
from storage.loader import LoadReport
from storage.locks import only_one
from tests.storage.material import FEEDS, NOW, Rules, article, batch, entry, fetch, held, paths, watch


def load(where: Paths, *, now: datetime = NOW, feeds: tuple[Feed, ...] = FEEDS, deadline_s: float = 0.2) -> LoadReport:
    chosen = watch(where.corpus.parent, feeds)
    return loader.load(where, watch=chosen, story_rules=Rules(), now=now, code_version="1", deadline_s=deadline_s)


def ask(where: Paths, sql: str) -> list[tuple[Any, ...]]:
    return reading_room.query(where, sql)[1]


def test_an_article_arrives_with_text_mentions_actors_story_entry_and_poll(tmp_path: Path) -> None:
    where = paths(tmp_path)
    landing.write(where.landing, batch("b", [article(1)], entries=(entry(1),), feed_fetches=(fetch(new=1),)))
    report = load(where)
    assert (report.batches, report.articles, report.mentions, report.entries, report.feed_fetches) == (1, 1, 1, 1, 1)
    assert (report.waiting, report.busy, report.warnings, report.watermark) == (0, False, (), 1)
    one = article(1)
    assert ask(where, "SELECT article_id, edition, title, text, story_id, rights FROM corpus") == [
        (one.article_id, 1, one.title, one.text, one.article_id, "excerpt")
    ]
    assert ask(where, "SELECT article_id, concept_id, surface, actor_ids, lexicon_version FROM mentions") == [
        (one.article_id, "airstrike", "Air strike", ["az"], "lex1")
    ]
    assert ask(where, "SELECT actor_id, start_offset FROM actor_mentions") == [("az", 34)]
    assert ask(where, "SELECT counted_at, authors FROM articles") == [(NOW, ["A. Writer"])]
    assert ask(where, "SELECT outcome, article_id FROM entries") == [("article", one.article_id)]
    assert ask(where, "SELECT publisher, last_outcome, new_entries FROM feed_health WHERE publisher = 'alpha'") == [
        ("alpha", "ok", 1)
    ]
    assert ask(where, "SELECT concept_id, weight, gloss FROM concepts ORDER BY 1") == [
        ("airstrike", 5.0, "attack from the air"), ("talks", 2.0, "")
    ]  # fmt: skip


def test_copies_join_the_stories_of_earlier_loads_and_of_earlier_batches_of_one_load(tmp_path: Path) -> None:
    where = paths(tmp_path)
    originals = [article(1, publisher="beta"), article(2, publisher="beta")]
    landing.write(where.landing, batch("1", originals[:1]))
    load(where)
    copies = [article(3, story=1), article(4, story=2), article(5, story=2)]
    for name, articles in (("2", originals[1:]), ("3", copies[:2]), ("4", copies[2:])):
        landing.write(where.landing, batch(name, articles))
    assert load(where).batches == 3
    told = dict(ask(where, "SELECT article_id, story_id FROM corpus"))
    assert [told[copy.article_id] for copy in copies] == [originals[at].article_id for at in (0, 1, 1)]


def test_what_landed_is_all_accounted_for_in_the_ledger(tmp_path: Path) -> None:
    where = paths(tmp_path)
    landing.write(where.landing, batch("1", [article(n) for n in range(5)]))
    landing.write(where.landing, batch("2", [article(4), article(5), article(1, text="other")]))
    load(where)
    assert ask(where, "SELECT batch_id, name, articles, editions, duplicates, forgotten FROM batches ORDER BY 1") == [
        (1, "1", 5, 0, 0, 0), (2, "2", 1, 1, 1, 0)
    ]  # fmt: skip
    assert ask(where, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(7, 6)]


def test_a_feed_that_left_the_watch_stays_as_inactive(tmp_path: Path) -> None:
    where = paths(tmp_path)
    load(where)
    load(where, feeds=FEEDS[1:])
    assert ask(where, "SELECT publisher, active FROM feeds ORDER BY 1") == [
        ("alpha", False), ("beta", True), ("gamma", True)
    ]  # fmt: skip


def test_a_busy_corpus_delays_the_load_and_loses_nothing(tmp_path: Path) -> None:
    """Three loads against a corpus that another process holds; the reading room answers throughout."""
    where = paths(tmp_path)
    landing.write(where.landing, batch("0", [article(0)]))
    load(where)
    with held(where):
        for number in (1, 2, 3):
            landing.write(where.landing, batch(str(number), [article(number)]))
            report = load(where, now=NOW + timedelta(minutes=3 * number))
            assert (report.busy, report.waiting, report.batches) == (True, number, 0)
            assert ask(where, "SELECT count(*) FROM articles") == [(1,)]
            assert bool(report.warnings) is (number > 1), report.warnings
        assert "3 batches wait, the oldest for 9 minutes" in report.warnings[0]
        assert "process" in report.warnings[0]
    report = load(where)
    assert (report.busy, report.waiting, report.articles) == (False, 0, 3)
    assert ask(where, "SELECT count(*) FROM articles") == [(4,)]


def test_whoever_holds_the_corpus_is_named(tmp_path: Path) -> None:
    where = paths(tmp_path)
    load(where)
    with (
        held(where, "write"),
        pytest.raises(CorpusBusyError, match=r"held open by process \d+ \(python"),
        open_corpus(where.corpus, NOW, deadline_s=0.1),
    ):
        pass
    with open_corpus(where.corpus, NOW), pytest.raises(CorpusBusyError, match="this process"):  # noqa: SIM117
        with open_corpus(where.corpus, NOW, deadline_s=0.1, read_only=True):
            pass


def test_a_second_loader_leaves_the_work_to_the_first(tmp_path: Path) -> None:
    where = paths(tmp_path)
    landing.write(where.landing, batch("1", [article(1)]))
    with only_one(loader.lock_of(where), "loading"):
        report = load(where)
    assert (report.busy, report.waiting) == (True, 1)
    assert load(where).articles == 1


def test_a_damaged_batch_is_set_aside_and_the_rest_is_loaded(tmp_path: Path) -> None:
    where = paths(tmp_path)
    for name in "123":
        path = landing.write(where.landing, batch(name, [article(int(name))]))
        if name == "2":
            (path / "articles.parquet").write_bytes(b"PAR1 not really")
    report = load(where)
    assert (report.batches, report.articles, report.waiting) == (2, 2, 0)
    assert "damaged" in report.warnings[0]
    assert (where.landing / "damaged" / "2.batch").is_dir()
    assert load(where).warnings == ()


def test_a_batch_of_a_newer_program_waits_and_the_rest_is_loaded(tmp_path: Path) -> None:
    where = paths(tmp_path)
    newer = landing.write(where.landing, batch("1", [article(1)])) / "batch.json"
    newer.write_text(newer.read_text().replace('"format": 1', '"format": 2'))
    landing.write(where.landing, batch("2", [article(2)]))
    report = load(where)
    assert (report.articles, report.waiting) == (1, 1)
    assert "update this one" in report.warnings[0]


def test_a_batch_that_was_loaded_but_not_removed_is_not_loaded_again(tmp_path: Path) -> None:
    where = paths(tmp_path)
    path = landing.write(where.landing, batch("1", [article(1)], feed_fetches=(fetch(),)))
    copy = shutil.copytree(path, tmp_path / "copy")
    load(where)
    shutil.copytree(copy, path)
    report = load(where)
    assert (report.batches, report.waiting, report.duplicates) == (0, 0, 0)
    assert ask(where, "SELECT count(*) FROM batches") == [(1,)]


def test_nothing_is_written_when_the_disk_is_nearly_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = paths(tmp_path)
    landing.write(where.landing, batch("1", [article(1)]))
    monkeypatch.setattr("storage.corpus.MIN_FREE_BYTES", shutil.disk_usage(tmp_path).total * 2)
    with pytest.raises(StorageError, match="MB are free"):
        load(where)
    assert len(landing.pending(where.landing)) == 1


def test_a_corpus_cut_short_is_noticed(tmp_path: Path) -> None:
    where = paths(tmp_path)
    landing.write(where.landing, batch("1", [article(n) for n in range(3)]))
    load(where)
    with duckdb.connect(str(where.corpus)) as con:
        con.execute("DELETE FROM articles WHERE edition = 1 AND article_id = (SELECT min(article_id) FROM articles)")
    assert "lacks 1 editions" in load(where).warnings[0]


def test_a_file_that_is_no_corpus_is_named_with_the_remedy(tmp_path: Path) -> None:
    where = paths(tmp_path)
    where.corpus.write_text("not a database at all" * 1000)
    with pytest.raises(StorageError, match=r"corpus\.duckdb.*restore it from a backup"):
        load(where)


def test_a_folder_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="writable"):
        load(paths(tmp_path / "file"))


def test_the_corpus_is_written_in_the_portable_storage_version(tmp_path: Path) -> None:
    where = paths(tmp_path)
    load(where)
    with duckdb.connect(str(where.corpus), read_only=True) as con:
        tags = con.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
    assert "v1.5" in str(tags) or "v1.4" in str(tags), tags


def test_a_corpus_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    where = paths(tmp_path)
    load(where)
    with duckdb.connect(str(where.corpus)) as con:
        con.execute("INSERT INTO schema_version VALUES (999, 'x', 'y', now())")
    with pytest.raises(StorageError, match=r"schema version 999.*update tensionwatch"):
        load(where)


def test_a_corpus_made_by_other_migrations_is_left_alone(tmp_path: Path) -> None:
    where = paths(tmp_path)
    load(where)
    with duckdb.connect(str(where.corpus)) as con:
        con.execute("UPDATE schema_version SET sha256 = 'other' WHERE version = 1")
    with pytest.raises(StorageError, match=r"another 0001_initial\.sql"):
        load(where)


def test_every_table_view_and_column_says_what_it_is(tmp_path: Path) -> None:
    where = paths(tmp_path)
    load(where)
    with open_corpus(where.corpus, NOW, read_only=True) as con:
        bare = con.execute(
            "SELECT table_name, '' FROM duckdb_tables() WHERE NOT internal AND comment IS NULL"
            " UNION ALL SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
            # Parts of tension_index, which tells their columns; the comment of theirs named index says so.
            " AND table_name NOT IN ('tension_daily', 'side_daily', 'category_daily')"
            " UNION ALL SELECT view_name, '' FROM duckdb_views() WHERE NOT internal AND comment IS NULL"
        ).fetchall()
    assert bare == []


def test_loading_nothing_twice_costs_no_write(tmp_path: Path) -> None:
    where = paths(tmp_path)
    load(where)
    before = where.corpus.stat().st_mtime_ns
    time.sleep(0.01)
    load(where)
    assert where.corpus.stat().st_mtime_ns == before
