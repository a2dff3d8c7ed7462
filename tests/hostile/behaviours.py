"""What servers do, and what a correct client makes of it. One row, one server."""

import asyncio
import gzip
import random
import struct
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

import brotli  # type: ignore[import-untyped]
import zstandard

from tests.hostile.server import Answer, Exchange
from tests.hostile.sweep import MAX_BYTES, START

FOREVER = 30.0  #: seconds a hanging server hangs: beyond every time-out of the client


@dataclass(frozen=True)
class Behaviour:
    """A server's behaviour with the outcomes it must lead to, request by request."""

    name: str
    answer: Answer
    outcomes: list[str]
    accept: str = "feed"
    paths: tuple[str, ...] = ("/feed",)
    items: int | None = None  #: distinct items a correct client ends up with; None: not a matter of items
    result: dict[str, Any] = field(default_factory=dict)  #: more that the result must say
    polls: int = 0  #: how often it is asked where the outcomes depend on the moment; 0: as often as there are outcomes
    gap_s: float = 0.0
    at_once: bool = False


BEHAVIOURS: list[Behaviour] = []


def behaviour(*outcomes: str, **options: Any) -> Callable[[Answer], Answer]:
    """Add a server. Its name is that of the function, as a sentence."""

    def add(answer: Answer) -> Answer:
        name = answer.__name__.strip("_").replace("_", " ")
        BEHAVIOURS.append(Behaviour(name, _with_manners(answer), list(outcomes), **options))
        return answer

    return add


def _with_manners(answer: Answer) -> Answer:
    """Answer 404 for robots.txt and tdmrep.json unless the behaviour is about them."""
    speaks = getattr(answer, "speaks_robots", False)

    async def polite(ask: Exchange) -> None:
        if not speaks and ask.path in {"/robots.txt", "/.well-known/tdmrep.json"}:
            await ask.reply(status="404 Not Found")
        else:
            await answer(ask)

    return polite


def speaks_robots(answer: Answer) -> Answer:
    answer.speaks_robots = True  # type: ignore[attr-defined]
    return answer


def rss(*numbers: int, title: str = "Title {n}", guid: str = "<guid>g{n}</guid>", extra: str = "") -> bytes:
    items = "".join(
        f"<item><title>{title.format(n=n)}</title><link>https://example.org/{n}</link>{guid.format(n=n)}</item>"
        for n in numbers
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>F</title>{extra}{items}</channel></rss>'.encode()


PAGE = (
    b"<!doctype html><html><head><title>T</title></head><body><p>" + b"Some honest text. " * 50 + b"</p></body></html>"
)
WALL = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
XML = {"Content_Type": "application/rss+xml"}
HTML = {"Content_Type": "text/html; charset=utf-8"}


# --- validators, honest and lying ------------------------------------------------------------------------------------


@behaviour("ok", "not-modified", "not-modified", items=2)
async def honest_etag(ask: Exchange) -> None:
    if ask.headers.get("if-none-match") == '"1"':
        assert "if-modified-since" not in ask.headers
        await ask.reply(status="304 Not Modified", ETag='"1"')
        return
    await ask.reply(rss(1, 2), ETag='"1"', Last_Modified="Mon, 02 Mar 2026 10:00:00 GMT", **XML)


@behaviour("ok", "not-modified", items=1)
async def weak_etag_is_sent_back_as_it_came(ask: Exchange) -> None:
    if ask.headers.get("if-none-match") == 'W/"a b"':
        await ask.reply(status="304 Not Modified")
        return
    await ask.reply(rss(1), ETag='W/"a b"', **XML)


@behaviour("ok", "not-modified", items=1)
async def last_modified_alone(ask: Exchange) -> None:
    if ask.headers.get("if-modified-since") == "Mon, 02 Mar 2026 10:00:00 GMT":
        await ask.reply(status="304 Not Modified")
        return
    await ask.reply(rss(1), Last_Modified="Mon, 02 Mar 2026 10:00:00 GMT", **XML)


@behaviour("ok", "unchanged", "unchanged", items=2, result={"parses": 1})
async def changed_etag_over_an_unchanged_body(ask: Exchange) -> None:
    await ask.reply(rss(1, 2), ETag=f'"{ask.number}"', **XML)


@behaviour("ok", "unchanged", items=2, result={"parses": 1})
async def no_validator_at_all(ask: Exchange) -> None:
    await ask.reply(rss(1, 2), **XML)


@behaviour("ok", "ok", "ok", items=5)
async def unchanged_etag_over_a_changed_body(ask: Exchange) -> None:
    await ask.reply(rss(*range(ask.number, ask.number + 3)), ETag='"same"', **XML)


@behaviour(polls=24, result={"etag": '--"same"'})
async def says_304_for_ever_once_it_knows_us(ask: Exchange) -> None:
    if "if-none-match" in ask.headers:
        await ask.reply(status="304 Not Modified")
        return
    await ask.reply(rss(*range(ask.number, ask.number + 4)), ETag='"same"', **XML)


@behaviour("ok", "not-modified", items=1)
async def a_304_that_brings_a_new_etag(ask: Exchange) -> None:
    if "if-none-match" in ask.headers:
        await ask.reply(status="304 Not Modified", ETag='"2"')
        return
    await ask.reply(rss(1), ETag='"1"', **XML)


@behaviour("ok", "client-error", items=1)
async def says_412_to_our_condition(ask: Exchange) -> None:
    if "if-none-match" in ask.headers:
        await ask.reply(status="412 Precondition Failed")
        return
    await ask.reply(rss(1), ETag='"1"', **XML)


# --- items --------------------------------------------------------------------------------------------------------------


@behaviour("ok", "ok", items=3)
async def one_guid_for_all_items(ask: Exchange) -> None:
    await ask.reply(rss(*range(3 - min(ask.number, 1)), 2, guid="<guid>https://example.org/</guid>"), **XML)


@behaviour("ok", "ok", items=4)
async def no_guid_at_all(ask: Exchange) -> None:
    await ask.reply(rss(*range(ask.number, ask.number + 3), guid=""), **XML)


@behaviour("ok", "ok", items=1)
async def a_retitled_item_is_the_same_item(ask: Exchange) -> None:
    await ask.reply(rss(1, title=f"Edition {ask.number}"), **XML)


@behaviour("ok", "ok", items=1)
async def a_link_with_changing_tracking_is_the_same_item(ask: Exchange) -> None:
    item = f"<item><title>T</title><link>https://example.org/1?utm_source=rss{ask.number}</link></item>"
    await ask.reply(f'<rss version="2.0"><channel><title>F</title>{item}</channel></rss>'.encode(), **XML)


@behaviour("ok", items=2)
async def json_feed(ask: Exchange) -> None:
    await ask.reply(
        b'{"version":"https://jsonfeed.org/version/1.1","title":"F","items":[{"id":"1","url":"https://e.org/1"},{"id":2,"url":"/2"}]}',
        Content_Type="application/feed+json",
    )


NEWS = (
    b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    b"<url><loc>https://example.org/1</loc><news:news><news:title>T</news:title><news:publication_date>2026-03-02</news:publication_date></news:news></url></urlset>"
)


@behaviour("ok", items=1)
async def news_sitemap(ask: Exchange) -> None:
    await ask.reply(NEWS, Content_Type="application/xml")


@behaviour("ok", items=1)
async def news_sitemap_as_a_gzip_file(ask: Exchange) -> None:
    await ask.reply(gzip.compress(NEWS), Content_Type="application/gzip")


@behaviour("ok", items=0, result={"children": ["https://example.org/a.xml.gz"]})
async def sitemap_index(ask: Exchange) -> None:
    await ask.reply(b"<sitemapindex><sitemap><loc>https://example.org/a.xml.gz</loc></sitemap></sitemapindex>")


@behaviour("ok", items=0)
async def a_feed_without_items(ask: Exchange) -> None:
    await ask.reply(rss(), **XML)


# --- bodies that are no feed, or odd ones ---------------------------------------------------------------------------


@behaviour("not-a-feed")
async def a_web_page_where_the_feed_was(ask: Exchange) -> None:
    await ask.reply(PAGE, **HTML)


@behaviour("not-a-feed")
async def a_captcha_with_status_200(ask: Exchange) -> None:
    await ask.reply(WALL, **XML)


@behaviour("not-a-feed")
async def random_bytes(ask: Exchange) -> None:
    await ask.reply(bytes(n * 7 % 251 for n in range(20_000)), **XML)


@behaviour("not-a-feed")
async def json_that_is_no_feed(ask: Exchange) -> None:
    await ask.reply(b'{"error": "no such feed"}', Content_Type="application/json")


@behaviour("empty-body")
async def an_empty_body(ask: Exchange) -> None:
    await ask.reply(b"", **XML)


@behaviour("empty-body")
async def only_white_space(ask: Exchange) -> None:
    await ask.reply(b" \n\n ", **XML)


@behaviour("empty-body")
async def status_204(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 204 No Content\r\n\r\n")


@behaviour("ok", items=1)
async def entity_bomb(ask: Exchange) -> None:
    entities = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY b0 "boom">{entities}]>'.encode()
    await ask.reply(head + rss(1, title="x &b11; y").partition(b"?>")[2], **XML)


@behaviour("ok", items=1)
async def entity_that_reads_a_file(ask: Exchange) -> None:
    head = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    await ask.reply(head + rss(1, title="x &f; y").partition(b"?>")[2], **XML)


@behaviour("ok", items=1)
async def nesting_thirty_thousand_deep(ask: Exchange) -> None:
    await ask.reply(rss(1, extra="<a>" * 30_000 + "</a>" * 30_000), **XML)


@behaviour("ok", items=1)
async def a_sitemap_with_an_entity_bomb(ask: Exchange) -> None:
    entities = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY b0 "boom">{entities}]>'.encode()
    await ask.reply(head + NEWS.partition(b"?>")[2].replace(b">T<", b">&b11;<"))


@behaviour("ok", items=1)
async def white_space_and_a_bom_before_the_declaration(ask: Exchange) -> None:
    await ask.reply(b"\xef\xbb\xbf\r\n  " + rss(1), **XML)


@behaviour("ok", items=1)
async def utf_16(ask: Exchange) -> None:
    await ask.reply(rss(1).decode().replace("utf-8", "utf-16").encode("utf-16"), **XML)


@behaviour("ok", items=1, result={"items": {"g1": "Взрыв в Баку"}})
async def windows_1251_declared_in_the_document_alone(ask: Exchange) -> None:
    await ask.reply(
        rss(1, title="Взрыв в Баку").decode().replace("utf-8", "windows-1251").encode("cp1251"),
        Content_Type="application/xml",
    )


@behaviour("ok", items=1, result={"items": {"g1": "Взрыв в Баку"}})
async def a_charset_header_that_nobody_knows(ask: Exchange) -> None:
    await ask.reply(rss(1, title="Взрыв в Баку"), Content_Type="application/xml; charset=none-such")


@behaviour("ok", items=2)
async def a_feed_cut_off_in_the_middle(ask: Exchange) -> None:
    await ask.reply(rss(1, 2, 3).partition(b"<title>Title 3")[0], **XML)


# --- content codings -------------------------------------------------------------------------------------------------

BIG_FEED = rss(*range(500))


@behaviour("ok", items=500)
async def gzip_coding(ask: Exchange) -> None:
    await ask.reply(gzip.compress(BIG_FEED), Content_Encoding="gzip")


@behaviour("ok", items=500)
async def gzip_in_two_members(ask: Exchange) -> None:
    await ask.reply(gzip.compress(BIG_FEED[:999]) + gzip.compress(BIG_FEED[999:]), Content_Encoding="gzip")


@behaviour("ok", items=500)
async def gzip_with_zeros_behind_it(ask: Exchange) -> None:
    await ask.reply(gzip.compress(BIG_FEED) + bytes(512), Content_Encoding="x-gzip")


@behaviour("ok", items=500)
async def gzip_twice(ask: Exchange) -> None:
    await ask.reply(gzip.compress(gzip.compress(BIG_FEED)), Content_Encoding="gzip, gzip")


@behaviour("ok", items=500)
async def says_gzip_and_sends_plain(ask: Exchange) -> None:
    await ask.reply(BIG_FEED, Content_Encoding="gzip")


@behaviour("ok", items=500)
async def a_coding_that_is_none(ask: Exchange) -> None:
    await ask.reply(BIG_FEED, Content_Encoding="utf-8")


@behaviour("ok", items=500)
async def brotli_coding(ask: Exchange) -> None:
    await ask.reply(brotli.compress(BIG_FEED), Content_Encoding="br")


@behaviour("ok", items=500)
async def zstd_coding(ask: Exchange) -> None:
    await ask.reply(zstandard.compress(BIG_FEED), Content_Encoding="zstd")


@behaviour("ok", items=500)
async def deflate_as_the_standard_says(ask: Exchange) -> None:
    await ask.reply(zlib.compress(BIG_FEED), Content_Encoding="deflate")


@behaviour("ok", items=500)
async def deflate_raw(ask: Exchange) -> None:
    packer = zlib.compressobj(wbits=-15)
    await ask.reply(packer.compress(BIG_FEED) + packer.flush(), Content_Encoding="deflate")


@behaviour("connection-failed")
async def gzip_that_is_broken(ask: Exchange) -> None:
    await ask.reply(gzip.compress(BIG_FEED)[:60] + bytes(range(256)) * 9, Content_Encoding="gzip")


ZEROS = bytes(5_000_000)


@behaviour("decompression-bomb")
async def gzip_bomb(ask: Exchange) -> None:
    await ask.reply(gzip.compress(ZEROS, 9), Content_Encoding="gzip")


@behaviour("decompression-bomb")
async def gzip_bomb_in_a_gzip_bomb(ask: Exchange) -> None:
    await ask.reply(gzip.compress(gzip.compress(ZEROS, 9), 9), Content_Encoding="gzip, gzip")


@behaviour("decompression-bomb")
async def brotli_bomb(ask: Exchange) -> None:
    await ask.reply(brotli.compress(ZEROS, quality=5), Content_Encoding="br")


@behaviour("decompression-bomb")
async def zstd_bomb(ask: Exchange) -> None:
    await ask.reply(zstandard.compress(ZEROS, 3), Content_Encoding="zstd")


@behaviour("decompression-bomb")
async def deflate_bomb(ask: Exchange) -> None:
    await ask.reply(zlib.compress(ZEROS, 9), Content_Encoding="deflate")


@behaviour("connection-failed")
async def zstd_that_wants_a_gigabyte_of_window(ask: Exchange) -> None:
    # Frame header: magic, no single segment, window descriptor for 1 GiB, then one raw block of one byte.
    await ask.reply(struct.pack("<IBB", 0xFD2FB528, 0, 20 << 3) + b"\x09\x00\x00a", Content_Encoding="zstd")


@behaviour("decompression-bomb")
async def ten_codings_over_each_other(ask: Exchange) -> None:
    await ask.reply(rss(1), Content_Encoding=", ".join(["gzip"] * 10))


@behaviour("not-a-feed")
async def a_gzip_file_that_is_a_bomb(ask: Exchange) -> None:
    await ask.reply(gzip.compress(ZEROS, 9), Content_Type="application/gzip")


# --- size and time ----------------------------------------------------------------------------------------------------


@behaviour("too-large")
async def announces_too_much(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    await asyncio.sleep(FOREVER)


@behaviour("too-large")
async def sends_for_ever(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await ask.raw(b"10000\r\n" + bytes(65_536) + b"\r\n")


@behaviour("too-large")
async def grows_beyond_the_cap_when_unpacked(ask: Exchange) -> None:
    noise = random.Random(7)
    blocks = b"".join(noise.randbytes(300) + bytes(10_000) for _ in range(MAX_BYTES // 10_000))
    await ask.reply(gzip.compress(blocks, 1), Content_Encoding="gzip")


@behaviour("ok", items=1)
async def exactly_as_large_as_allowed(ask: Exchange) -> None:
    feed = rss(1)
    await ask.reply(feed + b" " * (MAX_BYTES - len(feed)), **XML)


@behaviour("timeout")
async def never_answers(ask: Exchange) -> None:
    await asyncio.sleep(FOREVER)


@behaviour("timeout")
async def drips_its_headers(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\n")
    for n in range(100):
        await ask.raw(f"X-Drip-{n}: 1\r\n".encode())
        await asyncio.sleep(0.3)


@behaviour("timeout")
async def drips_its_body(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        await ask.raw(b" ")
        await asyncio.sleep(0.3)


@behaviour("timeout")
async def stops_in_the_middle_of_the_body(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>")
    await asyncio.sleep(FOREVER)


@behaviour("ok", items=2)
async def slow_but_honest(ask: Exchange) -> None:
    body = rss(1, 2)
    await ask.raw(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    for at in range(0, len(body), 100):
        await ask.raw(body[at : at + 100])
        await asyncio.sleep(0.1)


# --- broken HTTP ------------------------------------------------------------------------------------------------------


@behaviour("connection-failed")
async def hangs_up(ask: Exchange) -> None:
    ask.writer.close()


@behaviour("connection-failed")
async def resets_in_the_middle(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>")
    ask.writer.transport.abort()


@behaviour("connection-failed")
async def promises_more_than_it_sends(ask: Exchange) -> None:
    await ask.reply(rss(1), Content_Length="5000")
    ask.writer.close()


@behaviour("connection-failed")
async def ends_chunks_too_early(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n")
    ask.writer.close()


@behaviour("connection-failed")
async def talks_something_else(ask: Exchange) -> None:
    await ask.raw(b"SSH-2.0-OpenSSH_9.6\r\n")
    ask.writer.close()


@behaviour("connection-failed")
async def sends_a_header_of_a_megabyte(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1_000_000 + b"\r\nContent-Length: 0\r\n\r\n")


@behaviour("connection-failed")
async def sends_headers_without_end(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(100_000)) + b"\r\n")


@behaviour("ok", items=1)
async def a_security_policy_of_twenty_kilobytes(ask: Exchange) -> None:
    await ask.reply(rss(1), Content_Security_Policy="https://a.example " * 1_200)


@behaviour("ok", items=1)
async def http_1_0_without_a_length(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n" + rss(1))
    ask.writer.close()


@behaviour("ok", items=1)
async def chunks_with_extensions_and_trailers(ask: Exchange) -> None:
    body = rss(1)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    await ask.raw(head + b"%x;name=value\r\n%s\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(body), body))


@behaviour("ok", items=1)
async def early_hints_first(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
    await ask.reply(rss(1))


@behaviour("ok", items=1)
async def a_header_in_a_foreign_alphabet(ask: Exchange) -> None:
    body = rss(1)
    await ask.raw("HTTP/1.1 200 Хорошо\r\nX-Server: да\r\n".encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)


@behaviour("ok", "ok", items=2)
async def closes_after_each_answer_without_saying_so(ask: Exchange) -> None:
    await ask.reply(rss(ask.number))
    ask.writer.close()


# --- redirects ---------------------------------------------------------------------------------------------------------


def _to(ask: Exchange, location: str, status: str = "301 Moved Permanently", cookie: str = "") -> Awaitable[None]:
    headers = {"Set_Cookie": cookie} if cookie else {}
    return ask.reply(b"", status, Location=location, **headers)


@behaviour("ok", items=1, result={"moved_to": "/new", "poll_url": "/new"})
async def moved_for_good(ask: Exchange) -> None:
    await (ask.reply(rss(1)) if ask.path == "/new" else _to(ask, "/new"))


@behaviour("ok", items=1, result={"moved_to": "/c", "poll_url": "/c"})
async def moved_for_good_twice(ask: Exchange) -> None:
    hops = {"/feed": "/b", "/b": "/c"}
    await (_to(ask, hops[ask.path], "308 Permanent Redirect") if ask.path in hops else ask.reply(rss(1)))


@behaviour("ok", items=1, result={"moved_to": "", "final_url": "/new", "poll_url": "/feed"})
async def moved_for_now(ask: Exchange) -> None:
    await (ask.reply(rss(1)) if ask.path == "/new" else _to(ask, "/new", "302 Found"))


@behaviour("ok", items=1, result={"moved_to": "", "poll_url": "/feed"})
async def moved_for_good_and_then_for_now(ask: Exchange) -> None:
    hops = {"/feed": ("/b", "301 Moved"), "/b": ("/c", "307 Temporary Redirect")}
    await (_to(ask, *hops[ask.path]) if ask.path in hops else ask.reply(rss(1)))


@behaviour("too-many-redirects")
async def redirects_in_a_circle(ask: Exchange) -> None:
    await _to(ask, "/b" if ask.path == "/feed" else "/feed", "302 Found")


@behaviour("too-many-redirects")
async def redirects_without_end(ask: Exchange) -> None:
    await _to(ask, ask.path + "x", "302 Found")


@behaviour("ok", items=1)
async def wants_its_cookie_back(ask: Exchange) -> None:
    if "consent=yes" in ask.headers.get("cookie", ""):
        await ask.reply(rss(1))
        return
    await _to(ask, "/feed", "302 Found", cookie="consent=yes; Path=/; HttpOnly")


@behaviour("client-error")
async def a_redirect_to_nowhere(ask: Exchange) -> None:
    await ask.reply(status="302 Found")


@behaviour("ok", items=1)
async def a_redirect_with_spaces_and_foreign_letters(ask: Exchange) -> None:
    if ask.path == "/feed":
        await ask.raw("HTTP/1.1 301 Moved\r\nLocation: /новости и всё?q=да\r\nContent-Length: 0\r\n\r\n".encode())
        return
    await (ask.reply(rss(1)) if "%D0" in ask.path and " " not in ask.path else ask.reply(status="404 Not Found"))


@behaviour("ok", items=1, result={"final_url": "/new"})
async def a_redirect_without_a_scheme(ask: Exchange) -> None:
    await (ask.reply(rss(1)) if ask.path == "/new" else _to(ask, f"//127.0.0.1:{ask.port}/new#part"))


@behaviour("ok", items=1, result={"final_url": "/new"})
async def a_redirect_with_credentials_in_it(ask: Exchange) -> None:
    assert "authorization" not in ask.headers
    await (ask.reply(rss(1)) if ask.path == "/new" else _to(ask, f"http://user:secret@127.0.0.1:{ask.port}/new"))


def _refuses(name: str, target: str, outcome: str) -> None:
    async def answer(ask: Exchange) -> None:
        await _to(ask, target, "302 Found")

    answer.__name__ = f"redirects to {name}"
    behaviour(outcome)(answer)


_refuses("a file", "file:///etc/passwd", "refused-url")
_refuses("ftp", "ftp://example.org/x", "refused-url")
_refuses("data", "data:text/xml,<rss/>", "refused-url")
_refuses("javascript", "javascript:alert(1)", "refused-url")
_refuses("another loopback address", "http://127.0.0.2:1/", "refused-address")
_refuses("loopback in IPv6", "http://[::1]:1/", "refused-address")
_refuses("a private address", "http://10.0.0.1/", "refused-address")
_refuses("the metadata of a cloud", "http://169.254.169.254/latest/meta-data/", "refused-address")
_refuses("a private address in IPv6 clothes", "http://[::ffff:10.0.0.1]/", "refused-address")
_refuses("everywhere", "http://0.0.0.0:1/", "refused-address")


@behaviour("ok", items=1)
async def a_redirect_whose_body_never_ends(ask: Exchange) -> None:
    if ask.path == "/new":
        await ask.reply(rss(1))
        return
    await ask.raw(b"HTTP/1.1 301 Moved\r\nLocation: /new\r\nContent-Length: 100\r\n\r\nx")
    await asyncio.sleep(FOREVER)


@behaviour("not-found")
async def a_404_whose_body_never_comes(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nx")
    await asyncio.sleep(FOREVER)


# --- what the status says ----------------------------------------------------------------------------------------------


def _status(status: str, outcome: str) -> None:
    async def answer(ask: Exchange) -> None:
        await ask.reply(b"no", status=status)

    answer.__name__ = f"status {status[:3]}"
    behaviour(outcome)(answer)


for _line, _outcome in (
    ("400 Bad Request", "client-error"),
    ("401 Unauthorized", "forbidden"),
    ("402 Payment Required", "forbidden"),
    ("403 Forbidden", "forbidden"),
    ("404 Not Found", "not-found"),
    ("410 Gone", "gone"),
    ("418 Teapot", "client-error"),
    ("451 Unavailable For Legal Reasons", "forbidden"),
    ("500 Internal Server Error", "server-error"),
    ("502 Bad Gateway", "server-error"),
    ("503 Service Unavailable", "server-error"),
    ("520 Unknown", "server-error"),
    ("999 Denied", "client-error"),
):
    _status(_line, _outcome)


@behaviour("rate-limited", result={"retry_after_s": 7200, "wait_s": 7560})
async def asks_for_two_hours_in_seconds(ask: Exchange) -> None:
    await ask.reply(status="429 Too Many Requests", Retry_After="7200")


@behaviour("rate-limited", result={"retry_after_s": 10800})
async def asks_for_three_hours_by_a_date(ask: Exchange) -> None:
    date = format_datetime(START.replace(hour=15), usegmt=True)
    await ask.reply(status="503 Service Unavailable", Retry_After=date)


@behaviour("rate-limited", "rate-limited", "rate-limited")
async def is_not_asked_again_while_it_wants_to_be_left_alone(ask: Exchange) -> None:
    assert ask.number == 0
    await ask.reply(status="429 Too Many Requests", Retry_After="3600")


@behaviour("rate-limited")
async def retry_after_in_words(ask: Exchange) -> None:
    await ask.reply(status="429 Too Many Requests", Retry_After="soon")


# --- robots and reservations -------------------------------------------------------------------------------------------


def _robots(name: str, robots: bytes, outcome: str, status: str = "200 OK", **options: Any) -> None:
    @speaks_robots
    async def answer(ask: Exchange) -> None:
        if ask.path == "/robots.txt":
            await ask.reply(robots, status=status, Content_Type="text/plain")
        elif ask.path == "/.well-known/tdmrep.json":
            await ask.reply(status="404 Not Found")
        else:
            await ask.reply(PAGE, **HTML)

    answer.__name__ = f"robots {name}"
    behaviour(outcome, accept="page", **{"paths": ("/page",), **options})(answer)


_robots("allow all", b"User-agent: *\nDisallow:\n", "ok")
_robots("forbid all", b"User-agent: *\nDisallow: /\n", "robots-disallowed")
_robots(
    "forbid us by name", b"User-agent: *\nDisallow:\n\nUser-agent: TensionWatch\nDisallow: /\n", "robots-disallowed"
)
_robots("forbid all but us", b"User-agent: *\nDisallow: /\n\nUser-agent: tensionwatch\nAllow: /\n", "ok")
_robots("forbid by wildcard", b"User-agent: *\nDisallow: /*.html$\n", "robots-disallowed", paths=("/a/b.html",))
_robots("allow the longer path", b"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "ok", paths=("/a/b",))
_robots("are a web page", WALL, "ok")
_robots("are forbidden", b"", "ok", status="403 Forbidden")
_robots("are gone", b"", "ok", status="410 Gone")
_robots("fail", b"", "server-error", status="500 Internal Server Error")
_robots("are not utf-8", b"\xff\xfe\x00User-agent: *\nDisallow: /\xd0\xbf\n", "ok")
_robots("are of two megabytes", b"User-agent: *\nDisallow: /x\n" + b"# nothing\n" * 200_000, "ok")


@behaviour("timeout", accept="page", paths=("/page",))
@speaks_robots
async def robots_that_never_come(ask: Exchange) -> None:
    await (asyncio.sleep(FOREVER) if ask.path == "/robots.txt" else ask.reply(PAGE))


@behaviour("robots-disallowed", accept="page", paths=("/page",))
@speaks_robots
async def robots_behind_a_redirect(ask: Exchange) -> None:
    if ask.path == "/robots.txt":
        await _to(ask, "/r.txt")
        return
    await ask.reply(b"User-agent: *\nDisallow: /page" if ask.path == "/r.txt" else PAGE)


@behaviour("robots-disallowed", accept="page", paths=("/page",))
@speaks_robots
async def redirects_to_what_robots_forbid(ask: Exchange) -> None:
    if ask.path == "/robots.txt":
        await ask.reply(b"User-agent: *\nDisallow: /private")
        return
    await (_to(ask, "/private/x", "302 Found") if ask.path == "/page" else ask.reply(PAGE, status="404 Not Found"))


@behaviour("ok", "ok", "ok", accept="page", paths=("/1", "/2", "/3"))
@speaks_robots
async def robots_with_a_crawl_delay(ask: Exchange) -> None:
    body = b"User-agent: *\nCrawl-delay: 0.4\n" if ask.path == "/robots.txt" else PAGE
    await ask.reply(body, status="404 Not Found" if "tdmrep" in ask.path else "200 OK")


@behaviour("tdm-reserved", accept="page", paths=("/page",))
async def reserves_by_a_header(ask: Exchange) -> None:
    await ask.reply(PAGE, TDM_Reservation="1", **HTML)


@behaviour("tdm-reserved", accept="page", paths=("/page",))
async def reserves_by_a_meta_element(ask: Exchange) -> None:
    await ask.reply(PAGE.replace(b"<title>", b"<meta content='1' name='TDM-Reservation'><title>"), **HTML)


@behaviour("ok", accept="page", paths=("/page",))
async def says_that_it_does_not_reserve(ask: Exchange) -> None:
    await ask.reply(PAGE.replace(b"<title>", b'<meta name="tdm-reservation" content="0"><title>'), TDM_Reservation="0")


@behaviour("tdm-reserved", "ok", accept="page", paths=("/news/1", "/free/2"))
@speaks_robots
async def reserves_by_a_file(ask: Exchange) -> None:
    if ask.path == "/robots.txt":
        await ask.reply(status="404 Not Found")
        return
    rules = b'[{"location": "/free/*", "tdm-reservation": 0}, {"location": "/*", "tdm-reservation": 1}]'
    await ask.reply(rules if "tdmrep" in ask.path else PAGE)


@behaviour("ok", accept="page", paths=("/page",))
@speaks_robots
async def a_reservation_file_that_is_nonsense(ask: Exchange) -> None:
    if ask.path == "/robots.txt":
        await ask.reply(status="404 Not Found")
        return
    await ask.reply(b'{"location": [1, {}], "x": ' if "tdmrep" in ask.path else PAGE)


# --- pages and manners -------------------------------------------------------------------------------------------------


@behaviour("ok", accept="page", paths=("/page",), result={"size": 0})
async def a_video_of_a_gigabyte_as_a_page(ask: Exchange) -> None:
    await ask.raw(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        await ask.raw(bytes(65_536))


@behaviour("ok", "ok", "ok", "ok", accept="page", paths=("/1", "/2", "/3", "/4"), gap_s=0.2, at_once=True)
async def counts_who_asks_at_the_same_time(ask: Exchange) -> None:
    await asyncio.sleep(0.05)
    await ask.reply(PAGE, **HTML)


@behaviour("ok", "ok", accept="page", paths=("/1", "/2"))
async def sets_a_cookie_that_must_not_come_back(ask: Exchange) -> None:
    assert "cookie" not in ask.headers
    await ask.reply(PAGE, Set_Cookie="track=me; Path=/")


@behaviour("ok", accept="page", paths=("http://user:secret@HOST/page",), result={"final_url": "/page"})
async def is_asked_with_credentials_in_the_address(ask: Exchange) -> None:
    assert "authorization" not in ask.headers
    await ask.reply(PAGE)
