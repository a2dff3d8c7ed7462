"""run and its stages: collect, load, watch; seed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from flows.clock import utc_now
from flows.commands.options import corpus_option, json_option, watch_option
from flows.output import Progress, json_line, progress, say, table
from flows.workspace import Workspace, open_workspace
from model.errors import UsageError

JOBS = click.option("--jobs", type=click.IntRange(0, 64), default=2, show_default=True, help="Extraction processes.")
ALL = click.option("--all", "everything", is_flag=True, help="Poll every feed, due or not.")


@contextmanager
def shown(quiet: bool) -> Iterator[Any]:
    """Show the progress of a pass as one bar on the terminal."""
    with progress("starting", quiet=quiet) as bar:
        yield _show(bar)


def _show(bar: Progress) -> Any:
    def show(what: str, total: int) -> Any:
        bar.expect(total, what)
        return bar.advance

    return show


@click.command(
    epilog="\b\nExamples:\n  tensionwatch run --watch my-watch\n  tensionwatch run --all --json | jq .collect"
)
@watch_option
@corpus_option
@ALL
@JOBS
@json_option
def run(watch_dir: Path | None, corpus: Path | None, everything: bool, jobs: int, as_json: bool) -> int:
    """One pass over the feeds that are due: collect, load, watch, as a Prefect flow.

    Uses the Prefect server of PREFECT_API_URL when there is one, else a temporary one of its own.
    """
    work = open_workspace(watch_dir, corpus)
    make_room(work)
    from flows.prefect_settings import settle

    settle(work.paths.corpus.parent / ".prefect")
    from flows.monitor import pass_flow

    with shown(as_json) as show:
        flow = pass_flow(work, clock=utc_now, everything=everything, jobs=jobs, show=show)
        report = asyncio.run(_awaited(flow))
    return tell(report, as_json)


async def _awaited(flow: Any) -> Any:
    return await flow()


@click.command(epilog="\b\nExample:\n  tensionwatch collect --watch my-watch --json")
@watch_option
@corpus_option
@ALL
@JOBS
@json_option
def collect(watch_dir: Path | None, corpus: Path | None, everything: bool, jobs: int, as_json: bool) -> int:
    """Poll due feeds, fetch their new pages, land the articles. No Prefect, and no corpus is opened."""
    from flows.steps.one_pass import collect as collect_pass

    work = open_workspace(watch_dir, corpus)
    make_room(work)
    with shown(as_json) as show:
        tally = asyncio.run(collect_pass(work, clock=utc_now, everything=everything, jobs=jobs, show=show))
    return tell({"collect": tally.as_json()}, as_json)


@click.command(epilog="\b\nExample:\n  tensionwatch load --watch my-watch")
@watch_option
@corpus_option
@json_option
def load(watch_dir: Path | None, corpus: Path | None, as_json: bool) -> int:
    """Load landed batches into the corpus and publish the reading room."""
    from flows.steps.load import load_landed

    work = open_workspace(watch_dir, corpus)
    make_room(work)
    return tell({"load": load_landed(work, utc_now())}, as_json)


@click.command(epilog="\b\nExample:\n  tensionwatch watch --watch my-watch")
@watch_option
@corpus_option
@json_option
def watch(watch_dir: Path | None, corpus: Path | None, as_json: bool) -> int:
    """Count, detect, decide, render and deliver, from what the reading room holds."""
    from flows.steps.watch import watch_landed

    work = open_workspace(watch_dir, corpus)
    return tell({"watch": watch_landed(work, utc_now())}, as_json)


@click.command(epilog="\b\nExample:\n  tensionwatch seed ~/seed-texts --watch my-watch")
@click.argument("folder", type=click.Path(path_type=Path))
@watch_option
@corpus_option
def seed(folder: Path, watch_dir: Path | None, corpus: Path | None) -> int:
    """Replace the seeds' abstracts by the full texts in FOLDER (.txt, .md, .html), recognised by SHA-256."""
    from flows.steps.load import load_landed
    from flows.steps.seed import land_full_texts

    work = open_workspace(watch_dir, corpus)
    make_room(work)
    now = utc_now()
    if not work.paths.corpus.exists():
        load_landed(work, now)
    files = land_full_texts(work, folder, now)
    report = load_landed(work, utc_now())
    table(("file", "outcome", "title", "mentions"), ((f.file, f.outcome, f.title, f.mentions) for f in files))
    loaded = sum(f.outcome == "loaded" for f in files)
    say(f"{loaded} of {len(work.watch.seeds)} seeds are full texts" + ("; they wait: " * report.busy))
    for warning in report.warnings:
        say(f"note: {warning}")
    return 0


@click.command(
    epilog='\b\nExamples:\n  tensionwatch forget https://example.org/news/1\n  tensionwatch forget "Example News"'
)
@click.argument("target")
@click.option("--yes", is_flag=True, help="Do not ask.")
@watch_option
@corpus_option
def forget(target: str, yes: bool, watch_dir: Path | None, corpus: Path | None) -> None:
    """Erase a URL or a publisher from frontier, landing, corpus and reading room, and keep it out.

    TARGET is a URL, or a publisher's name as in feeds.csv. What alerts counted stays as numbers; the words go.
    """
    from extractors.urls import canonical_url
    from storage.forgetting import forget as erase

    work = open_workspace(watch_dir, corpus)
    kind = "url" if target.startswith(("http://", "https://")) else "publisher"
    whole = canonical_url(target) if kind == "url" else _publisher(work, target)
    if whole is None:
        raise UsageError(f"{target} is not an http(s) address")
    if not yes:
        click.confirm(f"erase the {kind} {whole} from {work.paths.corpus} for good?", abort=True, err=True)
    if not work.paths.corpus.exists():
        raise UsageError(f"there is no corpus at {work.paths.corpus}")
    gone = erase(work.paths, whole, kind, utc_now())
    say(f"{gone.articles} articles and {gone.frontier_entries} entries of the frontier are erased; it is kept out")


def _publisher(work: Workspace, name: str) -> str:
    import difflib

    known = sorted({feed.publisher for feed in work.watch.feeds})
    close = difflib.get_close_matches(name, known, n=1)
    if name not in known and close:
        raise UsageError(f"no publisher {name!r} in feeds.csv; did you mean {close[0]!r}?")
    return name


def make_room(work: Workspace) -> None:
    """Make the folder the corpus lies in. Raises StorageError when that cannot be."""
    from model.errors import StorageError

    folder = work.paths.corpus.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}; choose another --corpus") from None


def tell(report: dict[str, Any], as_json: bool) -> int:
    """Print what a pass did, as JSON or in words, and give the exit code: 1 when something new needs a person."""
    from flows.telling import attention, in_words

    if as_json:
        json_line(report)
    else:
        for line in in_words(report):
            click.echo(line)
    troubles = attention(report)
    for trouble in troubles:
        say(f"note: {trouble}")
    return 1 if troubles else 0
