"""The one door to the live corpus file. Only the loader and the publisher of the reading room come through it.

DuckDB lets one process write or many read a file, and a reader keeps a writer out. So whoever opens it closes it within
a fraction of a second, and people read the reading room instead.
"""

import hashlib
import random
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from model.errors import CorpusBusyError, StorageError
from storage.migrate import read_migrations, unapplied

HERE = Path(__file__).parent
MIGRATIONS = HERE / "migrations"
VIEWS = HERE / "queries" / "views"

#: DuckDB 1.5 and 2.x both read and write files of this version; 2.0's default is closed to 1.5.
STORAGE_VERSION = "v1.5.0"
#: A query of an analyst who opened the live file in spite of everything ends within seconds, or lasts all day.
DEADLINE_S = 5.0
#: A full disk invalidates the database in the middle of a checkpoint; a checkpoint writes at most a few row groups.
MIN_FREE_BYTES = 64 * 1024 * 1024

_LOCKED = "Could not set lock"
_OTHER_CONFIGURATION = "different configuration"


@contextmanager
def open_corpus(
    path: Path, now: datetime, *, deadline_s: float = DEADLINE_S, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the corpus for the length of a `with` block; closing it writes the checkpoint.

    A file that does not exist is created, and one of an older schema is migrated, unless `read_only`. Waits up to
    `deadline_s` seconds for another process to let go. Raises CorpusBusyError when it does not, StorageError when the
    file cannot be used.
    """
    con = _connect(path, deadline_s, read_only=read_only)
    try:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET python_enable_replacements = false")  # a missing table is an error, not a variable of ours
        if not read_only:
            _migrate(con, path, now)
        yield con
    finally:
        con.close()


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, or none of it."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        _roll_back(con)
        raise
    con.execute("COMMIT")


def watermark(con: duckdb.DuckDBPyConnection) -> int:
    """Give the greatest batch_id of the ledger; 0 when nothing was loaded yet."""
    return int(_one(con, "SELECT coalesce(max(batch_id), 0) FROM batches"))


def schema_version(con: duckdb.DuckDBPyConnection) -> int:
    """Give the number of the last migration."""
    return int(_one(con, "SELECT coalesce(max(version), 0) FROM schema_version"))


def view_statements() -> list[str]:
    """Give the SQL of the views, each file in order: the same text serves the corpus and the reading room."""
    return [path.read_text("utf-8") for path in sorted(VIEWS.glob("*.sql"))]


def check_free_space(path: Path, needed: int) -> None:
    """Raise StorageError when the disk of the corpus has less than `needed` bytes, or less than a floor, free."""
    free = shutil.disk_usage(path.parent).free
    if free < max(needed, MIN_FREE_BYTES):
        raise StorageError(
            f"only {free >> 20} MB are free on the disk of {path}; free some: what was collected waits in landing/"
        )


def _connect(path: Path, deadline_s: float, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    give_up_at = time.monotonic() + deadline_s
    pause = 0.02
    while True:
        try:
            return _connect_once(path, read_only=read_only)
        except duckdb.Error as error:
            if not _is_lock(error):
                raise _unusable(path, error) from error
            if time.monotonic() + pause > give_up_at:
                raise CorpusBusyError(path, _holder(str(error))) from error
        # Jitter keeps two who wait from knocking together; half a second is short against any deadline.
        time.sleep(random.uniform(pause / 2, pause))
        pause = min(pause * 1.6, 0.5)


def _connect_once(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    if not path.exists() and not read_only:
        _create(path)
    # Batches are small: threads would mostly wait for each other, and a monitor shares its machine.
    return duckdb.connect(str(path), read_only=read_only, config={"threads": 1})


def _create(path: Path) -> None:
    """Make an empty file of the portable storage version, under another name until it is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make {path.parent}: {error.strerror}; choose a writable folder") from error
    fresh = path.with_name(f".{path.name}.{random.randrange(1 << 40):x}.new")
    with duckdb.connect() as con:
        quoted = str(fresh).replace("'", "''")
        con.execute(f"ATTACH '{quoted}' AS fresh (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("DETACH fresh")
    fresh.rename(path)


def _is_lock(error: duckdb.Error) -> bool:
    text = str(error)
    return _LOCKED in text or _OTHER_CONFIGURATION in text


def _holder(message: str) -> str:
    """Read who holds the file from DuckDB's message."""
    match = re.search(r"held in (.+?) \(PID (\d+)\)", message)
    if match:
        return f"process {match[2]} ({Path(match[1]).name})"
    return "this process" if _OTHER_CONFIGURATION in message else "another process"


def _unusable(path: Path, error: duckdb.Error) -> StorageError:
    first_line = str(error).splitlines()[0]
    return StorageError(f"cannot open {path}: {first_line}; make it readable and writable, or restore it from a backup")


def _migrate(con: duckdb.DuckDBPyConnection, path: Path, now: datetime) -> None:
    applied = _applied(con)
    for migration in unapplied(read_migrations(MIGRATIONS), applied, path):
        with transaction(con):
            con.execute(migration.sql)
            _record(con, migration.version, migration.name, migration.sha256, now)
    _refresh_views(con, now)


def _applied(con: duckdb.DuckDBPyConnection) -> dict[int, str]:
    try:
        rows = con.execute("SELECT version, sha256 FROM schema_version WHERE version > 0").fetchall()
    except duckdb.CatalogException:  # a file just made
        return {}
    return {int(version): str(sha256) for version, sha256 in rows}


def _refresh_views(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Define the views anew when their text changed. They hold no data, so they are version 0, not a migration."""
    sql = "\n".join(view_statements())
    sha256 = hashlib.sha256(sql.encode()).hexdigest()
    if con.execute("SELECT 1 FROM schema_version WHERE version = 0 AND sha256 = ?", [sha256]).fetchall():
        return
    with transaction(con):
        con.execute(sql)
        con.execute("DELETE FROM schema_version WHERE version = 0")
        _record(con, 0, "views", sha256, now)


def _record(con: duckdb.DuckDBPyConnection, version: int, name: str, sha256: str, now: datetime) -> None:
    con.execute("INSERT INTO schema_version VALUES (?, ?, ?, ?)", [version, name, sha256, now])


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    if row is None:
        raise StorageError(f"no answer to {sql}")
    return int(row[0])


def _roll_back(con: duckdb.DuckDBPyConnection) -> None:
    """Undo; a database that a fatal error closed has nothing left to undo."""
    try:
        con.execute("ROLLBACK")
    except duckdb.Error:
        return
