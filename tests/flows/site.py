"""A small site on loopback for tests: paths to answers, and a log of what was asked."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from xml.sax.saxutils import escape

PARAGRAPH = (
    "Russia and Azerbaijan exchanged sharp words on {day}. The foreign ministry in Baku summoned the Russian ambassador "
    "over case number {n} and handed over a note of protest. Officials in Moscow said the detention of {n} citizens was "
    "lawful. Observers in Baku spoke of rising tensions between Russia and Azerbaijan, the sharpest in {n} weeks. "
    "A spokesman said that talks on trade, transport and energy would go on as planned in spite of the dispute."
)


@dataclass
class Answer:
    """What a path answers."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0


@dataclass
class Site:
    """Answers by path; a path may answer by a function of the request's headers."""

    answers: dict[str, Answer | Callable[[dict[str, str]], Answer]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    url: str = ""

    def page(self, path: str, title: str, text: str) -> str:
        """Serve an HTML article; give its URL."""
        html = (
            f"<html lang=en><head><title>{escape(title)}</title><meta charset=utf-8></head><body><nav><a href=/>Home</a>"
            f"</nav><article><h1>{escape(title)}</h1><p>"
            + "</p><p>".join(map(escape, text.split("\n")))
            + "</p></article>"
            "<footer>All rights reserved</footer></body></html>"
        )
        self.answers[path] = Answer(html.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
        return self.url + path

    def rss(self, path: str, items: list[tuple[str, str, datetime | None]]) -> str:
        """Serve an RSS feed of (title, link, date) with an ETag that follows its body; give its URL."""
        entries = "".join(
            f"<item><title>{escape(t)}</title><link>{escape(link)}</link>"
            + (f"<pubDate>{format_datetime(d)}</pubDate>" if d else "")
            + "</item>"
            for t, link, d in items
        )
        body = f"<rss version='2.0'><channel><title>Test</title>{entries}</channel></rss>".encode()
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        headers = {"Content-Type": "application/rss+xml", "ETag": tag}

        def answer(asked: dict[str, str]) -> Answer:
            if asked.get("if-none-match") == tag:
                return Answer(status=304, headers={"ETag": tag})
            return Answer(body, headers=headers)

        self.answers[path] = answer
        return self.url + path

    def articles(self, count: int, *, start: int = 0, at: datetime | None = None) -> list[tuple[str, str, datetime]]:
        """Serve articles with distinct texts; give their feed items."""
        at = at or datetime.now(UTC)
        items = []
        for n in range(start, start + count):
            text = "\n".join(PARAGRAPH.format(day=f"day {n}-{p}", n=n * 7 + p) for p in range(3))
            unique = " ".join(sha256(f"{n}-{w}".encode()).hexdigest()[:6] for w in range(150))
            items.append(
                (f"Baku protests to Moscow, part {n}", self.page(f"/a/{n}", f"Part {n}", text + "\n" + unique), at)
            )
        return items


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a site on a free port of loopback for the length of a `with` block."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            site.asked[path] += 1
            found = site.answers.get(path, Answer(b"not found", 404))
            answer = found if isinstance(found, Answer) else found({k.lower(): v for k, v in self.headers.items()})
            sleep(answer.delay_s)
            site.statuses[path, answer.status] += 1
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 256
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is no error of the site's."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
