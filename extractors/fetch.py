"""The one network door in. It asks politely, within bounds, and turns whatever happens into an outcome.

    url ─ refuse what is no http(s) ─ robots, reservations ─ host's turn ─ ask ─ follow hops, each checked ─ body
    within bounds ─ outcome

Nothing a server or a network does raises here. Requests in flight are never cancelled by us: all time-outs are the
client's own.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from extractors.addresses import RefusedAddressError, public_socket
from extractors.bodies import ACCEPT_ENCODING, BodyError, BombError, TooLargeError, decoded
from extractors.gate import Gate
from extractors.robots import (
    MAX_ROBOTS_BYTES,
    Rules,
    SiteRules,
    origin_of,
    product_of,
    reserved_by_header,
    reserved_by_page,
)
from extractors.transport import PooledTransport
from extractors.urls import resolve, strip_credentials
from model.config import Network
from model.outcomes import FetchOutcome
from model.records import Fetched, Validators

log = logging.getLogger(__name__)

MAX_REDIRECTS = 10  #: RFC 9110 names no number; browsers stop at 20, feed readers at 5 to 10
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
# A whole exchange may take this many times the time-out of one wait: a slow but honest line passes, a server that
# drips one byte a second does not.
TOTAL_FACTOR = 3
# Media Cloud saw 88 hours once; nobody honest bars a reader for longer than a day.
MAX_RETRY_AFTER_S = 86_400
SILENT_BAR_S = 60  #: how long a host is left alone after a 429 that names no time
ACCEPT = {
    "feed": "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "page": "text/html, application/xhtml+xml, */*;q=0.5",
    "any": "*/*",
}
# A validator that begins so is kept but not sent: once, or for good (`extractors.schedule` decides). No server's own
# begins like this: they are quoted.
HELD_BACK = "-"
FOR_GOOD = "--"
# What can never become a page: not worth its bytes.
NOT_PAGES = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip", "application/octet-stream")
BY_STATUS = {
    401: FetchOutcome.FORBIDDEN,
    402: FetchOutcome.FORBIDDEN,
    403: FetchOutcome.FORBIDDEN,
    404: FetchOutcome.NOT_FOUND,
    410: FetchOutcome.GONE,
    429: FetchOutcome.RATE_LIMITED,
    451: FetchOutcome.FORBIDDEN,
}


def body_hash(body: bytes) -> str:
    """Give the hash that tells whether a body is the one we know."""
    return hashlib.sha256(body).hexdigest()


def utc_now() -> datetime:
    """Give the clock of the machine; the only place of this room that looks at it, and only as a default."""
    return datetime.now(UTC)


def retry_after_s(headers: dict[str, str], now: datetime) -> int | None:
    """Read Retry-After in both its forms, seconds or a date, as seconds from now; None when it says nothing usable."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), MAX_RETRY_AFTER_S)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(max(0, round((then - now).total_seconds())), MAX_RETRY_AFTER_S)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One HTTP exchange, read to its end or to its bounds."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: str = ""
    failure: FetchOutcome | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Ask:
    """What one call of `fetch` wants at every hop."""

    accept: str
    validators: Validators
    obey_robots: bool
    max_bytes: int


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
        self._recall = recall or (lambda _origin: None)
        self._remember = remember or (lambda _origin, _text: None)
        self._given = transport
        self._gate = Gate(network.per_host_gap_s)
        self._room = asyncio.Semaphore(network.max_connections)
        self._rules: dict[str, Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}
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
        ask = _Ask(accept, validators or Validators(), obey_robots, max_bytes or self._network.max_bytes)
        fetched = await self._follow(strip_credentials(url), ask)
        log.debug("%s %s %s", fetched.outcome, fetched.http_status, fetched.url)
        return fetched

    async def _follow(self, url: str, ask: _Ask) -> Fetched:
        """Ask, and go wherever the answers lead, checking every hop as if it were the first."""
        here, cookies, permanent, hops = url, "", True, 0
        while True:
            refused = await self._refused(here, ask)
            if refused is not None:
                return self._fetched(url, here, refused, ask)
            answer = await self._turn(here, ask, cookies)
            link = answer.headers.get("location", "")
            if answer.failure or answer.status not in REDIRECTS or not link:
                moved_to = here if permanent and here != url else ""
                return replace(self._fetched(url, here, answer, ask), moved_to=moved_to)
            hops += 1
            if hops > MAX_REDIRECTS:
                too_many = _Answer(
                    answer.status,
                    failure=FetchOutcome.TOO_MANY_REDIRECTS,
                    detail=f"more than {MAX_REDIRECTS} redirects",
                )
                return self._fetched(url, here, too_many, ask)
            permanent = permanent and answer.status in PERMANENT
            # Consent and paywall gates set a cookie and send the reader back: kept for this walk and host alone.
            cookies = answer.cookies or cookies
            here = _without_fragment(resolve(here, link)) or link

    async def _refused(self, url: str, ask: _Ask) -> _Answer | None:
        """Give the reason why this hop may not be asked, or None."""
        if not _is_askable(url):
            return _Answer(failure=FetchOutcome.REFUSED_URL, detail="not an http or https URL")
        barred = self._barred(origin_of(url))
        if barred or not ask.obey_robots:
            return barred
        return _forbidden(url, await self._rules_of(origin_of(url)))

    def _barred(self, origin: str) -> _Answer | None:
        """Give the answer of a host that asked to be left alone, without asking it."""
        barred_s = self._gate.barred_s(origin)
        if not barred_s:
            return None
        detail = f"the host asked to be left alone for another {barred_s:.0f} s"
        headers = {"retry-after": str(ceil(barred_s))}
        return _Answer(headers=headers, failure=FetchOutcome.RATE_LIMITED, detail=detail)

    async def _rules_of(self, origin: str) -> Rules:
        """Give what an origin allows, asking it at most once at a time."""
        async with self._asking.setdefault(origin, asyncio.Lock()):
            known = self._rules.get(origin) or self._recalled(origin)
            if known is None or known.site.is_stale(self._clock()):
                known = Rules(await self._asked_rules(origin), product_of(self._network.user_agent))
                self._remember(origin, known.site.dumps())
            self._rules[origin] = known
            return known

    def _recalled(self, origin: str) -> Rules | None:
        text = self._recall(origin)
        site = SiteRules.loads(text) if text else None
        return Rules(site, product_of(self._network.user_agent)) if site else None

    async def _asked_rules(self, origin: str) -> SiteRules:
        """Ask an origin for its robots.txt and tdmrep.json. RFC 9309 §2.3: 4xx allows all, what is down forbids all."""
        ask = _Ask("any", Validators(), obey_robots=False, max_bytes=self._network.max_bytes)
        robots = await self._follow(f"{origin}/robots.txt", ask)
        now = self._clock()
        unreachable = robots.outcome not in _ROBOTS_READ
        if unreachable:
            return SiteRules(origin=origin, fetched_at=now, failure=robots.detail, failure_outcome=robots.outcome)
        tdmrep = await self._follow(f"{origin}/.well-known/tdmrep.json", ask)
        return SiteRules(origin=origin, fetched_at=now, robots=_text_of(robots), tdmrep=_text_of(tdmrep))

    async def _turn(self, url: str, ask: _Ask, cookies: str) -> _Answer:
        """Ask once, in the host's turn and within the global limit."""
        origin = origin_of(url)
        rules = self._rules.get(origin)
        async with self._gate.turn(origin, rules.gap_s if rules else 0.0), self._room:
            # Whoever had the turn before may have been told to go away.
            answer = self._barred(origin) or await self._ask_once(url, ask, cookies)
        if answer.status == 429 or (answer.status == 503 and "retry-after" in answer.headers):
            wait = retry_after_s(answer.headers, self._clock())
            self._gate.bar(origin, SILENT_BAR_S if wait is None else wait)
        return answer

    async def _ask_once(self, url: str, ask: _Ask, cookies: str) -> _Answer:
        """Make one exchange; every way in which it can fail has its outcome."""
        try:
            response = await self._transport.handle_async_request(self._request(url, ask, cookies))
            try:
                return await self._read(response, ask)
            finally:
                await response.aclose()
        except RefusedAddressError as error:
            return _Answer(failure=FetchOutcome.REFUSED_ADDRESS, detail=str(error))
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            return _Answer(failure=FetchOutcome.REFUSED_URL, detail=_line(error))
        except httpx.TimeoutException:
            return _Answer(
                failure=FetchOutcome.TIMEOUT,
                detail=f"no answer within {self._network.timeout_s:g} s, or too slow a one",
            )
        except httpx.TransportError as error:
            return _Answer(failure=FetchOutcome.CONNECTION, detail=_line(error))

    def _request(self, url: str, ask: _Ask, cookies: str) -> httpx.Request:
        headers = {
            "User-Agent": self._agent,
            "Accept": ACCEPT.get(ask.accept, "*/*"),
            "Accept-Encoding": ACCEPT_ENCODING,
            **_conditions(ask.validators),
            **({"Cookie": cookies} if cookies else {}),
        }
        wait = self._network.timeout_s
        timeout = {"connect": wait, "read": wait, "write": wait, "pool": wait * TOTAL_FACTOR}
        return httpx.Request("GET", url, headers=headers, extensions={"timeout": timeout})

    async def _read(self, response: httpx.Response, ask: _Ask) -> _Answer:
        """Read the body within bounds. A redirect's body is nobody's."""
        headers = dict(response.headers)
        status = response.status_code
        cookies = "; ".join(line.split(";", 1)[0] for line in response.headers.get_list("set-cookie"))
        answer = _Answer(status, headers, cookies=cookies)
        if status in REDIRECTS or status == 304:
            return answer
        if _is_no_page(headers, ask):
            return replace(answer, detail=f"{headers['content-type']} is no page; its body was not read")
        try:
            raw = await _within(response, ask.max_bytes, whole=status == 200)
            return replace(answer, body=decoded(raw, headers.get("content-encoding", ""), ask.max_bytes))
        except BombError as error:
            return replace(answer, failure=FetchOutcome.BOMB, detail=str(error))
        except TooLargeError as error:
            return replace(answer, failure=FetchOutcome.TOO_LARGE, detail=str(error))
        except BodyError as error:
            return replace(answer, failure=FetchOutcome.CONNECTION, detail=str(error))

    def _fetched(self, url: str, final_url: str, answer: _Answer, ask: _Ask) -> Fetched:
        now = self._clock()
        outcome, detail = _judged(answer, ask)
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


_ROBOTS_READ = frozenset(
    {
        FetchOutcome.OK,
        FetchOutcome.EMPTY,
        FetchOutcome.NOT_FOUND,
        FetchOutcome.GONE,
        FetchOutcome.FORBIDDEN,
        FetchOutcome.CLIENT_ERROR,
        # RFC 9309 §2.3.1.2: after too many redirects a robots.txt may be taken as not there.
        FetchOutcome.TOO_MANY_REDIRECTS,
        FetchOutcome.TOO_LARGE,
        FetchOutcome.BOMB,
    }
)


def _agent(network: Network) -> str:
    """Give the User-Agent: who we are and, when the watch says so, whom to write to."""
    if network.contact and network.contact not in network.user_agent:
        return f"{network.user_agent} ({network.contact})"
    return network.user_agent


def _is_askable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in parts.netloc
    except ValueError:
        return False


def _forbidden(url: str, rules: Rules) -> _Answer | None:
    """Give the rule of the site that keeps us out, or None."""
    if rules.site.failure_outcome:
        # The site is down or overloaded rather than closed to us: its own outcome says so, and the page is tried again.
        return _Answer(failure=rules.site.failure_outcome, detail=f"robots.txt: {rules.site.failure}")
    if not rules.allows(url):
        return _Answer(failure=FetchOutcome.ROBOTS, detail="robots.txt disallows it")
    if rules.reserves(url):
        return _Answer(failure=FetchOutcome.RESERVED, detail="tdmrep.json reserves text and data mining")
    return None


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _conditions(known: Validators) -> dict[str, str]:
    """Send one condition only: RFC 9110 §13.1.3 lets a server ignore the date when there is a tag."""
    if known.etag.startswith(HELD_BACK):
        return {}
    if known.etag:
        return {"If-None-Match": known.etag}
    return {"If-Modified-Since": known.last_modified} if known.last_modified else {}


def _is_no_page(headers: dict[str, str], ask: _Ask) -> bool:
    return ask.accept == "page" and headers.get("content-type", "").strip().lower().startswith(NOT_PAGES)


async def _within(response: httpx.Response, max_bytes: int, *, whole: bool) -> bytes:
    """Read what arrives, up to a bound. Of an error page only the beginning is worth reading."""
    said = response.headers.get("content-length", "")
    if whole and said.isascii() and said.isdigit() and int(said[:18]) > max_bytes:
        raise TooLargeError(f"{int(said):,} bytes announced, {max_bytes:,} allowed")
    parts: list[bytes] = []
    size = 0
    async for piece in response.aiter_raw():
        size += len(piece)
        if size > max_bytes:
            raise TooLargeError(f"more than {max_bytes:,} bytes")
        parts.append(piece)
    return b"".join(parts)


def _line(error: Exception) -> str:
    """Give an error as one short line without addresses of ours."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _text_of(fetched: Fetched) -> str:
    if fetched.outcome is not FetchOutcome.OK:
        return ""
    return fetched.body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace")


def _judged(answer: _Answer, ask: _Ask) -> tuple[FetchOutcome, str]:
    """Turn one answer into an outcome and a line for a person."""
    if answer.failure:
        return answer.failure, answer.detail
    status = answer.status
    if status == 304:
        return FetchOutcome.NOT_MODIFIED, ""
    if 200 <= status < 300:
        return _judged_body(answer, ask)
    outcome = BY_STATUS.get(status)
    if status == 503 and "retry-after" in answer.headers:
        outcome = FetchOutcome.RATE_LIMITED
    fallback = FetchOutcome.SERVER_ERROR if 500 <= status < 600 else FetchOutcome.CLIENT_ERROR
    return outcome or fallback, f"HTTP {status}"


def _judged_body(answer: _Answer, ask: _Ask) -> tuple[FetchOutcome, str]:
    if ask.obey_robots and (
        reserved_by_header(answer.headers) or (ask.accept == "page" and reserved_by_page(answer.body))
    ):
        return FetchOutcome.RESERVED, "the answer reserves text and data mining"
    if not answer.body.strip() and not _is_no_page(answer.headers, ask):
        return FetchOutcome.EMPTY, "no body"
    if ask.validators.body_hash and body_hash(answer.body) == ask.validators.body_hash:
        return FetchOutcome.UNCHANGED, "the body is the one we know"
    return FetchOutcome.OK, answer.detail
