"""Rematches in the corpus: what is merged, what is passed over, what counts as of when, and what forgetting takes."""

from collections.abc import Sequence
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from model.config import Paths, Series
from model.outcomes import Field
from model.records import ActorMention, Article, Matches, Mention
from storage import landing, loader, reading_room
from storage.counts import read_counts
from storage.forgetting import forget
from storage.rematches import changed_concepts, other_versions, texts_behind
from tests.storage.material import NOW, Rules, article, batch, paths, watch

WORDS = "an unmistakable surface"
SHELLING = Matches(
    language="en",
    tension=4.0,
    mentions=(
        Mention(concept_id="shelling", category="military", direction="escalation", weight=2.0, field=Field.TEXT,
                start=0, end=10, surface=WORDS),
    ),
    actors=(ActorMention(actor_id="ru", field=Field.TEXT, start=34, end=44, surface="Moscow"),),
)  # fmt: skip
RULES = (Series(name="russian", categories=("military",), actors=("ru",), same_sentence=False),)


@pytest.fixture
def where(tmp_path: Path) -> Paths:
    where = paths(tmp_path)
    landing.write(where.landing, batch("1", [article(n) for n in range(3)]))
    load(where)
    return where


def load(where: Paths) -> loader.LoadReport:
    return loader.load(where, watch=watch(where.corpus.parent), story_rules=Rules(), now=NOW, code_version="1")


def ask(where: Paths, sql: str) -> list[tuple[Any, ...]]:
    return reading_room.query(where, sql)[1]


def land(
    where: Paths, name: str, articles: Sequence[Article], version: str = "lex2", found: Matches = SHELLING
) -> None:
    rows = [
        {"row": row, "article_id": a.article_id, "edition": 1, "canonical_url": a.canonical_url, "publisher": a.publisher,
         "text_hash": a.text_hash, "lexicon_version": version, "tension": found.tension}
        for row, a in enumerate(articles)
    ]  # fmt: skip
    tables = {"rematches": rows, **landing.match_rows([found] * len(articles))}
    landing.write_rows(where.landing, "rematch", name, tables, NOW)


def counted(where: Paths, watermark: int | None = None) -> dict[str, int]:
    with reading_room.connect(where) as con:
        found = read_counts(con, first_day=date(2026, 3, 1), as_of=NOW.replace(hour=23, tzinfo=UTC), zone="UTC",
                            rules=RULES, watermark=watermark)  # fmt: skip
    totals: dict[str, int] = {}
    for series, live in zip(found.daily.series, found.daily.live, strict=True):
        totals[found.names[series]] = totals.get(found.names[series], 0) + int(live)
    return {name: total for name, total in totals.items() if total}


def others(where: Paths, version: str) -> dict[str, int]:
    with reading_room.connect(where) as con:
        return other_versions(con, version)


def test_both_versions_stay_and_the_last_one_counts_as_of_any_watermark(where: Paths) -> None:
    before = counted(where)
    assert before == {"concept:airstrike": 3, "category:military": 3}
    land(where, "2", [article(0), article(1)])
    report = load(where)
    assert (report.rematched, report.passed_over, report.articles, report.mentions, report.warnings) == (2, 0, 0, 2, ())
    assert ask(where, "SELECT lexicon_version, concept_id, count(*) FROM mentions GROUP BY ALL ORDER BY 1") == [
        ("lex1", "airstrike", 3),
        ("lex2", "shelling", 2),
    ]
    assert ask(where, "SELECT concept_id, count(*) FROM current_mentions GROUP BY 1 ORDER BY 1") == [
        ("airstrike", 1),
        ("shelling", 2),
    ]
    assert ask(where, "SELECT actor_id, count(*) FROM current_actor_mentions GROUP BY 1 ORDER BY 1") == [
        ("az", 1),
        ("ru", 2),
    ]
    assert ask(where, "SELECT lexicon_version, tension, count(*) FROM corpus GROUP BY ALL ORDER BY 1") == [
        ("lex1", 1.5, 1),
        ("lex2", 4.0, 2),
    ]
    assert ask(where, "SELECT concept, articles FROM concept_daily ORDER BY 1") == [("airstrike", 1), ("shelling", 2)]
    now = {"concept:airstrike": 1, "concept:shelling": 2, "category:military": 3, "russian": 2}
    assert (counted(where), counted(where, 1)) == (now, before)
    assert others(where, "lex2") == {"lex1": 1}
    assert changed_concepts(where, "lex2") == [("airstrike", 2, 0), ("shelling", 0, 2)]


def test_what_counts_already_or_has_another_text_is_passed_over(where: Paths) -> None:
    land(where, "2", [article(0)])
    land(where, "3", [article(0), article(1, text="another text than was loaded"), article(9), article(2)])
    land(where, "4", [article(0)], version="lex1")
    report = load(where)
    assert (report.rematched, report.passed_over) == (3, 3)
    assert ask(where, "SELECT lexicon_version, count(*) FROM rematches GROUP BY 1 ORDER BY 1") == [("lex1", 1), ("lex2", 2)]  # fmt: skip
    assert ask(where, "SELECT sum(rematched), sum(passed_over), sum(articles) FROM batches") == [(3, 3, 3)]
    assert others(where, "lex2") == {"lex1": 2}


def test_the_texts_behind_leave_out_what_waits_in_landing(where: Paths) -> None:
    total, texts = texts_behind(where, "lex2")
    assert (total, sorted(t.title for t in texts)) == (3, ["Air strike 0", "Air strike 1", "Air strike 2"])
    land(where, "2", [article(1)])
    total, texts = texts_behind(where, "lex2")
    assert (total, sorted(t.title for t in texts)) == (2, ["Air strike 0", "Air strike 2"])
    assert texts_behind(where, "lex1")[0] == 0


def test_a_later_edition_counts_by_itself(where: Paths) -> None:
    land(where, "2", [article(0)])
    landing.write(where.landing, batch("3", [article(0, text="Azerbaijan is mentioned in a corrected text")]))
    load(where)
    assert ask(where, "SELECT edition, concept_id FROM current_mentions WHERE concept_id = 'shelling'") == [
        (1, "shelling")
    ]
    assert texts_behind(where, "lex2")[0] == 3


def test_forgetting_takes_what_was_matched_again_and_what_waits(where: Paths) -> None:
    land(where, "2", [article(0), article(1)])
    load(where)
    land(where, "3", [article(0), article(1)], version="lex3")
    assert forget(where, article(0).canonical_url, "url", NOW).batches == 1
    assert ask(where, "SELECT article_id FROM rematches") == [(article(1).article_id,)]
    load(where)
    for table in ("rematches", "mentions", "actor_mentions"):
        known = f"SELECT count(*) FROM {table} WHERE article_id = {article(0).article_id}"
        assert ask(where, known) == [(0,)], table
    assert ask(where, "SELECT lexicon_version FROM current_mentions ORDER BY 1") == [("lex1",), ("lex3",)]
    forget(where, "alpha", "publisher", NOW)
    for path in (path for path in where.corpus.parent.rglob("*") if path.is_file()):
        assert WORDS.encode() not in path.read_bytes(), path
