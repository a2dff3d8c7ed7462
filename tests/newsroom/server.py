"""The newsroom on loopback: a small HTTP/1.1 server with keep-alive, in a thread of its own."""

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections import Counter
from http import HTTPStatus
from types import TracebackType
from typing import Literal, Self

from .newsroom import Answer, Cause, Newsroom, robots

Layout = Literal["paths", "ports", "addresses"]
_MAX_HEAD = 65_536


class NewsroomServer:
    """Serves a newsroom; a context manager.

    Layouts: `ports` (the default) gives each publisher a port of its own on 127.0.0.1, so that gates per host do not
    serialise everything; `paths` puts all of them under one host, /SLUG/…; `addresses` gives each an address of its own
    in 127.1.0.0/16 on one port (Linux answers for all of 127.0.0.0/8; this is the one for thousands of publishers).
    `port` 0 takes free ports; with another one the index is there and the layout `ports` takes those that follow.
    Raises OSError when a port is taken.
    """

    def __init__(self, newsroom: Newsroom, port: int = 0, layout: Layout = "ports") -> None:
        self.newsroom, self.layout = newsroom, layout
        self.log: Counter[tuple[str, str]] = Counter()  #: requests by URL and outcome
        self._sockets: dict[int, tuple[socket.socket, str]] = {}  #: by local port: the slug it serves, or ""
        self._by_address: dict[str, str] = {}
        self.open: set[asyncio.Transport] = set()
        self._thread: threading.Thread | None = None
        self._loop = asyncio.new_event_loop()
        try:
            self._bind(port)
        except OSError:
            self.close()
            raise

    def _bind(self, port: int) -> None:
        # thousands of addresses need one socket for all of them; a connection that is not loopback is dropped at once
        self.port = self._listen("0.0.0.0" if self.layout == "addresses" else "127.0.0.1", port, "")
        self.url = f"http://127.0.0.1:{self.port}"
        bases: dict[str, str] = {}
        for n, slug in enumerate(self.newsroom.by_slug):
            if self.layout == "ports":
                own = self._listen("127.0.0.1", port + 1 + n if port else 0, slug)
                base = f"http://127.0.0.1:{own}"
            elif self.layout == "addresses":
                address = f"127.1.{n // 250}.{n % 250 + 1}"
                self._by_address[address] = slug
                base = f"http://{address}:{self.port}"
            else:
                base = f"{self.url}/{slug}"
            bases[slug] = base
        self.newsroom.serve_at(bases)

    def _listen(self, host: str, port: int, slug: str) -> int:
        listener = socket.create_server((host, port), backlog=512)
        listener.setblocking(False)
        number: int = listener.getsockname()[1]
        self._sockets[number] = (listener, slug)
        return number

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="newsroom", daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering and let go of the ports."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._thread = None
        for listener, _ in self._sockets.values():
            listener.close()
        if not self._loop.is_closed():
            self._loop.close()

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        listeners = [
            self._loop.run_until_complete(self._loop.create_server(lambda: _Desk(self), sock=listener))
            for listener, _ in self._sockets.values()
        ]
        self._loop.call_soon(ready.set)
        self._loop.run_forever()
        for listener in listeners:
            listener.close()
        for transport in list(self.open):
            transport.abort()
        self._loop.run_until_complete(asyncio.sleep(0))

    def feeds(self) -> list[dict[str, str]]:
        """Return the rows of a feeds.csv for what is served."""
        return self.newsroom.feeds()

    def planted_cause(self) -> Cause:
        """Return what caused the spike at the end, with the URLs as served."""
        return self.newsroom.planted_cause()

    def requests(self, outcome: str = "") -> int:
        """Return how many requests were answered, of one outcome or of all."""
        return sum(count for (_, what), count in self.log.items() if not outcome or what == outcome)

    def answer(self, address: str, port: int, target: str, headers: dict[str, str]) -> Answer:
        """Find whom a request is for and answer it."""
        path = target.partition("?")[0]
        slug = self._by_address.get(address) or self._sockets[port][1]
        if not slug and self.layout == "paths":
            slug, _, rest = path[1:].partition("/")
            path = f"/{rest}"
        if slug in self.newsroom.by_slug:
            answer = self.newsroom.answer(slug, path, headers)
            url = self.newsroom.bases[slug] + path
        else:
            answer, url = self._index(target), self.url + target
        self.log[url, answer.outcome] += 1
        return answer

    def _index(self, path: str) -> Answer:
        if path == "/robots.txt":
            hosted = [(p, f"/{p.slug}") for p in self.newsroom.publishers] if self.layout == "paths" else []
            return Answer(200, "ok", robots(hosted).encode(), {"content-type": "text/plain"})
        if path != "/":
            return Answer(404, "not-found", b"not found", {"content-type": "text/plain"})
        rows = "".join(
            f'<tr><td><a href="{row["homepage"]}">{row["publisher"]}</a><td>{row["language"]}<td>{row["kind"]}'
            f'<td><a href="{row["url"]}">{row["url"]}</a></tr>'
            for row in self.newsroom.feeds()
        )
        page = (
            '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Newsroom</title><h1>A simulated newsroom</h1>'
            f"<p>Every publisher and every story is invented. Its clock shows {self.newsroom.clock():%A, %d %B %Y, %H:%M} UTC."
            f"</p><table><tr><th>publisher<th>language<th>kind<th>feed</tr>{rows}</table></html>"
        )
        return Answer(200, "ok", page.encode(), {"content-type": "text/html; charset=utf-8"})


class _Desk(asyncio.Protocol):
    """One connection: reads requests, one after the other, and answers them in order."""

    def __init__(self, server: NewsroomServer) -> None:
        self._server = server
        self._waiting = b""
        self._transport: asyncio.Transport | None = None
        self._at = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where the connection came in; refuse it when that is not loopback."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.open.add(transport)
        self._at = transport.get_extra_info("sockname")[:2]
        if not ipaddress.ip_address(self._at[0]).is_loopback:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._waiting += data
        while self._transport is not None and b"\r\n\r\n" in self._waiting:
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            self._answer(head.decode("latin-1"))
        if len(self._waiting) > _MAX_HEAD and self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._transport is not None:
            self._server.open.discard(self._transport)
        self._transport = None

    def _answer(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        method, target, version = [*first.split(" "), "", ""][:3]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if method not in {"GET", "HEAD"}:  # whatever body follows is not read: the connection ends
            answer, version = Answer(405, "method", b"", {"allow": "GET, HEAD"}), ""
        else:
            answer = self._server.answer(*self._at, target, headers)
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        self._send(answer, keep=keep, with_body=method != "HEAD")

    def _send(self, answer: Answer, *, keep: bool, with_body: bool) -> None:
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        lines += [f"content-length: {len(answer.body)}", f"connection: {'keep-alive' if keep else 'close'}", "", ""]
        with contextlib.suppress(ConnectionError):
            if self._transport is None:
                return
            self._transport.write("\r\n".join(lines).encode("latin-1") + (answer.body if with_body else b""))
            if not keep:
                self._transport.close()
