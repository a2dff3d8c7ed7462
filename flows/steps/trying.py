"""Try a feed: fetch and parse it, save nothing."""

from dataclasses import dataclass, replace

from extractors.feeds import NotAFeed, parse_feed
from extractors.fetch import Web
from model.config import Network
from model.outcomes import FetchOutcome
from model.records import Fetched, ParsedFeed


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
