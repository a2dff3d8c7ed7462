"""Turns a `[[series]]` of a watch into SQL with bound values. Nothing of a watch is ever pasted into a query."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from model.config import Series

Condition = tuple[str, list[Any]]  #: SQL with question marks, and what stands for them

_IN_ARTICLE = """EXISTS (SELECT 1 FROM actor_mentions AS n
    WHERE n.article_id = m.article_id AND n.edition = 1 AND n.batch_id = c.matched_in
        AND list_contains(?, n.actor_id))"""
_OF_SIDE = """c.publisher IN (SELECT publisher FROM feeds
    WHERE list_contains(?, lower(ownership)) OR list_contains(?, lower(country)))"""
_NOT_CONCEPT = """NOT EXISTS (SELECT 1 FROM mentions AS x
    WHERE x.article_id = m.article_id AND x.edition = 1 AND x.batch_id = c.matched_in AND x.weight <> 0
        AND list_contains(?, x.concept_id))"""
_NOT_CATEGORY = _NOT_CONCEPT.replace("x.concept_id", "x.category")
_INSERT = """INSERT INTO belongs
    SELECT (SELECT number FROM series_names WHERE series = ?), c.story_id, c.place, c.cell
    FROM mentions AS m JOIN counted AS c ON c.article_id = m.article_id AND c.matched_in = m.batch_id
    WHERE {} GROUP BY c.story_id, c.place, c.cell HAVING sum(abs(m.weight)) >= ?"""


def rule_text(rule: Series) -> str:
    """Write a rule in one fixed form: two rules of equal text count the same."""
    return json.dumps(rule.model_dump(exclude={"description"}), sort_keys=True)


def rule_statement(con: duckdb.DuckDBPyConnection, rule: Series) -> tuple[str, list[Any]]:
    """Give the INSERT that adds the rule's articles to `belongs`, and its values. Lists are OR within, AND between."""
    conditions: list[Condition] = [("m.edition = 1 AND m.weight <> 0", [])]
    conditions += _lists(rule)
    conditions += _actors(con, rule)
    where = " AND ".join(text for text, _ in conditions)
    bound = [value for _, values in conditions for value in values]
    return _INSERT.format(where), [rule.name, *bound, rule.min_weight]


def _lists(rule: Series) -> Iterator[Condition]:
    wanted = (
        ("list_contains(?, m.concept_id)", rule.concepts, 1),
        ("list_contains(?, m.category)", rule.categories, 1),
        ("list_contains(?, c.language)", rule.languages, 1),
        (_OF_SIDE, [side.lower() for side in rule.sides], 2),
        (_NOT_CONCEPT, rule.not_concepts, 1),
        (_NOT_CATEGORY, rule.not_categories, 1),
    )
    for text, names, times in wanted:
        if names:
            yield text, [list(names)] * times


def _actors(con: duckdb.DuckDBPyConnection, rule: Series) -> Iterator[Condition]:
    """Ask for actors in the mention's sentence, or anywhere in the article where the rule says so."""
    named = "list_has_any(m.actor_ids, ?)" if rule.same_sentence else _IN_ARTICLE
    if rule.actors:
        yield named, [_standing_for(con, rule.actors)]
    if rule.relations:
        pairs = [_sides(con, pair) for pair in rule.relations]
        bound = [_standing_for(con, [side]) for pair in pairs for side in pair]
        yield "(" + " OR ".join(f"({named} AND {named})" for _ in pairs) + ")", bound
    if rule.not_actors:
        yield f"NOT {_IN_ARTICLE}", [_standing_for(con, rule.not_actors)]


def _standing_for(con: duckdb.DuckDBPyConnection, actors: Sequence[str]) -> list[str]:
    """Give these actors and whoever stands for them: a country's president speaks for the country."""
    rows = con.execute(
        "SELECT DISTINCT actor_id FROM actors WHERE list_contains(?, country)", [list(actors)]
    ).fetchall()
    return sorted({*actors, *(row[0] for row in rows)})


def _sides(con: duckdb.DuckDBPyConnection, pair: str) -> tuple[str, str]:
    """Split `a|b` or `a-b`; an id may hold a hyphen itself, so the split whose halves are both known is taken."""
    left, bar, right = pair.partition("|")
    if bar:
        return left, right
    known = {row[0] for row in con.execute("SELECT actor_id FROM actors").fetchall()}
    splits = [(pair[:i], pair[i + 1 :]) for i, letter in enumerate(pair) if letter == "-"]
    return next((s for s in splits if set(s) <= known), splits[0] if splits else (pair, pair))
