"""The closed vocabularies: every value a stage may report, the same in records, tables, messages and docs.

`Outcome` words say what became of one attempt or one item. They are stored as their text, so a value may be added but
never renamed.
"""

from enum import StrEnum


class FetchOutcome(StrEnum):
    """What became of one HTTP fetch, of a feed or of a page."""

    OK = "ok"
    NOT_MODIFIED = "not-modified"  #: 304: the server says nothing changed
    UNCHANGED = "unchanged"  #: 200, but the body's hash is the one we know
    GONE = "gone"  #: 410
    NOT_FOUND = "not-found"  #: 404
    FORBIDDEN = "forbidden"  #: 401, 402, 403, 451
    RATE_LIMITED = "rate-limited"  #: 429, or 503 with Retry-After
    SERVER_ERROR = "server-error"  #: any other 5xx
    CLIENT_ERROR = "client-error"  #: any other 4xx, or a status no client knows
    TIMEOUT = "timeout"
    CONNECTION = "connection-failed"  #: DNS, refused, reset, TLS, broken HTTP
    TOO_LARGE = "too-large"  #: more bytes than `network.max_bytes`
    BOMB = "decompression-bomb"  #: a body that expands beyond any honest ratio
    TOO_MANY_REDIRECTS = "too-many-redirects"
    REFUSED_ADDRESS = "refused-address"  #: private, loopback, link-local or metadata address
    REFUSED_URL = "refused-url"  #: not http(s), or not a URL
    ROBOTS = "robots-disallowed"
    RESERVED = "tdm-reserved"  #: a machine-readable text-and-data-mining reservation
    NOT_A_FEED = "not-a-feed"  #: the body is HTML, or nothing a feed parser knows
    EMPTY = "empty-body"


class RejectReason(StrEnum):
    """Why an entry of a feed or a fetched page never became an article. Ends an item's life."""

    NO_LINK = "no-link"
    BAD_URL = "bad-url"
    FUTURE_DATE = "future-date"
    FORGOTTEN = "forgotten"  #: a tombstone of `tensionwatch forget` covers it
    GONE = "gone"
    NOT_FOUND = "not-found"
    FORBIDDEN = "forbidden"
    CLIENT_ERROR = "client-error"
    TOO_LARGE = "too-large"
    BOMB = "decompression-bomb"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    REFUSED_ADDRESS = "refused-address"
    REFUSED_URL = "refused-url"
    ROBOTS = "robots-disallowed"
    RESERVED = "tdm-reserved"
    NOT_HTML = "not-html"  #: a PDF, an image, a video
    EMPTY = "empty-body"
    NO_TEXT = "no-text"  #: the extractor found no main text
    TOO_SHORT = "too-short"
    SOFT_404 = "soft-404"
    PAYWALL = "paywall-stub"
    WALL = "consent-or-captcha-wall"
    UNREADABLE = "unreadable"  #: bytes that no parser could turn into a document
    GAVE_UP = "gave-up"  #: transient failures until the last allowed attempt


class EntryOutcome(StrEnum):
    """What became of an entry. The empty string means pending."""

    PENDING = ""
    ARTICLE = "article"
    DUPLICATE = "duplicate"  #: another entry already led to the same page
    REJECTED = "rejected"


class PageOutcome(StrEnum):
    """What one fetched page became."""

    ARTICLE = "article"
    REJECTED = "rejected"
    DEFERRED = "deferred"  #: a transient failure; the entry stays pending and is tried again


class Origin(StrEnum):
    """Where an article came from."""

    SEED = "seed"
    FEED = "feed"
    BACKFILL = "backfill"


class DateSource(StrEnum):
    """Whose claim a publication time is."""

    FEED = "feed"
    JSON_LD = "json-ld"
    META = "meta"
    PAGE = "page"  #: a time element or a date in the page's text
    URL = "url"
    MANIFEST = "manifest"
    NONE = "none"


class Mark(StrEnum):
    """How a mention is meant. Anything but ASSERTED weighs less or nothing."""

    ASSERTED = ""
    NEGATED = "negated"
    CONDITIONAL = "conditional"
    HISTORIC = "historic"


class SeriesState(StrEnum):
    """What a series is in, as of one evaluation. The last four are severities, mildest first."""

    WARMING_UP = "warming-up"
    NO_DATA = "no-data"
    QUIET = "quiet"
    WATCH = "watch"
    ALERT = "alert"
    HIGH = "high"
    CRITICAL = "critical"


SEVERITIES: tuple[SeriesState, ...] = (
    SeriesState.WATCH,
    SeriesState.ALERT,
    SeriesState.HIGH,
    SeriesState.CRITICAL,
)


class Judgement(StrEnum):
    """What a person said of an alert."""

    REAL = "real"
    FALSE = "false"
    KNOWN = "known"


class DeliveryOutcome(StrEnum):
    """What became of one attempt to deliver a message."""

    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"  #: the channel asked for other severities, categories or hours


class Field(StrEnum):
    """The part of an article a mention stands in."""

    TITLE = "title"
    TEXT = "text"
