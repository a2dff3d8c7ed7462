"""The client of the hostile suite, as a process of its own so that its memory can be measured.

Reads a list of tasks as JSON from standard input, does all at once through the real door, and prints what came of each.
"""

import asyncio
import json
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from extractors.addresses import RefusedAddressError
from extractors.feeds import NotAFeed, parse_feed
from extractors.fetch import Web
from extractors.schedule import next_state
from extractors.transport import PooledTransport
from model.config import Network, Schedule
from model.outcomes import FetchOutcome
from model.records import FeedState, Fetched, ParsedFeed

MAX_BYTES = 15_000_000
TIMEOUT_S = 2.0
AT_ONCE = 24  #: tasks; more would measure the machine rather than the client
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def only_the_servers(info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
    """Stand in for `public_socket`: of the whole network, 127.0.0.1 is the public part."""
    if info[4][0] != "127.0.0.1":
        raise RefusedAddressError(f"refused address {info[4][0]}")
    return socket.socket(*info[:3])


def peak_bytes() -> int:
    """Give the most memory this process ever held. ru_maxrss would count that of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


class Run:
    """One task: its polls one after another, with an hour between them on the clock that the code sees."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.now = START
        self.items: dict[str, str] = {}
        self.outcomes: list[str] = []
        self.last: dict[str, Any] = {}
        self.parses = 0

    def network(self) -> Network:
        return Network(
            user_agent="tensionwatch/0.1",
            contact="mailto:editor@example.org",
            per_host_gap_s=self.task.get("gap_s", 0.0),
            timeout_s=TIMEOUT_S,
            max_bytes=MAX_BYTES,
        )

    async def do(self, verify: Any) -> dict[str, Any]:
        transport = PooledTransport(max_connections=8, verify=verify, socket_factory=only_the_servers)
        async with Web(self.network(), clock=lambda: self.now, transport=transport) as web:
            if self.task["accept"] == "feed":
                await self.poll_feed(web)
            elif self.task.get("at_once"):
                await asyncio.gather(*(self.fetch_page(web, url) for url in self.task["urls"]))
            else:
                for url in self.task["urls"]:
                    await self.fetch_page(web, url)
        return {"outcomes": self.outcomes, "items": self.items, "parses": self.parses, **self.last}

    async def fetch_page(self, web: Web, url: str) -> None:
        self.note(await web.fetch(url, accept="page"))

    async def poll_feed(self, web: Web) -> None:
        url = self.task["urls"][0]
        # Named for the task, not for its random port: when a feed is checked depends on its name.
        state = FeedState(url=f"http://{self.task['name'].replace(' ', '-')}.test/", publisher="p", poll_url=url)
        for _ in range(self.task["polls"]):
            fetched = await web.fetch(state.poll_url, validators=state.validators, accept="feed")
            fetched, parsed = await asyncio.to_thread(self.parse, fetched)  # others must not wait for a large feed
            new = self.take(parsed)
            self.note(fetched)
            state = next_state(state, fetched, parsed, new, self.now, Schedule(), 0.5)
            self.last |= {"etag": state.validators.etag, "poll_url": state.poll_url, "interval_s": state.interval_s}
            self.last["wait_s"] = (state.next_poll_at - self.now).total_seconds() if state.next_poll_at else 0
            self.now += timedelta(hours=1)

    def parse(self, fetched: Fetched) -> tuple[Fetched, ParsedFeed | None]:
        if fetched.outcome is not FetchOutcome.OK:
            return fetched, None
        self.parses += 1
        try:
            return fetched, parse_feed(fetched.body, fetched.final_url, fetched.headers.get("content-type", ""))
        except NotAFeed as error:
            return replace(fetched, outcome=FetchOutcome.NOT_A_FEED, detail=str(error)), None

    def take(self, parsed: ParsedFeed | None) -> int:
        entries = parsed.entries if parsed else ()
        new = sum(entry.entry_id not in self.items for entry in entries)
        self.items |= {entry.entry_id: entry.title for entry in entries}
        if parsed and parsed.children:
            self.last["children"] = list(parsed.children)
        return new

    def note(self, fetched: Fetched) -> None:
        self.outcomes.append(fetched.outcome.value)
        self.last |= {
            "detail": fetched.detail,
            "final_url": fetched.final_url,
            "moved_to": fetched.moved_to,
            "retry_after_s": fetched.retry_after_s,
            "body": fetched.body[:200].decode("utf-8", "replace"),
            "size": len(fetched.body),
        }


async def main() -> None:
    """Do all tasks at once."""
    tasks = json.load(sys.stdin)
    verify = httpx.create_ssl_context()
    room = asyncio.Semaphore(AT_ONCE)

    async def one(task: dict[str, Any]) -> dict[str, Any]:
        async with room:
            return await Run(task).do(verify)

    results = await asyncio.gather(*map(one, tasks))
    peak = peak_bytes()
    by_name = {task["name"]: result for task, result in zip(tasks, results, strict=True)}
    json.dump({"results": by_name, "peak_bytes": peak}, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
