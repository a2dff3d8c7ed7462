"""A site on loopback, a watch that reads it, and the command line as a user types it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.workspace import BUNDLED, bundled_watch
from tests.flows.site import Site, serving

HEADER = "url,publisher,homepage,country,language,kind,ownership\n"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    """The bundled watch, allowed to read loopback. `add_feed` puts other feeds in the place of its own."""
    folder = tmp_path / "watch"
    shutil.copytree(bundled_watch(BUNDLED), folder)
    text = (folder / "watch.toml").read_text()
    text = text.replace("allow_private_addresses = false", "allow_private_addresses = true")
    (folder / "watch.toml").write_text(text.replace("per_host_gap_s = 2.0", "per_host_gap_s = 0.0"))
    return folder


@pytest.fixture
def add_feed(watch: Path) -> Callable[..., None]:
    """Add a feed to the watch."""
    (watch / "feeds.csv").write_text(HEADER)

    def add(url: str, publisher: str = "Test", country: str = "AZ", ownership: str = "private") -> None:
        with (watch / "feeds.csv").open("a") as file:
            file.write(f"{url},{publisher},https://example.org/,{country},en,rss,{ownership}\n")

    return add


@pytest.fixture
def tensionwatch(watch: Path) -> Run:
    """Run the command line in a process of its own, in the watch's folder."""

    def run(*given: str, text: str | None = None, timeout: float = 60, **environment: str) -> Any:
        # Few pages: starting worker processes would cost more than they do.
        inline = ("--jobs", "0") if given[:1] in {("collect",), ("run",)} and "--jobs" not in given else ()
        return subprocess.run(
            [sys.executable, "-m", "flows.cli", *given, *inline],
            cwd=watch,
            env={**os.environ, "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            input=text,
            timeout=timeout,
            check=False,
        )

    return run


def accounting(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Read the accounting that `--json` printed."""
    assert done.stdout.strip(), done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report
