-- The frontier: what one worker knows of feeds, entries and pages. Instants are ISO 8601 in UTC, of fixed width, so
-- that their text sorts by time. Article ids are decimal text: they fill 64 unsigned bits, SQLite's integers 63.

CREATE TABLE feeds (
    url TEXT PRIMARY KEY,
    publisher TEXT NOT NULL,
    language TEXT NOT NULL,
    active INTEGER NOT NULL,          -- 0 when it has left feeds.csv
    poll_url TEXT NOT NULL,           -- where it is really fetched, after permanent redirects
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    body_hash TEXT NOT NULL DEFAULT '',
    next_poll_at TEXT,                -- NULL: due now
    interval_s INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    first_polled_at TEXT,
    last_ok_at TEXT,
    last_new_at TEXT,
    last_outcome TEXT
) STRICT;

CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    feed_url TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    url TEXT NOT NULL,
    canonical_url TEXT NOT NULL,      -- empty when it cannot be followed
    title TEXT NOT NULL,
    published_at TEXT,
    first_seen_at TEXT NOT NULL,
    is_history INTEGER NOT NULL,
    outcome TEXT NOT NULL,            -- '' while pending
    reason TEXT NOT NULL DEFAULT '',
    article_id TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,
    detail TEXT NOT NULL DEFAULT '',  -- why it was deferred last
    changed INTEGER NOT NULL DEFAULT 1, -- 1 until landed as it stands
    UNIQUE (feed_url, entry_id)
) STRICT;
CREATE INDEX entries_pending ON entries (canonical_url) WHERE outcome = '';
CREATE INDEX entries_by_page ON entries (canonical_url);
CREATE INDEX entries_changed ON entries (id) WHERE changed = 1;

-- Polls that have not landed yet.
CREATE TABLE feed_fetches (
    feed_url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    new INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (feed_url, fetched_at)
) STRICT, WITHOUT ROWID;

-- Articles that have landed: a page with the same text again is a duplicate, with another text an edition.
CREATE TABLE articles (
    article_id TEXT PRIMARY KEY,
    canonical_url TEXT NOT NULL,
    publisher TEXT NOT NULL,
    text_hash TEXT NOT NULL,          -- of the text fetched last
    first_seen_at TEXT NOT NULL,
    fetched_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX articles_by_age ON articles (first_seen_at);
CREATE INDEX entries_by_article ON entries (article_id) WHERE outcome = 'article';

CREATE TABLE robots (
    host TEXT PRIMARY KEY,            -- host or origin, as whoever fetches names it
    fetched_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
    target TEXT NOT NULL,             -- SHA-256 of a canonical URL, or a publisher
    kind TEXT NOT NULL,               -- url or publisher
    forgotten_at TEXT NOT NULL,
    PRIMARY KEY (kind, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL
) STRICT;
