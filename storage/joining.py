"""Giving the new articles of a batch their stories: the bands of their signatures joined with those of the corpus."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from model.records import Membership, StoryRules, StoryText
from storage.given import given, where

_TOLD = ("article_id", "publisher", "language", "title", "counted_at")
_SIGNED = (*_TOLD, "signature")
_BANDS = pa.list_(pa.uint64())
#: Reads every band of the window, at 5 to 8 ns each.
_NEARBY = """
    CREATE OR REPLACE TEMP TABLE nearby AS
    SELECT DISTINCT b.article_id FROM story_bands AS b
    SEMI JOIN (SELECT unnest(bands) AS band FROM expected) AS e USING (band)
    WHERE b.seen_at BETWEEN $first AND $last
"""
#: Signatures are wide: their rows are found by the narrow columns first.
_TEXTS = """
    WITH found AS MATERIALIZED (
        SELECT s.rowid AS place, a.publisher, a.language, a.title, m.story_id
        FROM nearby AS n
        JOIN article_signatures AS s ON s.article_id = n.article_id AND s.edition = 1
        JOIN articles AS a ON a.article_id = n.article_id AND a.edition = 1
        JOIN story_members AS m ON m.article_id = n.article_id
    )
    SELECT s.article_id, f.publisher, f.language, f.title, s.seen_at AS counted_at, s.signature, f.story_id
    FROM found AS f JOIN article_signatures AS s ON s.rowid = f.place
"""
#: What DuckDB may keep while it reads the bands: with more it asks the system for new pages instead of using its own
#: again, which takes a quarter of the time. The second is for each band that is looked for.
_BUFFER_BYTES, _BYTES_A_BAND = 64 << 20, 128
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


class Nearby:
    """What is known of texts that share a band with an article of a load, kept while its batches are merged.

    A million articles in the window have 32 million bands, which take 0.2 s to read: once for a load, not for each of
    the batches of a hundred articles that it merges.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, batches: Sequence[pa.Table], rules: StoryRules) -> None:
        """Read what the corpus has for some batches of landed articles."""
        self.rules = rules
        self._texts: dict[int, StoryText] = {}
        self._by_band: dict[int, list[int]] = {}
        self._shared: set[int] = set()  #: the bands that more than one text has; most have one, and join nothing
        tables = [batch.select(_SIGNED) for batch in batches if batch.num_rows]
        if not tables:
            return
        articles = pa.concat_tables(tables)
        bands = rules.bands(_signatures(articles))
        with given(con, expected=pa.table({"bands": pa.array(bands, _BANDS)})):
            _find_nearby(con, _window(articles, rules), sum(map(len, bands)))
            texts = _story_texts(con.sql(_TEXTS).to_arrow_table())
            con.execute("DROP TABLE temp.nearby")
        nearby = rules.bands([text.signature for text in texts])
        times = Counter(chain.from_iterable((*bands, *nearby)))
        self._shared = {band for band, count in times.items() if count > 1}
        self.add(texts, nearby)

    def add(self, texts: Sequence[StoryText], bands: Sequence[Sequence[int]]) -> None:
        """Take in texts that have a story, each with its bands."""
        for text, own in zip(texts, bands, strict=True):
            self._texts[text.article_id] = text
            for band in self._shared.intersection(own):
                self._by_band.setdefault(band, []).append(text.article_id)

    def remove(self, article_ids: Iterable[int]) -> None:
        """Leave out texts that the corpus no longer has."""
        for article_id in article_ids:
            self._texts.pop(article_id, None)

    def sharing(self, bands: Iterable[Sequence[int]]) -> list[StoryText]:
        """Give the texts that have one of some articles' bands, the earliest first."""
        found = self._shared.intersection(chain.from_iterable(bands))
        ids = {article_id for band in found for article_id in self._by_band.get(band, ())}
        texts = [self._texts[article_id] for article_id in ids if article_id in self._texts]
        return sorted(texts, key=lambda text: (text.seen_at, text.article_id))


def join_stories(
    con: duckdb.DuckDBPyConnection, articles: pa.Table, fresh: pa.Table, nearby: Nearby, batch_id: int
) -> None:
    """Give each new article its story. A corrected text stays in the story of its first edition.

    The batch is one of those that `nearby` was read for.
    """
    first = where(fresh, "edition", {1})
    if not first.num_rows:
        return
    chosen = where(articles, "row", set(first.column("row").to_pylist()))
    chosen = chosen.sort_by([("counted_at", "ascending"), ("article_id", "ascending")])
    new = _story_texts(chosen)
    bands = nearby.rules.bands([text.signature for text in new])
    members = _members(new, nearby.rules.assign(new, nearby.sharing(bands)))
    told = chosen.select(["article_id", "counted_at", "first_seen_at", "signature"])
    with given(con, told=_with_stories(told.append_column("bands", pa.array(bands, _BANDS)), members)):
        for statement in _INSERT:
            con.execute(statement, {"batch": batch_id})
    joined = [replace(text, story_id=member.story_id) for text, member in zip(new, members, strict=True)]
    nearby.add(joined, bands)


def _find_nearby(con: duckdb.DuckDBPyConnection, window: dict[str, datetime], bands: int) -> None:
    """List the articles of the window that have one of so many bands, in little memory where that is enough."""
    try:
        con.execute(f"SET memory_limit = '{(_BUFFER_BYTES + bands * _BYTES_A_BAND) >> 20}MiB'")
        con.execute(_NEARBY, window)
    except duckdb.OutOfMemoryException:
        con.execute("RESET memory_limit")
        con.execute(_NEARBY, window)
    finally:
        con.execute("RESET memory_limit")


def _signatures(articles: pa.Table) -> list[Sequence[int]]:
    """Give the signatures as they lie in the table: a number of Python for each value would cost more than the rest."""
    column: Any = articles.column("signature").combine_chunks()
    values = memoryview(column.values.to_numpy())
    return [values[start:end] for start, end in pairwise(column.offsets.to_pylist())]


def _window(articles: pa.Table, rules: StoryRules) -> dict[str, datetime]:
    """Give the instants between which copies of some articles may have been seen."""
    seen: Any = pc.min_max(articles.column("counted_at")).as_py()
    days = timedelta(days=rules.window_days)
    return {"first": seen["min"] - days, "last": seen["max"] + days}


def _story_texts(articles: pa.Table) -> list[StoryText]:
    """Give what the rules compare of some articles; those of the corpus have a story."""
    stories = articles.column("story_id") if "story_id" in articles.column_names else pa.nulls(len(articles))
    columns = [articles.column(name) for name in _TOLD]
    rows = zip(*(column.to_pylist() for column in (*columns, stories)), _signatures(articles), strict=True)
    return [
        StoryText(
            article_id=article_id, publisher=publisher, language=language, title=title, seen_at=seen_at,
            signature=signature, story_id=story_id,
        )
        for article_id, publisher, language, title, seen_at, story_id, signature in rows
    ]  # fmt: skip


def _members(new: Sequence[StoryText], assigned: Sequence[Membership]) -> list[Membership]:
    """Give each article's story in the order of the articles; whoever the rules left out tells one of its own."""
    by_article = {member.article_id: member for member in assigned}
    alone = (Membership(article_id=text.article_id, story_id=text.article_id, similarity=1.0) for text in new)
    return [by_article.get(member.article_id, member) for member in alone]


def _with_stories(articles: pa.Table, members: Sequence[Membership]) -> pa.Table:
    """Add to each article its story; both are in one order."""
    stories = pa.array([member.story_id for member in members], pa.uint64())
    similarities = pa.array([member.similarity for member in members], pa.float64())
    return articles.append_column("story_id", stories).append_column("similarity", similarities)
