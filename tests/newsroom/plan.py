"""The calendar of the newsroom: what each publisher publishes on which day, and what becomes of it later.

A day's plan is a function of the seed and of the days before it (templates are dealt so that no two articles of a
topic share too many), and days are planned in order and kept: what the newsroom shows at an instant never depends on
what was asked before.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from .grammar import Reference, Section, Template, Voice, language
from .publishers import CAST, Publisher

TOPICS = ("economy", "culture", "weather", "sport", "tech", "transport", "health", "diplomacy")
WEEKDAYS = (1.1, 1.15, 1.15, 1.1, 1.05, 0.7, 0.6)  #: a newspaper's week, Monday first
ARTICLES_PER_DAY = 78.0  #: of the whole cast at volume 1, copies and crisis apart
TENSION_SHARE = 0.045  #: of ordinary articles: what a region in calm times writes about itself
CRISIS_SHARE = (0.35, 0.55, 0.5)  #: of each crisis day's articles, when everybody writes of little else
COPY_SHARE = 0.09  #: how likely another publisher of the language reprints a wire story
RETITLED_SHARE = 0.04
CORRECTED_SHARE = 0.03
UNDATED_SHARE = 0.3  #: of the items of a publisher without dates: the page has none either
PAYWALLED_SHARE = 0.3
SOFT_404_SHARE = 0.06
PDF_SHARE = 0.06
OUTAGE_DAYS = range(16, 19)  #: after the start, for the publisher with the habit `outage`
SENTENCES = {
    "region": 4,
    "crisis": 8,
}  #: of the topic in a text; of the others, a good half. Those of any topic fill it up
TARGET_WORDS = (140, 215)
#: Of the sentences two articles of a topic have templates for, at most this part in common: two renderings of one
#: template share about half of their three-word sequences, so this keeps the Jaccard similarity below .2.
SHARED_TEMPLATES = 0.45
WORDS = (122, 340)  #: of a text
_DEALS = 25  #: attempts to deal templates before the least alike hand is taken
_COMPARED = 200  #: earlier articles of a topic and language: more than five weeks of the cast bring


@dataclass(frozen=True, slots=True)
class Item:
    """One planned item of a publisher: an article, a copy of another's article, a PDF or a page that is not there."""

    number: int  #: unique in the newsroom
    publisher: Publisher
    topic: str
    published_at: datetime
    hand: tuple[int, ...]  #: which headline, lead and body templates; bodies of the topic first, then of any
    form: str = "article"  #: article, pdf, or soft-404
    source: "Item | None" = None  #: the wire story it is a copy of
    retitled_at: datetime | None = None
    corrected_at: datetime | None = None
    undated: bool = False  #: neither feed nor page says when
    paywalled: bool = False

    @property
    def path(self) -> str:
        """Its address below the publisher's base URL."""
        local = self.published_at + timedelta(hours=self.publisher.zone_h)
        if self.form == "pdf":
            return f"/docs/{local:%Y}/report-{self.number}.pdf"
        if self.publisher.layout == "magazine":
            return f"/{self.topic_shown}/story-{self.number}"
        if self.publisher.layout == "column":
            return f"/{self.topic_shown}/{self.number}.html"
        return f"/{local:%Y/%m/%d}/{self.topic_shown}/{self.number}/"

    @property
    def topic_shown(self) -> str:
        """The section of the site it stands in: the crisis is regional news like any other."""
        return "region" if self.topic.startswith("crisis") else self.topic

    @property
    def edition_times(self) -> list[datetime]:
        """When a feed that lists it changes because of it."""
        return [at for at in (self.published_at, self.retitled_at, self.corrected_at) if at]


@dataclass(frozen=True, slots=True)
class Story:
    """The words of an item."""

    title: str
    later_title: str  #: after it was retitled
    paragraphs: tuple[str, ...]
    author: str

    @property
    def text(self) -> str:
        """The paragraphs as one text."""
        return "\n".join(self.paragraphs)


@dataclass(slots=True)
class Calendar:
    """Plans days in order and keeps them."""

    seed: int
    start: datetime  #: midnight UTC of the first day
    publishers: tuple[Publisher, ...]
    per_day: float
    crisis_day: int
    days: list[list[Item]] = field(default_factory=list)
    dealt: dict[tuple[str, str], deque[int]] = field(default_factory=dict)
    seen: int = 0

    def day(self, index: int) -> list[Item]:
        """Return what is published on a day, in order of time."""
        while len(self.days) <= index:
            self.days.append(self._plan(len(self.days)))
        return self.days[index]

    def _plan(self, index: int) -> list[Item]:
        rng = Random(f"{self.seed}:{index}")
        rhythm = WEEKDAYS[(self.start + timedelta(days=index)).weekday()]
        total = sum(publisher.share for publisher in self.publishers)
        items: list[Item] = []
        for publisher in self.publishers:
            mean = self.per_day * rhythm * publisher.share / total * rng.uniform(0.8, 1.2)
            items += [self._article(rng, publisher, index) for _ in range(int(mean + rng.random()))]
        copies = [copy for item in items if item.publisher.is_wire for copy in self._copies(rng, item)]
        return sorted(items + copies, key=lambda item: (item.published_at, item.number))

    def _article(self, rng: Random, publisher: Publisher, index: int) -> Item:
        hour = rng.triangular(6, 21.5, 11) - publisher.zone_h
        published_at = self.start + timedelta(days=index, seconds=int(max(0.0, min(23.9, hour)) * 3600))
        topic = self._topic(rng, index)
        habits, crisis = publisher.habits, topic.startswith("crisis")
        form = "article"
        if not crisis and "soft-404" in habits and rng.random() < SOFT_404_SHARE:
            form = "soft-404"
        elif not crisis and "pdf" in habits and rng.random() < PDF_SHARE:
            form = "pdf"
        return Item(
            number=self._number(),
            publisher=publisher,
            topic=topic,
            published_at=published_at,
            hand=self._deal(rng, publisher.language, topic),
            form=form,
            retitled_at=self._later(rng, published_at, RETITLED_SHARE),
            corrected_at=self._later(rng, published_at, CORRECTED_SHARE),
            undated="no-dates" in habits and rng.random() < UNDATED_SHARE,
            paywalled=not crisis and "paywall" in habits and rng.random() < PAYWALLED_SHARE,
        )

    @property
    def _compared(self) -> int:
        """How far back texts are kept apart: not at all among the thousands of doubles of a load test."""
        return _COMPARED if len(self.publishers) <= len(CAST) else 0

    def _number(self) -> int:
        self.seen += 1
        return 10_000 + self.seen

    def _topic(self, rng: Random, index: int) -> str:
        day = index - self.crisis_day
        if 0 <= day < len(CRISIS_SHARE) and rng.random() < CRISIS_SHARE[day]:
            return f"crisis{day + 1}"
        return "region" if rng.random() < TENSION_SHARE else rng.choice(TOPICS)

    @staticmethod
    def _later(rng: Random, published_at: datetime, share: float) -> datetime | None:
        if rng.random() >= share:
            return None
        return published_at + timedelta(minutes=rng.randint(20, 1600))

    def _copies(self, rng: Random, item: Item) -> list[Item]:
        return [
            Item(
                number=self._number(),
                publisher=publisher,
                topic=item.topic,
                published_at=item.published_at + timedelta(minutes=rng.randint(15, 240)),
                hand=item.hand,
                source=item,
                undated="no-dates" in publisher.habits and rng.random() < UNDATED_SHARE,
            )
            for publisher in self.publishers
            if publisher.language == item.publisher.language and not publisher.is_wire and rng.random() < COPY_SHARE
        ]

    def _deal(self, rng: Random, code: str, topic: str) -> tuple[int, ...]:
        """Deal templates so that no earlier article of the topic has too many of them."""
        section, bodies, anything = _pools(code, topic)
        earlier = self.dealt.setdefault((code, topic.rstrip("123")), deque(maxlen=self._compared))
        own = SENTENCES.get(topic.rstrip("123"), round(0.55 * len(bodies)))
        best: tuple[int, tuple[int, ...]] = (1000, ())
        for _ in range(_DEALS):
            of_topic = rng.sample(range(len(bodies)), own)
            wanted = round(rng.uniform(*TARGET_WORDS) / _words_a_sentence(code)) - own - 1
            limit = 4 if topic.startswith("crisis") else len(anything) // 2
            others = rng.sample(range(len(anything)), max(1, min(wanted, limit)))
            lead = rng.randrange(len(section.leads))
            mask = sum(1 << n for n in of_topic) | sum(1 << (n + 64) for n in others) | 1 << (lead + 128)
            worst = max(((mask & other).bit_count() for other in earlier), default=0)
            if worst < best[0]:
                best = (worst, (rng.randrange(len(section.headlines)), lead, len(of_topic), *of_topic, *others))
                chosen = mask
            if worst <= SHARED_TEMPLATES * (len(of_topic) + len(others) + 1):
                break
        earlier.append(chosen)
        return best[1]


def _pools(code: str, topic: str) -> tuple[Section, list[Template], list[Template]]:
    sections = language(code).sections
    return sections[topic], sections[topic.rstrip("123")].bodies, sections["any"].bodies


@cache
def _words_a_sentence(code: str) -> float:
    """Return how long a sentence of a language is, in words: Turkish says in ten what English says in sixteen."""
    voice = Voice(language(code), Random(code))
    said = [voice.say(template) for section in language(code).sections.values() for template in section.bodies]
    return sum(len(sentence.split()) for sentence in said) / len(said)


def written(item: Item) -> Story:
    """Write the words of an item; the same item always has the same words."""
    if item.source is not None:
        return _reprinted(item, item.source)
    story, _ = _original(item)
    return story


def _original(item: Item) -> tuple[Story, Voice]:
    code = item.publisher.language
    voice = Voice(language(code), Random(f"{item.number}:{item.published_at.isoformat()}:{item.hand}"))
    section, bodies, anything = _pools(code, item.topic)
    headline, lead, count, *hand = item.hand
    title = voice.say(section.headlines[headline])
    first = voice.say(section.leads[lead])
    sentences = [voice.say(bodies[n]) for n in hand[:count]]
    extra = [voice.say(anything[n]) for n in hand[count:]]
    if not item.topic.startswith("crisis"):
        voice.rng.shuffle(sentences)
    while extra:
        sentences.insert(voice.rng.randint(1, len(sentences)), extra.pop())
    reserve = iter(voice.rng.sample(range(len(anything)), len(anything)))
    while sum(len(sentence.split()) for sentence in (first, *sentences)) < WORDS[0]:
        if (n := next(reserve)) not in hand[count:]:
            sentences.append(voice.say(anything[n]))
    kept = _fitting([first, *sentences])
    later = voice.say(section.headlines[(headline + 1) % len(section.headlines)])
    return Story(title, later, _paragraphs(voice.rng, kept), voice.say((Reference("person", ""),))), voice


def _fitting(sentences: Sequence[str]) -> list[str]:
    kept: list[str] = []
    words = 0
    for sentence in sentences:
        words += len(sentence.split())
        if kept and words > WORDS[1]:
            break
        kept.append(sentence)
    return kept


def _paragraphs(rng: Random, sentences: list[str]) -> tuple[str, ...]:
    paragraphs, at = [sentences[0]], 1
    while at < len(sentences):
        step = rng.choice((1, 2, 2, 3))
        paragraphs.append(" ".join(sentences[at : at + step]))
        at += step
    return tuple(paragraphs)


def _reprinted(item: Item, source: Item) -> Story:
    """A wire story under a headline of its own: its credit line, then all or most of its paragraphs."""
    original, voice = _original(source)
    rng = Random(f"copy:{item.number}:{item.published_at.isoformat()}")
    section = language(item.publisher.language).sections[item.topic]
    voice.rng = rng
    title = voice.say(section.headlines[(item.hand[0] + 1 + rng.randrange(2)) % len(section.headlines)])
    keep = max(2, round(len(original.paragraphs) * rng.uniform(0.6, 1.0)))
    credit = language(item.publisher.language).furniture["credit"].format(wire=source.publisher.name)
    kept = original.paragraphs[:keep]
    paragraphs = (*kept[:-1], f"{kept[-1]} {credit}.") if rng.random() < 0.5 else (f"{credit}.", *kept)
    return Story(title, title, paragraphs, source.publisher.name)


def midnight(at: datetime) -> datetime:
    """Return the start of the UTC day of an instant."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
