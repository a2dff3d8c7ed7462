"""The landing folder on a real disk."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from model.errors import StorageError
from storage import landing
from storage.landing import DamagedBatchError, NewerBatchError
from storage.tables import LANDED
from tests.storage.material import NOW, article, batch, entry, fetch

DELIVERY = {
    "delivery_id": "d", "alert_id": "a", "revision": 1, "channel": "mail", "attempted_at": NOW, "outcome": "sent",
    "detail": "",
}  # fmt: skip


def test_what_is_landed_is_read_back_the_same(tmp_path: Path) -> None:
    one = article(1)
    path = landing.write(tmp_path, batch("b", [one, article(2)], entries=(entry(1),), feed_fetches=(fetch(),)))
    back = landing.read(path)
    assert (back.name, back.kind, back.landed_at) == ("b", "collect", NOW)
    row = back.rows("articles").to_pylist()[0]
    assert {name: row[name] for name in ("article_id", "text", "counted_at", "authors", "signature")} == {
        "article_id": one.article_id, "text": one.text, "counted_at": NOW, "authors": ["A. Writer"],
        "signature": list(one.signature),
    }  # fmt: skip
    assert [back.rows(t).num_rows for t in ("mentions", "actor_mentions", "entries", "feed_fetches")] == [2, 2, 1, 1]
    assert back.rows("alerts").num_rows == 0


def test_batches_are_pending_in_the_order_of_their_clocks(tmp_path: Path) -> None:
    names = [landing.new_name(NOW + timedelta(seconds=s)) for s in (0, 0.5, 60)]
    assert len(set(names)) == 3
    for name in reversed(names):
        landing.write(tmp_path / "landing", batch(name))
    assert [landing.name_of(p) for p in landing.pending(tmp_path / "landing")] == names


def test_a_folder_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert landing.pending(tmp_path / "none") == []
    assert landing.sweep(tmp_path / "none") == 0
    assert list(landing.waiting_rows(tmp_path / "none", "alerts")) == []


def test_landing_the_same_batch_again_changes_nothing(tmp_path: Path) -> None:
    first = landing.write(tmp_path, batch("b", [article(1)]))
    assert landing.write(tmp_path, batch("b", [article(2)])) == first
    assert landing.read(first).rows("articles")["article_id"].to_pylist() == [article(1).article_id]


def test_rows_of_any_landed_table_can_be_landed(tmp_path: Path) -> None:
    path = landing.write_rows(tmp_path, "deliver", "n", {"deliveries": [DELIVERY]}, NOW)
    assert landing.read(path).rows("deliveries").to_pylist() == [DELIVERY]
    assert list(landing.waiting_rows(tmp_path, "deliveries")) == [DELIVERY]


def test_an_arrow_table_may_leave_out_what_may_be_empty(tmp_path: Path) -> None:
    rows = LANDED["entries"].schema.empty_table().drop_columns(["published_at"])
    assert landing.write_rows(tmp_path, "collect", "n", {"entries": rows}, NOW).exists()


@pytest.mark.parametrize(
    ("table", "row", "words"),
    [
        ("delivered", DELIVERY, "not a landed table"),
        ("deliveries", DELIVERY | {"chanel": "mail"}, "no column chanel"),
        ("deliveries", DELIVERY | {"outcome": None}, "must not be empty"),
    ],
)
def test_rows_that_do_not_fit_are_refused_before_anything_is_written(
    tmp_path: Path, table: str, row: dict[str, object], words: str
) -> None:
    with pytest.raises(StorageError, match=words):
        landing.write_rows(tmp_path, "deliver", "n", {table: [row]}, NOW)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("kind", "name"), [("collect", "../x"), ("collect", ""), ("gossip", "n")])
def test_a_name_or_kind_that_is_none_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(StorageError, match="cannot land"):
        landing.write_rows(tmp_path, kind, name, {}, NOW)


def test_one_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = landing.write(tmp_path, batch("b", [article(n) for n in range(50)]))
    file = path / "articles.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(DamagedBatchError):
        landing.read(path)


@pytest.mark.parametrize("missing", ["articles.parquet", "batch.json"])
def test_a_missing_file_is_noticed(tmp_path: Path, missing: str) -> None:
    path = landing.write(tmp_path, batch("b", [article(1)]))
    (path / missing).unlink()
    with pytest.raises(DamagedBatchError, match=missing):
        landing.read(path)


def test_a_batch_of_a_newer_program_is_left_for_it(tmp_path: Path) -> None:
    path = landing.write(tmp_path, batch("b", [article(1)]))
    manifest = path / "batch.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(NewerBatchError, match="newer tensionwatch"):
        landing.read(path)


def test_removing_leaves_nothing_and_twice_is_once(tmp_path: Path) -> None:
    path = landing.write(tmp_path, batch("b", [article(1)]))
    landing.remove(path)
    landing.remove(path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_invisible_and_swept_when_old(tmp_path: Path) -> None:
    left = tmp_path / ".b.1.writing"
    left.mkdir()
    (left / "articles.parquet").write_bytes(b"half")
    assert landing.pending(tmp_path) == []
    assert landing.sweep(tmp_path) == 0
    old = time.time() - 7200
    os.utime(left, (old, old))
    assert landing.sweep(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "landing").write_text("in the way")
    with pytest.raises(StorageError, match=r"landing.*make it writable"):
        landing.write(tmp_path / "landing", batch("b", [article(1)]))


def test_every_landed_table_has_the_columns_of_the_corpus(tmp_path: Path) -> None:
    """A column that landing carries and the corpus lacks would fail at the first load, far from its cause."""
    from storage.corpus import open_corpus

    with open_corpus(tmp_path / "c.duckdb", NOW) as con:
        for name, table in LANDED.items():
            columns = {
                c
                for (c,) in con.execute(
                    "SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [name]
                ).fetchall()
            }
            extra = {"row", "text", "signature"} if name in {"articles", "mentions", "actor_mentions"} else set()
            extra |= {"row", "canonical_url", "publisher", "text_hash"} if name == "rematches" else set()
            assert set(table.schema.names) - extra <= columns, name
            missing = columns - set(table.schema.names) - {"batch_id"}
            assert missing <= ({"edition", "article_id", "lexicon_version"} if extra else set()), name
    assert pa.types.is_timestamp(LANDED["alerts"].schema.field("opened_at").type)
