"""How commands speak: results on standard output, messages and bars on standard error, colour on a terminal only."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import click


def say(message: str) -> None:
    """Tell a person something, on standard error."""
    click.echo(message, err=True)


def plain(value: Any) -> Any:
    """Turn records, times and enumerations into what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def json_line(value: Any) -> None:
    """Write one record as one line of JSON."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, default=str))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """Print a table that fits the terminal; long cells wrap. Piped, it takes as much room as it needs."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(soft_wrap=False, width=None if sys.stdout.isatty() else 160)
    grid = Table(title=title or None, title_justify="left", header_style="bold", row_styles=("", "dim"))
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*(Text(_cell(value)) for value in row))
    console.print(grid)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(plain(value))


@contextmanager
def progress(what: str, *, total: int | None = None, quiet: bool = False) -> Iterator["Progress"]:
    """Show a bar on standard error while it is a terminal; say nothing otherwise."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        yield Progress(bar, bar.add_task(what, total=total))


class Progress:
    """One bar: move it, lengthen it, rename it."""

    def __init__(self, bar: Any, task: Any) -> None:
        self._bar, self._task = bar, task

    def advance(self, by: int = 1) -> None:
        """Move on."""
        self._bar.advance(self._task, by)

    def expect(self, total: int, what: str) -> None:
        """Start on a new piece of work of a known length."""
        self._bar.reset(self._task, total=total, description=what)


def read_lines(source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read JSON Lines from a file or `-`, with line numbers. Raises UsageError naming the line that is no object."""
    from model.errors import UsageError

    for number, line in enumerate(_open(source), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise UsageError(f"{_name(source)}:{number}: not JSON: {error.msg}") from None
        if not isinstance(record, dict):
            raise UsageError(f"{_name(source)}:{number}: a line holds one JSON object, not {type(record).__name__}")
        yield number, record


def read_bytes(source: str) -> bytes:
    """Read a whole file or `-`. Raises UsageError when it cannot be read."""
    from model.errors import UsageError

    if source == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror or error}") from None


def _open(source: str) -> Iterator[str]:
    from model.errors import UsageError

    if source == "-":
        yield from sys.stdin
        return
    try:
        with Path(source).open(encoding="utf-8") as lines:
            yield from lines
    except UnicodeDecodeError as error:
        raise UsageError(f"{source}: not UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror or error}") from None


def _name(source: str) -> str:
    return "standard input" if source == "-" else source
