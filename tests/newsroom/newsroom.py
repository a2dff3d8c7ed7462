"""The newsroom: what every address of the simulated web shows at an instant."""

import gzip
import hashlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from threading import Lock

from . import pages
from .feeds import FeedItem, rendered
from .plan import ARTICLES_PER_DAY, CRISIS_SHARE, OUTAGE_DAYS, Calendar, Item, Story, midnight, written
from .publishers import DISALLOWED_TOPIC, Publisher, cast

_CACHED_BODIES = 4096
#: What the planted crisis is made of, in the words of the bundled watch.
CAUSE_CONCEPTS = ("arrest", "custody_death", "amb_summoned", "protest_note", "rel_crisis", "killed")
CAUSE_ACTORS = ("azerbaijan", "russia")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says to one request. `outcome` is one word for the request log."""

    status: int
    outcome: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cause:
    """The crisis planted in the last days: what an alert must name to have understood it."""

    name: str
    opened_at: datetime
    closed_at: datetime
    concepts: tuple[str, ...]  #: most of these must be among what spikes
    actors: tuple[str, ...]
    urls: tuple[str, ...]  #: of every article about it, copies included
    languages: tuple[str, ...]
    publishers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A representation with its validators."""

    content: bytes
    packed: bytes
    content_type: str
    etag: str
    modified_at: datetime

    @classmethod
    def of(cls, content: bytes, content_type: str, modified_at: datetime) -> "Body":
        """Pack a body and give it its validators."""
        digest = hashlib.blake2b(content, digest_size=8).hexdigest()
        return cls(content, gzip.compress(content, 1, mtime=0), content_type, f'"{digest}"', modified_at)


class Newsroom:
    """A simulated web of publishers with a clock of its own.

    `start` is the first day (taken at midnight UTC), `clock` says what time it is. `days` places the planted crisis: it
    takes the last three of them. `volume` scales the articles a day (1: about 75 in all), `publishers` beyond the
    cast of 16 are numbered doubles for load tests (with those the bound on similarity between texts does not hold).
    `window` is how many items a feed shows.
    """

    def __init__(
        self,
        seed: int = 1,
        start: datetime = datetime(2026, 1, 5, tzinfo=UTC),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        days: int = 35,
        volume: float = 1.0,
        publishers: int = 16,
        window: int = 150,
    ) -> None:
        self.start, self.clock, self.days, self.window = midnight(start), clock, days, window
        self.publishers = cast(publishers)
        self.by_slug = {publisher.slug: publisher for publisher in self.publishers}
        self.bases = {slug: f"http://{slug}.invalid" for slug in self.by_slug}  #: see serve_at
        per_day = ARTICLES_PER_DAY * volume * max(1.0, publishers / 16)
        self._calendar = Calendar(seed, self.start, self.publishers, per_day, days - len(CRISIS_SHARE))
        self._planned = 0
        self._planning = Lock()
        self._items: dict[str, list[Item]] = {slug: [] for slug in self.by_slug}
        self._times: dict[str, list[datetime]] = {slug: [] for slug in self.by_slug}
        self._paths: dict[tuple[str, str], Item] = {}
        self._bodies: OrderedDict[tuple[str, str, int], Body] = OrderedDict()
        self._story = lru_cache(maxsize=8192)(written)

    def serve_at(self, bases: Mapping[str, str]) -> None:
        """Take note of where the publishers answer: their base URLs, by slug."""
        self.bases.update(bases)
        self._bodies.clear()

    # what there is

    def items(self, at: datetime) -> list[Item]:
        """Return everything published by an instant, oldest first."""
        self._plan(at)
        shown = [item for items in self._items.values() for item in items if item.published_at <= at]
        return sorted(shown, key=lambda item: (item.published_at, item.number))

    def story(self, item: Item) -> Story:
        """Return the words of an item."""
        return self._story(item)

    def url(self, item: Item) -> str:
        """Return where an item's page is."""
        return self.bases[item.publisher.slug] + item.path

    def title(self, item: Item, at: datetime) -> str:
        """Return an item's headline as it stands at an instant."""
        story = self._story(item)
        return story.later_title if item.retitled_at and item.retitled_at <= at else story.title

    def feeds(self) -> list[dict[str, str]]:
        """Return the rows of a feeds.csv: url, publisher, homepage, country, language, kind, ownership."""
        return [
            {
                "url": self.bases[publisher.slug] + publisher.feed_path,
                "publisher": publisher.name,
                "homepage": self.bases[publisher.slug] + "/",
                "country": publisher.country,
                "language": publisher.language,
                "kind": publisher.kind,
                "ownership": publisher.ownership,
            }
            for publisher in self.publishers
        ]

    def planted_cause(self) -> Cause:
        """Return what caused the spike at the end."""
        closed_at = self.start + timedelta(days=self.days)
        items = [item for item in self.items(closed_at) if item.topic.startswith("crisis")]
        return Cause(
            name="deaths in custody of Azerbaijani citizens in Yekaterinburg; ambassadors summoned, notes of protest",
            opened_at=self.start + timedelta(days=self.days - len(CRISIS_SHARE)),
            closed_at=closed_at,
            concepts=CAUSE_CONCEPTS,
            actors=CAUSE_ACTORS,
            urls=tuple(self.url(item) for item in items),
            languages=tuple(sorted({item.publisher.language for item in items})),
            publishers=tuple(sorted({item.publisher.name for item in items})),
        )

    def _plan(self, at: datetime) -> None:
        with self._planning:  # the server and whoever looks ask from threads of their own
            self._plan_until(at)

    def _plan_until(self, at: datetime) -> None:
        while self.start + timedelta(days=self._planned) <= at:
            for item in self._calendar.day(self._planned):
                slug = item.publisher.slug
                self._items[slug].append(item)
                self._times[slug].append(item.published_at)
                self._paths[slug, item.path] = item
            self._planned += 1

    # what an address shows

    def answer(self, slug: str, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer a GET for a path below a publisher's base URL; `headers` have lower-case names."""
        now = self.clock()
        publisher = self.by_slug[slug]
        if "outage" in publisher.habits and (now - self.start).days in OUTAGE_DAYS:
            return Answer(503, "down", b"down for maintenance", {"content-type": "text/plain"})
        body = self._body(publisher, path, now)
        if body is None:
            return Answer(404, "not-found", b"<h1>404</h1>", {"content-type": "text/html"})
        return _negotiated(body, headers, validators="no-validators" not in publisher.habits)

    def _body(self, publisher: Publisher, path: str, now: datetime) -> Body | None:
        self._plan(now)
        if path == publisher.feed_path:
            return self._feed(publisher, now)
        if path == "/robots.txt":
            return self._robots(publisher)
        if path == "/":
            return self._front(publisher, now)
        item = self._paths.get((publisher.slug, path.removesuffix("/amp")))
        if item is None or item.published_at > now:
            return None
        return self._page(item, path, now)

    def _shown(self, publisher: Publisher, now: datetime) -> list[Item]:
        """Return what a publisher lists at an instant, newest first."""
        end = bisect_right(self._times[publisher.slug], now)
        return self._items[publisher.slug][max(0, end - self.window) : end][::-1]

    def _feed(self, publisher: Publisher, now: datetime) -> Body:
        shown = self._shown(publisher, now)
        changes = [at for item in shown for at in item.edition_times if at <= now]
        modified_at = max(changes, default=self.start)
        end = bisect_right(self._times[publisher.slug], now)

        def render() -> Body:
            base = self.bases[publisher.slug]
            text = rendered(publisher, base, [self._feed_item(item, now) for item in shown], modified_at)
            kind = pages.FEED_TYPES[publisher.kind]
            return Body.of(_encoded(text, publisher), f"{kind}; charset={publisher.charset}", modified_at)

        return self._cached((publisher.slug, "feed", end * 10_000 + len(changes)), render)

    def _feed_item(self, item: Item, now: datetime) -> FeedItem:
        story = self._story(item)
        updated_at = max(at for at in item.edition_times if at <= now)
        return FeedItem(item, self.url(item), self.title(item, now), story.paragraphs[0], story.author, updated_at)

    def _page(self, item: Item, path: str, now: datetime) -> Body:
        is_corrected = item.corrected_at is not None and item.corrected_at <= now
        edition = sum(at <= now for at in item.edition_times) + 10 * is_corrected

        def render() -> Body:
            modified_at = max(at for at in item.edition_times if at <= now)
            if item.form == "pdf":
                return Body.of(pages.pdf(self.title(item, now)), "application/pdf", modified_at)
            sheet = pages.Sheet(
                item, self._story(item), self.title(item, now), self.url(item), self.bases[item.publisher.slug],
                is_corrected, self._related(item),
            )  # fmt: skip
            page = pages.missing if item.form == "soft-404" else pages.amp if path.endswith("/amp") else pages.article
            charset = "utf-8" if page is pages.amp else item.publisher.charset
            return Body.of(_encoded(page(sheet), item.publisher), f"text/html; charset={charset}", modified_at)

        return self._cached((item.publisher.slug, path, edition), render)

    def _related(self, item: Item) -> Sequence[pages.Link]:
        end = bisect_right(self._times[item.publisher.slug], item.published_at)
        earlier = [other for other in self._items[item.publisher.slug][max(0, end - 6) : end] if other is not item]
        return [pages.Link(self.url(other), self._story(other).title) for other in earlier[-4:]]

    def _front(self, publisher: Publisher, now: datetime) -> Body:
        shown = self._shown(publisher, now)
        links = [pages.Link(self.url(item), self.title(item, now)) for item in shown[:40]]
        page = pages.front(publisher, self.bases[publisher.slug], links)
        modified_at = shown[0].published_at if shown else self.start
        return Body.of(_encoded(page, publisher), f"text/html; charset={publisher.charset}", modified_at)

    def _robots(self, publisher: Publisher) -> Body:
        prefix = "/" + self.bases[publisher.slug].partition("://")[2].partition("/")[2]
        prefix = "" if prefix == "/" else prefix
        return Body.of(robots([(publisher, prefix)]).encode(), "text/plain", self.start)

    def _cached(self, key: tuple[str, str, int], render: Callable[[], Body]) -> Body:
        if key not in self._bodies:
            self._bodies[key] = render()
            while len(self._bodies) > _CACHED_BODIES:
                self._bodies.popitem(last=False)
        self._bodies.move_to_end(key)
        return self._bodies[key]


def robots(hosted: Sequence[tuple[Publisher, str]]) -> str:
    """Return the robots.txt of a host that holds these publishers below these path prefixes."""
    lines = ["User-agent: *"]
    for publisher, prefix in hosted:
        if "robots" in publisher.habits:
            # a section stands first in a path, or after the date
            lines += [f"Disallow: {prefix}/{DISALLOWED_TOPIC}/", f"Disallow: {prefix}/*/{DISALLOWED_TOPIC}/"]
    return "\n".join(lines if len(lines) > 1 else [*lines, "Disallow:"]) + "\n"


def _encoded(text: str, publisher: Publisher) -> bytes:
    return text.encode(publisher.charset, "xmlcharrefreplace")


def _negotiated(body: Body, headers: Mapping[str, str], *, validators: bool) -> Answer:
    sent = {"content-type": body.content_type, "vary": "Accept-Encoding"}
    if validators:
        sent |= {"etag": body.etag, "last-modified": format_datetime(body.modified_at.astimezone(UTC), usegmt=True)}
        if _is_known(body, headers):
            return Answer(304, "not-modified", b"", sent)
    if "gzip" in headers.get("accept-encoding", ""):
        return Answer(200, "ok", body.packed, {**sent, "content-encoding": "gzip"})
    return Answer(200, "ok", body.content, sent)


def _is_known(body: Body, headers: Mapping[str, str]) -> bool:
    if tags := headers.get("if-none-match"):
        return body.etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return body.modified_at.replace(microsecond=0) <= since
