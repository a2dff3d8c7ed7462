"""Giving the new articles of a batch their stories: the bands of their signatures joined with those of the corpus."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from model.records import Membership, StoryRules, StoryText
from storage.given import given, where

#: Temporary tables that hold an article by its id while batches are merged.
NEARBY = ("nearby_bands", "nearby_texts")
_SIGNED = ("article_id", "publisher", "language", "title", "counted_at", "signature")
#: Reads every band of the window, at 6 ns each.
_NEARBY_BANDS = """
    CREATE OR REPLACE TEMP TABLE nearby_bands AS
    SELECT b.band, b.article_id FROM story_bands AS b
    SEMI JOIN (SELECT unnest(bands) AS band FROM expected) AS e USING (band)
    WHERE b.seen_at BETWEEN $first AND $last
"""
#: Signatures are wide: their rows are found by the narrow columns first.
_NEARBY_TEXTS = """
    CREATE OR REPLACE TEMP TABLE nearby_texts AS
    WITH found AS MATERIALIZED (
        SELECT s.rowid AS place, a.publisher, a.language, a.title, m.story_id
        FROM (SELECT DISTINCT article_id FROM nearby_bands) AS n
        JOIN article_signatures AS s ON s.article_id = n.article_id AND s.edition = 1
        JOIN articles AS a ON a.article_id = n.article_id AND a.edition = 1
        JOIN story_members AS m ON m.article_id = n.article_id
    )
    SELECT s.article_id, f.publisher, f.language, f.title, s.seen_at, s.signature, f.story_id
    FROM found AS f JOIN article_signatures AS s ON s.rowid = f.place
"""
_KNOWN = """
    SELECT article_id, publisher, language, title, seen_at, signature, story_id FROM nearby_texts
    WHERE article_id IN (
        SELECT b.article_id FROM nearby_bands AS b JOIN (SELECT unnest(bands) AS band FROM fresh) AS f USING (band)
    )
"""
_INSERT = """
    INSERT INTO story_bands (band, article_id, seen_at, batch_id)
    SELECT unnest(bands), article_id, counted_at, $batch FROM told
""", """
    INSERT INTO article_signatures (article_id, edition, seen_at, signature, batch_id)
    SELECT article_id, 1, counted_at, signature, $batch FROM told WHERE len(signature) > 0
""", """
    INSERT INTO story_members (story_id, article_id, similarity, joined_at, batch_id)
    SELECT story_id, article_id, similarity, first_seen_at, $batch FROM told
"""  # fmt: skip
_ADD = """
    INSERT INTO nearby_bands SELECT unnest(bands), article_id FROM told
""", """
    INSERT INTO nearby_texts
    SELECT article_id, publisher, language, title, counted_at, signature, story_id FROM told WHERE len(signature) > 0
"""  # fmt: skip


@contextmanager
def nearby_texts(con: duckdb.DuckDBPyConnection, batches: Sequence[pa.Table], rules: StoryRules) -> Iterator[None]:
    """Hold what the corpus knows of texts that share a band with an article of some batches, while these are merged.

    A million articles in the window have 32 million bands, which take 0.2 s to read: once for a load, not for each of
    the batches of a hundred articles that it merges.
    """
    with_articles = [batch.select(_SIGNED) for batch in batches if batch.num_rows]
    if not with_articles:
        yield
        return
    articles = pa.concat_tables(with_articles)
    with given(con, expected=_with_bands(articles.select(["signature"]), rules)):
        con.execute(_NEARBY_BANDS, _window(articles, rules))
        con.execute(_NEARBY_TEXTS)
    yield
    for table in NEARBY:
        con.execute(f"DROP TABLE temp.{table}")


def join_stories(
    con: duckdb.DuckDBPyConnection, articles: pa.Table, fresh: pa.Table, rules: StoryRules, batch_id: int
) -> None:
    """Give each new article its story. A corrected text stays in the story of its first edition.

    The caller holds `nearby_texts` for a set of batches of which this is one.
    """
    first = where(fresh, "edition", {1})
    if not first.num_rows:
        return
    chosen = where(articles, "row", set(first.column("row").to_pylist()))
    chosen = chosen.sort_by([("counted_at", "ascending"), ("article_id", "ascending")])
    new = [_story_text(*row) for row in zip(*(chosen.column(name).to_pylist() for name in _SIGNED), strict=True)]
    chosen = _with_bands(chosen.select([*_SIGNED, "first_seen_at"]), rules)
    with given(con, fresh=chosen.select(["bands"])):
        known = [_story_text(*row) for row in con.execute(_KNOWN).fetchall()]
    known.sort(key=lambda text: (text.seen_at, text.article_id))
    with given(con, told=_with_stories(chosen, new, rules.assign(new, known))):
        for statement in _INSERT:
            con.execute(statement, {"batch": batch_id})
        for statement in _ADD:
            con.execute(statement)


def _with_bands(articles: pa.Table, rules: StoryRules) -> pa.Table:
    """Add the bands of each article; none where its text was too short for a signature."""
    signatures: list[Any] = articles.column("signature").to_pylist()
    bands = rules.bands(signatures)
    return articles.append_column("bands", pa.array(bands, pa.list_(pa.uint64())))


def _window(articles: pa.Table, rules: StoryRules) -> dict[str, datetime]:
    """Give the instants between which copies of some articles may have been seen."""
    seen: list[Any] = articles.column("counted_at").to_pylist()
    days = timedelta(days=rules.window_days)
    return {"first": min(seen) - days, "last": max(seen) + days}


def _story_text(
    article_id: int,
    publisher: str,
    language: str,
    title: str,
    seen_at: datetime,
    signature: Sequence[int],
    story_id: int | None = None,
) -> StoryText:
    return StoryText(
        article_id=article_id,
        publisher=publisher,
        language=language,
        title=title,
        seen_at=seen_at,
        signature=tuple(signature),
        story_id=story_id,
    )


def _with_stories(chosen: pa.Table, new: list[StoryText], members: Sequence[Membership]) -> pa.Table:
    """Add to each article, given twice in one order, its story; whoever the rules left out tells one of its own."""
    by_article = {member.article_id: member for member in members}
    alone = [Membership(article_id=text.article_id, story_id=text.article_id, similarity=1.0) for text in new]
    found = [by_article.get(member.article_id, member) for member in alone]
    stories = pa.array([member.story_id for member in found], pa.uint64())
    return chosen.append_column("story_id", stories).append_column(
        "similarity", pa.array([member.similarity for member in found], pa.float64())
    )
