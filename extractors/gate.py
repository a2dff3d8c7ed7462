"""One request per host at a time, with a gap between them, and a way for a host to say: not before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Host:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  #: loop time before which nothing is asked, because of the gap
    barred_until: float = 0.0  #: loop time until which the host asked to be left alone


class Gate:
    """The turns of all hosts. Times are seconds of the running event loop."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._hosts: dict[str, _Host] = {}

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host())

    @asynccontextmanager
    async def turn(self, host: str, gap_s: float = 0.0) -> AsyncIterator[None]:
        """Wait for the host's turn and hold it. `gap_s` is the host's own wish, when it is longer than ours."""
        state = self._host(host)
        async with state.turn:
            now = asyncio.get_running_loop().time()
            if state.free_at > now:
                await asyncio.sleep(state.free_at - now)
            try:
                yield
            finally:
                state.free_at = asyncio.get_running_loop().time() + max(self._gap_s, gap_s)

    def bar(self, host: str, seconds: float) -> None:
        """Remember that the host asked not to be asked for so long."""
        state = self._host(host)
        state.barred_until = max(state.barred_until, asyncio.get_running_loop().time() + seconds)

    def barred_s(self, host: str) -> float:
        """Give the seconds for which the host still wants to be left alone."""
        return max(0.0, self._host(host).barred_until - asyncio.get_running_loop().time())
