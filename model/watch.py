"""What a watch folder holds, as records. Reading it is model.reading's work."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from model.config import WatchConfig
from model.records import Feed

LANGUAGES = ("en", "ru", "az", "tr", "uk", "hy", "ka", "fa")
FEED_KINDS = ("rss", "atom", "rdf", "json", "news-sitemap")
RIGHTS = ("full", "excerpt", "headline")
DIRECTIONS = ("escalation", "de-escalation")
ACTOR_KINDS = ("country", "person", "organisation", "place", "infrastructure")
SCOPES = ("mask", "mask_actor", "sentence")


@dataclass(frozen=True, slots=True, kw_only=True)
class LexiconRow:
    """One pattern of lexicon.csv. Its grammar stands in docs/lexicon.md."""

    concept_id: str
    category: str
    direction: str
    weight: float
    language: str
    pattern: str
    needs_actor: bool
    gloss: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorRow:
    """One pattern of actors.csv."""

    actor_id: str
    kind: str
    name_en: str
    language: str
    pattern: str
    wikidata_id: str = ""
    country: str = ""  #: actor_id of the country it stands for


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRow:
    """One pattern of exclusions.csv. mask hides a concept, mask_actor an actor, sentence all concepts around it."""

    language: str
    scope: str
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """A day on which coverage is expected: an anniversary, a summit."""

    date: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRow:
    """One document of the seed corpus: what is known of it, and an abstract in our own words."""

    file: str  #: name of the abstract beside seeds.csv
    title: str
    author: str
    publisher: str
    url: str
    published_range: str  #: `from/to`, ISO 8601, parts of a date allowed
    date_basis: str  #: why that range
    language: str
    sha256: str  #: of the full text's bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A seed with its abstract read."""

    row: SeedRow
    abstract: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Everything of one watch folder, checked."""

    folder: Path
    config: WatchConfig
    feeds: tuple[Feed, ...]
    lexicon: tuple[LexiconRow, ...]
    actors: tuple[ActorRow, ...]
    exclusions: tuple[ExclusionRow, ...] = ()
    calendar: tuple[CalendarRow, ...] = ()
    seeds: tuple[Seed, ...] = ()
    lexicon_version: str = ""  #: hash of the three pattern files: changes when what they match can change
