# ruff: noqa: S608 -- table names come from the lists below, paths are quoted
"""Publishing the reading room: the corpus as Parquet with a tiny database of views.

    reading-room/
      reading-room.duckdb      views over an explicit list of the files below; read-only, replaced whole
      files.json               that list, with the watermark: the publisher's memory
      articles/000001-000045.3f9a01bc.parquet …

What a replaced view pointed to stays for a grace period, so a session that keeps the room open all day goes on reading
the rows it began with.
"""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from model.config import Paths
from model.errors import StorageError
from storage.corpus import DEADLINE_S, STORAGE_VERSION, open_corpus, schema_version, view_statements, watermark
from storage.reading_room import DATABASE

MANIFEST = "files.json"

#: A working day and a night: sessions left open since yesterday morning have had their turn.
GRACE = timedelta(hours=24)
#: 144 publications a day add 144 files to each busy table; 40 small files cost a query about 5 ms.
COMPACT_AT = 40
#: Files of this size are left alone: merging them again would rewrite the whole corpus every few hours.
FULL_BYTES = 64 * 1024 * 1024

#: Tables that only grow: what is newer than the last publication is added as one more file.
GROWING = (
    "articles", "article_texts", "mentions", "actor_mentions", "story_members", "feed_fetches", "evaluations",
    "alert_articles", "judgements", "deliveries", "batches", "entries", "rematches",
)  # fmt: skip
#: Small tables whose rows change: copied whole.
CHANGING = ("feeds", "concepts", "actors", "alerts", "tombstones", "schema_version")
#: Of entries the row of the latest batch holds.
LATEST = {"entries": ("feed_url", "entry_id")}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFile:
    """One Parquet file of the room, by its path within it."""

    table: str
    path: str
    bytes: int
    fingerprint: str = ""  #: of a changing table: number and hash of its rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """A file that no view names any more."""

    path: str
    retired_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is published: up to which batch, and in which files."""

    watermark: int = 0
    batch_name: str = ""  #: of the watermark: tells a corpus that was replaced or restored from this one
    schema_version: int = 0
    articles: int = 0  #: rows up to the watermark: fewer in the corpus means that some were taken out since
    database_bytes: int = 0
    files: tuple[RoomFile, ...] = ()
    retired: tuple[Retired, ...] = field(default=())

    def of(self, table: str) -> list[RoomFile]:
        """List the files of one table, oldest first."""
        return [file for file in self.files if file.table == table]


def publish(
    paths: Paths, now: datetime, *, deadline_s: float = DEADLINE_S, grace: timedelta = GRACE, rebuild: bool = False
) -> Room:
    """Bring the reading room to the corpus's last batch. A missing or damaged room is built anew.

    Raises CorpusBusyError when the corpus is held by a writer, StorageError when the room cannot be written.
    """
    folder = paths.reading_room.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_corpus(paths.corpus, now, deadline_s=deadline_s, read_only=True) as con:
            old = _read_manifest(folder)
            if rebuild or not _continues(con, folder, old):
                old = Room(retired=_retire(old.files, now, old.retired))
            room = _add_new_rows(con, folder, old, now)
            comments = _comments(con)
        room = _compact(folder, room, now)
        if room.files != old.files or not _database_is(folder, old):
            room = replace(room, database_bytes=_write_database(folder, room, comments, now))
        room = _delete_expired(folder, room, now, grace)
        _write_manifest(folder, room)
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror or error}; make it writable") from error
    return room


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _read_manifest(folder: Path) -> Room:
    """Read what was published; what cannot be read was not."""
    try:
        values = json.loads((folder / MANIFEST).read_text("utf-8"))
        return Room(
            watermark=values["watermark"],
            batch_name=values["batch_name"],
            schema_version=values["schema_version"],
            articles=values["articles"],
            database_bytes=values["database_bytes"],
            files=tuple(RoomFile(**item) for item in values["files"]),
            retired=tuple(Retired(**item) for item in values["retired"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Room()


def _write_manifest(folder: Path, room: Room) -> None:
    fresh = folder / f".{MANIFEST}.new"
    fresh.write_text(json.dumps(asdict(room), indent=1), "utf-8")
    fresh.replace(folder / MANIFEST)


def _continues(con: duckdb.DuckDBPyConnection, folder: Path, room: Room) -> bool:
    """Say whether the room can be continued: same corpus, same schema, all files there, no row taken out since."""
    if room.schema_version != schema_version(con) or any(not _intact(folder, file) for file in room.files):
        return False
    if _articles(con, room.watermark) != room.articles:
        return False
    row = con.execute("SELECT name FROM batches WHERE batch_id = ?", [room.watermark]).fetchone()
    return (row[0] if row else "") == room.batch_name


def _articles(con: duckdb.DuckDBPyConnection, mark: int) -> int:
    row = con.execute("SELECT count(*) FROM articles WHERE batch_id <= ?", [mark]).fetchone()
    return int(row[0]) if row else 0


def _intact(folder: Path, file: RoomFile) -> bool:
    try:
        return (folder / file.path).stat().st_size == file.bytes
    except FileNotFoundError:
        return False


def _add_new_rows(con: duckdb.DuckDBPyConnection, folder: Path, old: Room, now: datetime) -> Room:
    """Copy what the corpus has beyond the room's watermark, and the changing tables whole."""
    mark = watermark(con)
    files = [file for file in old.files if file.table in GROWING]
    grown = _grown(con, old.watermark)
    for table in GROWING:
        if table in grown or not old.of(table):
            new = f"SELECT * FROM {table} WHERE batch_id > {old.watermark}"
            files.append(_copy(con, folder, table, new, f"{old.watermark + 1:06}-{mark:06}"))
    changing = _copy_changed(con, folder, old)
    kept = {file.path for file in (*files, *changing)}
    replaced = [file for file in old.files if file.path not in kept]
    row = con.execute("SELECT name FROM batches WHERE batch_id = ?", [mark]).fetchone()
    return replace(
        old,
        watermark=mark,
        batch_name=row[0] if row else "",
        schema_version=schema_version(con),
        articles=_articles(con, mark),
        files=(*files, *changing),
        retired=_retire(replaced, now, old.retired),
    )


def _grown(con: duckdb.DuckDBPyConnection, since: int) -> set[str]:
    """Name the tables that have rows of later batches, in one question: one for each costs more than the copying."""
    asked = (f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM {t} WHERE batch_id > {since})" for t in GROWING)
    return {table for (table,) in con.execute(" UNION ALL ".join(asked)).fetchall()}


def _copy_changed(con: duckdb.DuckDBPyConnection, folder: Path, old: Room) -> list[RoomFile]:
    """Copy the changing tables whole, but those that say what their published copy says."""
    asked = (f"SELECT '{t}', count(*) || '-' || coalesce(bit_xor(hash(r)), 0) FROM {t} AS r" for t in CHANGING)
    prints = dict(con.execute(" UNION ALL ".join(asked)).fetchall())
    published = {(file.table, file.fingerprint): file for file in old.files}
    return [
        published.get((table, prints[table]))
        or replace(_copy(con, folder, table, f"SELECT * FROM {table}", "all"), fingerprint=prints[table])
        for table in CHANGING
    ]


def _copy(con: duckdb.DuckDBPyConnection, folder: Path, table: str, select: str, label: str) -> RoomFile:
    """Write one Parquet file under a name never used before, whole or not at all."""
    (folder / table).mkdir(exist_ok=True)
    path = f"{table}/{label}.{secrets.token_hex(4)}.parquet"
    hidden = folder / table / f".{secrets.token_hex(8)}.writing"
    con.execute(f"COPY ({select}) TO {_quote(str(hidden))} (FORMAT parquet, COMPRESSION zstd)")
    hidden.chmod(0o444)
    hidden.replace(folder / path)
    return RoomFile(table=table, path=path, bytes=(folder / path).stat().st_size)


def _retire(files: Sequence[RoomFile], now: datetime, before: tuple[Retired, ...]) -> tuple[Retired, ...]:
    stamp = now.astimezone(UTC).isoformat()
    return (*before, *(Retired(path=file.path, retired_at=stamp) for file in files))


def _compact(folder: Path, room: Room, now: datetime) -> Room:
    """Merge the small files of a table that has many. Order is kept: rows lie by time, and days are found quickly."""
    for table in GROWING:
        small = [file for file in room.of(table) if file.bytes < FULL_BYTES]
        if len(small) > COMPACT_AT:
            room = _merge_files(folder, room, table, small, now)
    return room


def _merge_files(folder: Path, room: Room, table: str, small: list[RoomFile], now: datetime) -> Room:
    label = f"{_batches_of(small[0])[0]}-{_batches_of(small[-1])[1]}"
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        merged = _copy(con, folder, table, _select_rows(folder, table, small), label)
    gone = {file.path for file in small}
    files = tuple(file for file in room.files if file.path not in gone)
    return replace(room, files=(*files, merged), retired=_retire(small, now, room.retired))


def _batches_of(file: RoomFile) -> tuple[str, str]:
    match = re.search(r"/(\d+)-(\d+)\.", file.path)
    return (match[1], match[2]) if match else ("000000", "000000")


def _select_rows(folder: Path, table: str, files: Sequence[RoomFile]) -> str:
    listed = ", ".join(_quote(str(folder / file.path)) for file in files)
    select = f"SELECT * FROM read_parquet([{listed}])"
    if table in LATEST:
        key = ", ".join(LATEST[table])
        select += f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY batch_id DESC) = 1"
    return select


Comments = dict[tuple[str, str], str]


def _comments(con: duckdb.DuckDBPyConnection) -> Comments:
    """Read the comments of tables and columns; a table's own has the empty column."""
    tables = "SELECT table_name, '', comment FROM duckdb_tables() WHERE comment IS NOT NULL"
    columns = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL AND NOT internal"
    return {(table, column): text for table, column, text in con.execute(f"{tables} UNION ALL {columns}").fetchall()}


def _database_is(folder: Path, room: Room) -> bool:
    """Say whether the database of views is the one that was published."""
    database = folder / DATABASE
    return database.exists() and database.stat().st_size == room.database_bytes


def _write_database(folder: Path, room: Room, comments: Comments, now: datetime) -> int:
    """Write the database of views under another name and put it in place with one rename. Returns its bytes."""
    fresh = folder / f".{DATABASE}.{secrets.token_hex(4)}.new"
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH {_quote(str(fresh))} AS room (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("USE room")
        con.execute("BEGIN TRANSACTION")
        for table in (*GROWING, *CHANGING):
            con.execute(f"CREATE VIEW {table} AS {_select_rows(folder, table, room.of(table))}")
        for sql in view_statements():
            con.execute(sql)
        _write_comments(con, comments)
        _write_colophon(con, folder, room, now)
        con.execute("COMMIT")
        con.execute("USE memory")
        con.execute("DETACH room")
    fresh.chmod(0o444)
    fresh.replace(folder / DATABASE)
    return (folder / DATABASE).stat().st_size


def _write_comments(con: duckdb.DuckDBPyConnection, comments: Comments) -> None:
    statements = []
    for (table, column), text in comments.items():
        if table in GROWING or table in CHANGING:
            what = f"COLUMN {table}.{column}" if column else f"VIEW {table}"
            statements.append(f"COMMENT ON {what} IS {_quote(text)}")
    con.execute(";".join(statements))


def _write_colophon(con: duckdb.DuckDBPyConnection, folder: Path, room: Room, now: datetime) -> None:
    """Write into the room what it is: how far it goes, of which schema, from which files."""
    con.execute("CREATE TABLE reading_room (watermark UBIGINT, schema_version INTEGER, published_at TIMESTAMPTZ)")
    con.execute("INSERT INTO reading_room VALUES (?, ?, ?)", [room.watermark, room.schema_version, now])
    con.execute("COMMENT ON TABLE reading_room IS 'Up to which batch_id this room goes, and when it was published.'")
    con.execute("CREATE TABLE reading_room_files (table_name VARCHAR, path VARCHAR)")
    rows = [[file.table, str(folder / file.path)] for file in room.files]
    con.executemany("INSERT INTO reading_room_files VALUES (?, ?)", rows)
    con.execute("COMMENT ON TABLE reading_room_files IS 'The files behind the views.'")


def _delete_expired(folder: Path, room: Room, now: datetime, grace: timedelta) -> Room:
    """Delete what was retired longer than the grace period ago, and what a killed publisher left behind."""
    kept = tuple(item for item in room.retired if now - datetime.fromisoformat(item.retired_at) < grace)
    known = {file.path for file in room.files} | {item.path for item in kept}
    expired = {item.path for item in room.retired} - known
    old = now - grace
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        unknown = path.suffix in {".parquet", ".writing", ".new"} and name not in known
        if unknown and (name in expired or datetime.fromtimestamp(path.stat().st_mtime, UTC) < old):
            path.unlink(missing_ok=True)
    return replace(room, retired=kept)
