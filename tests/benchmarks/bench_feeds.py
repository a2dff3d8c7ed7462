"""CPU of parsing: ours beside feedparser as it comes, on made and, where they exist, on real feeds, in one run.

python tests/benchmarks/bench_feeds.py [--rounds N]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO

import feedparser

from extractors.dates import parse_date
from extractors.feeds import parse_feed
from extractors.urls import canonical_url
from shared_material import SHARED, members

PARAGRAPH = "<p>Officials in <b>Baku</b> said on Monday that <a href='/talks?id=5'>talks</a> would go on &amp; on.</p>"


def _feed(count: int, *, content: bool) -> bytes:
    items = "".join(
        f"<item><title>Headline number {n} &amp; more</title><link>https://example.com/news/{n}?utm_source=rss</link>"
        f"<guid>tag:{n}</guid><pubDate>Mon, 02 Mar 2026 {n % 24:02}:05:00 +0400</pubDate>"
        f"<description><![CDATA[{PARAGRAPH * 2}]]></description>"
        + (f"<content:encoded><![CDATA[{PARAGRAPH * 20}]]></content:encoded>" if content else "")
        + "</item>"
        for n in range(count)
    )
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return f'<rss version="2.0" {space}><channel><title>Bench</title>{items}</channel></rss>'.encode()


def _cpu_ms(work: Callable[[], object], rounds: int) -> float:
    """Give the middle CPU time of a few runs, in milliseconds."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return statistics.median(times) * 1e3


def _row(name: str, ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> None:
    ours(), peer()
    mine, other = _cpu_ms(ours, rounds), _cpu_ms(peer, rounds)
    print(f"{name:<44} ours {mine:>9.2f} ms   feedparser {other:>9.2f} ms   {other / mine:>5.1f} times cheaper")


def _peer(body: bytes) -> object:
    return feedparser.parse(BytesIO(body), response_headers={"content-type": "application/rss+xml"})


def _per_call(name: str, work: Callable[[], object], calls: int) -> None:
    began = time.process_time()
    for _ in range(calls):
        work()
    print(f"{name:<44} {(time.process_time() - began) / calls * 1e6:>6.0f} microseconds")


def _real() -> list[bytes]:
    archive = SHARED / "data/feeds/real-feeds.tar.xz"
    return [body for _, body in members(archive)] if archive.exists() else []


def main() -> None:
    """Print all figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    for name, body in (
        ("100 items, summaries", _feed(100, content=False)),
        ("100 items, full texts", _feed(100, content=True)),
    ):
        _row(name, partial(parse_feed, body), partial(_peer, body), rounds)
    real = _real()
    if real:
        # feedparser leaves JSON Feed alone; the comparison is of what both read.
        both = [body for body in real if not body.startswith(b"{")]
        _row(f"{len(both)} real feeds", lambda: [parse_feed(b) for b in both], lambda: [_peer(b) for b in both], 1)
    _per_call("a date by the standards", lambda: parse_date("Mon, 02 Mar 2026 14:05:00 +0300"), 5_000)
    _per_call("a date in words", lambda: parse_date("2 mart 2026-cı il, 14:05", zone="Asia/Baku"), 5_000)
    _per_call("a canonical URL", lambda: canonical_url("https://example.com/a/b-c?id=5&utm_source=rss"), 5_000)


if __name__ == "__main__":
    main()
