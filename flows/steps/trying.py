"""Try a feed: fetch and parse it, save nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors.discover import FeedLink, feed_links, sitemap_links, usual_places
from extractors.feeds import NotAFeed, parse_feed
from extractors.fetch import Web
from extractors.urls import resolve
from model.config import Network
from model.outcomes import FetchOutcome
from model.records import Fetched, ParsedFeed

MAX_CANDIDATES = 12  #: addresses of one site that are tried: manners


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of it."""

    fetched: Fetched
    parsed: ParsedFeed | None


async def try_feed(url: str, network: Network) -> Tried:
    """Fetch a URL as a feed, politely, and parse it."""
    async with Web(network) as web:
        fetched = await web.fetch(url, accept="feed")
    if fetched.outcome is not FetchOutcome.OK:
        return Tried(fetched=fetched, parsed=None)
    try:
        parsed = parse_feed(fetched.body, fetched.final_url, fetched.headers.get("content-type", ""))
    except NotAFeed as error:
        return Tried(fetched=replace(fetched, outcome=FetchOutcome.NOT_A_FEED, detail=str(error)), parsed=None)
    return Tried(fetched=fetched, parsed=parsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A feed of a site."""

    url: str
    basis: str
    entries: int
    title: str


async def discover_feeds(url: str, network: Network) -> list[Discovered]:
    """Find the feeds of a site: read its page and robots.txt, try what they name, and only then the usual places."""
    async with Web(network) as web:
        page = await web.fetch(url, accept="page")
        robots = await web.fetch(resolve(url, "/robots.txt"))
        named = [*feed_links(page.body, page.final_url), *sitemap_links(robots.body.decode("utf-8", "replace"))]
        found = await _those_that_are(web, named)
        return found or await _those_that_are(web, usual_places(page.final_url))


async def _those_that_are(web: Web, links: Sequence[FeedLink]) -> list[Discovered]:
    found = []
    for link in links[:MAX_CANDIDATES]:
        fetched = await web.fetch(link.url, accept="feed")
        if fetched.outcome is not FetchOutcome.OK:
            continue
        try:
            feed = parse_feed(fetched.body, fetched.final_url, fetched.headers.get("content-type", ""))
        except NotAFeed:
            continue
        entries = len(feed.entries) or len(feed.children)
        found.append(Discovered(url=fetched.final_url, basis=str(link.basis), entries=entries, title=feed.title))
    return list({f.url: f for f in found}.values())
