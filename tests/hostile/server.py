"""One loopback server with many faces: each behaviour answers on a port of its own."""

import asyncio
import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Seen:
    """One request as the server saw it. Times are seconds of `time.monotonic`."""

    path: str
    headers: dict[str, str]
    began: float
    at_once: int  #: requests of this behaviour in work, this one included


@dataclass
class Exchange:
    """What a behaviour gets: the request, and the wire to answer on."""

    path: str
    headers: dict[str, str]
    number: int  #: how many requests for this path came before
    port: int
    writer: asyncio.StreamWriter

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        await asyncio.sleep(0)  # a server that sends for ever leaves the others their turn

    async def reply(self, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        """Answer in full. Header names are written with `_` for `-`; Content-Length is added unless given."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if not any(name.lower() in {"content-length", "transfer-encoding"} for name in said):
            said["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        await self.raw(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body)


Answer = Callable[[Exchange], Awaitable[None]]


@dataclass
class HostileServer:
    """All behaviours at once, in a thread. `ports` and `log` are by the behaviour's name."""

    answers: dict[str, Answer]
    ports: dict[str, int] = field(default_factory=dict)
    log: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._working: defaultdict[str, int] = defaultdict(int)
        self._loop.run_until_complete(self._open())
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    async def _open(self) -> None:
        self._servers = []
        for name in self.answers:
            server = await asyncio.start_server(self._client(name), "127.0.0.1", 0, backlog=16)
            self._servers.append(server)
            self.ports[name] = server.sockets[0].getsockname()[1]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async def close() -> None:
            for server in self._servers:
                server.close()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _client(self, name: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._one(name, reader, writer):
                    pass
            writer.transport.abort()

        return serve

    async def _one(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        self._working[name] += 1
        self.log[name].append(Seen(path, headers, time.monotonic(), self._working[name]))
        number = sum(seen.path == path for seen in self.log[name]) - 1
        try:
            await self.answers[name](Exchange(path, headers, number, self.ports[name], writer))
        finally:
            self._working[name] -= 1
        return not writer.is_closing()
