"""What one poll of a feed leaves in the frontier: each item new, known or refused. The caller holds the transaction."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from model.outcomes import EntryOutcome, RejectReason
from model.records import Entry, RejectedEntry
from storage.frontier_rows import text_or_none, to_text
from storage.tombstones import hash_url

#: An item refused for what its feed said of it is new on the day the feed says better, or its date has come.
MENDABLE = (RejectReason.NO_LINK, RejectReason.BAD_URL, RejectReason.FUTURE_DATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Which feed was read, when, and whether what it brings is history."""

    feed_url: str
    publisher: str
    seen_at: datetime
    is_history: bool


def seen(con: sqlite3.Connection, feed_url: str, entry_id: str) -> sqlite3.Row | None:
    """Give an entry as it was seen before in the same feed."""
    row: sqlite3.Row | None = con.execute(
        "SELECT * FROM entries WHERE feed_url = ? AND entry_id = ?", (feed_url, entry_id)
    ).fetchone()
    return row


def record_entry(con: sqlite3.Connection, poll: Poll, entry: Entry, canonical_url: str | None) -> str:
    """Save one entry. Returns new, duplicate or rejected."""
    if canonical_url is None:
        excerpt = f"{entry.title} {entry.url}".strip()
        refused = RejectedEntry(reason=RejectReason.BAD_URL, excerpt=excerpt, entry_id=entry.entry_id)
        record_rejected(con, poll, refused)
        return "rejected"
    if _is_forgotten(con, canonical_url, poll.publisher):
        # Its own words may identify what was forgotten: only the fact remains.
        refused = RejectedEntry(reason=RejectReason.FORGOTTEN, excerpt="", entry_id=hash_url(entry.entry_id))
        record_rejected(con, poll, refused)
        return "rejected"
    known = seen(con, poll.feed_url, entry.entry_id)
    if known is not None and known["reason"] in MENDABLE:
        con.execute("DELETE FROM entries WHERE id = ?", (known["id"],))
        known = None
    if known is not None:
        _update_entry(con, known, entry, canonical_url)
        return "duplicate"
    _insert_entry(con, poll, entry, canonical_url)
    return "new"


def _insert_entry(con: sqlite3.Connection, poll: Poll, entry: Entry, canonical_url: str) -> None:
    """Add an entry: pending, or a duplicate at once when another already led to the same page."""
    done = con.execute(
        "SELECT article_id FROM entries WHERE canonical_url = ? AND outcome IN ('article', 'duplicate') LIMIT 1",
        (canonical_url,),
    ).fetchone()
    con.execute(
        "INSERT INTO entries (feed_url, entry_id, url, canonical_url, title, published_at, first_seen_at,"
        " is_history, outcome, article_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            poll.feed_url, entry.entry_id, entry.url, canonical_url, entry.title, text_or_none(entry.published_at),
            to_text(poll.seen_at), poll.is_history, EntryOutcome.DUPLICATE if done else EntryOutcome.PENDING,
            done["article_id"] if done else None,
        ),
    )  # fmt: skip


def _update_entry(con: sqlite3.Connection, known: sqlite3.Row, entry: Entry, canonical_url: str) -> None:
    """Follow a retitled, re-dated or moved entry. Where a page already became something, its address stays."""
    pending = known["outcome"] == EntryOutcome.PENDING
    url, canonical = (entry.url, canonical_url) if pending else (known["url"], known["canonical_url"])
    published_at = text_or_none(entry.published_at) or known["published_at"]
    values = (url, canonical, entry.title, published_at)
    if values != (known["url"], known["canonical_url"], known["title"], known["published_at"]):
        con.execute(
            "UPDATE entries SET url = ?, canonical_url = ?, title = ?, published_at = ?, changed = 1 WHERE id = ?",
            (*values, known["id"]),
        )


def record_rejected(con: sqlite3.Connection, poll: Poll, item: RejectedEntry) -> None:
    """Save an item that cannot be followed, once."""
    con.execute(
        "INSERT OR IGNORE INTO entries (feed_url, entry_id, url, canonical_url, title, first_seen_at, is_history,"
        " outcome, reason) VALUES (?, ?, '', '', ?, ?, ?, ?, ?)",
        (
            poll.feed_url, item.entry_id or hash_url(item.excerpt), item.excerpt, to_text(poll.seen_at),
            poll.is_history,            EntryOutcome.REJECTED, item.reason,
        ),
    )  # fmt: skip


def _is_forgotten(con: sqlite3.Connection, canonical_url: str, publisher: str) -> bool:
    row = con.execute(
        "SELECT 1 FROM tombstones WHERE (kind = 'url' AND target = ?) OR (kind = 'publisher' AND target = ?)",
        (hash_url(canonical_url), publisher),
    ).fetchone()
    return row is not None
