"""One pass of the main job: collect, load, watch. An orchestrator is passed in, so that the code path is one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from extractors.pool import ExtractionPool
from flows.output import plain
from flows.steps.collect import Clock, Collector, Tally
from flows.steps.load import load_landed
from flows.workspace import Workspace
from storage.loader import LoadReport

T = TypeVar("T")
Advance = Callable[[int], None]


class Orchestrate(Protocol):
    """Runs one named piece of work; Prefect makes a task run of it."""

    def __call__(self, name: str, work: Callable[[], Awaitable[T]]) -> Awaitable[T]:
        """Run it and give its result."""


class Show(Protocol):
    """Shows progress: called with what begins and how many steps it has; gives what to call after each."""

    def __call__(self, what: str, total: int) -> Advance:
        """Begin a piece of work."""


async def plainly(name: str, work: Callable[[], Awaitable[T]]) -> T:  # noqa: ARG001 - the name is for orchestrators
    """Run a piece of work as it is."""
    return await work()


def silently(what: str, total: int) -> Advance:  # noqa: ARG001 - nothing is shown
    """Show nothing."""
    return lambda _by: None


async def collect(
    work: Workspace,
    *,
    clock: Clock,
    everything: bool = False,
    jobs: int = 2,
    pool: ExtractionPool | None = None,
    run: Orchestrate = plainly,
    show: Show = silently,
) -> Tally:
    """Poll the due feeds, fetch their new pages and land the articles."""
    async with Collector(work, clock=clock, everything=everything, jobs=jobs, pool=pool) as collector:
        groups = collector.groups()
        advance = show("feeds", sum(len(g) for g in groups))
        await asyncio.gather(*(run(f"poll {i + 1}", partial(collector.poll, g, advance)) for i, g in enumerate(groups)))
        collector.land()
        shards = collector.shards()
        advance = show("pages", sum(len(s) for s in shards))
        await asyncio.gather(
            *(run(f"pages {i + 1}", partial(collector.read, s, advance)) for i, s in enumerate(shards))
        )
        young = collector.young()
        advance = show("corrections", sum(len(s) for s in young))
        for shard in young:
            await run("corrections", partial(collector.read_again, shard, advance))
        return collector.finish()


async def load(work: Workspace, *, clock: Clock, run: Orchestrate = plainly) -> LoadReport:
    """Load what has landed, beside the event loop."""
    return await run("load", lambda: asyncio.to_thread(load_landed, work, clock()))


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReport:
    """The accounting of one pass."""

    collect: Tally
    load: LoadReport
    watch: Any

    def as_json(self) -> dict[str, Any]:
        """Give it as `run --json` prints it."""
        return {"collect": self.collect.as_json(), "load": plain(self.load), "watch": plain(self.watch)}


async def one_pass(
    work: Workspace,
    *,
    clock: Clock,
    everything: bool = False,
    jobs: int = 2,
    pool: ExtractionPool | None = None,
    run: Orchestrate = plainly,
    show: Show = silently,
) -> PassReport:
    """Collect, load, watch. A new corpus is made first: it starts from the seeds, before the first poll."""
    from flows.steps.watch import watch_landed

    if not work.paths.corpus.exists():
        await load(work, clock=clock, run=run)
    tally = await collect(work, clock=clock, everything=everything, jobs=jobs, pool=pool, run=run, show=show)
    loaded = await load(work, clock=clock, run=run)
    watched = await run("watch", lambda: asyncio.to_thread(watch_landed, work, clock()))
    return PassReport(collect=tally, load=loaded, watch=watched)
