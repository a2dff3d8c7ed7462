"""Giving the new articles of a batch their stories: the bands of their signatures joined with those of the corpus."""

from typing import Any

import duckdb
import pyarrow as pa

from model.records import Membership, StoryRules, StoryText
from storage.given import given, where
from storage.tables import INSTANT

_KNOWN_STORIES = """
    WITH near AS (
        SELECT DISTINCT b.article_id FROM story_bands AS b JOIN fresh_bands AS f ON b.band = f.band
        WHERE b.seen_at BETWEEN f.seen_at - to_days($days) AND f.seen_at + to_days($days)
          AND b.seen_at BETWEEN $first AND $last
    )
    SELECT s.article_id, a.publisher, a.language, a.title, s.seen_at, s.signature, m.story_id
    FROM article_signatures AS s
    JOIN articles AS a ON a.article_id = s.article_id AND a.edition = s.edition
    JOIN story_members AS m ON m.article_id = s.article_id
    WHERE s.edition = 1 AND s.article_id IN (SELECT article_id FROM near)
    ORDER BY s.seen_at, s.article_id
"""


def join_stories(
    con: duckdb.DuckDBPyConnection, articles: pa.Table, fresh: pa.Table, rules: StoryRules, batch_id: int
) -> None:
    """Give each new article its story. A corrected text stays in the story of its first edition."""
    first = where(fresh, "edition", {1})
    if not first.num_rows:
        return
    batch = {"batch": batch_id}
    chosen = where(articles, "row", set(first.column("row").to_pylist()))
    compared = chosen.select(["article_id", "publisher", "language", "title", "counted_at", "signature"])
    new = sorted((_story_text(row) for row in compared.to_pylist()), key=lambda text: (text.seen_at, text.article_id))
    bands = [(band, text) for text in new if text.signature for band in rules.bands(text.signature)]
    fresh_bands = pa.table(
        {
            "band": pa.array([band for band, _ in bands], pa.uint64()),
            "article_id": pa.array([text.article_id for _, text in bands], pa.uint64()),
            "seen_at": pa.array([text.seen_at for _, text in bands], INSTANT),
        }
    )
    with given(con, fresh_bands=fresh_bands):
        known = _known_stories(con, new, rules.window_days) if bands else []
        con.execute("INSERT INTO story_bands SELECT band, article_id, seen_at, $batch FROM fresh_bands", batch)
    _insert_signatures(con, new, batch_id)
    _insert_members(con, new, rules.assign(new, known), chosen, batch_id)


def _story_text(row: dict[str, Any]) -> StoryText:
    return StoryText(
        article_id=row["article_id"],
        publisher=row["publisher"],
        language=row["language"],
        title=row["title"],
        seen_at=row["counted_at"],
        signature=tuple(row["signature"]),
    )


def _known_stories(con: duckdb.DuckDBPyConnection, new: list[StoryText], days: int) -> list[StoryText]:
    """Fetch the known texts that share a band with a new one, inside the window of days on both sides."""
    window = {"days": days, "first": new[0].seen_at, "last": new[-1].seen_at}
    bounds = "SELECT $first::TIMESTAMPTZ - to_days($days), $last::TIMESTAMPTZ + to_days($days)"
    row = con.execute(bounds, window).fetchone()
    if row is None:
        return []
    found = con.execute(_KNOWN_STORIES, {"days": days, "first": row[0], "last": row[1]}).fetchall()
    return [
        StoryText(
            article_id=article_id,
            publisher=publisher,
            language=language,
            title=title,
            seen_at=seen_at,
            signature=tuple(signature),
            story_id=story_id,
        )
        for article_id, publisher, language, title, seen_at, signature, story_id in found
    ]


def _insert_signatures(con: duckdb.DuckDBPyConnection, new: list[StoryText], batch_id: int) -> None:
    signed = [text for text in new if text.signature]
    signatures = pa.table(
        {
            "article_id": pa.array([text.article_id for text in signed], pa.uint64()),
            "seen_at": pa.array([text.seen_at for text in signed], INSTANT),
            "signature": pa.array([text.signature for text in signed], pa.list_(pa.uint32())),
        }
    )
    with given(con, signatures=signatures):
        con.execute(
            "INSERT INTO article_signatures (article_id, edition, seen_at, signature, batch_id)"
            " SELECT article_id, 1, seen_at, signature, $batch FROM signatures",
            {"batch": batch_id},
        )


def _insert_members(
    con: duckdb.DuckDBPyConnection, new: list[StoryText], members: list[Membership], chosen: pa.Table, batch_id: int
) -> None:
    """Append one membership for each new article; whoever the rules left out tells a story of its own."""
    by_article = {member.article_id: member for member in members}
    alone = [Membership(article_id=t.article_id, story_id=t.article_id, similarity=1.0) for t in new]
    rows = [by_article.get(member.article_id, member) for member in alone]
    joined = pa.table(
        {
            "story_id": pa.array([row.story_id for row in rows], pa.uint64()),
            "article_id": pa.array([row.article_id for row in rows], pa.uint64()),
            "similarity": pa.array([row.similarity for row in rows], pa.float64()),
        }
    )
    with given(con, joined=joined, chosen=chosen.select(["article_id", "first_seen_at"])):
        con.execute(
            "INSERT INTO story_members (story_id, article_id, similarity, joined_at, batch_id)"
            " SELECT j.story_id, j.article_id, j.similarity, c.first_seen_at, $batch"
            " FROM joined AS j JOIN chosen AS c USING (article_id)",
            {"batch": batch_id},
        )
