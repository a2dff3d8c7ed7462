# ruff: noqa: S608 -- what is put into SQL are names of this file; values are bound
"""The loader: landed batches into the corpus, one transaction each, then the reading room anew.

One loader per corpus, by an operating-system lock. A batch leaves the landing folder only after the transaction that
loaded it was committed and written through; its name in the ledger keeps it from being loaded twice.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb

from model.config import Paths
from model.errors import CorpusBusyError, StorageError
from model.records import Feed, StoryRules
from model.watch import ActorRow, LexiconRow, Watch
from storage import landing, publishing
from storage.corpus import DEADLINE_S, check_free_space, open_corpus, transaction, watermark
from storage.joining import Nearby
from storage.landing import DamagedBatchError, Landed, NewerBatchError
from storage.locks import AlreadyRunningError, only_one
from storage.merge import Merged, merge

log = logging.getLogger(__name__)

#: An analyst's query ends sooner; a batch that waits longer means somebody left the file open.
WARN_AFTER = timedelta(minutes=5)
#: Batches merged before the corpus is closed and others have their turn: about 2,000 articles, 2 s and 20 MB.
OPEN_FOR = 20
#: A batch grows when it is merged: bands, signatures, a rewritten row group, the write-ahead log beside the file.
SPACE_PER_LANDED_BYTE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What one load did. articles + editions + duplicates + forgotten = articles of the loaded batches."""

    batches: int = 0
    articles: int = 0
    editions: int = 0
    duplicates: int = 0
    forgotten: int = 0
    entries: int = 0
    feed_fetches: int = 0
    mentions: int = 0
    rematched: int = 0  #: editions matched again by another lexicon
    passed_over: int = 0  #: rematches that say nothing new; rematched + passed_over = rematches of the loaded batches
    waiting: int = 0  #: batches still in landing
    busy: bool = False  #: somebody else holds the corpus, or another loader runs
    watermark: int = 0  #: greatest batch_id of the corpus; 0 when it was not opened
    held_s: float = 0.0  #: seconds the corpus file was held
    warnings: tuple[str, ...] = ()


def load(
    paths: Paths,
    *,
    watch: Watch,
    story_rules: StoryRules,
    now: datetime,
    code_version: str,
    deadline_s: float = DEADLINE_S,
) -> LoadReport:
    """Load all that has landed and publish the reading room.

    When the corpus is held by another process, or another loader runs, nothing is done and nothing is lost: the report
    says `busy`. Raises StorageError when the corpus cannot be used or its disk is full.
    """
    try:
        with only_one(lock_of(paths), f"loading {paths.corpus}"):
            landing.sweep(paths.landing)
            return _load(paths, watch, story_rules, now, code_version, deadline_s)
    except (CorpusBusyError, AlreadyRunningError) as error:
        return _busy_report(paths.landing, now, error)


def lock_of(paths: Paths) -> Path:
    """Name the lock file that whoever writes the corpus holds."""
    return paths.corpus.with_name(paths.corpus.name + ".loader.lock")


def _load(
    paths: Paths, watch: Watch, rules: StoryRules, now: datetime, code_version: str, deadline_s: float
) -> LoadReport:
    merged: list[Merged] = []
    warnings: list[str] = []
    mark, held_s, lost = 0, 0.0, 0
    waiting = landing.pending(paths.landing)
    for some in [waiting[i : i + OPEN_FOR] for i in range(0, len(waiting), OPEN_FOR)] or [[]]:
        batches, left, unread = _read(some)
        warnings += unread
        began = monotonic()
        try:
            with open_corpus(paths.corpus, now, deadline_s=deadline_s) as con:
                _replace_references(con, watch)
                known = _known_names(con, some)
                fresh = [batch for batch in batches if batch.name not in known]
                merged += _load_batches(con, paths.corpus, fresh, rules, now, code_version)
                mark = watermark(con)
                lost = _missing_rows(con)
        except duckdb.FatalException as error:
            raise _fatal(paths, error) from error
        held_s += monotonic() - began
        # Only now is all of it in the corpus file itself and not in its write-ahead log.
        for path in some:
            if path not in left:
                landing.remove(path)
    if lost:
        warnings.append(
            f"{paths.corpus} lacks {lost} editions that its ledger counts; restore it from a backup: a file copied "
            "without its .wal, or a disk that lost writes, looks like this"
        )
    sums = {name: sum(getattr(m, name) for m in merged) for name in _SUMMED}
    return LoadReport(
        batches=len(merged),
        waiting=len(landing.pending(paths.landing)),
        watermark=mark,
        held_s=held_s,
        warnings=(*warnings, *_publish(paths, now, deadline_s)),
        **sums,
    )


def _read(some: Sequence[Path]) -> tuple[list[Landed], set[Path], list[str]]:
    """Read batches before the corpus is opened for them.

    What is damaged is moved away; what a newer program landed is left for it; both with a warning.
    """
    batches, left, warnings = [], set(), []
    for path in some:
        try:
            batches.append(landing.read(path))
        except DamagedBatchError as error:
            left.add(path)
            warnings.append(_set_aside(path, error))
        except NewerBatchError as error:
            left.add(path)
            warnings.append(str(error))
    return batches, left, warnings


_SUMMED = (
    "articles",
    "editions",
    "duplicates",
    "forgotten",
    "entries",
    "feed_fetches",
    "mentions",
    "rematched",
    "passed_over",
)


def _load_batches(
    con: duckdb.DuckDBPyConnection,
    corpus: Path,
    batches: Sequence[Landed],
    rules: StoryRules,
    now: datetime,
    code_version: str,
) -> list[Merged]:
    """Merge batches, each in a transaction of its own."""
    merged = []
    nearby = Nearby(con, [batch.rows("articles") for batch in batches], rules)
    for batch in batches:
        check_free_space(corpus, batch.bytes * SPACE_PER_LANDED_BYTE)
        with transaction(con):
            merged.append(merge(con, batch, nearby, now, code_version))
    return merged


def _missing_rows(con: duckdb.DuckDBPyConnection) -> int:
    """Compare the ledger with the rows there are: DuckDB 2.0.0 opens a file whose log was cut short without a word."""
    row = con.execute(
        "SELECT (SELECT coalesce(sum(articles + editions), 0) FROM batches) - (SELECT count(*) FROM articles)"
    ).fetchone()
    return max(0, int(row[0])) if row else 0


def _known_names(con: duckdb.DuckDBPyConnection, waiting: Sequence[Path]) -> set[str]:
    names = [landing.name_of(path) for path in waiting]
    rows = con.execute("SELECT name FROM batches WHERE name IN (SELECT unnest(?::VARCHAR[]))", [names]).fetchall()
    return {name for (name,) in rows}


def _set_aside(path: Path, error: DamagedBatchError) -> str:
    aside = landing.set_aside(path)
    message = f"a landed batch is damaged and was moved to {aside} ({error}); the rest was loaded"
    log.warning(message)
    return message


def _publish(paths: Paths, now: datetime, deadline_s: float) -> list[str]:
    """Publish the reading room; what was loaded is safe, so a corpus that is busy again only delays it."""
    try:
        publishing.publish(paths, now, deadline_s=deadline_s)
    except CorpusBusyError as error:
        return [f"the reading room was not renewed: {error.path} is held open by {error.holder}; the next load does it"]
    return []


def _busy_report(folder: Path, now: datetime, error: StorageError) -> LoadReport:
    waiting = landing.pending(folder)
    warnings = []
    oldest = _landed_at(waiting[0]) if waiting else now
    if now - oldest > WARN_AFTER:
        minutes = int((now - oldest).total_seconds() // 60)
        warnings.append(f"{len(waiting)} batches wait, the oldest for {minutes} minutes: {error}")
    return LoadReport(waiting=len(waiting), busy=True, warnings=tuple(warnings))


def _landed_at(path: Path) -> datetime:
    """Read when a batch landed; of a damaged one only the disk can tell."""
    try:
        return landing.read_landed_at(path)
    except DamagedBatchError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _fatal(paths: Paths, error: duckdb.Error) -> StorageError:
    first_line = str(error).splitlines()[0]
    return StorageError(
        f"{paths.corpus} stopped in the middle of a load ({first_line}); see that its disk has free space and load "
        "again: what was committed is safe, the rest waits in landing/"
    )


def _replace_references(con: duckdb.DuckDBPyConnection, watch: Watch) -> None:
    """Bring feeds, concepts and actors to what the watch says now, touching the file only where that changed."""
    with transaction(con):
        _replace(con, "concepts", _concept_rows(watch.lexicon))
        _replace(con, "actors", _actor_rows(watch.actors))
        _replace(con, "feeds", _feed_rows(con, watch.feeds))


def _replace(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    present = con.execute(f"SELECT * FROM {table}").fetchall()
    if sorted(map(repr, present)) == sorted(map(repr, rows)):
        return
    con.execute(f"DELETE FROM {table}")
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        con.executemany(f"INSERT INTO {table} VALUES ({marks})", [list(row) for row in rows])


def _concept_rows(lexicon: Iterable[LexiconRow]) -> list[tuple[Any, ...]]:
    """One row for each concept. Patterns of one concept may weigh differently: the heaviest speaks for it."""
    rows: dict[str, tuple[Any, ...]] = {}
    for row in lexicon:
        old = rows.get(row.concept_id)
        if old is None or row.weight > old[3]:
            gloss = row.gloss or (old[4] if old else "")
            rows[row.concept_id] = (row.concept_id, row.category, row.direction, float(row.weight), gloss)
    return list(rows.values())


def _actor_rows(actors: Iterable[ActorRow]) -> list[tuple[Any, ...]]:
    rows: dict[str, tuple[Any, ...]] = {}
    for row in actors:
        rows.setdefault(row.actor_id, (row.actor_id, row.kind, row.name_en, row.country))
    return list(rows.values())


def _feed_rows(con: duckdb.DuckDBPyConnection, feeds: Iterable[Feed]) -> list[tuple[Any, ...]]:
    """The watch's feeds, and as inactive those the corpus knows from earlier."""
    names = [field.name for field in fields(Feed)]
    rows = {feed.url: (*(getattr(feed, name) for name in names), True) for feed in feeds}
    for old in con.execute(f"SELECT {', '.join(names)} FROM feeds").fetchall():
        rows.setdefault(old[0], (*old, False))
    return list(rows.values())
