"""The one network door in. It asks politely, within bounds, and turns whatever happens into an outcome.

    url ─ refuse what is no http(s) ─ robots, reservations ─ host's turn ─ ask ─ follow hops, each checked ─ body
    within bounds ─ outcome

Nothing a server or a network does raises here. Requests in flight are never cancelled by us: all time-outs are the
client's own.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from math import ceil
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from extractors.addresses import RefusedAddressError, public_socket
from extractors.answers import (
    PERMANENT,
    REDIRECTS,
    Answer,
    Ask,
    conditions,
    is_no_page,
    judged,
    retry_after_s,
)
from extractors.bodies import ACCEPT_ENCODING, BodyError, TooLargeError, decoded
from extractors.gate import Gate
from extractors.robots import product_of
from extractors.sites import Sites
from extractors.transport import PooledTransport
from extractors.urls import resolve, strip_credentials
from model.config import Network
from model.outcomes import FetchOutcome
from model.records import Fetched, Validators

log = logging.getLogger(__name__)

MAX_REDIRECTS = 10  #: RFC 9110 names no number; browsers stop at 20, feed readers at 5 to 10
# A whole exchange may take this many times the time-out of one wait: a slow but honest line passes, a server that
# drips one byte a second does not.
TOTAL_FACTOR = 3
SILENT_BAR_S = 60  #: how long a host is left alone after a 429 that names no time
ERROR_PAGE_BYTES = 65_536  #: read of an error page, so that its connection can be used again; nobody wants more
# Bodies above the first size are read a few at a time, so that no crowd of servers can fill the memory: a body costs
# up to three times its cap while it is unpacked. Of 837 real pages none arrives larger than that.
LARGE_BYTES = 1_000_000
LARGE_AT_ONCE = 4
ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, */*;q=0.5",
    "any": "*/*",
}


def utc_now() -> datetime:
    """Give the clock of the machine; the only place of this room that looks at it, and only as a default."""
    return datetime.now(UTC)


class Web:
    """A polite client for the whole web, used as `async with Web(network) as web`.

    `recall` and `remember` keep what sites allow, by origin, as opaque text: give them a store and robots.txt is not
    asked for again after a restart. `transport` may be any httpx transport; then the address check is the transport's.
    """

    def __init__(
        self,
        network: Network,
        *,
        clock: Callable[[], datetime] = utc_now,
        recall: Callable[[str], str | None] | None = None,
        remember: Callable[[str, str], None] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._network = network
        self._clock = clock
        self._given = transport
        self._gate = Gate(network.per_host_gap_s)
        self._room = asyncio.Semaphore(network.max_connections)
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        rules = Ask(obey_robots=False, max_bytes=network.max_bytes)
        ask_site = partial(self._follow, ask=rules)
        self._sites = Sites(product_of(network.user_agent), clock, ask_site, recall, remember)
        self._agent = _agent(network)

    async def __aenter__(self) -> Self:
        self._transport = self._given or PooledTransport(
            max_connections=self._network.max_connections,
            verify=httpx.create_ssl_context(),
            socket_factory=None if self._network.allow_private_addresses else public_socket,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def fetch(
        self,
        url: str,
        *,
        validators: Validators | None = None,
        accept: str = "any",
        obey_robots: bool = True,
        max_bytes: int | None = None,
    ) -> Fetched:
        """Fetch one URL; whatever happens is the outcome of what is returned.

        `accept` is "feed", "page" or "any": what we tell the server we would like. With `validators` the server may
        answer that nothing changed (NOT_MODIFIED), and a body of the known hash is UNCHANGED.
        """
        ask = Ask(accept, validators or Validators(), obey_robots, max_bytes or self._network.max_bytes)
        fetched = await self._follow(strip_credentials(url), ask)
        log.debug("%s %s %s", fetched.outcome, fetched.http_status, fetched.url)
        return fetched

    async def _follow(self, url: str, ask: Ask) -> Fetched:
        """Ask, and go wherever the answers lead, checking every hop as if it were the first."""
        here, cookies, permanent = url, dict[str, str](), True
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._refused(here, ask) or await self._turn(here, ask, cookies)
            if not answer.is_redirect:
                moved_to = here if permanent and here != url else ""
                return replace(self._fetched(url, here, answer, ask), moved_to=moved_to)
            permanent = permanent and answer.status in PERMANENT
            link = answer.headers["location"]
            target = resolve(here, link).partition("#")[0] or link
            # Consent gates set a cookie and send the reader back: kept for this walk, and for this host alone.
            cookies = cookies | answer.cookies if turn_of(target) == turn_of(here) else {}
            here = target
        failed = Answer(
            answer.status, failure=FetchOutcome.TOO_MANY_REDIRECTS, detail=f"over {MAX_REDIRECTS} redirects"
        )
        return self._fetched(url, here, failed, ask)

    async def _refused(self, url: str, ask: Ask) -> Answer | None:
        """Give the reason why this hop may not be asked, or None."""
        if not turn_of(url):
            return Answer(failure=FetchOutcome.REFUSED_URL, detail="not an http or https URL")
        barred = self._barred(url)
        if barred or not ask.obey_robots:
            return barred
        return await self._sites.forbids(url)

    def _barred(self, url: str) -> Answer | None:
        """Give the answer of a host that asked to be left alone, without asking it."""
        barred_s = self._gate.barred_s(turn_of(url))
        if not barred_s:
            return None
        detail = f"the host asked to be left alone for another {barred_s:.0f} s"
        headers = {"retry-after": str(ceil(barred_s))}
        return Answer(headers=headers, failure=FetchOutcome.RATE_LIMITED, detail=detail)

    async def _turn(self, url: str, ask: Ask, cookies: dict[str, str]) -> Answer:
        """Ask once, in the host's turn and within the global limit."""
        async with self._gate.turn(turn_of(url), self._sites.gap_s(url)), self._room:
            # Whoever had the turn before may have been told to go away.
            answer = self._barred(url) or await self._ask_once(url, ask, cookies)
        if answer.asks_for_time:
            wait = retry_after_s(answer.headers, self._clock())
            self._gate.bar(turn_of(url), SILENT_BAR_S if wait is None else wait)
            self._sites.bar(url, SILENT_BAR_S if wait is None else wait)
        return answer

    async def _ask_once(self, url: str, ask: Ask, cookies: dict[str, str]) -> Answer:
        """Make one exchange; every way in which it can fail has its outcome."""
        try:
            response = await self._transport.handle_async_request(self._request(url, ask, cookies))
            try:
                return await self._read(response, ask)
            finally:
                await response.aclose()
        except RefusedAddressError as error:
            return Answer(failure=FetchOutcome.REFUSED_ADDRESS, detail=str(error))
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            return Answer(failure=FetchOutcome.REFUSED_URL, detail=_line(error))
        except httpx.TimeoutException:
            detail = f"no answer within {self._network.timeout_s:g} s, or too slow a one"
            return Answer(failure=FetchOutcome.TIMEOUT, detail=detail)
        except httpx.TransportError as error:
            return Answer(failure=FetchOutcome.CONNECTION, detail=_line(error))

    def _request(self, url: str, ask: Ask, cookies: dict[str, str]) -> httpx.Request:
        headers = {
            "User-Agent": self._agent,
            "Accept": ACCEPT.get(ask.accept, "*/*"),
            "Accept-Encoding": ACCEPT_ENCODING,
            **conditions(ask.validators),
        }
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        wait = self._network.timeout_s
        timeout = {"connect": wait, "read": wait, "write": wait, "pool": wait * TOTAL_FACTOR}
        return httpx.Request("GET", url, headers=headers, extensions={"timeout": timeout})

    async def _read(self, response: httpx.Response, ask: Ask) -> Answer:
        """Read the body within bounds. A redirect's body is nobody's, an error's is read for the connection's sake."""
        headers = dict(response.headers)
        answer = Answer(response.status_code, headers, cookies=_cookies(response))
        if answer.status in REDIRECTS or answer.status == 304:
            return answer
        if not 200 <= answer.status < 300:
            await _drain(response)
            return answer
        if is_no_page(headers, ask):
            return replace(answer, detail=f"{headers['content-type']} is no page; its body was not read")
        try:
            return replace(answer, body=await self._body(response, ask.max_bytes))
        except BodyError as error:
            return replace(answer, failure=error.outcome, detail=str(error))

    async def _body(self, response: httpx.Response, max_bytes: int) -> bytes:
        """Read and unpack a body; raises BodyError."""
        said = response.headers.get("content-length", "")
        if said.isascii() and said.isdigit() and int(said[:18]) > max_bytes:
            raise TooLargeError(f"{int(said[:18]):,} bytes announced, {max_bytes:,} allowed")
        parts: list[bytes] = []
        size = 0
        async with AsyncExitStack() as stack:
            async for piece in response.aiter_raw():
                if size <= LARGE_BYTES < size + len(piece):
                    await stack.enter_async_context(self._large)
                size += len(piece)
                if size > max_bytes:
                    raise TooLargeError(f"more than {max_bytes:,} bytes")
                parts.append(piece)
            return decoded(b"".join(parts), response.headers.get("content-encoding", ""), max_bytes)

    def _fetched(self, url: str, final_url: str, answer: Answer, ask: Ask) -> Fetched:
        now = self._clock()
        outcome, detail = judged(answer, ask)
        return Fetched(
            url=url,
            final_url=strip_credentials(final_url),
            fetched_at=now,
            outcome=outcome,
            http_status=answer.status,
            headers=answer.headers,
            body=answer.body if outcome is FetchOutcome.OK else b"",
            detail=detail,
            retry_after_s=retry_after_s(answer.headers, now),
        )


def _agent(network: Network) -> str:
    """Give the User-Agent: who we are and, when the watch says so, whom to write to."""
    if network.contact and network.contact not in network.user_agent:
        return f"{network.user_agent} ({network.contact})"
    return network.user_agent


def turn_of(url: str) -> str:
    """Give the host whose turn a request takes: http and https are one, another port is another server.

    Empty for what cannot be asked.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or " " in parts.netloc:
            return ""
        port = parts.port
    except ValueError:
        return ""
    return parts.hostname if port in {None, 80, 443} else f"{parts.hostname}:{port}"


def _cookies(response: httpx.Response) -> dict[str, str]:
    pairs = (line.split(";", 1)[0].partition("=") for line in response.headers.get_list("set-cookie"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


async def _drain(response: httpx.Response) -> None:
    """Read a short body that nobody wants; a long one, or one that does not come, costs the connection."""
    said = response.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said[:18]) <= ERROR_PAGE_BYTES:
        with suppress(httpx.TransportError):
            async for _ in response.aiter_raw():
                pass


def _line(error: Exception) -> str:
    """Give an error as one short line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
