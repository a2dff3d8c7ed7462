"""The reading room: the corpus for everybody who wants to read, at any moment, whatever else is running.

It holds the corpus as Parquet files and a tiny database of views over them; `storage.publishing` writes it. Nobody who
reads waits for the loader or keeps it out.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from model.config import Paths
from model.errors import StorageError
from storage.corpus import MIGRATIONS

DATABASE = "reading-room.duckdb"


@contextmanager
def connect(paths: Paths) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the room for reading, for the length of a `with` block. Only its own files can be read, nothing written.

    Raises StorageError when there is no room yet or it cannot be read.
    """
    file = paths.reading_room / DATABASE
    if not file.exists():
        raise StorageError(
            f"there is no reading room at {file} yet; run `tensionwatch run` or `tensionwatch load` first"
        )
    try:
        con = duckdb.connect(str(file), read_only=True)
    except duckdb.Error as error:
        raise StorageError(f"cannot read {file}: {_first_line(error)}; `tensionwatch load` builds it anew") from error
    try:
        _lock_down(con)
        _check_schema(con, paths)
        yield con
    finally:
        con.close()


def query(paths: Paths, sql: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Answer one query with its column names and rows. Raises StorageError with DuckDB's words when it is wrong."""
    with connect(paths) as con:
        try:
            answer = con.execute(sql, list(parameters))
            return [column[0] for column in answer.description or ()], answer.fetchall()
        except duckdb.Error as error:
            raise StorageError(_explain(paths, error)) from error


def stream(paths: Paths, sql: str, size: int = 1000) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    """Answer a query of any length in pieces of `size` rows; the first piece comes even when there are no rows."""
    with connect(paths) as con:
        try:
            answer = con.execute(sql)
            columns = [column[0] for column in answer.description or ()]
            rows = answer.fetchmany(size)
            yield columns, rows
            while rows:
                rows = answer.fetchmany(size)
                if rows:
                    yield columns, rows
        except duckdb.Error as error:
            raise StorageError(_explain(paths, error)) from error


def write_parquet(paths: Paths, sql: str, target: Any) -> int:
    """Write the answer to a query as Parquet to a path or binary stream, batch by batch. Returns the number of rows."""
    import pyarrow.parquet as pq  # a query that prints a table must not pay for it

    with connect(paths) as con:
        try:
            answer = con.sql(sql)
            if answer is None:
                raise StorageError("this statement has no answer to write")
            reader = answer.to_arrow_reader()
            written = 0
            with pq.ParquetWriter(target, reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(batch)
                    written += batch.num_rows
        except duckdb.Error as error:
            raise StorageError(_explain(paths, error)) from error
    return written


def _lock_down(con: duckdb.DuckDBPyConnection) -> None:
    """Let a session read the room's files and nothing else. Sessions of one process share these settings."""
    locked = con.execute("SELECT current_setting('lock_configuration')").fetchone()
    if locked and locked[0]:
        return
    files = [path for (path,) in con.execute("SELECT path FROM reading_room_files").fetchall()]
    allowed = ", ".join(_quote(path) for path in files)
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    con.execute("SET python_enable_replacements = false")  # a table that is missing is not a variable of this program
    con.execute(f"SET allowed_paths = [{allowed}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def _check_schema(con: duckdb.DuckDBPyConnection, paths: Paths) -> None:
    """Say what to do after an update: a query on tables that are not there yet would only say that they are not."""
    found = con.execute("SELECT schema_version FROM reading_room").fetchall()  # all: an open answer blocks the next
    known = sum(1 for _ in MIGRATIONS.glob("*.sql"))
    if found != [(known,)]:
        raise StorageError(
            f"{paths.reading_room} has schema version {found and found[0][0]}, this tensionwatch reads {known}; "
            "`tensionwatch load` builds it anew"
        )


def _explain(paths: Paths, error: duckdb.Error) -> str:
    text = str(error)
    if isinstance(error, duckdb.PermissionException | duckdb.InvalidInputException) and "Cannot" in text:
        return f"the reading room is for reading only: {_first_line(error)}"
    if isinstance(error, duckdb.IOException):
        return f"{paths.reading_room} is damaged: {_first_line(error)}; `tensionwatch load` builds it anew"
    return text.strip()


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
