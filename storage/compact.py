"""Writing the corpus anew: small row groups merge, free space is returned, and deleted rows are really gone."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

import duckdb

from model.errors import StorageError
from storage.corpus import STORAGE_VERSION, check_free_space


def compact(corpus: Path) -> tuple[int, int]:
    """Copy the corpus into a fresh file and put that in its place. Returns its bytes before and after.

    The caller holds the loader's lock. The old file stays until the new one is whole and on disk, and the rows of every
    table were counted in both. Raises StorageError when they differ or the disk is too full.
    """
    before = corpus.stat().st_size
    check_free_space(corpus, before)
    fresh = corpus.with_name(f".{corpus.name}.{secrets.token_hex(4)}.new")
    try:
        _copy(corpus, fresh)
        descriptor = os.open(fresh, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        fresh.replace(corpus)
    except duckdb.Error as error:
        raise StorageError(f"cannot write {corpus} anew: {str(error).splitlines()[0]}; it stays as it was") from error
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
    return before, corpus.stat().st_size


def _copy(old: Path, new: Path) -> None:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH {_quote(old)} AS old (READ_ONLY)")
        con.execute(f"ATTACH {_quote(new)} AS new (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("COPY FROM DATABASE old TO new")
        if _counts(con, "old") != _counts(con, "new"):
            raise StorageError(f"the copy of {old} does not hold the same rows; it stays as it was")
        con.execute("DETACH new")


def _counts(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [database]).fetchall()
    counted = {}
    for (table,) in tables:
        row = con.execute(f"SELECT count(*) FROM {database}.{table}").fetchone()  # noqa: S608 - names of our own schema
        counted[table] = row[0] if row else 0
    return counted


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
