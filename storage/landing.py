"""The landing folder: batches that wait for the loader, whole or not there at all.

A batch is a folder `NAME.batch/` with one Parquet file for each table and `batch.json`, which says how many rows each
holds. It is written under a hidden name, all is flushed to disk, and one rename makes it visible.
Removal renames it out of sight first. So a kill at any moment leaves a batch that is whole, or none.
Whatever goes to the corpus comes through here: articles, polls, evaluations, alerts, deliveries, judgements.
"""

import json
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from model.errors import StorageError
from model.records import ActorMention, Article, Batch, Matches, Mention
from storage.tables import ACTOR_MENTIONS, ARTICLES, ENTRIES, FEED_FETCHES, LANDED, MENTIONS, Rows, to_arrow

log = logging.getLogger(__name__)

KINDS = ("collect", "seed", "backfill", "watch", "deliver", "judge", "forget", "rematch")
SUFFIX = ".batch"
DAMAGED = "damaged"
FORMAT = 1  #: of `batch.json`; a batch with a greater number was written by a newer tensionwatch
#: A writer that is alive renames its batch within seconds. An hour leaves room for a suspended laptop and a slow share.
ABANDONED_AFTER_S = 3600.0

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")


class DamagedBatchError(StorageError):
    """A landed batch that cannot be read."""


class NewerBatchError(StorageError):
    """A landed batch that a newer tensionwatch wrote; this one must not guess what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """A batch read back: its tables by name, each in the shape of `storage.tables`."""

    name: str
    kind: str
    landed_at: datetime
    tables: dict[str, pa.Table]
    bytes: int  #: on disk

    def rows(self, name: str) -> pa.Table:
        """Give one table, empty when the batch has none."""
        table = self.tables.get(name)
        return LANDED[name].schema.empty_table() if table is None else table


def new_name(landed_at: datetime) -> str:
    """Name a batch so that names sort by time and no two workers choose the same (48 random bits)."""
    return f"{landed_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(6)}"


def write(folder: Path, batch: Batch, kind: str = "collect") -> Path:
    """Land what was collected. Returns the batch's folder, safe on disk.

    Raises StorageError when the folder cannot be written.
    """
    tables = {
        ARTICLES.name: [_article_row(row, article) for row, article in enumerate(batch.articles)],
        **match_rows(batch.articles),
        ENTRIES.name: [asdict(entry) for entry in batch.entries],
        FEED_FETCHES.name: [asdict(fetch) for fetch in batch.feed_fetches],
    }
    return write_rows(folder, kind, batch.name, {k: v for k, v in tables.items() if v}, batch.landed_at)


def match_rows(found: Sequence[Article | Matches]) -> dict[str, Rows]:
    """Give the rows of all mentions and actors; `row` is the place of the text they stand in."""
    return {
        MENTIONS.name: [_hit_row(row, mention) for row, one in enumerate(found) for mention in one.mentions],
        ACTOR_MENTIONS.name: [_hit_row(row, actor) for row, one in enumerate(found) for actor in one.actors],
    }


def write_rows(folder: Path, kind: str, name: str, tables: Mapping[str, Rows | pa.Table], landed_at: datetime) -> Path:
    """Land rows of any tables of `storage.tables` as one batch. Returns its folder, safe on disk.

    Raises StorageError when a row does not fit its table or the folder cannot be written.
    """
    if kind not in KINDS or not _NAME.fullmatch(name):
        raise StorageError(f"cannot land {name!r} of kind {kind!r}: kinds are {', '.join(KINDS)}")
    shaped = {table: to_arrow(table, rows) for table, rows in tables.items()}
    target = folder / (name + SUFFIX)
    if target.exists():  # the same name is the same batch: landing it again changes nothing
        return target
    hidden = folder / f".{name}.{os.getpid()}.writing"
    try:
        hidden.mkdir(parents=True)
        for table, rows in shaped.items():
            _write_file(hidden / f"{table}.parquet", rows)
        _write_manifest(hidden / "batch.json", kind, name, landed_at, shaped)
        _flush(hidden)
        hidden.rename(target)
        _flush(folder)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise StorageError(f"cannot land a batch in {folder}: {error.strerror or error}; make it writable") from error
    return target


def pending(folder: Path) -> list[Path]:
    """List whole batches, oldest first. A folder that does not exist yet holds none."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name.endswith(SUFFIX) and not path.name.startswith("."))


def name_of(path: Path) -> str:
    """Give the name of a landed batch, as the ledger keeps it."""
    return path.name.removesuffix(SUFFIX)


def read(path: Path) -> Landed:
    """Read a batch. Raises DamagedBatchError when a file is missing, broken or holds other rows than promised."""
    try:
        manifest = json.loads((path / "batch.json").read_text("utf-8"))
        _check_format(path, manifest)
        tables = {table: _read_file(path / f"{table}.parquet", table) for table in manifest["tables"]}
        for table, rows in manifest["tables"].items():
            if tables[table].num_rows != rows:
                raise DamagedBatchError(f"{path}: {table} holds {tables[table].num_rows} rows, {rows} were landed")
        return Landed(
            name=manifest["name"],
            kind=manifest["kind"],
            landed_at=datetime.fromisoformat(manifest["landed_at"]),
            tables=tables,
            bytes=sum(file.stat().st_size for file in path.iterdir()),
        )
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise DamagedBatchError(f"{path}: {error}") from error


def read_landed_at(path: Path) -> datetime:
    """Read when a batch landed, by the clock of whoever landed it. Raises DamagedBatchError."""
    try:
        return datetime.fromisoformat(json.loads((path / "batch.json").read_text("utf-8"))["landed_at"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedBatchError(f"{path}: {error}") from error


def remove(path: Path) -> None:
    """Take a loaded batch away, out of sight first."""
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(4)}.removing")
    try:
        path.rename(hidden)
    except FileNotFoundError:  # somebody else already did
        return
    shutil.rmtree(hidden, ignore_errors=True)


def set_aside(path: Path) -> Path:
    """Move a damaged batch to `damaged/`, where it blocks nothing and a person can look at it."""
    aside = path.parent / DAMAGED
    aside.mkdir(exist_ok=True)
    target = aside / f"{path.name}.{secrets.token_hex(4)}" if (aside / path.name).exists() else aside / path.name
    path.rename(target)
    return target


def sweep(folder: Path, older_than_s: float = ABANDONED_AFTER_S) -> int:
    """Delete the hidden folders that killed writers and loaders left. Returns how many."""
    if not folder.is_dir():
        return 0
    before = time.time() - older_than_s
    left = [p for p in folder.iterdir() if p.name.startswith(".") and p.suffix in {".writing", ".removing"}]
    old = [path for path in left if _modified(path) < before]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


def waiting_rows(folder: Path, table: str) -> Iterable[dict[str, Any]]:
    """Give the rows of one table that have landed and are not in the corpus yet; damaged batches are passed over."""
    for path in pending(folder):
        if (path / f"{table}.parquet").exists():
            try:
                yield from read(path).rows(table).to_pylist()
            except DamagedBatchError as error:
                log.warning("passed over a damaged batch: %s", error)


def _article_row(row: int, article: Article) -> dict[str, Any]:
    left_out = {"mentions", "actors"}
    values = {name: getattr(article, name) for name in Article.__dataclass_fields__ if name not in left_out}
    return {"row": row, **values}


def _hit_row(row: int, hit: Mention | ActorMention) -> dict[str, Any]:
    """Name the offsets as the corpus does: `end` alone is a word of SQL."""
    values = hit._asdict()
    return {"row": row, "start_offset": values.pop("start"), "end_offset": values.pop("end"), **values}


def _write_file(path: Path, rows: pa.Table) -> None:
    pq.write_table(rows, path, compression="zstd", write_page_checksum=True)
    _flush(path)


def _write_manifest(path: Path, kind: str, name: str, landed_at: datetime, tables: Mapping[str, pa.Table]) -> None:
    manifest = {
        "format": FORMAT,
        "name": name,
        "kind": kind,
        "landed_at": landed_at.astimezone(UTC).isoformat(),
        "tables": {table: rows.num_rows for table, rows in tables.items()},
    }
    path.write_text(json.dumps(manifest, indent=1), "utf-8")
    _flush(path)


def _flush(path: Path) -> None:
    """Force a file or a folder's names to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_format(path: Path, manifest: Mapping[str, Any]) -> None:
    if manifest["format"] > FORMAT:
        raise NewerBatchError(f"{path} was landed by a newer tensionwatch; update this one")
    unknown = set(manifest["tables"]) - set(LANDED)
    if unknown:
        raise NewerBatchError(f"{path} holds unknown tables {', '.join(sorted(unknown))}; update tensionwatch")


def _read_file(path: Path, table: str) -> pa.Table:
    return to_arrow(table, pq.read_table(path, page_checksum_verification=True))


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
