"""Rematch: stored texts ─ match with the watch's lexicon ─ land ─ load, in batches, going on where it stopped."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any

from extractors.mentions import Matcher
from flows.steps.load import load_landed
from flows.workspace import Workspace
from model.errors import StorageError, UsageError
from model.watch import ActorRow, ExclusionRow, LexiconRow
from storage import landing, reading_room, rematches
from storage.locks import only_one
from storage.rematches import StoredText
from storage.tables import to_arrow

CHUNK = 1_000  #: texts that a process matches at once and a batch holds: about a second of work, which a kill loses
LOAD_EVERY = 20  #: batches: a load publishes the reading room, which costs as much as matching a thousand texts
AHEAD = 2  #: chunks a process may be ahead of the landing, so that none waits while batches are loaded

Watched = tuple[Sequence[LexiconRow], Sequence[ActorRow], Sequence[ExclusionRow]]
Tables = dict[str, Any]
Chunk = list[StoredText]


@dataclass(kw_only=True)
class RematchReport:
    """The accounting of one rematch. pending = rematched + passed_over + what waits in landing or was not reached."""

    lexicon_version: str
    before: dict[str, int]  #: editions under each other lexicon version when it began
    pending: int  #: of them those that were not waiting in landing already
    rematched: int = 0
    passed_over: int = 0
    waiting: int = 0  #: batches still in landing: somebody held the corpus
    left: int = 0  #: editions that count under another lexicon version after it
    concepts: list[dict[str, Any]] = field(default_factory=list)  #: whose number of articles changed
    warnings: list[str] = field(default_factory=list)


def rematch(
    work: Workspace, clock: Callable[[], datetime], *, jobs: int, show: Callable[[str, int], Callable[[int], None]]
) -> RematchReport:
    """Match every stored edition that counts under another lexicon version than the watch's, and load what was found.

    Each batch is landed before the next, so a kill loses what `jobs` processes had under way, and another run goes on.
    `show` gets the name and length of a piece of work and gives what to call as it goes on. Raises UsageError without a
    corpus, AlreadyRunningError when another process rematches this one.
    """
    paths = work.paths
    if not paths.corpus.exists():
        raise UsageError(f"there is no corpus at {paths.corpus}")
    with only_one(paths.corpus.with_name(paths.corpus.name + ".rematch.lock"), f"rematching {paths.corpus}"):
        first = load_landed(work, clock())  # what an earlier run landed, and the reading room as of now
        version = work.watch.lexicon_version
        pending, texts = rematches.texts_behind(paths, version)
        report = RematchReport(lexicon_version=version, before=_others(work), pending=pending)
        report.warnings += first.warnings
        advance = show("match again", pending)
        for number, (chunk, tables) in enumerate(_matched(work, texts, min(jobs, 1 + pending // CHUNK)), 1):
            now = clock()
            landing.write_rows(paths.landing, "rematch", landing.new_name(now), tables, now)
            advance(len(chunk))
            if number % LOAD_EVERY == 0:
                _load(work, clock(), report)
        _load(work, clock(), report)
        report.left = sum(_others(work).values())
        report.concepts = [
            {"concept": concept, "before": before, "after": after}
            for concept, before, after in rematches.changed_concepts(paths, version)
        ]
        return report


def _others(work: Workspace) -> dict[str, int]:
    with reading_room.connect(work.paths) as con:
        return rematches.other_versions(con, work.watch.lexicon_version)


def _load(work: Workspace, now: datetime, report: RematchReport) -> None:
    done = load_landed(work, now)
    report.rematched += done.rematched
    report.passed_over += done.passed_over
    report.waiting = done.waiting
    report.warnings += done.warnings


# --- matching on every core


def _matched(work: Workspace, texts: Iterator[StoredText], jobs: int) -> Iterator[tuple[Chunk, Tables]]:
    """Match the texts chunk by chunk: the chunk and its rows, in the order of the texts."""
    watch = work.watch
    rows = (watch.lexicon, watch.actors, watch.exclusions)
    chunks = rematches.in_chunks(texts, CHUNK)
    if jobs <= 1:
        matcher = Matcher(*rows)
        yield from ((chunk, tables_of(matcher, chunk, watch.lexicon_version)) for chunk in chunks)
        return
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start, (rows, watch.lexicon_version))
    try:
        yield from _in_turn(pool, chunks, AHEAD * jobs)
    except BrokenProcessPool as error:
        raise StorageError("a process that matched was killed; rematch again: what was landed stays") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _in_turn(pool: ProcessPoolExecutor, chunks: Iterable[Chunk], ahead: int) -> Iterator[tuple[Chunk, Tables]]:
    waiting: deque[tuple[Chunk, Future[Tables]]] = deque()
    for chunk in chunks:
        waiting.append((chunk, pool.submit(_work, chunk)))
        if len(waiting) > ahead:
            first, found = waiting.popleft()
            yield first, found.result()
    for first, found in waiting:
        yield first, found.result()


def tables_of(matcher: Matcher, texts: Chunk, version: str) -> Tables:
    """Match texts in their stored languages and give the rows of their batch."""
    found = [matcher.match(text.title, text.text, text.language) for text in texts]
    rows = [
        {
            "row": row,
            "article_id": text.article_id,
            "edition": text.edition,
            "canonical_url": text.canonical_url,
            "publisher": text.publisher,
            "text_hash": text.text_hash,
            "lexicon_version": version,
            "tension": one.tension,
        }
        for row, (text, one) in enumerate(zip(texts, found, strict=True))
    ]
    return {name: to_arrow(name, some) for name, some in {"rematches": rows, **landing.match_rows(found)}.items()}


_own: tuple[Matcher, str] | None = None  #: of a process: set once by _start


def _start(rows: Watched, version: str) -> None:
    """Prepare a process: its matcher, and that it ends with whoever started it, however that ends."""
    global _own
    _own = (Matcher(*rows), version)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its pool
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(texts: Chunk) -> Tables:
    assert _own is not None  # noqa: S101 - set by _start in each process
    matcher, version = _own
    return tables_of(matcher, texts, version)
