"""Where a site keeps its feeds: what its page says, what its robots.txt says, and where feeds commonly lie. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from extractors.urls import canonical_url, resolve

KINDS = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
    "application/json": "json",
    "text/xml": "rss",
    "application/xml": "rss",
}
# Where feeds lie at the 150 publishers of the bundled watch and at the common content systems, most usual first.
USUAL_PATHS = (
    "/rss",
    "/feed/",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/rss/all.xml",
    "/rss/news",
    "/feeds/",
    "/feed/rss/",
    "/api/",
    "/index.rss",
    "/export/rss2/index.xml",
    "/feed.json",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap_news.xml",
)
_ANCHOR = re.compile(r"(?:^|[/._-])(?:rss|feed|feeds|atom|rdf)(?:[/._=-]|$)|\.(?:rss|atom|rdf)(?:$|\?)", re.IGNORECASE)
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
MAX_LINKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A place where a feed may be. `basis` is why: declared, linked, robots or usual; the surest first."""

    url: str
    title: str = ""
    kind: str = "rss"
    basis: str = "declared"


def feed_links(body: bytes, url: str) -> tuple[FeedLink, ...]:
    """List the feeds a page declares (`link rel=alternate`), then what it links that is named like one."""
    try:
        root = html.document_fromstring(body, parser=html.HTMLParser(encoding=_encoding(body)))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ()
    base = urljoin(url, next((node.get("href") or "" for node in root.iter("base")), ""))
    found = [*_declared(root, base), *_linked(root, base)]
    return tuple({canonical_url(link.url) or link.url: link for link in reversed(found)}.values())[::-1][:MAX_LINKS]


def _encoding(body: bytes) -> str | None:
    """Say UTF-8 where it can only be that; libxml2 reads what names no charset as Latin-1."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _declared(root: html.HtmlElement, base: str) -> Iterator[FeedLink]:
    for node in root.iter("link"):
        rel = (node.get("rel") or "").lower().split()
        kind = KINDS.get((node.get("type") or "").split(";")[0].strip().lower())
        link = resolve(base, node.get("href") or "")
        if kind and node.get("href") and link and ("alternate" in rel or "feed" in rel):
            yield FeedLink(url=link, title=(node.get("title") or "").strip(), kind=kind)


def _linked(root: html.HtmlElement, base: str) -> Iterator[FeedLink]:
    for node in root.iter("a"):
        link = resolve(base, node.get("href") or "")
        parts = urlsplit(link)
        if parts.scheme in {"http", "https"} and (_ANCHOR.search(parts.path) or _ANCHOR.search("/" + parts.query)):
            yield FeedLink(url=link, title=" ".join(node.text_content().split())[:200], basis="linked")


def sitemap_links(robots: str) -> tuple[FeedLink, ...]:
    """List the sitemaps that a robots.txt names, news sitemaps first."""
    links = dict.fromkeys(found[1] for found in _SITEMAP.finditer(robots) if canonical_url(found[1]))
    ranked = sorted(links, key=lambda link: "news" not in link.lower())
    return tuple(FeedLink(url=link, kind="news-sitemap", basis="robots") for link in ranked)


def usual_places(url: str) -> tuple[FeedLink, ...]:
    """List where the feed of a site commonly lies, for sites that declare none."""
    return tuple(
        FeedLink(url=urljoin(url, path), kind="news-sitemap" if "sitemap" in path else "rss", basis="usual")
        for path in USUAL_PATHS
    )
