"""The reading room: published from a real corpus, read while everything else goes on."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from model.config import Paths
from model.errors import StorageError
from model.outcomes import EntryOutcome
from storage import journal, landing, loader, publishing, reading_room
from storage.corpus import MIGRATIONS
from storage.migrate import read_migrations
from tests.storage.material import NOW, Rules, article, batch, entry, fetch, paths, watch

SESSION = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
for line in sys.stdin:
    print(con.execute("SELECT count(*), count(DISTINCT article_id) FROM articles").fetchone(), flush=True)
"""


@pytest.fixture
def where(tmp_path: Path) -> Paths:
    return paths(tmp_path)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A room with two days of articles in three batches, for whoever only reads."""
    where = paths(tmp_path_factory.mktemp("room"))
    later = NOW + timedelta(days=1)
    tense = [article(n, tension=2.0) for n in range(3)]
    mixed = [article(10 + n, at=later, tension=tension) for n, tension in enumerate((1.0, -1.0, 0.0))]
    landing.write(where.landing, batch("1", tense, entries=(entry(1),), feed_fetches=(fetch(),)))
    landing.write(where.landing, batch("2", mixed, entries=(entry(1), entry(10))))
    load(where)
    return where


def load(where: Paths) -> None:
    loader.load(where, watch=watch(where.corpus.parent), story_rules=Rules(), now=NOW, code_version="1")


def add(where: Paths, *numbers: int) -> None:
    for n in numbers:
        landing.write(where.landing, batch(f"{n:03}", [article(n)], entries=(entry(n),), feed_fetches=(fetch(),)))
    load(where)


def ask(where: Paths, sql: str) -> list[tuple[Any, ...]]:
    return reading_room.query(where, sql)[1]


def files(where: Paths, table: str = "*") -> set[str]:
    return {p.relative_to(where.reading_room).as_posix() for p in where.reading_room.glob(f"{table}/*.parquet")}


def test_before_the_first_load_the_remedy_is_named(where: Paths) -> None:
    with pytest.raises(StorageError, match="tensionwatch run"):
        reading_room.query(where, "SELECT 1")


def test_it_shows_every_table_and_view_of_the_contract_with_comments(room: Paths) -> None:
    contract = [
        "feeds",
        "feed_fetches",
        "entries",
        "articles",
        "article_texts",
        "mentions",
        "story_members",
        "evaluations",
        "alerts",
        "alert_articles",
        "judgements",
        "deliveries",
        "batches",
        "schema_version",
        "corpus",
        "tension_daily",
        "concept_daily",
        "feed_health",
        "run_log",
        "publisher_sides",
        "tension_index",
        "side_daily",
        "category_daily",
        "story_sides",
        "alert_sides",
    ]
    for name in contract:
        assert ask(room, f"SELECT count(*) FROM {name}")[0][0] >= 0
    bare = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL"
    assert ask(room, bare) == []
    told = ask(
        room, "SELECT comment FROM duckdb_columns() WHERE table_name = 'articles' AND column_name = 'counted_at'"
    )
    assert "UTC" in told[0][0]


def test_a_room_of_before_an_update_is_refused_with_the_remedy(
    where: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.write(where.landing, batch("1", [article(1)]))
    load(where)
    newer = shutil.copytree(MIGRATIONS, tmp_path / "newer")
    (newer / f"{len(read_migrations(newer)) + 1:04}_more.sql").write_text("CREATE TABLE more (i INTEGER)")
    monkeypatch.setattr(reading_room, "MIGRATIONS", newer)
    with pytest.raises(StorageError, match="`tensionwatch load` builds it anew"):
        ask(where, "SELECT 1")


def test_it_says_how_far_it_goes(room: Paths) -> None:
    assert ask(room, "SELECT watermark, schema_version, published_at FROM reading_room") == [
        (2, len(read_migrations(MIGRATIONS)), NOW)
    ]


def test_a_load_adds_files_for_new_rows_alone(where: Paths) -> None:
    add(where, 1)
    before = files(where)
    add(where, 2)
    added = {name.split("/")[0] for name in files(where) - before}
    assert added == {
        "articles", "article_texts", "mentions", "actor_mentions", "story_members", "feed_fetches", "entries", "batches"
    } - {"feed_fetches"}  # fmt: skip  # the same poll again is no new row
    assert before <= files(where)


def test_of_an_entry_the_latest_row_holds(where: Paths) -> None:
    landing.write(where.landing, batch("1", entries=(entry(1, outcome=EntryOutcome.PENDING),)))
    load(where)
    landing.write(where.landing, batch("2", entries=(entry(1),)))
    load(where)
    assert ask(where, "SELECT outcome FROM entries") == [("article",)]
    assert len(files(where, "entries")) == 2


def test_only_the_rooms_own_files_can_be_read_and_nothing_written(room: Paths, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        f"COPY articles TO '{tmp_path}/out.csv'",
        f"COPY articles TO '{room.reading_room}/out.parquet' (FORMAT parquet)",
        f"SELECT * FROM read_csv('{secret}')",
        f"ATTACH '{room.corpus}' AS c",
        "CREATE TABLE t (i INTEGER)",
        "DROP VIEW articles",
        "SET threads = 1",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ):
        with pytest.raises(StorageError):
            reading_room.query(room, sql)
    assert ask(room, "SELECT count(*) FROM articles") == [(6,)]


def test_a_wrong_query_is_answered_in_the_databases_words(room: Paths) -> None:
    with pytest.raises(StorageError, match=r"(?i)artcles.*does not exist"):
        reading_room.query(room, "SELECT * FROM artcles")


def test_a_name_of_the_program_is_no_table(room: Paths) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        reading_room.query(room, "SELECT * FROM answer")


def test_long_answers_stream(room: Paths, tmp_path: Path) -> None:
    sizes = [len(rows) for _, rows in reading_room.stream(room, "SELECT * FROM range(2500)", size=1000)]
    assert sizes == [1000, 1000, 500]
    assert list(reading_room.stream(room, "SELECT 1 AS a WHERE false")) == [(["a"], [])]
    target = tmp_path / "out.parquet"
    assert reading_room.write_parquet(room, "SELECT range AS n FROM range(2500)", str(target)) == 2500
    assert pq.read_table(target).num_rows == 2500


def test_compaction_keeps_the_rows_and_their_order_and_an_open_session(
    where: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody keeps the room open in another process through a compaction: it goes on reading what it began with."""
    monkeypatch.setattr("storage.publishing.COMPACT_AT", 2)
    add(where, 1)
    room = str(where.reading_room / reading_room.DATABASE)
    with subprocess.Popen(
        [sys.executable, "-c", SESSION, room], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as session:
        assert session.stdin is not None
        assert session.stdout is not None

        def answer() -> str:
            assert session.stdin is not None
            assert session.stdout is not None
            session.stdin.write("?\n")
            session.stdin.flush()
            return session.stdout.readline().strip()

        assert answer() == "(1, 1)"
        for number in (2, 3, 4):
            add(where, number)
            assert answer() == "(1, 1)"
        session.stdin.close()
    manifest = json.loads((where.reading_room / "files.json").read_text())
    published = [f["path"] for f in manifest["files"] if f["table"] == "articles"]
    assert len(published) == 2, published
    assert published[0].startswith("articles/000001-000003.")
    assert len(files(where, "articles")) == 5, "the three merged files stay for the grace period"
    assert ask(where, "SELECT title FROM articles") == [(f"Air strike {n}",) for n in (1, 2, 3, 4)]
    assert ask(where, "SELECT count(*), count(DISTINCT entry_id) FROM entries") == [(4, 4)]


def test_replaced_files_are_deleted_after_the_grace_period(where: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.publishing.COMPACT_AT", 1)
    add(where, 1)
    add(where, 2)
    assert len(files(where, "articles")) == 3
    publishing.publish(where, NOW + timedelta(hours=23))
    assert len(files(where, "articles")) == 3
    publishing.publish(where, NOW + timedelta(hours=25))
    assert len(files(where, "articles")) == 1
    assert ask(where, "SELECT count(*) FROM articles") == [(2,)]


@pytest.mark.parametrize("damage", ["room", "file", "manifest", "database"])
def test_a_missing_or_damaged_room_is_built_anew(where: Paths, damage: str) -> None:
    add(where, 1, 2)
    if damage == "room":
        for path in sorted(where.reading_room.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    elif damage == "file":
        next(where.reading_room.glob("articles/*.parquet")).unlink()
    elif damage == "manifest":
        (where.reading_room / "files.json").write_text("{")
    else:
        (where.reading_room / reading_room.DATABASE).unlink()
    load(where)
    assert ask(where, "SELECT count(*), count(DISTINCT article_id) FROM corpus") == [(2, 2)]


def test_a_damaged_database_names_the_remedy(where: Paths) -> None:
    add(where, 1)
    database = where.reading_room / reading_room.DATABASE
    database.unlink()
    database.write_bytes(b"x" * 5000)
    with pytest.raises(StorageError, match="tensionwatch load"):
        reading_room.query(where, "SELECT 1")
    load(where)
    assert ask(where, "SELECT count(*) FROM articles") == [(1,)]


def test_a_restored_older_corpus_replaces_the_room(where: Paths, tmp_path: Path) -> None:
    add(where, 1)
    backup = tmp_path / "backup.duckdb"
    backup.write_bytes(where.corpus.read_bytes())
    add(where, 2)
    where.corpus.write_bytes(backup.read_bytes())
    add(where, 3)
    assert ask(where, "SELECT title FROM articles ORDER BY 1") == [("Air strike 1",), ("Air strike 3",)]


def test_room_and_corpus_say_the_same(room: Paths) -> None:
    with duckdb.connect(str(room.corpus), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        for table in (
            *publishing.GROWING,
            *publishing.CHANGING,
            "corpus",
            "tension_index",
            "story_sides",
            "feed_health",
            "run_log",
        ):
            inside = con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()
            assert ask(room, f"SELECT * FROM {table} ORDER BY ALL") == inside, table


def test_the_tension_index_has_a_mean_of_100_and_its_sign_follows_the_articles(room: Paths) -> None:
    rows = ask(room, "SELECT articles, tense, calming, index, signed_index FROM tension_daily ORDER BY day")
    assert [row[:3] for row in rows] == [(3, 3, 0), (3, 1, 1)]
    assert [round(row[3], 6) for row in rows] == [150.0, 50.0]
    assert [round(row[4], 6) for row in rows] == [150.0, 0.0]


def alert(revision: int, **changes: Any) -> dict[str, Any]:
    return {
        "alert_id": "a1", "series": "concept:airstrike", "opened_at": NOW, "closed_at": None, "severity": "alert",
        "observed": 9.0, "expected": 2.0, "ratio": 4.5, "evidence": 5.0, "window_days": 1.0, "publishers": 4,
        "stories": 9, "summary": "s", "told": "t", "query": "SELECT 1", "parameters": "{}", "rule_hash": "r",
        "code_version": "1", "watermark": 1, "updated_at": NOW + timedelta(hours=revision), "revision": revision,
        "quiet_days": 0, "close_reason": "", "category": "military",
    } | changes  # fmt: skip


def delivery(revision: int, outcome: str, channel: str = "mail") -> dict[str, Any]:
    return {
        "delivery_id": f"d{revision}{channel}", "alert_id": "a1", "revision": revision, "channel": channel,
        "attempted_at": NOW, "outcome": outcome, "detail": "",
    }  # fmt: skip


def test_an_alert_is_undelivered_until_each_channel_has_it_also_while_the_corpus_is_busy(where: Paths) -> None:
    landing.write_rows(where.landing, "watch", "1", {"alerts": [alert(1)]}, NOW)
    assert [channel for _, channel in journal.undelivered(where, ["mail", "chat"])] == ["mail", "chat"]
    load(where)
    landing.write_rows(where.landing, "deliver", "2", {"deliveries": [delivery(1, "sent")]}, NOW)
    landing.write_rows(where.landing, "deliver", "3", {"deliveries": [delivery(1, "failed", "chat")]}, NOW)
    assert [channel for _, channel in journal.undelivered(where, ["mail", "chat"])] == ["chat"]
    landing.write_rows(where.landing, "watch", "4", {"alerts": [alert(2, severity="high")]}, NOW)
    assert [row["severity"] for row in journal.current_alerts(where)] == ["high"]
    load(where)
    assert [row["revision"] for row in journal.current_alerts(where)] == [2]
    assert len(journal.undelivered(where, ["mail", "chat"])) == 2
    assert ask(where, "SELECT revision, severity FROM alerts") == [(2, "high")]
