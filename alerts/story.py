"""What an alert tells, as records: the change, the stories behind it, the message made of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

SideRole = Literal["led", "followed", "silent", "few"]  #: few: none, and too little published for that to mean silence


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceArticle:
    """One article behind an alert, as the corpus has it."""

    article_id: int
    edition: int
    story_id: int
    publisher: str
    country: str
    ownership: str
    language: str
    title: str
    url: str
    counted_at: datetime
    rights: str  #: full, excerpt or headline: what may be quoted
    text: str
    field: str  #: where the first matching mention stands: title or text
    start: int  #: its offsets in that field
    end: int
    concepts: tuple[str, ...] = ()
    weight: float = 0.0  #: sum of the absolute weights of its matching mentions


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One article behind an alert as far as sides go."""

    article_id: int
    publisher: str
    side: str  #: country and owners, as in the view `publisher_sides`
    counted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTold:
    """What one side did of an alert. Fields as in the view `alert_sides`."""

    side: str
    role: SideRole
    publisher: str  #: who of this side came first; empty when none did
    first_at: datetime | None
    lag_hours: float | None
    articles: int
    publishers: int
    volume: int
    expected: float | None  #: None: there is no other side to compare with


@dataclass(frozen=True, slots=True, kw_only=True)
class TopStory:
    """One story as a summary tells it."""

    story_id: int
    article_id: int
    edition: int
    title: str
    url: str
    publisher: str
    publishers: int
    copies: int
    first_at: datetime
    quote: str  #: the sentence with the mention; empty when the feed's rights are `headline`


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything a message says beyond the numbers."""

    since: datetime | None  #: when the first counted article of the window appeared
    publishers: tuple[tuple[str, int], ...]  #: publisher, stories; most first
    languages: tuple[tuple[str, int], ...]
    sides: tuple[tuple[str, int], ...]
    concepts: tuple[tuple[str, int], ...]
    stories: tuple[TopStory, ...]
    articles: int
    one_sided: str  #: the only owners reporting, when there are but one kind
    by_side: tuple[SideTold, ...] = ()  #: those heard in the order they came, then the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes to a channel."""

    delivery_id: str  #: hash of alert, revision and channel: the idempotency key
    alert_id: str
    revision: int
    severity: str
    category: str
    subject: str
    text: str
    payload: str  #: the same as JSON, for webhooks
