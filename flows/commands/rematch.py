"""rematch: stored articles by the lexicon as it is now."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.clock import utc_now
from flows.commands.options import corpus_option, json_option, watch_option
from flows.commands.pipe import shown
from flows.output import json_line, say, table
from flows.workspace import open_workspace

if TYPE_CHECKING:
    from flows.steps.rematch import RematchReport


@click.command(
    epilog="\b\nExamples:\n  tensionwatch lexicon test --watch my-watch      first: is the changed lexicon right?\n"
    "  tensionwatch rematch --watch my-watch"
)
@watch_option
@corpus_option
@click.option("--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, help="Processes. Default: one a core.")
@json_option
def rematch(watch_dir: Path | None, corpus: Path | None, jobs: int, as_json: bool) -> None:
    """Match stored articles again after the lexicon was changed; shows which concepts gain and lose articles.

    Old mentions stay beside the new ones, which count from then on: in baselines and in what is tested. What was told
    stays told, and `explain` reproduces it. Interrupted or killed, it goes on when it is run again.
    """
    from flows.steps.rematch import rematch as step

    work = open_workspace(watch_dir, corpus)
    with shown(as_json) as show:
        report = step(work, utc_now, jobs=jobs, show=show)
    if as_json:
        json_line(report)
    else:
        _tell(report)
    for warning in report.warnings:
        say(f"note: {warning}")


def _tell(report: "RematchReport") -> None:
    new, old = report.lexicon_version, ", ".join(report.before)
    if not report.before:
        say(f"nothing to do: every stored edition counts under lexicon {new}")
        return
    rows = [(c["concept"], c["before"], c["after"], f"{c['after'] - c['before']:+d}") for c in report.concepts]
    table(("concept", f"articles, lexicon {old}", f"articles, lexicon {new}", "difference"), rows)
    say(f"{report.rematched} editions matched again: lexicon {old} -> {new}, {len(rows)} concepts changed")
    if report.left:
        waits = f"{report.waiting} batches wait in landing/ until the corpus is free; " * bool(report.waiting)
        say(f"note: {waits}{report.left} editions still count under another lexicon; rematch again")
