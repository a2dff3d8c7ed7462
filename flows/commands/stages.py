"""The stages of the pipe, each alone: bytes and JSON Lines in, JSON Lines and CSV out."""

import csv
import gzip
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from flows.commands.options import watch_option
from flows.output import json_line, progress, read_bytes, read_lines, say
from model.errors import UsageError
from model.records import Extracted

MAX_FILE_BYTES = 100_000_000  #: a page or feed larger than this is not one


@click.command("parse-feed", epilog="\b\nExample:\n  curl -s https://example.org/rss | tensionwatch parse-feed -")
@click.argument("file")
@click.option("--url", default="", help="Where it came from: relative links are resolved against it.")
@click.option("--content-type", default="", help="Content-Type header it was served with.")
def parse_feed(file: str, url: str, content_type: str) -> None:
    """Parse a feed FILE (or `-`) of any kind to one JSON object: title, entries[], rejected[]."""
    from extractors.feeds import NotAFeed
    from extractors.feeds import parse_feed as parse

    try:
        feed = parse(_expand(read_bytes(file), file), url=url, content_type=content_type)
    except NotAFeed as error:
        raise UsageError(f"{file}: not a feed: {error}") from None
    entries = [
        {
            "id": e.entry_id,
            "url": e.url,
            "title": e.title,
            "summary": e.summary,
            "authors": e.authors,
            "published_at": e.published_at,
            "updated_at": e.updated_at,
        }
        for e in feed.entries
    ]
    json_line(
        {
            "title": feed.title,
            "entries": entries,
            "rejected": [{"reason": r.reason, "excerpt": r.excerpt} for r in feed.rejected],
        }
    )


@dataclass(frozen=True, slots=True)
class PageFile:
    """One page to extract."""

    file: str
    url: str


@click.command(
    epilog="\b\nExamples:\n  tensionwatch extract page.html --url https://example.org/a\n"
    "  tensionwatch extract --manifest pages.jsonl --jobs 2 > articles.jsonl"
)
@click.argument("files", nargs=-1)
@click.option("--url", default="", help="Address of the page, when there is one FILE.")
@click.option("--manifest", help='JSON Lines of {"file": …, "url": …}; files are relative to it.')
@click.option("--mode", type=click.Choice(["quality", "fast"]), default="quality", show_default=True)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
def extract(files: tuple[str, ...], url: str, manifest: str | None, mode: str, jobs: int) -> None:
    """Extract clean text from page FILEs (HTML, may be gzipped; `-` is standard input), in the input's order."""
    pages = [*(PageFile(f, url if len(files) == 1 else "") for f in files), *_manifest(manifest)]
    if not pages:
        raise UsageError("no page: name files, `-`, or --manifest")
    if url and len(files) != 1:
        raise UsageError("--url goes with exactly one FILE; use --manifest for several")
    from extractors.pool import ExtractionPool, Page

    # A page named by hand is for its reader to judge: reservations bind the collecting of many.
    bodies = (
        Page(body=_page_bytes(p.file), url=p.url, mode=mode, obeys_reservation=False)  # type: ignore[arg-type]
        for p in pages
    )
    with ExtractionPool(jobs=0 if len(pages) == 1 else jobs) as pool, progress("extract", total=len(pages)) as bar:
        for page, result in zip(pages, pool.map(bodies), strict=True):
            _print_extracted(page, result.extracted)
            bar.advance()


def _print_extracted(page: PageFile, found: Extracted) -> None:
    json_line(
        {
            "file": page.file,
            "url": page.url,
            "outcome": found.outcome if found.reason is None else found.reason,
            "title": found.title,
            "text": found.text,
            "authors": found.authors,
            "published_at": found.published_at,
            "published_at_source": found.published_at_source,
            "language": found.language,
        }
    )


def _manifest(manifest: str | None) -> Iterator[PageFile]:
    if manifest is None:
        return
    folder = Path() if manifest == "-" else Path(manifest).parent
    for number, line in read_lines(manifest):
        file = line.get("file")
        if not isinstance(file, str) or not file:
            raise UsageError(f'{manifest}:{number}: needs "file"')
        yield PageFile(str(folder / file), str(line.get("url") or ""))


def _page_bytes(file: str) -> bytes:
    return _expand(read_bytes(file), file)


def _expand(data: bytes, file: str) -> bytes:
    """Undo gzip, up to a bound."""
    if data[:2] != b"\x1f\x8b":
        return data
    import io
    import zlib

    try:
        with gzip.open(io.BytesIO(data)) as stream:
            expanded = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{file}: damaged gzip: {error}") from None
    if len(expanded) > MAX_FILE_BYTES:
        raise UsageError(f"{file}: expands to more than {MAX_FILE_BYTES} bytes")
    return expanded


@click.command(
    epilog='\b\nExample:\n  echo \'{"id": 1, "title": "Baku summons Russian ambassador"}\' | tensionwatch match'
)
@watch_option
@click.argument("file", default="-")
def match(watch_dir: Path | None, file: str) -> None:
    """Match `{"id", "title", "text", "language"?}` lines against a watch's lexicon."""
    from extractors.mentions import Matcher
    from flows.workspace import watch_folder
    from model.reading import load_watch

    watch = load_watch(watch_folder(watch_dir))
    matcher = Matcher(watch.lexicon, watch.actors, watch.exclusions)
    for number, line in read_lines(file):
        title, text = _text(line, "title", file, number), _text(line, "text", file, number)
        found = matcher.match(title, text, _text(line, "language", file, number))
        mentions = [
            {
                "concept": m.concept_id,
                "category": m.category,
                "field": m.field,
                "start": m.start,
                "end": m.end,
                "surface": m.surface,
                "actors": m.actor_ids,
                "mark": m.mark,
                "weight": m.weight,
            }
            for m in found.mentions
        ]
        json_line(
            {"id": line.get("id"), "language": found.language, "tension": found.tension, "mentions": mentions}
            | {"actors": sorted({a.actor_id for a in found.actors})}
        )


def _text(line: dict[str, Any], key: str, file: str, number: int) -> str:
    value = line.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(f"{file}:{number}: {key} is {type(value).__name__}, not text")
    return value


@click.command(epilog="\b\nExample:\n  tensionwatch stories < texts.jsonl")
@click.argument("file", default="-")
def stories(file: str) -> None:
    """Group `{"id", "title", "text", "published_at"}` lines into stories: prints `{"id", "story"}`."""
    from flows.steps.group import stories_of

    lines = [line for _, line in read_lines(file)]
    for number, (line, story) in enumerate(zip(lines, stories_of(lines), strict=True)):
        json_line({"id": line.get("id", number), "story": story})


@click.command(epilog="\b\nExample:\n  tensionwatch detect counts.csv -o alarms.csv --evidence 2.2")
@click.argument("counts")
@click.option("-o", "--output", help="Write the alarms there instead of to standard output.")
@click.option("--evidence", type=click.FloatRange(min=0, min_open=True), help="-log10 p that raises an alarm.")
def detect(counts: str, output: str | None, evidence: float | None) -> None:
    """Test COUNTS.csv (`series,date,count,total[,publishers]`) day by day, as of each day; prints the alarms."""
    from alerts.policy import Policy
    from alerts.sheet import ALARM_COLUMNS, detect_counts, read_counts
    from model.config import Detection

    text = read_bytes(counts).decode("utf-8-sig", errors="replace")
    panel, problems = read_counts(text.splitlines(), counts)
    for problem in problems:
        say(str(problem))
    if panel is None:
        raise UsageError(f"{counts}: nothing to test")
    policy = Policy.of(Detection(), evidence)
    rows = detect_counts(panel, policy)
    _write_csv(output, ALARM_COLUMNS, rows)


def _write_csv(output: str | None, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if output is None:
        csv.writer(sys.stdout, lineterminator="\n").writerows([columns, *rows])
        return
    try:
        with Path(output).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from None
    say(f"{output}: {len(rows)} alarms")
