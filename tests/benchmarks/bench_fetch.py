"""Client CPU of fetching: ours beside a plain httpx client, pages and unchanged feeds, in one run.

    python tests/benchmarks/bench_fetch.py [--pages N] [--feeds N]

A server process on loopback sends a gzipped page of 29 kB (163 kB of HTML) and answers conditional requests for a feed with
304. Measured is the CPU time of the client process alone, the middle of three alternating rounds; the wall clock of the sweep
includes the server, which shares the machine's cores.
"""

import argparse
import asyncio
import gzip
import multiprocessing
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import httpx

from extractors.answers import body_hash
from extractors.feeds import parse_feed
from extractors.fetch import Web
from model.config import Network
from model.outcomes import FetchOutcome
from model.records import Validators

ROUNDS = 3
CONNECTIONS = (4, 32, 100)
GOAL_PAGE_MS, GOAL_RATIO, GOAL_POLL_MS, GOAL_SWEEP_S = 1.2, 4.0, 1.5, 10.0


def _page() -> bytes:
    """Make a page that compresses as news pages do: words in paragraphs, regular markup around them."""
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))) for _ in range(1_800)]
    rows: list[str] = []
    while sum(len(row) for row in rows) < 163_000:
        text = " ".join(rng.choices(words, k=14))
        rows.append(f'<div class="article-body__row"><p class="paragraph paragraph--lead">{text}</p></div>\n')
    return ("<!doctype html><html><body>" + "".join(rows) + "</body></html>").encode()


def _feed() -> bytes:
    items = "".join(
        f"<item><title>Headline number {n}</title><link>https://example.com/news/{n}</link><guid>https://example.com/news/{n}"
        f"</guid><pubDate>Mon, 02 Mar 2026 {n % 24:02}:05:00 GMT</pubDate><description>{'Some words. ' * 30}</description></item>"
        for n in range(100)
    )
    return f'<rss version="2.0"><channel><title>Bench</title>{items}</channel></rss>'.encode()


class _Server(asyncio.Protocol):
    """As little of HTTP as a fast server needs, so that the client is what is measured."""

    page = b""
    feed = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            head, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            self.transport.write(self.answer(head.lower()))

    def answer(self, head: bytes) -> bytes:
        if b" /feed" not in head.split(b"\r\n", 1)[0]:
            return self.page
        return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n' if b"if-none-match" in head else self.feed


def _serve(ready: Connection) -> None:
    zipped = gzip.compress(_page(), 6)
    _Server.page = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        b"Server: bench\r\nDate: Mon, 02 Mar 2026 12:00:00 GMT\r\nCache-Control: max-age=60\r\nVary: Accept-Encoding\r\n"
        b"Content-Length: %d\r\n\r\n" % len(zipped)
    ) + zipped
    feed = _feed()
    _Server.feed = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n" % len(feed) + feed
    )

    async def main() -> None:
        loop = asyncio.get_running_loop()
        servers = [await loop.create_server(_Server, "127.0.0.1", 0, backlog=256) for _ in range(max(CONNECTIONS))]
        ready.send(([server.sockets[0].getsockname()[1] for server in servers], len(zipped)))
        await asyncio.gather(*(server.serve_forever() for server in servers))

    asyncio.run(main())


Ask = Callable[[str], Awaitable[None]]


async def _many(ask: Ask, hosts: list[str], count: int) -> tuple[float, float]:
    """Ask each host in turn by a worker of its own; give CPU and wall seconds for `count` requests in all."""

    async def worker(host: str, share: int) -> None:
        for _ in range(share):
            await ask(host)

    await asyncio.gather(*(worker(host, 1) for host in hosts))  # connections are open, as in a long run
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker(host, count // len(hosts)) for host in hosts))
    return time.process_time() - cpu, time.perf_counter() - wall


async def _ours(
    hosts: list[str], count: int, known: Validators | None = None, path: str = "/page"
) -> tuple[float, float]:
    network = Network(per_host_gap_s=0, max_connections=len(hosts), allow_private_addresses=True)
    async with Web(network) as web:

        async def ask(host: str) -> None:
            fetched = await web.fetch(host + path, validators=known, accept="page", obey_robots=False)
            if fetched.outcome not in {FetchOutcome.OK, FetchOutcome.NOT_MODIFIED, FetchOutcome.UNCHANGED}:
                raise RuntimeError(f"the bench server failed: {fetched.outcome} {fetched.detail}")

        return await _many(ask, hosts, count)


async def _plain(hosts: list[str], count: int) -> tuple[float, float]:
    limits = httpx.Limits(max_connections=len(hosts), max_keepalive_connections=len(hosts))
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def ask(host: str) -> None:
            (await client.get(f"{host}/page")).raise_for_status()

        return await _many(ask, hosts, count)


def _pages(hosts: list[str], count: int) -> None:
    print(f"{'connections':>11}  {'ours ms':>8}  {'httpx ms':>8}  {'times cheaper':>13}   client CPU per page")
    for at_once in CONNECTIONS:
        ours, plain = [], []
        for _ in range(ROUNDS):
            ours.append(asyncio.run(_ours(hosts[:at_once], count))[0])
            plain.append(asyncio.run(_plain(hosts[:at_once], count))[0])
        mine, other = (statistics.median(row) / (count // at_once * at_once) * 1e3 for row in (ours, plain))
        goal = f"   goal <= {GOAL_PAGE_MS} ms, >= {GOAL_RATIO} times" if at_once == max(CONNECTIONS) else ""
        print(f"{at_once:>11}  {mine:>8.2f}  {other:>8.2f}  {other / mine:>13.1f}{goal}")


def _feeds(hosts: list[str], count: int) -> None:
    body = _feed()
    started = time.process_time()
    parse_feed(body)
    parse_ms = (time.process_time() - started) * 1e3
    for said, known in (
        ("304 to its validators", Validators(etag='"1"')),
        ("200 with the known body", Validators(body_hash=body_hash(body))),
    ):
        rounds = [asyncio.run(_ours(hosts[:32], count, known, "/feed")) for _ in range(ROUNDS)]
        asked = count // 32 * 32
        cpu = statistics.median(row[0] for row in rounds)
        wall = statistics.median(row[1] for row in rounds) * count / asked
        print(
            f"unchanged poll, {said}: {cpu / asked * 1e3:.2f} ms CPU (goal <= {GOAL_POLL_MS}), no parse"
            f" ({parse_ms / (cpu / asked * 1e3):.0f} times cheaper than fetching and parsing);"
            f" {count:,} feeds swept in {wall:.1f} s (goal <= {GOAL_SWEEP_S:.0f})"
        )


def main() -> None:
    """Print all figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pages", type=int, default=1_500)
    options.add_argument("--feeds", type=int, default=1_000)
    chosen = options.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    try:
        ports, size = ours.recv()
        hosts = [f"http://127.0.0.1:{port}" for port in ports]
        print(f"page: {len(_page()):,} bytes, {size:,} gzipped; feed: 100 items")
        _pages(hosts, chosen.pages)
        _feeds(hosts, chosen.feeds)
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
