"""The Prefect flow: one pass of the main job, in at most 30 task runs. What it does stands in flows.steps."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.clock import utc_now
from flows.steps.one_pass import one_pass
from flows.workspace import Workspace, open_workspace

T = TypeVar("T")


async def as_task(name: str, work: Callable[[], Awaitable[T]]) -> T:
    """Run a piece of work as a Prefect task run. It is never cached: its effects are what it is for."""

    @task(name=name, task_run_name=name, cache_policy=NO_CACHE, persist_result=False)
    async def piece() -> T:
        return await work()

    return await piece()


@flow(name="monitor", log_prints=False, persist_result=False, validate_parameters=False)
async def monitor(watch: str | None = None, corpus: str | None = None, everything: bool = False) -> dict[str, Any]:
    """Collect, load, watch: over the feeds that are due, or over all. Parameters are paths; see `tensionwatch run`."""
    work = open_workspace(Path(watch) if watch else None, Path(corpus) if corpus else None)
    return await monitored(work, clock=utc_now, everything=everything)


async def monitored(work: Workspace, **options: Any) -> dict[str, Any]:
    """Run one pass with every piece a task run of the flow run around it; give its accounting.

    `options` are those of `flows.steps.one_pass.one_pass`.
    """
    report = await one_pass(work, run=as_task, **options)
    return report.as_json()


def pass_flow(work: Workspace, **options: Any) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Make the same flow for a caller that has a workspace, a clock and a pool of its own: `run` and `demo`."""

    @flow(name="monitor", persist_result=False)
    async def here() -> dict[str, Any]:
        return await monitored(work, **options)

    return here
