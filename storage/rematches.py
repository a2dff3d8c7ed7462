"""Matching stored editions again: which are behind the lexicon, their texts in pieces, and what changed.

An edition counts under its last matching. A matching is a batch of the ledger, so that whoever counts as of an earlier
watermark counts under the lexicon of then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import duckdb
import pyarrow as pa

from model.config import Paths
from storage import landing, reading_room
from storage.given import given
from storage.tables import REMATCHES

#: Editions whose titles and keys are held in memory at once: about 50 MB.
SEGMENT = 50_000

_DECIDE = """
SELECT l.row, l.article_id, l.edition, l.lexicon_version, l.tension
FROM landed_rematches AS l
JOIN articles AS a ON a.article_id = l.article_id AND a.edition = l.edition AND a.text_hash = l.text_hash
LEFT JOIN (
    SELECT article_id, edition, arg_max(lexicon_version, batch_id) AS lexicon_version
    FROM rematches SEMI JOIN landed_rematches USING (article_id, edition) GROUP BY article_id, edition
) AS r ON r.article_id = l.article_id AND r.edition = l.edition
WHERE coalesce(r.lexicon_version, a.lexicon_version) <> l.lexicon_version
ORDER BY l.row
"""
_BEHIND = """
FROM articles AS a LEFT JOIN last_rematches AS r ON r.article_id = a.article_id AND r.edition = a.edition
WHERE coalesce(r.lexicon_version, a.lexicon_version) <> $version
"""
_BY_BATCH = f"SELECT a.batch_id, count(*) {_BEHIND} GROUP BY a.batch_id ORDER BY a.batch_id"
_HEADS = f"""
SELECT a.article_id, a.edition, a.canonical_url, a.publisher, a.title, a.language, a.text_hash
{_BEHIND} AND a.batch_id BETWEEN $first AND $last
"""
_TEXTS = "SELECT article_id, edition, text FROM article_texts WHERE batch_id BETWEEN $first AND $last"
_VERSIONS = """
SELECT coalesce(r.lexicon_version, a.lexicon_version) AS version, count(*) AS editions
FROM articles AS a LEFT JOIN last_rematches AS r ON r.article_id = a.article_id AND r.edition = a.edition
GROUP BY version ORDER BY version
"""
#: Beside its last matching each rematched article has the one before: its previous rematch, or what it was loaded with.
_CHANGED = """
WITH last AS (
    SELECT article_id, batch_id FROM last_rematches WHERE edition = 1 AND lexicon_version = ?
),
pairs AS (
    SELECT l.article_id, l.batch_id AS after, coalesce(max(r.batch_id), any_value(a.batch_id)) AS before
    FROM last AS l JOIN articles AS a ON a.article_id = l.article_id AND a.edition = 1
    LEFT JOIN rematches AS r ON r.article_id = l.article_id AND r.edition = 1 AND r.batch_id < l.batch_id
    GROUP BY l.article_id, l.batch_id
),
counted AS (
    SELECT m.concept_id AS concept, count(DISTINCT m.article_id) FILTER (WHERE m.batch_id = p.before) AS before,
        count(DISTINCT m.article_id) FILTER (WHERE m.batch_id = p.after) AS after
    FROM mentions AS m JOIN pairs AS p ON p.article_id = m.article_id
    WHERE m.edition = 1 AND m.weight <> 0
    GROUP BY m.concept_id
)
SELECT concept, before, after FROM counted WHERE before <> after ORDER BY abs(after - before) DESC, concept
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """One stored edition, with what names it in a landed rematch."""

    article_id: int
    edition: int
    canonical_url: str
    publisher: str
    title: str
    language: str
    text_hash: str
    text: str


def decide_rematches(con: duckdb.DuckDBPyConnection, landed: pa.Table) -> pa.Table:
    """Choose the landed rematches that say something new of a text the corpus has: `row, article_id, edition, …`."""
    if not landed.num_rows:
        return REMATCHES.schema.empty_table().select(["row", "article_id", "edition", "lexicon_version", "tension"])
    with given(con, landed_rematches=landed):
        decided: pa.Table = con.sql(_DECIDE).to_arrow_table()
        return decided


def texts_behind(paths: Paths, version: str) -> tuple[int, Iterator[StoredText]]:
    """Give the editions that count under another lexicon version than this one: how many, and their texts in turn.

    It reads the reading room, as it stands at the first text, segment by segment in the order of loading. What waits in
    landing as matched by this version is left out. Raises StorageError when there is no reading room.
    """
    waiting = {
        (row["article_id"], row["edition"])
        for row in landing.waiting_rows(paths.landing, REMATCHES.name)
        if row["lexicon_version"] == version
    }
    _, by_batch = reading_room.query(paths, _BY_BATCH.replace("$version", "?"), [version])
    total = sum(count for _, count in by_batch) - len(waiting)
    return max(0, total), _texts(paths, version, _segments(by_batch), waiting)


def other_versions(con: duckdb.DuckDBPyConnection, version: str) -> dict[str, int]:
    """Give how many editions count under each lexicon version but this one."""
    return {other: count for other, count in con.execute(_VERSIONS).fetchall() if other != version}


def changed_concepts(paths: Paths, version: str) -> list[tuple[str, int, int]]:
    """Give the concepts whose number of articles a rematch with this version changed: concept, before, after."""
    return [(concept, before, after) for concept, before, after in reading_room.query(paths, _CHANGED, [version])[1]]


def _segments(by_batch: list[tuple[Any, ...]]) -> list[tuple[int, int]]:
    """Cut the ledger into ranges of batches of about SEGMENT editions each; rows of a range lie together on disk."""
    ranges: list[tuple[int, int]] = []
    held = SEGMENT
    for batch_id, count in by_batch:
        if held + count > SEGMENT:
            ranges.append((batch_id, batch_id))
            held = 0
        ranges[-1] = (ranges[-1][0], batch_id)
        held += count
    return ranges


def _texts(
    paths: Paths, version: str, segments: list[tuple[int, int]], waiting: set[tuple[int, int]]
) -> Iterator[StoredText]:
    with reading_room.connect(paths) as con:
        for first, last in segments:
            bounds = {"first": first, "last": last}
            heads = {(row[0], row[1]): row for row in con.execute(_HEADS, {"version": version, **bounds}).fetchall()}
            answer = con.execute(_TEXTS, bounds)
            while rows := answer.fetchmany(500):
                for article_id, edition, text in rows:
                    head = heads.get((article_id, edition))
                    if head is not None and head[:2] not in waiting:
                        yield StoredText(
                            article_id=article_id, edition=edition, canonical_url=head[2], publisher=head[3],
                            title=head[4], language=head[5], text_hash=head[6], text=text,
                        )  # fmt: skip


def in_chunks(texts: Iterator[StoredText], size: int) -> Iterator[list[StoredText]]:
    """Cut the texts into lists of `size`."""
    while chunk := list(islice(texts, size)):
        yield chunk
