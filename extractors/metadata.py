"""What a page says of itself: title, authors, publication time, canonical address.

Three places, read in one pass over a tree that is parsed anyway: JSON-LD, meta tags, and the elements readers see.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from html import unescape
from typing import Any

from htmldate import find_date
from lxml import etree

from extractors.dates import parse_date
from extractors.urls import canonical_url, host_of
from model.outcomes import DateSource

_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|Review|LiveBlogPosting|SocialMediaPosting)$")
_SCRIPTS: Any = etree.XPath('.//script[contains(@type, "ld+json")]')
_METAS: Any = etree.XPath(".//meta[@content][@property or @name or @itemprop]")
_TIMES: Any = etree.XPath(
    './/time[@datetime][@itemprop="datePublished" or @pubdate] | .//*[@itemprop="datePublished"][@content or @datetime]'
    " | .//time[@datetime]"
)
_BYLINES: Any = etree.XPath(
    './/*[@rel="author" or @itemprop="author" or contains(@class, "byline") or contains(@class, "author-name")'
    ' or contains(@class, "author__name") or contains(@class, "article-author")]'
)
_PUBLISHED_NAMES = (
    "article:published_time", "og:published_time", "datepublished", "date_published", "publish-date", "publishdate",
    "pubdate", "publish_date", "published_time", "parsely-pub-date", "sailthru.date", "dc.date.issued",
    "dcterms.created", "dcterms.issued", "dc.date.created", "dc.date", "dcterms.date", "article.published",
    "article_date_original", "cxenseparse:recs:publishtime", "mediator_published_time", "originalpublicationdate",
    "date",
)  # fmt: skip
_AUTHOR_NAMES = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
)
_BY = re.compile(
    r"^(?:(?:written |reported |posted |story |words )?by|von|par|por|di|door|af|av|автор(?:ы)?|текст|müəllif"
    r"|yazar|yazan|հեղինակ|ავტორი)\b[\s:]*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*(?:,|;|\||/|&|·| and | und | et | og | och | y | и | və | ve | та | և | და )\s*")
# What stands behind a name and is no name: degrees, and the bodies that grant them.
_DEGREE = re.compile(r"(?:[A-Z]\.?){2,5}|Ph\.?D\.?|M\.?D\.?|Dr\.?|Prof\.?|Jr\.?|Sr\.?|MSc|BSc")
_YEAR = re.compile(r"(?<!\d)(?:19|20|13|14)\d\d(?!\d)")  # Gregorian, or Solar Hijri
_AFTER: Any = etree.XPath("following::text()[normalize-space()][position() <= 25]")
MAX_DATELINE = 48  #: characters: a weekday, a date, a time and a zone
_SITE_MARK = re.compile(r"\s+[|–—•·»:-]+\s+")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_ATOMIC = ("name", "@value", "headline")
LATEST_DAY = datetime(2100, 1, 1)  # noqa: DTZ001 - htmldate compares naive dates
MAX_JSON = 2_000_000  #: characters of one JSON-LD script that are worth reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says of itself; what it does not say is empty."""

    titles: tuple[str, ...] = ()  #: best first
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_at_source: DateSource = DateSource.NONE
    canonical_url: str = ""
    site: str = ""
    body: str = ""  #: JSON-LD articleBody
    is_free: bool | None = None  #: isAccessibleForFree


@dataclass(slots=True)
class _Linked:
    """What the JSON-LD of a page says of its article."""

    headline: str = ""
    authors: list[str] = field(default_factory=list)
    published: str = ""
    url: str = ""
    body: str = ""
    is_free: bool | None = None
    publishers: list[str] = field(default_factory=list)


def read_metadata(tree: Any, url: str = "", zone: tzinfo | str | None = None) -> Metadata:
    """Read what a page says of itself. Never raises on what a page contains.

    `url` is where it was found, for links; `zone` the publisher's, for times without one (default UTC).
    """
    linked = _linked(tree)
    metas = _metas(tree)
    published_at, source = _published(tree, linked, metas, url, zone)
    return Metadata(
        titles=_titles(tree, linked, metas),
        authors=_authors(tree, linked, metas),
        published_at=published_at,
        published_at_source=source,
        canonical_url=_canonical(tree, metas, url),
        site=metas.get("og:site_name", ""),
        body=linked.body,
        is_free=linked.is_free,
    )


def clean(text: str | None) -> str:
    """Give one line of text without what surrounds it."""
    return " ".join((text or "").split())


def _metas(tree: Any) -> dict[str, str]:
    """Give the meta tags by lower-case name; the first of each wins."""
    found: dict[str, str] = {}
    for element in _METAS(tree):
        value = clean(element.get("content"))
        for attribute in ("property", "name", "itemprop"):
            name = (element.get(attribute) or "").strip().lower()
            if name and value:
                found.setdefault(name, value)
    return found


def _nodes(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Walk JSON-LD: lists, @graph and mainEntity, to a depth no honest page goes beyond."""
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            if isinstance(value.get(key), list | dict):
                yield from _nodes(value[key], depth + 1)


def _loads(text: str) -> Any:
    """Read JSON as pages write it: with raw line breaks, comment marks around it and commas too many."""
    raw = text.strip().removeprefix("<![CDATA[").removesuffix("]]>").removeprefix("<!--").removesuffix("-->").strip()
    for candidate in (raw, _TRAILING_COMMA.sub(r"\1", raw)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _linked(tree: Any) -> _Linked:
    nodes = [
        node
        for script in _SCRIPTS(tree)
        if script.text and len(script.text) <= MAX_JSON
        for node in _nodes(_loads(script.text))
    ]
    found = _Linked()
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    for node in sorted(nodes, key=lambda node: not _is_article(node)):
        _take(found, node, by_id, is_article=_is_article(node))
    return found


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLE.search(kind) for kind in kinds)


def _take(found: _Linked, node: dict[str, Any], by_id: dict[str, dict[str, Any]], *, is_article: bool) -> None:
    """Take from one node what no earlier one said."""
    found.published = found.published or _text(node.get("datePublished"))
    if not is_article:
        return
    found.headline = found.headline or _text(node.get("headline")) or _text(node.get("name"))
    found.authors = found.authors or list(_names(node.get("author") or node.get("creator"), by_id))
    found.publishers += _names(node.get("publisher"), by_id)
    found.body = found.body or _text(node.get("articleBody"), keep_lines=True)
    if found.is_free is None and "isAccessibleForFree" in node:
        found.is_free = str(node["isAccessibleForFree"]).strip().lower() not in {"false", "0", "no"}


def _text(value: Any, *, keep_lines: bool = False) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = next((value[key] for key in _ATOMIC if key in value), "")
    if not isinstance(value, str):
        return ""
    text = _unescape(value)
    return text if keep_lines else clean(text)


def _unescape(text: str) -> str:
    """Resolve entities, twice because many sites escape twice."""
    return unescape(unescape(text)) if "&" in text else text


def _names(value: Any, by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and "name" not in item and isinstance(item.get("@id"), str):
            item = by_id.get(item["@id"], item)  # noqa: PLW2901 - a reference stands for what it refers to
        names = item.get("name") if isinstance(item, dict) else item
        for name in names if isinstance(names, list) else [names]:
            if isinstance(name, str):
                yield _unescape(name)


def _titles(tree: Any, linked: _Linked, metas: dict[str, str]) -> tuple[str, ...]:
    """Give what may be the title, best first: the heading that readers see, when the page's claims know of it."""
    heads = [text for head in tree.iter("h1") if (text := clean(head.text_content()))]
    page = tree.find(".//title")
    page_title = clean(page.text_content()) if page is not None else ""
    named = [_unescape(metas.get(name, "")) for name in ("og:title", "twitter:title", "title")]
    claims = [claim for claim in (linked.headline, *named, page_title) if claim]
    best = _seen_by_readers(heads, claims, metas.get("og:site_name", ""), trusts_claim=bool(linked.headline))
    return tuple(dict.fromkeys(title for title in (best, *claims, *heads) if title))


def _seen_by_readers(heads: list[str], claims: list[str], site: str, *, trusts_claim: bool) -> str:
    """Give the heading that a claim says in full; else the only heading, unless the first claim is trusted; else it."""
    for claim in claims:
        for head in heads:
            if len(head) >= 10 and head.casefold() in claim.casefold() and not _is_site(head, claims, site):
                return head
    own = [head for head in heads if not _is_site(head, claims, site)]
    if len(own) == 1 and not trusts_claim and _is_about_the_same(own[0], claims):
        return own[0]
    return _without_site(claims[0], site) if claims else ""


def _is_site(head: str, claims: list[str], site: str) -> bool:
    """Tell whether a heading is the site's name: as it says itself, or as it stands at an end of the page's title."""
    ends = {end.casefold() for claim in claims if len(parts := _SITE_MARK.split(claim)) > 1 for end in parts[-1:]}
    return head.casefold() == site.casefold() or head.casefold() in ends


def _is_about_the_same(head: str, claims: list[str]) -> bool:
    """Tell whether a claim shares a third of a heading's words. A heading that holds a claim in full says more."""
    words = set(head.casefold().split())
    shares = (len(words & set(claim.casefold().split())) for claim in claims)
    return len(words) > 2 and 3 * max(shares, default=0) >= len(words) and not _holds(head, claims)


def _holds(head: str, claims: list[str]) -> bool:
    return any(claim.casefold() in head.casefold() for claim in claims)


def _without_site(claim: str, site: str) -> str:
    parts = _SITE_MARK.split(claim)
    if len(parts) > 1 and site and parts[-1].casefold() == site.casefold():
        return claim[: claim.rindex(parts[-1])].rstrip(" |–—•·»:-")
    return claim


def _published(
    tree: Any, linked: _Linked, metas: dict[str, str], url: str, zone: tzinfo | str | None
) -> tuple[datetime | None, DateSource]:
    for claim, source in _claims(tree, linked, metas):
        found = parse_date(claim, zone=zone)
        if found is not None:
            return found, source
    beside = _beside_heading(tree, zone)
    return (beside, DateSource.PAGE) if beside else _published_in_text(tree, url, zone)


def _beside_heading(tree: Any, zone: tzinfo | str | None) -> datetime | None:
    """Find the date that stands right under the heading. Above it stands today's, in the head of many sites."""
    heading = tree.find(".//h1")
    if heading is None:
        return None
    for piece in _AFTER(heading):
        text = clean(piece)
        if 8 <= len(text) <= MAX_DATELINE and _YEAR.search(text) and (found := parse_date(text, zone=zone)) is not None:
            return found
    return None


def _published_in_text(tree: Any, url: str, zone: tzinfo | str | None) -> tuple[datetime | None, DateSource]:
    """Ask htmldate, which knows where pages write their date. Its wide search is off: it finds a date on every page.

    Its upper bound is today unless it is given one; a fixed one keeps the result a function of the page.
    """
    try:
        day = find_date(tree, extensive_search=False, original_date=True, url=url or None, max_date=LATEST_DAY)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, etree.LxmlError):
        return None, DateSource.NONE
    found = parse_date(day, zone=zone) if day else None
    if day is None or found is None:
        return None, DateSource.NONE
    digits = "".join(filter(str.isdigit, url))
    return found, DateSource.URL if day.replace("-", "") in digits else DateSource.PAGE


def _claims(tree: Any, linked: _Linked, metas: dict[str, str]) -> Iterator[tuple[str, DateSource]]:
    """Yield what may be the publication time, most trusted first."""
    yield linked.published, DateSource.JSON_LD
    yield from ((metas[name], DateSource.META) for name in _PUBLISHED_NAMES if name in metas)
    yield from ((found.get("datetime") or found.get("content") or "", DateSource.PAGE) for found in _TIMES(tree)[:1])


def _authors(tree: Any, linked: _Linked, metas: dict[str, str]) -> tuple[str, ...]:
    """Give the first source that names somebody other than the site itself; the site when nobody does."""
    site = metas.get("og:site_name", "").casefold()
    publishers = {site, *(name.casefold() for name in linked.publishers)} - {""}
    last: tuple[str, ...] = ()
    for source in _signatures(tree, linked, metas):
        names = tuple(dict.fromkeys(name for text in source for name in _split(text)))
        if names and not publishers.issuperset(name.casefold() for name in names):
            return names
        last = last or names
    return last


def _signatures(tree: Any, linked: _Linked, metas: dict[str, str]) -> Iterator[list[str]]:
    """Yield what may name the authors, most trusted first."""
    yield linked.authors
    yield from ([metas[name]] for name in _AUTHOR_NAMES if name in metas)
    yield [clean(element.text_content()) for element in _BYLINES(tree)[:3]]


def _split(text: str) -> list[str]:
    if "://" in text or "@" in text or len(text) > 200:
        return []
    names = [_BY.sub("", clean(name)).strip(" .-–—") for name in _BETWEEN.split(_BY.sub("", clean(text)))]
    kept = [name for name in names if 2 < len(name) <= 80 and not name[0].isdigit()]
    return list(kept[:1] + [name for name in kept[1:] if not _DEGREE.fullmatch(name)])


def _canonical(tree: Any, metas: dict[str, str], url: str) -> str:
    """Give the address that the page claims, when the claim makes sense: the same site, and not its home page."""
    link = tree.find('.//link[@rel="canonical"]')
    for claim in (link.get("href") if link is not None else "", metas.get("og:url", "")):
        found = canonical_url(claim, url) if claim else None
        if found and _is_plausible(found, url):
            return found
    return ""


def _is_plausible(claim: str, url: str) -> bool:
    path = claim.partition("://")[2].partition("/")[2].strip("/")
    if not url:
        return bool(path)
    theirs, ours = host_of(claim), host_of(url)
    same = theirs == ours or theirs.endswith("." + ours) or ours.endswith("." + theirs)
    return bool(path) and (same or theirs.split(".")[-2:] == ours.split(".")[-2:])
