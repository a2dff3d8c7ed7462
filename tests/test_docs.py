"""The docs say what the code does: commands, outcomes, links."""

import re
from pathlib import Path

import pytest

from flows.cli import COMMANDS
from model.outcomes import FetchOutcome, RejectReason
from tests.conftest import ROOT

PAGES = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "deployments" / "README.md",
    *(ROOT / "docs").glob("*.md"),
]


def section(heading: str) -> list[str]:
    text = (ROOT / "docs" / "outcomes.md").read_text().split(f"## {heading}")[1].split("\n## ")[0]
    return re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE)


def test_every_fetch_outcome_is_explained_and_nothing_else() -> None:
    assert section("Of a fetch") == [outcome.value for outcome in FetchOutcome]


def test_every_reason_for_rejection_is_explained_and_nothing_else() -> None:
    assert section("Why an entry") == [reason.value for reason in RejectReason]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_and_link_of_a_page_exists(page: Path) -> None:
    text = page.read_text()
    for name in re.findall(r"`tensionwatch ([a-z][a-z-]*)", text):
        assert name in COMMANDS, name
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z-]+)", (ROOT / "README.md").read_text()):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
