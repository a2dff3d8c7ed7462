"""sql and search: questions to the reading room, answered whatever else is running."""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from flows.commands.options import corpus_option, watch_option
from flows.output import json_line, plain, say, table
from flows.workspace import locate
from model.errors import UsageError

MAX_TABLE_ROWS = 1000  #: more rows than anybody reads on a terminal; the other formats stream without limit

EXAMPLES = """\b
Examples:
  tensionwatch sql "SELECT origin, count(*) FROM articles GROUP BY 1"
  tensionwatch sql "SELECT * FROM tension_daily ORDER BY day" --format csv > tension.csv
  tensionwatch sql "SHOW TABLES"
"""


@click.command(epilog=EXAMPLES)
@click.argument("query")
@click.option("--format", "form", type=click.Choice(["table", "csv", "jsonl", "parquet"]), default="table")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write there (parquet).")
@watch_option
@corpus_option
def sql(query: str, form: str, output: Path | None, watch_dir: Path | None, corpus: Path | None) -> None:
    """Run one read-only QUERY on the reading room (`-` reads it from standard input). Every table has comments."""
    from storage import reading_room

    paths = locate(watch_dir, corpus)
    text = sys.stdin.read() if query == "-" else query
    if not text.strip():
        raise UsageError('no query; try: tensionwatch sql "SHOW TABLES"')
    if form == "parquet":
        if output is None and sys.stdout.isatty():
            raise UsageError("parquet is binary: name a file with -o, or pipe it")
        rows = reading_room.write_parquet(paths, text, str(output) if output else sys.stdout.buffer)
        say(f"{rows} rows")
        return
    {"table": _as_table, "csv": _as_csv, "jsonl": _as_jsonl}[form](reading_room.stream(paths, text))


Pieces = Iterator[tuple[list[str], list[tuple[Any, ...]]]]


def _as_table(pieces: Pieces) -> None:
    columns, rows = next(pieces)
    table(columns, rows[:MAX_TABLE_ROWS])
    if len(rows) >= MAX_TABLE_ROWS:
        say(f"the first {MAX_TABLE_ROWS} rows; add LIMIT, or take all with --format csv")


def _as_csv(pieces: Pieces) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for number, (columns, rows) in enumerate(pieces):
        if number == 0:
            writer.writerow(columns)
        writer.writerows([_csv_cell(value) for value in row] for row in rows)


def _csv_cell(value: Any) -> Any:
    value = plain(value)
    return "|".join(map(str, value)) if isinstance(value, list) else value


def _as_jsonl(pieces: Pieces) -> None:
    for columns, rows in pieces:
        for row in rows:
            json_line(dict(zip(columns, row, strict=True)))


@click.command(epilog="\b\nExample:\n  tensionwatch search ambassador summoned --limit 5")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@watch_option
@corpus_option
def search(words: Sequence[str], limit: int, watch_dir: Path | None, corpus: Path | None) -> None:
    """Find the articles that hold all WORDS, best first, with a snippet of each."""
    from storage import searching

    found = searching.search(locate(watch_dir, corpus), words, limit)
    for hit in found:
        click.echo(click.style(hit.title, bold=True))
        click.echo(f"  {hit.publisher}, {hit.counted_at:%Y-%m-%d %H:%M} UTC  {hit.url}")
        click.echo(f"  {hit.snippet}")
    say(f"{len(found)} articles" if found else f"no article holds all of: {' '.join(words)}")
