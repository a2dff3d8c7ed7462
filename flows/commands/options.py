"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def watch_option(command: Command) -> Command:
    """`--watch DIR`."""
    return click.option(
        "--watch",
        "watch_dir",
        type=click.Path(path_type=Path),
        help="Folder of the watch. Default: the folder you stand in when it holds a watch.toml, else the bundled one.",
    )(command)


def corpus_option(command: Command) -> Command:
    """`--corpus FILE`."""
    return click.option(
        "--corpus",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Corpus file. Default: as watch.toml says. Frontier, landing/ and reading-room/ lie beside it.",
    )(command)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print the accounting as one JSON object.")(command)
