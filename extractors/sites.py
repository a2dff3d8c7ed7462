"""What sites allow, asked for at most once a day and kept by whoever keeps state."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from extractors.answers import Answer
from extractors.robots import MAX_ROBOTS_BYTES, ROBOTS_TTL, UNREACHABLE_TTL, Rules, SiteRules, origin_of
from model.outcomes import FetchOutcome
from model.records import Fetched

# RFC 9309 §2.3.1.3: an answer of 4xx means that there are no rules; §2.3.1.2: too many redirects may mean the same.
READ = frozenset(
    {
        FetchOutcome.OK,
        FetchOutcome.EMPTY,
        FetchOutcome.NOT_FOUND,
        FetchOutcome.GONE,
        FetchOutcome.FORBIDDEN,
        FetchOutcome.CLIENT_ERROR,
        FetchOutcome.TOO_MANY_REDIRECTS,
        FetchOutcome.TOO_LARGE,
        FetchOutcome.BOMB,
    }
)


class Sites:
    """The rules of all origins. `fetch` asks without regard to robots; `recall` and `remember` keep opaque text."""

    def __init__(
        self,
        product: str,
        clock: Callable[[], datetime],
        fetch: Callable[[str], Awaitable[Fetched]],
        recall: Callable[[str], str | None] | None,
        remember: Callable[[str, str], None] | None,
    ) -> None:
        self._product, self._clock, self._fetch = product, clock, fetch
        self._recall = recall or (lambda _origin: None)
        self._remember = remember or (lambda _origin, _text: None)
        self._known: dict[str, Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    def gap_s(self, url: str) -> float:
        """Give the crawl delay of a URL's site, as far as it is known."""
        rules = self._known.get(origin_of(url))
        return rules.gap_s if rules else 0.0

    async def forbids(self, url: str) -> Answer | None:
        """Give the rule of the site that keeps us out of a URL, or None."""
        rules = await self._rules(origin_of(url))
        until = rules.site.barred_until
        if until is not None and until > self._clock():
            headers = {"retry-after": str(ceil((until - self._clock()).total_seconds()))}
            detail = f"the host asked to be left alone until {until:%Y-%m-%d %H:%M} UTC"
            return Answer(headers=headers, failure=FetchOutcome.RATE_LIMITED, detail=detail)
        if rules.site.failure_outcome:
            # The site is down or overloaded rather than closed to us: its outcome says so, and it is tried again.
            return Answer(failure=rules.site.failure_outcome, detail=f"robots.txt: {rules.site.failure}")
        if not rules.allows(url):
            return Answer(failure=FetchOutcome.ROBOTS, detail="robots.txt disallows it")
        if rules.reserves(url):
            return Answer(failure=FetchOutcome.RESERVED, detail="tdmrep.json reserves text and data mining")
        return None

    def bar(self, url: str, seconds: float) -> None:
        """Remember, across runs, that the site of a URL wants to be left alone for so long."""
        known = self._known.get(origin_of(url))
        if known is not None:
            site = replace(known.site, barred_until=self._clock() + timedelta(seconds=seconds))
            self._keep(Rules(site, self._product))

    def _keep(self, rules: Rules) -> None:
        self._known[rules.site.origin] = rules
        self._remember(rules.site.origin, rules.site.dumps())

    async def _rules(self, origin: str) -> Rules:
        """Give what an origin allows, asking it at most once at a time."""
        async with self._asking.setdefault(origin, asyncio.Lock()):
            known = self._known.get(origin) or self._recalled(origin)
            if known is None or known.site.is_stale(self._clock()):
                self._keep(Rules(await self._renewed(origin, known.site if known else None), self._product))
            else:
                self._known[origin] = known
            return self._known[origin]

    def _recalled(self, origin: str) -> Rules | None:
        text = self._recall(origin)
        site = SiteRules.loads(text) if text else None
        return Rules(replace(site, origin=origin), self._product) if site else None

    async def _renewed(self, origin: str, before: SiteRules | None) -> SiteRules:
        """Ask an origin for its robots.txt and tdmrep.json.

        While it cannot be reached, what it said before holds on; if it never said anything, all is forbidden.
        """
        robots = await self._fetch(f"{origin}/robots.txt")
        now = self._clock()
        if robots.outcome not in READ:
            if before is not None and not before.failure:
                return replace(before, fetched_at=now - ROBOTS_TTL + UNREACHABLE_TTL)
            return SiteRules(origin=origin, fetched_at=now, failure=robots.detail, failure_outcome=robots.outcome)
        tdmrep = await self._fetch(f"{origin}/.well-known/tdmrep.json")
        return SiteRules(origin=origin, fetched_at=now, robots=_text(robots), tdmrep=_text(tdmrep))


def _text(fetched: Fetched) -> str:
    return fetched.body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace") if fetched.outcome is FetchOutcome.OK else ""
