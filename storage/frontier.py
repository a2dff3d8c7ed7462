# ruff: noqa: S608 -- what is put into SQL are names of this file; values are bound
"""The frontier: what a worker knows of its feeds, their entries and the pages behind them.

One SQLite file for each worker, small, readable at any time. Every method is one transaction. It may be lost: feeds are
then fetched whole once more, and the load drops what the corpus has.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from model.errors import StorageError
from model.outcomes import EntryOutcome, PageOutcome, RejectReason
from model.records import (
    Article,
    Batch,
    Entry,
    EntryRecord,
    Feed,
    FeedFetch,
    FeedState,
    ParsedFeed,
    PendingEntry,
)
from storage import polls
from storage.frontier_rows import (
    entry_record,
    feed_fetch,
    feed_state,
    id_text,
    pending_entry,
    text_or_none,
    to_instant,
    to_text,
)
from storage.migrate import read_migrations, unapplied
from storage.tombstones import hash_url

HERE = Path(__file__).parent
MIGRATIONS = HERE / "frontier_migrations"
_YOUNG_PAGES = (HERE / "queries" / "young_pages.sql").read_text("utf-8")
_PENDING_PAGES = (HERE / "queries" / "pending_pages.sql").read_text("utf-8")

#: Another process writes for milliseconds at a time; ten seconds cover a slow disk.
BUSY_MS = 10_000

Canonicalise = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """What the page behind a pending URL became. `canonical_url` is the pending entry's, whatever the page claims."""

    canonical_url: str
    outcome: PageOutcome
    reason: RejectReason | None = None  #: of a rejected page
    article: Article | None = None  #: of an article


class Frontier:
    """An open frontier file. Use it from the thread that opened it."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["Frontier"]:
        """Open a frontier for the length of a `with` block; make or migrate the file when needed.

        Raises StorageError when the file cannot be used.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(_connect(path)) as con:
                _migrate(con, path)
                yield cls(con)
        except (sqlite3.DatabaseError, OSError) as error:
            raise StorageError(
                f"cannot use the frontier {path}: {error}; make it writable, or move it away: feeds are then fetched "
                "whole once more and nothing is stored twice"
            ) from error

    # --- feeds ----------------------------------------------------------------------------------------------------

    def sync_feeds(self, feeds: Sequence[Feed]) -> None:
        """Know exactly the watch's feeds: new ones are due at once, removed ones rest with all they have learnt."""
        with self._transaction():
            self._con.execute("UPDATE feeds SET active = 0")
            self._con.executemany(
                "INSERT INTO feeds (url, publisher, language, active, poll_url) VALUES (?, ?, ?, 1, ?)"
                " ON CONFLICT (url) DO UPDATE SET publisher = excluded.publisher, language = excluded.language,"
                " active = 1",
                [(feed.url, feed.publisher, feed.language, feed.url) for feed in feeds],
            )

    def feed_states(self) -> list[FeedState]:
        """List the active feeds by address."""
        return [feed_state(row) for row in self._con.execute("SELECT * FROM feeds WHERE active = 1 ORDER BY url")]

    def due_feeds(self, now: datetime, *, everything: bool = False) -> list[FeedState]:
        """List the feeds to poll now, never polled first, then the most overdue. `everything`: whether due or not."""
        rows = self._con.execute(
            "SELECT * FROM feeds WHERE active = 1 AND (:all OR next_poll_at IS NULL OR next_poll_at <= :now)"
            " ORDER BY next_poll_at, url",  # NULLs come first in SQLite
            {"all": everything, "now": to_text(now)},
        )
        return [feed_state(row) for row in rows]

    def unseen(self, feed_url: str, entries: Iterable[Entry]) -> int:
        """Count the entries that a feed never carried before, for whoever schedules before it records."""
        return sum(polls.seen(self._con, feed_url, entry.entry_id) is None for entry in entries)

    def record_poll(
        self,
        state: FeedState,
        fetch: FeedFetch,
        parsed: ParsedFeed | None,
        *,
        canonicalise: Canonicalise,
        is_history: bool,
    ) -> FeedFetch:
        """Save one poll: the feed's new state, its entries, and how many of them were new.

        `canonicalise` gives a link's normal form, or None when it cannot be followed. `is_history`: it is the feed's
        first. Items of the document = new + duplicate + rejected of the FeedFetch returned, which is kept for landing.
        """
        poll = polls.Poll(
            feed_url=state.url, publisher=state.publisher, seen_at=fetch.fetched_at, is_history=is_history
        )
        with self._transaction():
            counts = Counter(duplicate=0 if parsed is None else parsed.repeated)
            for entry in () if parsed is None else parsed.entries:
                counts[polls.record_entry(self._con, poll, entry, canonicalise(entry.url))] += 1
            for item in () if parsed is None else parsed.rejected:
                polls.record_rejected(self._con, poll, item)
                counts["rejected"] += 1
            counted = replace(fetch, new=counts["new"], duplicate=counts["duplicate"], rejected=counts["rejected"])
            self._save_state(replace(state, last_new_at=fetch.fetched_at) if counted.new else state)
            self._save_fetch(counted)
        return counted

    # --- pages ----------------------------------------------------------------------------------------------------

    def pending_pages(self, now: datetime, limit: int) -> list[PendingEntry]:
        """List pages to fetch: each canonical URL once, publishers in turn, newest first."""
        rows = self._con.execute(_PENDING_PAGES, {"now": to_text(now), "limit": limit})
        return [pending_entry(row) for row in rows]

    def young_pages(self, now: datetime, limit: int) -> list[PendingEntry]:
        """List articles to read again for a changed text: once six hours, once a day after they were first seen."""
        ages = {"six_hours_ago": 6, "day_ago": 24, "two_days_ago": 48}
        values = {name: to_text(now - timedelta(hours=hours)) for name, hours in ages.items()}
        rows = self._con.execute(_YOUNG_PAGES, {**values, "limit": limit})
        return [pending_entry(row) for row in rows]

    def read_again(self, canonical_url: str, now: datetime) -> None:
        """Save that the article an entry led to was looked at again, whatever was found."""
        with self._transaction():
            self._con.execute(
                "UPDATE articles SET fetched_at = ? WHERE article_id IN"
                " (SELECT article_id FROM entries WHERE canonical_url = ? AND outcome = 'article')",
                (to_text(now), canonical_url),
            )

    def count_pending(self) -> int:
        """Count the pages that have not become anything yet."""
        row = self._con.execute("SELECT count(DISTINCT canonical_url) FROM entries WHERE outcome = ''").fetchone()
        return int(row[0])

    def defer(self, entry: PendingEntry, detail: str, next_try_at: datetime) -> None:
        """Try a page again later: every entry that leads to it waits, and the attempt counts."""
        with self._transaction():
            self._con.execute(
                "UPDATE entries SET attempts = attempts + 1, next_try_at = ?, detail = ?"
                " WHERE canonical_url = ? AND outcome = ''",
                (to_text(next_try_at), detail, entry.canonical_url),
            )

    def known_text(self, article_id: int) -> str | None:
        """Give the hash of an article's last text, or None when it never landed."""
        row = self._con.execute(
            "SELECT text_hash FROM articles WHERE article_id = ?", (id_text(article_id),)
        ).fetchone()
        return None if row is None else str(row["text_hash"])

    # --- landing --------------------------------------------------------------------------------------------------

    def next_batch(
        self, name: str, landed_at: datetime, pages: Sequence[PageResult] = (), limit: int = 50_000
    ) -> Batch:
        """Put together what to land: articles, what became of their entries, and whatever else has changed.

        That is every entry and poll that has not landed as it stands, at most `limit` of each; the rest comes with the
        next batch. Nothing is marked: after `landing.write` give the same batch to `mark_landed`.
        """
        articles: dict[tuple[int, str], Article] = {}
        told: dict[tuple[str, str], EntryRecord] = {}
        for page in pages:
            became = _became(page, self._is_known(page.article, articles))
            if page.article is not None and became is EntryOutcome.ARTICLE:
                articles[page.article.article_id, page.article.text_hash] = page.article
            told.update(((record.feed_url, record.entry_id), record) for record in self._records_of(page, became))
        changed, fetches = self.unlanded(limit)
        told = {(record.feed_url, record.entry_id): record for record in changed} | told
        return Batch(
            name=name,
            landed_at=landed_at,
            articles=tuple(articles.values()),
            entries=tuple(told.values()),
            feed_fetches=fetches,
        )

    def unlanded(self, limit: int = 50_000) -> tuple[tuple[EntryRecord, ...], tuple[FeedFetch, ...]]:
        """List entries and polls that have not landed as they stand, oldest first, at most `limit` of each."""
        entries = self._con.execute("SELECT * FROM entries WHERE changed = 1 ORDER BY id LIMIT ?", (limit,))
        fetches = self._con.execute("SELECT * FROM feed_fetches ORDER BY fetched_at, feed_url LIMIT ?", (limit,))
        return tuple(map(entry_record, entries)), tuple(map(feed_fetch, fetches))

    def mark_landed(self, batch: Batch) -> None:
        """Save, in one transaction, that a batch is safe in the landing folder and what became of its entries.

        Call it after `landing.write`. A kill in between repeats the batch's pages, and the load drops the repetition.
        Other entries that led to the same pages get their outcomes here, and land with the next batch.
        """
        with self._transaction():
            for entry in batch.entries:
                self._mark_entry(entry)
            for entry in batch.entries:
                if entry.outcome is not EntryOutcome.PENDING and entry.canonical_url:
                    self._settle_others(entry)
            self._con.executemany(
                "DELETE FROM feed_fetches WHERE feed_url = ? AND fetched_at = ?",
                [(fetch.feed_url, to_text(fetch.fetched_at)) for fetch in batch.feed_fetches],
            )
            for article in batch.articles:
                self._save_article(article)

    # --- manners --------------------------------------------------------------------------------------------------

    def robots(self, host: str) -> tuple[datetime, str, bytes] | None:
        """Give what is kept of a host's robots.txt: when it was fetched, with which outcome, its bytes."""
        row = self._con.execute("SELECT * FROM robots WHERE host = ?", (host,)).fetchone()
        return None if row is None else (to_instant(row["fetched_at"]), str(row["outcome"]), bytes(row["body"]))

    def put_robots(self, host: str, fetched_at: datetime, outcome: str, body: bytes) -> None:
        """Keep a host's robots.txt, or why there is none."""
        with self._transaction():
            values = (host, to_text(fetched_at), outcome, body)
            self._con.execute("INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)", values)

    # --- forgetting -----------------------------------------------------------------------------------------------

    def tombstones(self) -> list[tuple[str, str, datetime]]:
        """List what must stay out: target, kind, since when."""
        rows = self._con.execute("SELECT target, kind, forgotten_at FROM tombstones ORDER BY forgotten_at")
        return [(row["target"], row["kind"], to_instant(row["forgotten_at"])) for row in rows]

    def forget(self, target: str, kind: str, now: datetime) -> int:
        """Erase a canonical URL (kind `url`) or a publisher (kind `publisher`) and keep it out.

        Returns how many entries were erased. What is left of them says that there was one, and nothing else.
        """
        stone = hash_url(target) if kind == "url" else target
        mine = "canonical_url = ?" if kind == "url" else "feed_url IN (SELECT url FROM feeds WHERE publisher = ?)"
        whose = "canonical_url = ?" if kind == "url" else "publisher = ?"
        with self._transaction():
            self._con.execute("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?)", (stone, kind, to_text(now)))
            self._con.execute(f"DELETE FROM articles WHERE {whose}", (target,))
            rows = self._con.execute(
                f"SELECT id, entry_id FROM entries WHERE {mine} AND reason <> 'forgotten'", (target,)
            ).fetchall()
            self._con.executemany(
                "UPDATE entries SET entry_id = ?, url = '', canonical_url = '', title = '', published_at = NULL,"
                " article_id = NULL, outcome = 'rejected', reason = 'forgotten', detail = '', changed = 1 WHERE id = ?",
                [(hash_url(row["entry_id"]), row["id"]) for row in rows],  # an entry id may be the URL itself
            )
        return len(rows)

    # --- inside ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._con.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._con.execute("ROLLBACK")
            raise
        self._con.execute("COMMIT")

    def _save_state(self, state: FeedState) -> None:
        self._con.execute(
            "UPDATE feeds SET poll_url = ?, etag = ?, last_modified = ?, body_hash = ?, next_poll_at = ?,"
            " interval_s = ?, failures = ?, first_polled_at = ?, last_ok_at = ?, last_new_at = ?, last_outcome = ?"
            " WHERE url = ?",
            (
                state.poll_url, state.validators.etag, state.validators.last_modified, state.validators.body_hash,
                text_or_none(state.next_poll_at), state.interval_s, state.failures,
                text_or_none(state.first_polled_at), text_or_none(state.last_ok_at),
                text_or_none(state.last_new_at), state.last_outcome, state.url,
            ),
        )  # fmt: skip

    def _save_fetch(self, fetch: FeedFetch) -> None:
        self._con.execute(
            "INSERT OR REPLACE INTO feed_fetches VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                fetch.feed_url, to_text(fetch.fetched_at), fetch.outcome, fetch.http_status, fetch.new, fetch.duplicate,
                fetch.rejected, fetch.detail,
            ),
        )  # fmt: skip

    def _is_known(self, article: Article | None, landing: Mapping[tuple[int, str], Article]) -> bool:
        """Say whether this very text of an article has landed, or lies in the batch in the making."""
        if article is None:
            return False
        return (article.article_id, article.text_hash) in landing or (
            self.known_text(article.article_id) == article.text_hash
        )

    def _records_of(self, page: PageResult, became: EntryOutcome) -> Iterator[EntryRecord]:
        """Give every pending entry of a page its outcome: the first leads to the article, the others are duplicates."""
        if became is EntryOutcome.PENDING:
            return
        rows = self._con.execute(
            "SELECT * FROM entries WHERE canonical_url = ? AND outcome = '' ORDER BY first_seen_at, id",
            (page.canonical_url,),
        ).fetchall()
        article_id = page.article.article_id if page.article else None
        for place, row in enumerate(rows):
            outcome = EntryOutcome.DUPLICATE if place and became is EntryOutcome.ARTICLE else became
            yield replace(entry_record(row), outcome=outcome, reason=page.reason or "", article_id=article_id)

    def _mark_entry(self, entry: EntryRecord) -> None:
        """Save what became of an entry; one that the feed changed since then stays to be landed again."""
        self._con.execute(
            "UPDATE entries SET outcome = :outcome, reason = :reason, article_id = :article_id,"
            " changed = NOT (title = :title AND url = :url AND published_at IS :published_at)"
            " WHERE feed_url = :feed_url AND entry_id = :entry_id",
            {
                "outcome": entry.outcome,
                "reason": entry.reason,
                "article_id": id_text(entry.article_id),
                "title": entry.title,
                "url": entry.url,
                "published_at": text_or_none(entry.published_at),
                "feed_url": entry.feed_url,
                "entry_id": entry.entry_id,
            },
        )

    def _settle_others(self, entry: EntryRecord) -> None:
        """Give the entries that still wait for the same page its outcome: one article, the others its duplicates."""
        rejected = entry.outcome is EntryOutcome.REJECTED
        self._con.execute(
            "UPDATE entries SET outcome = ?, reason = ?, article_id = ?, changed = 1"
            " WHERE canonical_url = ? AND outcome = ''",
            (
                EntryOutcome.REJECTED if rejected else EntryOutcome.DUPLICATE,
                entry.reason,
                id_text(entry.article_id),
                entry.canonical_url,
            ),
        )

    def _save_article(self, article: Article) -> None:
        self._con.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (article_id) DO UPDATE SET"
            " text_hash = excluded.text_hash, fetched_at = excluded.fetched_at",
            (
                id_text(article.article_id), article.canonical_url, article.publisher, article.text_hash,
                to_text(article.first_seen_at), to_text(article.fetched_at),
            ),
        )  # fmt: skip


def next_polls(path: Path) -> dict[str, datetime]:
    """Give when each feed is polled next, for whoever only looks: a frontier that does not exist is not made."""
    if not path.exists():
        return {}
    with Frontier.open(path) as frontier:
        return {state.url: state.next_poll_at for state in frontier.feed_states() if state.next_poll_at is not None}


def _became(page: PageResult, known: bool) -> EntryOutcome:
    """Say what a page makes of its first entry; a deferred page leaves it pending."""
    if page.outcome is PageOutcome.ARTICLE:
        return EntryOutcome.DUPLICATE if known else EntryOutcome.ARTICLE
    return EntryOutcome.REJECTED if page.outcome is PageOutcome.REJECTED else EntryOutcome.PENDING


def _connect(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
    con.row_factory = sqlite3.Row
    con.execute("PRAGMA journal_mode = WAL")
    # NORMAL: a power cut may lose the last transactions, never the file. What they said is fetched and landed once
    # more, and the load drops it; FULL would pay a flush for each of thousands of small transactions.
    con.execute("PRAGMA synchronous = NORMAL")
    return con


def _migrate(con: sqlite3.Connection, path: Path) -> None:
    made = con.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone()
    applied = dict(con.execute("SELECT version, sha256 FROM schema_version").fetchall()) if made else {}
    for migration in unapplied(read_migrations(MIGRATIONS), applied, path):
        # Named columns by position; quotes cannot occur in a number, a checked file name or a hex digest.
        record = (
            f"INSERT INTO schema_version VALUES ({migration.version}, '{migration.name}', '{migration.sha256}',"
            " strftime('%Y-%m-%dT%H:%M:%SZ', 'now'));"
        )
        con.executescript(f"BEGIN IMMEDIATE;\n{migration.sql}\n{record}\nCOMMIT;")
