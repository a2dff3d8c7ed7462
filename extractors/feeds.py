"""A feed's bytes into entries: RSS 0.9 to 2.0, RDF, Atom, JSON Feed, news sitemaps and sitemap indexes.

Pure: bytes in, records out. feedparser reads the dialects of RSS and Atom, with its sanitising and its resolving of
links inside texts off (they cost up to four fifths of its time); only the few fields kept here are cleaned.
"""

import io
import re
from calendar import timegm
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from typing import Any

import feedparser

from extractors.bodies import BodyError, gunzipped
from extractors.dates import parse_date
from extractors.items import NotAFeed, RawItem, Sheet
from extractors.jsonfeed import read_json_feed
from extractors.plain import plain_text
from extractors.sitemaps import is_sitemap, read_sitemap
from extractors.urls import canonical_url, resolve
from model.outcomes import RejectReason
from model.records import Entry, ParsedFeed, RejectedEntry

__all__ = ["NotAFeed", "parse_feed"]

MAX_UNPACKED = 50_000_000  #: the size the sitemap protocol allows; no feed is larger
MAX_TITLE = 1_000  #: a headline has below 300 characters; a longer one is a whole text in the wrong field
MAX_SUMMARY = 5_000
MAX_GUID = 2_048  #: a longer one is a text: its hash identifies it as well
# Each costs feedparser 25 microseconds; the richest of 100 real feeds has 38,000.
MAX_TAGS = 500_000
EXCERPT = 120
_SNIFFED = 4_096
_HTML = re.compile(rb"<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!doctype\s+html", re.IGNORECASE)
_FEED = re.compile(rb"<(?:\w{1,20}:)?(?:rss|feed|rdf|channel|entry|item)[\s>]", re.IGNORECASE)
# One that nobody writes into a page: some sites wrap their feed into one.
_WRAPPED = re.compile(rb"<rss\s[^<>]{0,200}version\s*=|<feed\s[^<>]{0,200}www\.w3\.org/2005/Atom", re.IGNORECASE)
_ROOTS = re.compile(rb"<(?:\w{1,20}:)?(?:rss|feed|rdf|channel|entry|item)[\s>/:]", re.IGNORECASE)
# The entities that honest feeds declare stand for a character or a short word.
_ENTITY = re.compile(rb"<!ENTITY\s(?:[^'\"<>]|'[^']*'|\"[^\"]*\"){0,20}>")
_WIDE_CLAIM = re.compile(
    rb"\A(\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"'])(?:utf-?16|utf-?32|ucs-?[24])[a-z-]*", re.IGNORECASE
)
_HARMLESS = re.compile(rb"<!ENTITY\s+\w+\s+([\"'])(?:&#\w{1,7};|[^&\"'<%]){0,16}\1\s*>")
_YEAR = re.compile(r"\d{4}")
# sy:updatePeriod in seconds, with the misspelling that is common enough to know.
PERIODS = {
    "hourly": 3_600,
    "daily": 86_400,
    "dayly": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
MAX_TTL_S = 31_536_000


def parse_feed(
    body: bytes,
    url: str = "",
    content_type: str = "",
    zone: tzinfo | str | None = None,
    now: datetime | None = None,
) -> ParsedFeed:
    """Read the bytes of a feed. Raises NotAFeed for a web page or for nothing known, and nothing else for any bytes.

    `url` is where it came from: relative links are resolved against it. `content_type` is the HTTP header. Times
    without a zone are read in `zone`, the publisher's; with `now`, dates more than a day ahead of it are refused.
    """
    sheet = _sheet(_unpacked(body), content_type)
    entries, rejected, repeated = _sorted_out(sheet.items, _Reader(url, zone, now))
    return ParsedFeed(
        title=plain_text(sheet.title, MAX_TITLE),
        entries=tuple(entries),
        rejected=tuple(rejected),
        repeated=repeated,
        ttl_s=sheet.ttl_s,
        children=tuple(link for child in sheet.children if (link := resolve(url, child))),
    )


def _unpacked(body: bytes) -> bytes:
    """Undo gzip of the file itself. Raises NotAFeed for a bomb, a broken file or nothing."""
    try:
        body = gunzipped(body, MAX_UNPACKED)
    except BodyError as error:
        raise NotAFeed(f"a gzip file that cannot be unpacked: {error}") from error
    if not body.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        raise NotAFeed("the body is empty")
    return body


def _sheet(body: bytes, content_type: str) -> Sheet:
    """Find out which dialect the body is written in, and read it."""
    start = body[:_SNIFFED].lstrip(b"\xef\xbb\xbf\t\r\n ")
    if start[:1] in {b"{", b"["}:
        return read_json_feed(body)
    if is_sitemap(start):
        return read_sitemap(body.lstrip(b"\xef\xbb\xbf\t\r\n "))
    page, feed = _HTML.search(start), _FEED.search(start)
    is_page = page.start() < feed.start() if page and feed else bool(page or (feed is None and _DOCTYPE.search(start)))
    if is_page:
        body = _unwrapped(body)
    if start[:1] == b"<" and b"\x00" not in start and not _ROOTS.search(body):
        raise NotAFeed("the body is no feed that is known")  # found out here at a hundredth of feedparser's time
    if body.count(b"<") > MAX_TAGS:
        raise NotAFeed(f"more than {MAX_TAGS:,} tags")
    return _feedparser_sheet(_readable(_defused(body)), content_type)


def _readable(body: bytes) -> bytes:
    """Correct a declaration that cannot be true: whoever can read it in ASCII is not reading UTF-16 or UTF-32."""
    return _WIDE_CLAIM.sub(rb"\1utf-8", body, count=1)


def _unwrapped(body: bytes) -> bytes:
    """Give the feed inside a page. Raises NotAFeed when the page begins with none."""
    found = _WRAPPED.search(body, 0, _SNIFFED)
    if found is None:
        raise NotAFeed("the body is a web page")
    ends = [at + len(tag) for tag in (b"</feed>", b"</rss>") if (at := body.rfind(tag)) >= 0]
    return body[found.start() : max(ends, default=len(body))]


def _defused(body: bytes) -> bytes:
    """Take out entity declarations that could grow. expat only stops at a hundred times the size of the document.

    Raises NotAFeed for declarations in a wide encoding, where they cannot be told apart; nobody honest writes those.
    """
    if b"E\x00N\x00T\x00I\x00T\x00Y" in body or b"E\x00\x00\x00N\x00\x00\x00T\x00\x00\x00I" in body:
        raise NotAFeed("declares entities in a wide encoding")
    if b"<!ENTITY" not in body:
        return body
    kept = _ENTITY.sub(lambda found: found[0] if _HARMLESS.fullmatch(found[0]) else b"", body)
    return kept if len(_ENTITY.findall(kept)) == kept.count(b"<!ENTITY") else kept.replace(b"<!ENTITY", b"<! ENTITY")


def _feedparser_sheet(body: bytes, content_type: str) -> Sheet:
    # feedparser is not told the address: it would resolve guids against it, and they would change when it moves.
    headers = {"content-type": content_type} if content_type else {}
    try:
        # A stream, because feedparser would open what looks like an address or a file name.
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # whatever a foreign parser trips over, the body was the reason
        raise NotAFeed(f"no parser can read it: {type(error).__name__}") from error
    if not parsed.entries and not parsed.version:
        raise NotAFeed("the body is no feed that is known")
    feed = parsed.feed
    return Sheet(title=_said(feed, "title"), items=tuple(_item(entry) for entry in parsed.entries), ttl_s=_ttl_s(feed))


def _said(row: Any, *names: str) -> str:
    """Give the first of these fields that holds text. `dict.get`: feedparser's own invents fields from each other."""
    return next((value for name in names if isinstance(value := dict.get(row, name), str) and value.strip()), "")


def _item(entry: Any) -> RawItem:
    # RDF says only dc:date, and Atom may say only `updated`: an item is at most that old.
    published = next((name for name in ("published", "created", "updated") if _said(entry, name)), "")
    return RawItem(
        guid=_said(entry, "id"),
        link=_said(entry, "feedburner_origlink", "link") or _linked(entry),
        title=_said(entry, "title"),
        summary=_said(entry, "summary") or _content(entry),
        authors=_authors(entry),
        published=_said(entry, published),
        published_guess=_guess(entry, published),
        updated=_said(entry, "updated"),
    )


def _guess(entry: Any, name: str) -> str:
    """Give feedparser's reading of a date, where the text names the same year.

    It knows a few rare forms (Greek, Hungarian) that we do not; and what it does not know, it puts into this year.
    """
    parts = dict.get(entry, f"{name}_parsed")
    if not parts or str(parts[0]) not in _YEAR.findall(_said(entry, name)):
        return ""
    return datetime.fromtimestamp(timegm(parts), UTC).isoformat()


def _linked(entry: Any) -> str:
    """Give a link of an entry that names none as its own: the first that is no file beside it, or its identity."""
    links = [
        link for link in dict.get(entry, "links") or () if dict.get(link, "rel") not in {"enclosure", "self", "edit"}
    ]
    named = next((href for link in links if (href := _said(link, "href"))), "")
    identity = _said(entry, "id").strip()
    return named or (identity if identity.startswith(("http://", "https://")) else "")


def _content(entry: Any) -> str:
    return next((_said(part, "value") for part in dict.get(entry, "content") or ()), "")


def _authors(entry: Any) -> tuple[str, ...]:
    named = [_said(author, "name") for author in dict.get(entry, "authors") or ()]
    kept = dict.fromkeys(name for text in named or [_said(entry, "author")] if (name := plain_text(text, 200)))
    return tuple(kept)


def _ttl_s(feed: Any) -> int | None:
    """Read how long the publisher wants to be left alone: `ttl` in minutes, or `sy:updatePeriod`."""
    minutes = _said(feed, "ttl").strip()
    if minutes.isascii() and minutes.isdigit() and int(minutes[:9]) > 0:
        return min(int(minutes[:9]) * 60, MAX_TTL_S)
    period = PERIODS.get(_said(feed, "sy_updateperiod").strip().lower())
    if period is None:
        return None
    times = _said(feed, "sy_updatefrequency").strip()
    return max(60, period // int(times[:6])) if times.isascii() and times.isdigit() and int(times[:6]) > 0 else period


@dataclass(frozen=True, slots=True)
class _Reader:
    """What cleaning an item needs to know of its feed."""

    url: str
    zone: tzinfo | str | None
    now: datetime | None

    def link(self, item: RawItem) -> str:
        return resolve(self.url, item.link) if item.link else ""

    def date(self, text: str) -> datetime | None:
        plain = plain_text(text, 200) if "<" in text or "&" in text else text
        return parse_date(plain, zone=self.zone, now=self.now)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An item with its address, normal form and identity."""

    item: RawItem
    link: str
    canonical: str  #: empty when it cannot be followed
    identity: str = ""


def _sorted_out(items: tuple[RawItem, ...], reader: _Reader) -> tuple[list[Entry], list[RejectedEntry], int]:
    """Give entries, rejected items and the number of repeats, in the order of the document."""
    entries: list[Entry] = []
    rejected: list[RejectedEntry] = []
    seen: set[str] = set()
    for placed in _identified(items, reader):
        if placed.identity in seen:
            continue
        seen.add(placed.identity)
        if placed.canonical:
            entries.append(_entry(placed, reader))
        else:
            rejected.append(_rejected(placed))
    return entries, rejected, len(items) - len(seen)


def _identified(items: tuple[RawItem, ...], reader: _Reader) -> Iterator[_Placed]:
    """Give each item its identity: its guid when no other item uses that, else its canonical URL, else its title."""
    placed = [_Placed(item, link := reader.link(item), canonical_url(link) or "") for item in items]
    named_by: defaultdict[str, set[str]] = defaultdict(set)
    for each in placed:
        named_by[each.item.guid.strip()].add(each.canonical or each.item.title)
    for each in placed:
        guid = each.item.guid.strip()
        own = guid if guid and len(named_by[guid]) == 1 else ""
        yield replace(each, identity=own[:MAX_GUID] or each.canonical or _title_hash(each.item))


def _title_hash(item: RawItem) -> str:
    said = f"{item.title}\n{item.summary}\n{item.published}"
    return "sha256:" + sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def _rejected(placed: _Placed) -> RejectedEntry:
    item = placed.item
    reason = RejectReason.BAD_URL if item.link.strip() else RejectReason.NO_LINK
    excerpt = plain_text(item.title, EXCERPT) or plain_text(item.summary, EXCERPT) or item.link[:EXCERPT]
    return RejectedEntry(reason=reason, excerpt=excerpt, entry_id=placed.identity)


def _entry(placed: _Placed, reader: _Reader) -> Entry:
    item = placed.item
    published = reader.date(item.published) or reader.date(item.published_guess)
    return Entry(
        entry_id=placed.identity,
        url=placed.link,
        title=plain_text(item.title, MAX_TITLE),
        summary=plain_text(item.summary, MAX_SUMMARY),
        authors=item.authors,
        published_at=published,
        updated_at=published if item.updated == item.published else reader.date(item.updated),
    )
