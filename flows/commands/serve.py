"""serve: the pass on its schedule, in one process."""

import asyncio
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from flows.clock import utc_now
from flows.commands.options import corpus_option, watch_option
from flows.commands.pipe import make_room
from flows.output import say
from flows.workspace import Workspace, open_workspace


@click.command(epilog="\b\nExample:\n  tensionwatch serve --watch my-watch")
@watch_option
@corpus_option
@click.option("--jobs", type=click.IntRange(0, 64), default=2, show_default=True, help="Extraction processes.")
@click.option("--passes", type=click.IntRange(1), help="Stop after so many passes. Default: never.")
def serve(watch_dir: Path | None, corpus: Path | None, jobs: int, passes: int | None) -> int:
    """Run a pass every `schedule.run_every_s` seconds until interrupted, a line for each.

    The watch is read anew before each pass, so edits take effect without a restart.
    """
    work = open_workspace(watch_dir, corpus)
    make_room(work)
    from flows.prefect_settings import settle

    settle(work.paths.corpus.parent / ".prefect")
    asyncio.run(_serve(watch_dir, corpus, work, jobs, passes))
    return 0


async def _serve(watch_dir: Path | None, corpus: Path | None, work: Workspace, jobs: int, passes: int | None) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    done = 0
    while not stop.is_set() and (passes is None or done < passes):
        began = time.monotonic()
        work = _read_again(watch_dir, corpus, work)
        report = await _pass(work, jobs)
        done += 1
        say(_line(utc_now(), report))
        rest = work.watch.config.schedule.run_every_s - (time.monotonic() - began)
        if passes is None or done < passes:
            await _sleep(stop, rest)
    say("stopped; nothing is lost, start again at any time")


def _read_again(watch_dir: Path | None, corpus: Path | None, work: Workspace) -> Workspace:
    """Take up edits of the watch; while it has problems, go on with what was read last."""
    from model.errors import ConfigurationError

    try:
        return open_workspace(watch_dir, corpus)
    except ConfigurationError as error:
        say(f"{error}\nthe watch has problems; going on with what was read before")
        return work


async def _pass(work: Workspace, jobs: int) -> dict[str, Any]:
    from flows.monitor import pass_flow

    return await pass_flow(work, clock=utc_now, jobs=jobs)()


def _line(now: datetime, report: dict[str, Any]) -> str:
    collect, load, watch = report["collect"], report["load"], report["watch"]
    told = "".join(f"\n{alert['text']}\n" for alert in watch["told"])
    return (
        f"{now:%Y-%m-%d %H:%M} {collect['feeds']['polled']} feeds, {collect['pages']['article']} articles, "
        f"{load['articles']} loaded, {len(watch['told'])} messages{told}"
    )


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    """Wait for the next tick or for the signal to stop."""
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait({waiting}, timeout=max(0.0, seconds))
    waiting.cancel()
