"""The frozen records handed from stage to stage.

Instants end in `_at` and are aware datetimes in UTC; days end in `_day`. A `#:` comment says whose claim a field is
when that is not plain. Nothing here decides anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from model.outcomes import (
    DateSource,
    EntryOutcome,
    FetchOutcome,
    Field,
    Mark,
    Origin,
    PageOutcome,
    RejectReason,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One row of a watch's feeds.csv."""

    url: str
    publisher: str
    homepage: str = ""
    country: str = ""  #: ISO 3166-1 alpha-2 of the publisher
    language: str = ""  #: BCP 47 of most of its texts; `und` when mixed
    kind: str = "rss"  #: rss, atom, rdf, json, news-sitemap
    ownership: str = ""
    rights: str = "excerpt"  #: full, excerpt or headline: what a report may quote
    expected_per_day: float | None = None
    evidence: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What the server gave us to ask again with, and the hash of the body we parsed last."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the frontier knows of one feed."""

    url: str
    publisher: str
    poll_url: str  #: where it is really fetched, after permanent redirects
    validators: Validators = field(default_factory=Validators)
    next_poll_at: datetime | None = None  #: None: due now
    interval_s: int = 0  #: 0: never scheduled
    failures: int = 0  #: in a row
    first_polled_at: datetime | None = None  #: None: its next poll is its first, and what it brings is history
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None  #: when it last brought a new entry
    last_outcome: FetchOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer from the network door, or the reason why there is none. `body` is decoded from its transfer coding."""

    url: str  #: as asked
    final_url: str  #: after redirects
    fetched_at: datetime
    outcome: FetchOutcome
    http_status: int = 0  #: 0: no answer
    headers: dict[str, str] = field(default_factory=dict)  #: lower-case names
    body: bytes = b""
    detail: str = ""  #: one short line for a person
    retry_after_s: int | None = None
    moved_to: str = ""  #: where a permanent redirect chain ended, if every hop was permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a feed says of one item."""

    entry_id: str  #: the feed's guid when it is one of its own, else the canonical URL, else a hash of the title
    url: str
    title: str
    summary: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None  #: according to the feed
    updated_at: datetime | None = None  #: according to the feed


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEntry:
    """An item of a feed that cannot be followed."""

    reason: RejectReason
    excerpt: str
    entry_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What a feed's bytes say. entries + rejected = items in the document, repeats within one document dropped."""

    title: str
    entries: tuple[Entry, ...]
    rejected: tuple[RejectedEntry, ...] = ()
    repeated: int = 0  #: items whose identity stood earlier in the same document
    ttl_s: int | None = None  #: the publisher's wish: RSS ttl or sy:updatePeriod
    children: tuple[str, ...] = ()  #: sitemaps that a sitemap index points to


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFetch:
    """One poll of a feed as the corpus keeps it. entries in the feed = new + duplicate + rejected."""

    feed_url: str
    fetched_at: datetime
    outcome: FetchOutcome
    http_status: int = 0
    new: int = 0
    duplicate: int = 0
    rejected: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEntry:
    """An entry whose page has not become anything yet."""

    feed_url: str
    publisher: str
    entry_id: str
    url: str
    canonical_url: str
    title: str
    published_at: datetime | None
    first_seen_at: datetime
    is_history: bool  #: it came with its feed's first poll
    attempts: int = 0
    language_hint: str = ""  #: the feed's language in feeds.csv


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """An entry as the corpus keeps it: what the feed said and what became of it."""

    feed_url: str
    entry_id: str
    url: str
    canonical_url: str
    title: str
    published_at: datetime | None
    first_seen_at: datetime
    outcome: EntryOutcome
    reason: str = ""
    article_id: int | None = None


class Mention(NamedTuple):
    """One hit of the lexicon. Offsets are in characters of the named field as it was given; end is exclusive.

    A tuple, as ActorMention is: an article has a dozen, and a frozen dataclass takes three times as long to make.
    """

    concept_id: str
    category: str
    direction: str  #: escalation or de-escalation
    weight: float  #: signed: escalation > 0 > de-escalation; 0 when negated
    field: Field
    start: int
    end: int
    surface: str
    actor_ids: tuple[str, ...] = ()  #: actors in the same sentence, sorted
    mark: Mark = Mark.ASSERTED


class ActorMention(NamedTuple):
    """One naming of an actor."""

    actor_id: str
    field: Field
    start: int
    end: int
    surface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """All that the lexicon found in one text. `tension` is per 100 words, signed."""

    language: str
    tension: float
    mentions: tuple[Mention, ...] = ()
    actors: tuple[ActorMention, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What the extractor found on a page; a function of the page alone."""

    outcome: PageOutcome
    reason: RejectReason | None = None
    url: str = ""
    canonical_url: str = ""  #: as the page claims it, made absolute; empty when it does not
    title: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_at_source: DateSource = DateSource.NONE
    language: str = ""  #: detected from the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One edition of an article with everything the corpus keeps of it."""

    article_id: int  #: 64-bit hash of the canonical URL
    url: str
    canonical_url: str
    publisher: str
    title: str
    text: str
    authors: tuple[str, ...]
    published_at: datetime | None
    published_at_source: DateSource
    first_seen_at: datetime
    counted_at: datetime  #: see `counted_at` in extractors.dates: the time it counts at
    is_history: bool  #: searchable and in baselines, but never opens an alert by arriving
    fetched_at: datetime
    language: str
    word_count: int
    text_hash: str
    origin: Origin
    extractor_version: str
    lexicon_version: str
    feed_url: str = ""
    tension: float = 0.0
    mentions: tuple[Mention, ...] = ()
    actors: tuple[ActorMention, ...] = ()
    signature: tuple[int, ...] = ()  #: MinHash of the text; empty when it is too short to compare


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one landing holds: loaded in one transaction, or not at all."""

    name: str  #: sorts by time, unique across workers
    landed_at: datetime
    articles: tuple[Article, ...] = ()
    entries: tuple[EntryRecord, ...] = ()
    feed_fetches: tuple[FeedFetch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryText:
    """What the story rules compare of one text. `story_id` is None until it has one."""

    article_id: int
    publisher: str
    language: str
    title: str
    seen_at: datetime
    signature: Sequence[int]
    story_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """An article joins a story."""

    article_id: int
    story_id: int
    similarity: float


class StoryRules(Protocol):
    """What the loader needs to know of stories, so that storage imports no extractor."""

    window_days: int  #: how far back two texts may lie apart and still be one story

    def bands(self, signatures: Sequence[Sequence[int]]) -> list[list[int]]:
        """Hash the groups of each signature, none of an empty one; two texts are compared when they share one."""

    def assign(self, new: Sequence[StoryText], known: Sequence[StoryText]) -> list[Membership]:
        """Give each new text, in the order given, the story of the known or earlier new text it copies, or its own.

        The known texts share a band with some new one; not every pair lies within the window.
        """
