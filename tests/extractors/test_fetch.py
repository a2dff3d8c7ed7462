"""The network door by itself: addresses, limits, memory of robots, and what it never says."""

import asyncio
import gzip
import logging
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from extractors.addresses import is_public
from extractors.answers import body_hash, retry_after_s
from extractors.bodies import BodyError, BombError, TooLargeError, decoded, gunzipped
from extractors.fetch import Web, turn_of
from extractors.robots import Rules, SiteRules, reserved_by_page
from extractors.transport import PooledTransport
from model.config import Network
from model.outcomes import FetchOutcome
from model.records import Fetched, Validators
from tests.hostile.server import Exchange, HostileServer

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LOCAL = Network(per_host_gap_s=0, timeout_s=2, allow_private_addresses=True)
WHOLE_WEB = Network(per_host_gap_s=0, timeout_s=2)


async def hello(ask: Exchange) -> None:
    if ask.path in {"/robots.txt", "/.well-known/tdmrep.json"}:
        return await ask.reply(status="404 Not Found")
    return await ask.reply(b"hello from " + ask.path.encode(), Content_Type="text/html")


def run(
    answer: Callable[[Exchange], Awaitable[None]],
    work: Callable[[Web, str], Awaitable[Any]],
    network: Network = LOCAL,
    **options: Any,
) -> tuple[Any, list[Any]]:
    """Serve one behaviour, do some work with a Web, and give its result with the server's log."""

    async def main(base: str) -> Any:
        async with Web(network, **options) as web:
            return await work(web, base)

    with HostileServer({"it": answer}) as server:
        result = asyncio.run(main(f"http://127.0.0.1:{server.ports['it']}"))
        return result, server.log["it"]


# --- addresses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16",
        "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::", "2001:db8::1", "nonsense", "",
    ],
)  # fmt: skip
def test_inside_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2a02:6b8::2:242"]
)
def test_outside_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "127.1", "169.254.169.254", "10.0.0.1"]
)
def test_nothing_inside_is_connected_to_unless_the_watch_allows_it(host: str) -> None:
    async def work(web: Web, base: str) -> Fetched:
        return await web.fetch(f"http://{host}:{base.rpartition(':')[2]}/", obey_robots=False)

    fetched, log = run(hello, work, WHOLE_WEB)
    assert fetched.outcome in {FetchOutcome.REFUSED_ADDRESS, FetchOutcome.REFUSED_URL}
    assert log == []


def test_a_name_that_changes_its_mind_is_refused_when_it_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer is outside, the next one inside. What counts is where the socket would go."""
    answers = iter(["203.0.113.7", "127.0.0.1"])
    real = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        return real(next(answers, "127.0.0.1") if host == "evil.example" else host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)

    async def work(web: Web, base: str) -> Fetched:
        socket.getaddrinfo("evil.example", 80)  # whoever checked the name beforehand saw an outside address
        return await web.fetch(f"http://evil.example:{base.rpartition(':')[2]}/", obey_robots=False)

    fetched, log = run(hello, work, WHOLE_WEB)
    assert fetched.outcome is FetchOutcome.REFUSED_ADDRESS
    assert "127.0.0.1" in fetched.detail
    assert log == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "file:///etc/passwd",
        "ftp://a.b/c",
        "data:,x",
        "http://",
        "http://[",
        "http://a b/",
        "//a.b",
        "javascript:1",
        "http://a.b:99999/",
        "\x00",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    async def work(web: Web, _base: str) -> Fetched:
        return await web.fetch(url, obey_robots=False)

    assert run(hello, work, WHOLE_WEB)[0].outcome is FetchOutcome.REFUSED_URL


def test_a_host_that_does_not_exist_is_a_failed_connection() -> None:
    async def work(web: Web, _base: str) -> Fetched:
        return await web.fetch("http://no-such-host.invalid/", obey_robots=False)

    assert run(hello, work, WHOLE_WEB)[0].outcome is FetchOutcome.CONNECTION


# --- Retry-After --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), ("0", 0), (" 60 ", 60), ("999999999999", 86_400), ("Mon, 02 Mar 2026 12:10:00 GMT", 600), ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("Monday, 02-Mar-26 12:10:00 GMT", 600), ("Mon, 02 Mar 2026 16:10:00 +0400", 600), ("Mon, 02 Mar 2036 12:10:00 GMT", 86_400),
        ("", None), ("soon", None), ("-5", None), ("1.5", None), ("٣", None), ("Mon, 99 Foo", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(said: str, seconds: int | None) -> None:
    assert retry_after_s({"retry-after": said}, NOW) == seconds


def test_a_host_that_asks_for_time_gets_it_from_every_fetch_of_this_run() -> None:
    async def busy(ask: Exchange) -> None:
        await (ask.reply(status="429 Too Many Requests", Retry_After="60") if ask.path == "/1" else hello(ask))

    async def work(web: Web, base: str) -> list[Fetched]:
        return list(await asyncio.gather(*(web.fetch(f"{base}/{n}") for n in (1, 2, 3))))

    fetched, log = run(busy, work)
    assert [f.outcome for f in fetched] == [FetchOutcome.RATE_LIMITED] * 3
    assert all(f.retry_after_s is not None and 0 < f.retry_after_s <= 60 for f in fetched)
    assert [seen.path for seen in log if seen.path[1:].isdigit()] == ["/1"]


def test_a_host_that_asked_for_time_gets_it_from_the_next_run_too() -> None:
    kept: dict[str, str] = {}

    async def busy(ask: Exchange) -> None:
        await (ask.reply(status="429 Too Many Requests", Retry_After="3600") if ask.path == "/1" else hello(ask))

    async def work(web: Web, base: str) -> Fetched:
        return await web.fetch(f"{base}/1")

    def at(now: datetime) -> tuple[Fetched, list[str]]:
        fetched, log = run(
            busy, work, clock=lambda: now,
            recall=lambda _origin: kept.get("site"), remember=lambda _origin, text: kept.update(site=text),
        )  # fmt: skip
        return fetched, [seen.path for seen in log]

    assert at(NOW)[1][-1] == "/1"
    barred, asked = at(NOW + timedelta(minutes=30))
    assert (barred.outcome, barred.retry_after_s, asked) == (FetchOutcome.RATE_LIMITED, 1_800, [])
    assert at(NOW + timedelta(minutes=61))[1] == ["/1"]


# --- robots -------------------------------------------------------------------------------------------------------------


def test_what_a_site_allows_is_remembered_across_restarts_for_a_day() -> None:
    kept: dict[str, str] = {}

    async def work(web: Web, base: str) -> Fetched:
        return await web.fetch(f"{base}/page")

    def asked_at(now: datetime) -> list[str]:
        # Each run serves from another port: the memory is kept under one name here.
        _, log = run(
            hello, work, clock=lambda: now,
            recall=lambda _origin: kept.get("site"), remember=lambda _origin, text: kept.update(site=text),
        )  # fmt: skip
        return [seen.path for seen in log]

    assert asked_at(NOW) == ["/robots.txt", "/.well-known/tdmrep.json", "/page"]
    assert asked_at(NOW + timedelta(hours=23)) == ["/page"]
    assert "/robots.txt" in asked_at(NOW + timedelta(hours=25))


def test_a_damaged_memory_costs_one_request() -> None:
    async def work(web: Web, base: str) -> Fetched:
        return await web.fetch(f"{base}/page")

    for text in ("", "nonsense", "{}", "[1]", '{"fetched_at": 3}'):
        fetched, _ = run(hello, work, recall=lambda _origin, text=text: text)
        assert fetched.outcome is FetchOutcome.OK


def test_site_rules_survive_being_kept() -> None:
    site = SiteRules(origin="http://a.b", fetched_at=NOW, robots="x", failure="f", failure_outcome=FetchOutcome.TIMEOUT)
    assert SiteRules.loads(site.dumps()) == site


def test_a_site_that_is_down_keeps_the_rules_it_gave_before() -> None:
    async def down(ask: Exchange) -> None:
        await (ask.reply(status="500 Oops") if ask.path == "/robots.txt" else hello(ask))

    async def work(web: Web, base: str) -> list[FetchOutcome]:
        return [(await web.fetch(f"{base}{path}")).outcome for path in ("/open", "/closed")]

    before = SiteRules(origin="", fetched_at=NOW - timedelta(days=2), robots="User-agent: *\nDisallow: /closed")
    outcomes, _ = run(down, work, clock=lambda: NOW, recall=lambda _origin: before.dumps())
    assert outcomes == [FetchOutcome.OK, FetchOutcome.ROBOTS]
    outcomes, log = run(down, work, clock=lambda: NOW)
    assert outcomes == [FetchOutcome.SERVER_ERROR] * 2
    assert [seen.path for seen in log] == ["/robots.txt"]


def test_a_site_that_is_down_is_asked_again_soon_and_one_that_answered_after_a_day() -> None:
    down = SiteRules(origin="http://a.b", fetched_at=NOW, failure="f", failure_outcome=FetchOutcome.TIMEOUT)
    up = SiteRules(origin="http://a.b", fetched_at=NOW)
    assert (down.is_stale(NOW + timedelta(minutes=16)), up.is_stale(NOW + timedelta(minutes=16))) == (True, False)


@pytest.mark.parametrize(
    ("location", "path", "reserved"),
    [("/*", "/a", True), ("/", "/a", True), ("/news/*", "/news/1", True), ("/news", "/sport", False), ("/a$", "/a", True), ("/a$", "/ab", False), ("*.pdf", "/x.pdf", True), ("/a+b", "/a+b", True)],
)  # fmt: skip
def test_locations_of_a_reservation_file_are_patterns(location: str, path: str, reserved: bool) -> None:
    rules = Rules(
        SiteRules(origin="", fetched_at=NOW, tdmrep=f'[{{"location": "{location}", "tdm-reservation": 1}}]'),
        "tensionwatch",
    )
    assert rules.reserves(f"https://a.b{path}") is reserved


def test_a_crawl_delay_is_honoured_up_to_a_minute() -> None:
    def gap(said: str) -> float:
        return Rules(SiteRules(origin="", fetched_at=NOW, robots=f"User-agent: *\nCrawl-delay: {said}"), "x").gap_s

    assert [gap("5"), gap("3600"), gap("-1"), gap("x")] == [5, 60, 0, 0]


@pytest.mark.parametrize(
    ("meta", "reserved"),
    [
        (b'<meta name="tdm-reservation" content="1">', True), (b"<META CONTENT='1' NAME='TDM-Reservation' />", True), (b"<meta name=tdm-reservation content=1>", True),
        (b'<meta name="tdm-reservation" content="0">', False), (b"<p>tdm-reservation 1</p>", False), (b'<meta name="robots" content="noindex">', False),
    ],
)  # fmt: skip
def test_a_page_reserves_by_its_meta_element(meta: bytes, reserved: bool) -> None:
    assert reserved_by_page(b"<html><head>" + meta + b"</head></html>") is reserved


# --- manners ------------------------------------------------------------------------------------------------------------


def test_the_contact_stands_in_the_user_agent_once() -> None:
    async def work(web: Web, base: str) -> Fetched:
        return await web.fetch(base + "/")

    network = LOCAL.model_copy(update={"user_agent": "watch/1 (+https://e.org)", "contact": "https://e.org"})
    _, log = run(hello, work, network)
    assert {seen.headers["user-agent"] for seen in log} == {"watch/1 (+https://e.org)"}


def test_credentials_are_neither_sent_nor_logged_nor_returned(caplog: pytest.LogCaptureFixture) -> None:
    async def work(web: Web, base: str) -> Fetched:
        return await web.fetch(base.replace("://", "://user:secret@") + "/x")

    with caplog.at_level(logging.DEBUG):
        fetched, log = run(hello, work)
    assert fetched.outcome is FetchOutcome.OK
    assert all("authorization" not in seen.headers for seen in log)
    assert "secret" not in caplog.text + repr(fetched)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a.b/x", "a.b"), ("https://A.B:443/", "a.b"), ("http://a.b:8080/", "a.b:8080"), ("http://[::1]/", "::1"), ("ftp://a.b/", ""), ("http://a.b:x/", ""),
    ],
)  # fmt: skip
def test_http_and_https_of_a_host_take_turns(url: str, host: str) -> None:
    assert turn_of(url) == host


def test_cookies_of_a_walk_stay_with_their_host() -> None:
    async def gate(ask: Exchange) -> None:
        if ask.path == "/start":
            await ask.reply(status="302 Found", Location="/there", Set_Cookie="a=1; Path=/")
        else:
            await hello(ask)

    async def other(ask: Exchange) -> None:
        await ask.reply(status="302 Found", Location=f"http://127.0.0.1:{ports['gate']}/end", Set_Cookie="b=2")

    async def main(ports: dict[str, int]) -> None:
        async with Web(LOCAL) as web:
            await web.fetch(f"http://127.0.0.1:{ports['gate']}/start", obey_robots=False)
            await web.fetch(f"http://127.0.0.1:{ports['other']}/", obey_robots=False)

    ports: dict[str, int] = {}
    with HostileServer({"gate": gate, "other": other}, ports) as server:
        asyncio.run(main(ports))
        assert [seen.headers.get("cookie") for seen in server.log["gate"]] == [None, "a=1", None]


def test_of_an_error_page_no_more_is_read_than_its_connection_is_worth() -> None:
    async def endless(ask: Exchange) -> None:
        await ask.raw(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await ask.raw(b"10000\r\n" + bytes(65_536) + b"\r\n")

    async def work(web: Web, base: str) -> Fetched:
        return await web.fetch(base, obey_robots=False)

    assert run(endless, work)[0].outcome is FetchOutcome.NOT_FOUND


def test_the_global_limit_holds_across_hosts() -> None:
    async def slow(ask: Exchange) -> None:
        await asyncio.sleep(0.05)
        await ask.reply(b"x")

    async def main(ports: list[int]) -> int:
        most = now = 0

        class Counting(PooledTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                nonlocal most, now
                now += 1
                most = max(most, now)
                try:
                    return await super().handle_async_request(request)
                finally:
                    now -= 1

        network = LOCAL.model_copy(update={"max_connections": 3})
        transport = Counting(max_connections=3, verify=httpx.create_ssl_context(), socket_factory=None)
        async with Web(network, transport=transport) as web:
            await asyncio.gather(*(web.fetch(f"http://127.0.0.1:{port}/", obey_robots=False) for port in ports))
        return most

    with HostileServer({str(n): slow for n in range(12)}) as server:
        assert asyncio.run(main(list(server.ports.values()))) <= 3


def test_a_caller_that_gives_up_leaves_the_pool_whole() -> None:
    """Cancelled requests must not eat connections: httpx's own pool loses them for ever (encode/httpcore#1093)."""

    async def sometimes_slow(ask: Exchange) -> None:
        if ask.path == "/slow":
            await asyncio.sleep(5)
        await hello(ask)

    async def work(web: Web, base: str) -> Fetched:
        for _ in range(5):
            task = asyncio.create_task(web.fetch(f"{base}/slow", obey_robots=False))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return await web.fetch(f"{base}/quick", obey_robots=False)

    fetched, _ = run(sometimes_slow, work, LOCAL.model_copy(update={"max_connections": 1}))
    assert fetched.body == b"hello from /quick"


def test_a_known_body_is_unchanged_whatever_the_server_says() -> None:
    async def work(web: Web, base: str) -> Fetched:
        return await web.fetch(f"{base}/a", validators=Validators(body_hash=body_hash(b"hello from /a")))

    fetched, _ = run(hello, work)
    assert (fetched.outcome, fetched.body) == (FetchOutcome.UNCHANGED, b"")


# --- bodies -------------------------------------------------------------------------------------------------------------


def test_a_plain_body_is_left_alone() -> None:
    assert decoded(b"abc", "", 10) == decoded(b"abc", "identity", 10) == gunzipped(b"abc", 10) == b"abc"


def test_bounds_are_exact() -> None:
    body = bytes(range(256)) * 8
    assert decoded(gzip.compress(body), "gzip", len(body)) == body
    with pytest.raises(TooLargeError):
        decoded(gzip.compress(body), "gzip", len(body) - 1)
    with pytest.raises(BombError):
        decoded(gzip.compress(bytes(2_000_000)), "gzip", 10_000_000)
    with pytest.raises(BodyError):
        decoded(b"\x1f\x8b\x08" + bytes(40), "gzip", 100)
