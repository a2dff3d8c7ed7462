"""Numbered migrations, on real files."""

import shutil
from pathlib import Path

import duckdb
import pytest

from model.errors import StorageError
from storage import corpus
from storage.corpus import open_corpus, schema_version
from storage.frontier import MIGRATIONS as FRONTIER_MIGRATIONS
from storage.migrate import read_migrations
from tests.storage.material import NOW


def write(folder: Path, **files: str) -> Path:
    for name, sql in files.items():
        (folder / f"{name}.sql").write_text(sql)
    return folder


def copied(folder: Path) -> tuple[Path, int]:
    """Copy our own migrations. Returns the folder and how many they are."""
    return shutil.copytree(corpus.MIGRATIONS, folder), len(read_migrations(corpus.MIGRATIONS))


@pytest.mark.parametrize("folder", [corpus.MIGRATIONS, FRONTIER_MIGRATIONS])
def test_our_own_migrations_are_numbered_without_a_gap(folder: Path) -> None:
    assert next(m.version for m in read_migrations(folder)) == 1


def test_a_gap_or_a_strange_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="without a gap"):
        read_migrations(write(tmp_path, **{"0001_a": "", "0003_c": ""}))
    with pytest.raises(StorageError, match="NNNN"):
        read_migrations(write(tmp_path, notes=""))


def test_an_older_corpus_is_brought_up_to_date_and_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "c.duckdb"
    with open_corpus(file, NOW) as con:
        con.execute("INSERT INTO actors VALUES ('az', 'country', 'Azerbaijan', '')")
    folder, count = copied(tmp_path / "migrations")
    write(
        folder, **{f"{count + 1:04}_more": "ALTER TABLE actors ADD COLUMN more VARCHAR; CREATE TABLE extra (i INTEGER)"}
    )
    monkeypatch.setattr(corpus, "MIGRATIONS", folder)
    with open_corpus(file, NOW) as con:
        assert schema_version(con) == count + 1
        assert con.execute("SELECT * FROM actors").fetchall() == [("az", "country", "Azerbaijan", "", None)]
        assert con.execute("SELECT applied_at FROM schema_version WHERE version = 1").fetchone() == (NOW,)


def test_a_migration_that_fails_leaves_the_corpus_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, count = copied(tmp_path / "migrations")
    bad = f"{count + 1:04}_bad"
    monkeypatch.setattr(corpus, "MIGRATIONS", folder)
    with open_corpus(tmp_path / "c.duckdb", NOW):
        pass
    write(folder, **{bad: "CREATE TABLE extra (i INTEGER); SELECT no_such_function(1)"})
    with pytest.raises(duckdb.Error), open_corpus(tmp_path / "c.duckdb", NOW):
        pass
    (folder / f"{bad}.sql").unlink()
    with open_corpus(tmp_path / "c.duckdb", NOW) as con:
        assert schema_version(con) == count
        assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'extra'").fetchone() == (0,)
