"""The bundled watch as the matcher takes it, read without the rest of the watch."""

import csv
from functools import cache
from pathlib import Path

from extractors.mentions import Matcher
from model.watch import ActorRow, ExclusionRow, LexiconRow

FOLDER = Path(__file__).resolve().parents[1] / "watches" / "russia-azerbaijan"


def rows(name: str) -> list[dict[str, str]]:
    """Read a CSV file of the watch."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lexicon_rows() -> list[LexiconRow]:
    """Read lexicon.csv."""
    return [
        LexiconRow(
            concept_id=row["concept_id"],
            category=row["category"],
            direction=row["direction"],
            weight=float(row["weight"]),
            language=row["language"],
            pattern=row["pattern"],
            needs_actor=row["needs_actor"] == "yes",
            gloss=row["gloss"],
        )
        for row in rows("lexicon.csv")
    ]


def actor_rows() -> list[ActorRow]:
    """Read actors.csv."""
    return [ActorRow(**row) for row in rows("actors.csv")]


def exclusion_rows() -> list[ExclusionRow]:
    """Read exclusions.csv."""
    return [ExclusionRow(**row) for row in rows("exclusions.csv")]


@cache
def matcher_of_watch() -> Matcher:
    """Give the matcher of the bundled watch, one for a process: compiling its patterns takes seconds."""
    return Matcher(lexicon_rows(), actor_rows(), exclusion_rows())
