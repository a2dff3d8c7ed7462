"""demo: see it work, offline, in a minute."""

import asyncio
from pathlib import Path
from typing import Any

import click

from flows.output import say


@click.command(epilog="\b\nExample:\n  tensionwatch demo --dir /tmp/demo")
@click.option("--dir", "folder", type=click.Path(path_type=Path), default="demo", show_default=True)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="First port of the newsroom. Default: free ones."
)
@click.option("--jobs", type=click.IntRange(0, 64), default=2, show_default=True, help="Extraction processes.")
def demo(folder: Path, port: int, jobs: int) -> int:
    """Five simulated weeks of a newsroom on loopback that end in a spike with a known cause.

    No internet, no server, no keys. Prints the alert; leaves the corpus in DIR to be queried.
    """
    from flows.prefect_settings import settle

    settle(folder.resolve() / ".prefect")
    import os

    os.environ.pop("PREFECT_API_URL", None)  # the demo's runs do not belong on anybody's server
    from flows import simulation
    from flows.commands.pipe import shown
    from newsroom import Newsroom, NewsroomServer

    clock = simulation.Clock(simulation.START)
    newsroom = Newsroom(
        1, simulation.START, clock, days=simulation.DAYS, volume=simulation.VOLUME, window=simulation.WINDOW
    )
    with _serving(NewsroomServer, newsroom, port) as server, shown(quiet=False) as show:
        work = simulation.prepare(folder, server.feeds())
        say(f"{len(server.feeds())} publishers on loopback; {simulation.DAYS} simulated days begin")
        reports = asyncio.run(simulation.simulate(work, clock, show, jobs))
    return _tell(folder, reports)


def _serving(server: Any, newsroom: Any, port: int) -> Any:
    from model.errors import UsageError

    try:
        return server(newsroom, port)
    except OSError as error:
        raise UsageError(f"port {port} or one of the 16 after it: {error.strerror}; give another --port") from None


def _tell(folder: Path, reports: list[dict[str, Any]]) -> int:
    told = [alert for report in reports for alert in report["watch"]["told"]]
    for alert in told:
        click.echo(alert["text"])
        click.echo()
    (folder / "alerts.txt").write_text("\n\n".join(a["text"] for a in told) + "\n", encoding="utf-8")
    articles = sum(r["collect"]["pages"]["article"] for r in reports)
    say(f"{articles} articles from {len(reports)} runs; {len(told)} messages, also in {folder / 'alerts.txt'}")
    say("What to type next:")
    for line in _next_steps(folder):
        say(f"  {line}")
    return 0 if told else 1


def _next_steps(folder: Path) -> list[str]:
    where = f"--watch {folder / 'watch'} --corpus {folder / 'corpus.duckdb'}"
    return [
        f"tensionwatch alerts {where}",
        f"tensionwatch sides {where}",
        f"tensionwatch feeds {where}",
        f'tensionwatch sql "SELECT day, articles, tense, index FROM tension_daily ORDER BY day" {where}',  # noqa: S608
        f"tensionwatch search ambassador {where}",
    ]
