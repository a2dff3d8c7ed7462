"""Rows of the frontier as records, and back. Instants are ISO 8601 in UTC, of fixed width: their text sorts by time."""

import sqlite3
from datetime import UTC, datetime
from typing import Any

from model.outcomes import EntryOutcome, FetchOutcome
from model.records import EntryRecord, FeedFetch, FeedState, PendingEntry, Validators


def to_text(instant: datetime) -> str:
    """Write an instant."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def id_text(article_id: int | None) -> str | None:
    """Write an article_id: 64 unsigned bits do not fit SQLite's integers."""
    return None if article_id is None else str(article_id)


def text_or_none(instant: datetime | None) -> str | None:
    """Write an instant that may be missing."""
    return None if instant is None else to_text(instant)


def to_instant(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text)


def instant_or_none(text: str | None) -> datetime | None:
    """Read an instant that may be missing."""
    return None if text is None else to_instant(text)


def feed_state(row: sqlite3.Row) -> FeedState:
    """Read a row of feeds."""
    return FeedState(
        url=row["url"],
        publisher=row["publisher"],
        poll_url=row["poll_url"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"], body_hash=row["body_hash"]),
        next_poll_at=instant_or_none(row["next_poll_at"]),
        interval_s=row["interval_s"],
        failures=row["failures"],
        first_polled_at=instant_or_none(row["first_polled_at"]),
        last_ok_at=instant_or_none(row["last_ok_at"]),
        last_new_at=instant_or_none(row["last_new_at"]),
        last_outcome=None if row["last_outcome"] is None else FetchOutcome(row["last_outcome"]),
    )


def pending_entry(row: sqlite3.Row) -> PendingEntry:
    """Read a row of pending_pages.sql."""
    values: dict[str, Any] = dict(row)
    values["published_at"] = instant_or_none(row["published_at"])
    values["first_seen_at"] = to_instant(row["first_seen_at"])
    values["is_history"] = bool(row["is_history"])
    return PendingEntry(**values)


def entry_record(row: sqlite3.Row) -> EntryRecord:
    """Read a row of entries."""
    return EntryRecord(
        feed_url=row["feed_url"],
        entry_id=row["entry_id"],
        url=row["url"],
        canonical_url=row["canonical_url"],
        title=row["title"],
        published_at=instant_or_none(row["published_at"]),
        first_seen_at=to_instant(row["first_seen_at"]),
        outcome=EntryOutcome(row["outcome"]),
        reason=row["reason"],
        article_id=None if row["article_id"] is None else int(row["article_id"]),
    )


def feed_fetch(row: sqlite3.Row) -> FeedFetch:
    """Read a row of feed_fetches."""
    values: dict[str, Any] = dict(row)
    values["fetched_at"] = to_instant(row["fetched_at"])
    values["outcome"] = FetchOutcome(row["outcome"])
    return FeedFetch(**values)
