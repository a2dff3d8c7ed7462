"""lexicon: is it right, and what does it find."""

import csv
from pathlib import Path
from typing import Any

import click

from flows.commands.options import watch_option
from flows.output import read_bytes, say, table
from flows.workspace import watch_folder

COLOURS = {"concept": "yellow", "actor": "cyan"}


@click.group(
    epilog='\b\nExamples:\n  tensionwatch lexicon test\n  tensionwatch lexicon try "Baku summons Russian ambassador"'
)
def lexicon() -> None:
    """Test a watch's lexicon on its bench, or try it on a sentence."""


@lexicon.command("test", epilog="\b\nExample:\n  tensionwatch lexicon test --watch my-watch")
@watch_option
def test_lexicon(watch_dir: Path | None) -> int:
    """Run the bench (`bench.csv`: language,sentence,concept_id,actor_id) of a watch. Exit 1 when anything is missed."""
    from extractors.lexicon import BenchRow, run_bench
    from extractors.mentions import Matcher
    from model.reading import load_watch

    folder = watch_folder(watch_dir)
    watch = load_watch(folder)
    lines = csv.DictReader(read_bytes(str(folder / "bench.csv")).decode("utf-8-sig").splitlines())
    rows = [BenchRow.of(line) for line in lines]
    scores, misses = run_bench(Matcher(watch.lexicon, watch.actors, watch.exclusions), rows)
    for miss in misses:
        click.echo(f"[{miss.row.language}] {miss.row.sentence}")
        told = {
            "missed": miss.missed,
            "false": miss.false,
            "actors missed": miss.actors_missed,
            "extra": miss.actors_false,
        }
        click.echo("   " + "; ".join(f"{what}: {', '.join(sorted(ids))}" for what, ids in told.items() if ids))
    table(_columns(scores), [_cells(score) for score in scores])
    return 1 if misses else 0


def _columns(scores: list[Any]) -> list[str]:
    from dataclasses import fields

    return [f.name.replace("_", " ") for f in fields(scores[0])] if scores else []


def _cells(score: Any) -> list[Any]:
    from dataclasses import fields

    return [getattr(score, f.name) for f in fields(score)]


@lexicon.command("try", epilog='\b\nExample:\n  tensionwatch lexicon try "Москва выразила протест Баку"')
@click.argument("text")
@click.option("--language", default="", help="Language of the text. Default: detected.")
@watch_option
def try_lexicon(text: str, language: str, watch_dir: Path | None) -> None:
    """Show what the lexicon finds in TEXT, and why the rest was left out."""
    from extractors.lexicon import why_not
    from extractors.mentions import Matcher
    from model.reading import load_watch

    watch = load_watch(watch_folder(watch_dir))
    matcher = Matcher(watch.lexicon, watch.actors, watch.exclusions)
    found = matcher.match(text, "", language)
    spans = [(m.start, m.end, "concept") for m in found.mentions] + [(a.start, a.end, "actor") for a in found.actors]
    click.echo(_coloured(text, spans))
    rows = [
        (m.surface, m.concept_id, m.category, m.weight, m.mark or "asserted", ", ".join(m.actor_ids))
        for m in found.mentions
    ]
    table(("words", "concept", "category", "weight", "meant as", "actors in its sentence"), rows)
    say(f"language {found.language}, tension {found.tension:+.2f} per 100 words")
    if not rows:
        for line in why_not(matcher, text, "", language):
            say(line)


def _coloured(text: str, spans: list[tuple[int, int, str]]) -> str:
    shown, at = [], 0
    for start, end, kind in sorted(spans):
        if start >= at:
            shown += [text[at:start], click.style(text[start:end], fg=COLOURS[kind], bold=True)]
            at = end
    return "".join([*shown, text[at:]])
