# ruff: noqa: S608 -- table and column names come from storage.tables, values are bound
"""Merging one landed batch into the corpus, within a transaction that the loader holds.

Batches come in any order and may come twice; what the corpus already has is recognised:
articles by id and text, everything else by the key its table names.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from storage.given import given, where
from storage.joining import Nearby, join_stories
from storage.landing import Landed
from storage.rematches import decide_rematches
from storage.tables import ARTICLES, KEYED, Table
from storage.tombstones import Tombstones

_DECIDED = (
    ARTICLES.schema.empty_table()
    .select(["row", "article_id", "lexicon_version"])
    .schema.append(pa.field("edition", pa.int32()))
)
#: Tables that hold an article by its id: what goes when it goes.
OF_ONE_ARTICLE = (
    "articles", "article_texts", "mentions", "actor_mentions", "article_signatures", "story_bands", "story_members",
    "article_keys", "rematches",
)  # fmt: skip
#: Tables whose rows do not name the batch that brought them.
_UNSTAMPED = ("tombstones",)
_INSERT_ARTICLES = """
    INSERT INTO articles (article_id, edition, url, canonical_url, publisher, title, authors, published_at,
        published_at_source, first_seen_at, counted_at, fetched_at, language, word_count, text_hash, origin,
        extractor_version, is_history, tension, feed_url, lexicon_version, batch_id)
    SELECT a.article_id, d.edition, a.url, a.canonical_url, a.publisher, a.title, a.authors, a.published_at,
        a.published_at_source, a.first_seen_at, a.counted_at, a.fetched_at, a.language, a.word_count, a.text_hash,
        a.origin, a.extractor_version, a.is_history, a.tension, a.feed_url, a.lexicon_version, $batch
    FROM landed AS a JOIN decided AS d USING (row) ORDER BY a.row
"""
_INSERT_TEXTS = """
    INSERT INTO article_texts (article_id, edition, text, batch_id)
    SELECT a.article_id, d.edition, a.text, $batch FROM landed AS a JOIN decided AS d USING (row) ORDER BY a.row
"""
_INSERT_MENTIONS = """
    INSERT INTO mentions (article_id, edition, concept_id, category, field, start_offset, end_offset, surface,
        actor_ids, lexicon_version, direction, weight, mark, batch_id)
    SELECT d.article_id, d.edition, m.concept_id, m.category, m.field, m.start_offset, m.end_offset, m.surface,
        m.actor_ids, d.lexicon_version, m.direction, m.weight, m.mark, $batch
    FROM landed_mentions AS m JOIN decided AS d USING (row)
"""
_INSERT_ACTORS = """
    INSERT INTO actor_mentions (article_id, edition, actor_id, field, start_offset, end_offset, surface,
        lexicon_version, batch_id)
    SELECT d.article_id, d.edition, m.actor_id, m.field, m.start_offset, m.end_offset, m.surface, d.lexicon_version,
        $batch
    FROM landed_actors AS m JOIN decided AS d USING (row)
"""
#: A frontier that was lost sees everything for the first time: what the corpus knows of an entry stays.
_KEEP_WHAT_WAS = """
    UPDATE landed AS l SET
        first_seen_at = least(l.first_seen_at, t.first_seen_at),
        outcome = CASE WHEN t.outcome = 'article' THEN t.outcome ELSE l.outcome END,
        reason = CASE WHEN t.outcome = 'article' THEN t.reason ELSE l.reason END,
        article_id = CASE WHEN t.outcome = 'article' THEN t.article_id ELSE l.article_id END
    FROM entries AS t WHERE t.feed_url = l.feed_url AND t.entry_id = l.entry_id
"""
_KNOWN_TEXTS = """
    SELECT article_id, text_hash, edition FROM articles
    WHERE article_id IN (SELECT k.article_id FROM article_keys AS k SEMI JOIN landed AS l USING (article_id))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What became of one batch. articles + editions + duplicates + forgotten = articles landed."""

    batch_id: int
    articles: int
    editions: int
    duplicates: int
    forgotten: int
    entries: int
    feed_fetches: int
    mentions: int
    rematched: int = 0
    passed_over: int = 0


def merge(con: duckdb.DuckDBPyConnection, landed: Landed, nearby: Nearby, now: datetime, code_version: str) -> Merged:
    """Merge one batch, one of those `nearby` was read for, and write its ledger row, in the caller's transaction."""
    batch_id = _next_batch_id(con)
    landed, forgotten = without_forgotten(landed, read_tombstones(con))
    articles = landed.rows("articles")
    if landed.kind == "seed" and articles.num_rows:
        nearby.remove(_supersede_seeds(con, articles))
    fresh = _decide_editions(con, articles)
    mentions = _insert_articles(con, landed, articles, fresh, batch_id) if fresh.num_rows else 0
    join_stories(con, articles, fresh, nearby, batch_id)
    rematches = landed.rows("rematches")
    decided = decide_rematches(con, rematches)
    mentions += _insert_rematches(con, landed, decided, batch_id) if decided.num_rows else 0
    for table in KEYED:
        _merge_keyed(con, table, landed.rows(table.name), batch_id)
    first = where(fresh, "edition", {1}).num_rows
    merged = Merged(
        batch_id=batch_id,
        articles=first,
        editions=fresh.num_rows - first,
        duplicates=articles.num_rows - fresh.num_rows,
        forgotten=forgotten["articles"],
        entries=landed.rows("entries").num_rows,
        feed_fetches=landed.rows("feed_fetches").num_rows,
        mentions=mentions,
        rematched=decided.num_rows,
        passed_over=rematches.num_rows + forgotten["rematches"] - decided.num_rows,
    )
    _write_ledger(con, landed, merged, now, code_version)
    return merged


def _supersede_seeds(con: duckdb.DuckDBPyConnection, articles: pa.Table) -> list[int]:
    """Let the full text of a seed take the place of its abstract: a seed is one row, not two editions. Gives ids."""
    with given(con, landed=articles.select(["article_id", "text_hash"])):
        con.execute(
            "CREATE OR REPLACE TEMP TABLE superseded AS SELECT a.article_id, a.batch_id FROM articles AS a"
            " JOIN landed AS l ON l.article_id = a.article_id WHERE a.origin = 'seed' AND a.text_hash <> l.text_hash"
        )
    con.execute(
        "UPDATE batches AS b SET articles = b.articles - s.n, replaced = b.replaced + s.n"
        " FROM (SELECT batch_id, count(*) AS n FROM superseded GROUP BY batch_id) AS s WHERE b.batch_id = s.batch_id"
    )
    for table in OF_ONE_ARTICLE:
        con.execute(f"DELETE FROM {table} WHERE article_id IN (SELECT article_id FROM superseded)")
    ids = con.execute("SELECT article_id FROM superseded").fetchall()
    con.execute("DROP TABLE temp.superseded")
    return [article_id for (article_id,) in ids]


def read_tombstones(con: duckdb.DuckDBPyConnection) -> Tombstones:
    """Read what must stay out."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for target, kind in con.execute("SELECT target, kind FROM tombstones").fetchall():
        by_kind[kind].add(target)
    names = sorted(by_kind["publisher"])
    feeds = con.execute("SELECT url FROM feeds WHERE list_contains(?::VARCHAR[], publisher)", [names]).fetchall()
    return Tombstones(
        urls=frozenset(by_kind["url"]), publishers=frozenset(names), feeds=frozenset(url for (url,) in feeds)
    )


def without_forgotten(landed: Landed, tombstones: Tombstones) -> tuple[Landed, Counter[str]]:
    """Leave out of a batch what must stay out. Returns how many rows of articles and entries that were."""
    if not tombstones:
        return landed, Counter()
    articles = _keep(landed.rows("articles"), ("canonical_url", "publisher"), tombstones.cover_article)
    entries = _keep(landed.rows("entries"), ("canonical_url", "feed_url"), tombstones.cover_entry)
    rematches = _keep(landed.rows("rematches"), ("canonical_url", "publisher"), tombstones.cover_article)
    rows = {row for table in (articles, rematches) for row in table.column("row").to_pylist()}
    tables = {"articles": articles, "entries": entries, "rematches": rematches}
    gone = Counter({name: landed.rows(name).num_rows - table.num_rows for name, table in tables.items()})
    tables |= {name: where(landed.rows(name), "row", rows) for name in ("mentions", "actor_mentions")}
    return replace(landed, tables=landed.tables | tables), +gone


def _keep(table: pa.Table, columns: tuple[str, str], covered: Callable[[str, str], bool]) -> pa.Table:
    """Keep the rows that are not covered."""
    pairs = zip(*(table.column(column).to_pylist() for column in columns), strict=True)
    return table.filter(pa.array([not covered(str(one), str(other)) for one, other in pairs], pa.bool_()))


def _next_batch_id(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute("SELECT coalesce(max(batch_id), 0) + 1 FROM batches").fetchone()
    return int(row[0]) if row else 1


def _decide_editions(con: duckdb.DuckDBPyConnection, articles: pa.Table) -> pa.Table:
    """Give each landed row that is new its edition: `row, article_id, edition`. Known texts are left out."""
    decided: list[dict[str, Any]] = []
    if articles.num_rows:
        texts: dict[int, set[str]] = defaultdict(set)
        newest: dict[int, int] = defaultdict(int)
        with given(con, landed=articles.select(["article_id"])):
            for article_id, text_hash, edition in con.execute(_KNOWN_TEXTS).fetchall():
                texts[article_id].add(text_hash)
                newest[article_id] = max(newest[article_id], edition)
        columns = ["row", "article_id", "text_hash", "fetched_at", "lexicon_version"]
        for item in sorted(articles.select(columns).to_pylist(), key=lambda item: (item["fetched_at"], item["row"])):
            article_id = item["article_id"]
            if item["text_hash"] not in texts[article_id]:
                texts[article_id].add(item["text_hash"])
                newest[article_id] += 1
                decided.append({**item, "edition": newest[article_id]})
    return pa.Table.from_pylist(decided, _DECIDED)


def _insert_articles(
    con: duckdb.DuckDBPyConnection, landed: Landed, articles: pa.Table, fresh: pa.Table, batch_id: int
) -> int:
    """Append the new editions with their texts and mentions. Returns how many mentions."""
    batch = {"batch": batch_id}
    with given(con, decided=fresh, landed=articles):
        con.execute("INSERT INTO article_keys SELECT article_id FROM decided WHERE edition = 1")
        con.execute(_INSERT_ARTICLES, batch)
        con.execute(_INSERT_TEXTS, batch)
    return _insert_matches(con, landed, fresh, batch_id)


def _insert_rematches(con: duckdb.DuckDBPyConnection, landed: Landed, decided: pa.Table, batch_id: int) -> int:
    """Append what editions say by another lexicon, beside what they said before. Returns how many mentions."""
    with given(con, decided=decided):
        con.execute(
            "INSERT INTO rematches (article_id, edition, lexicon_version, tension, batch_id)"
            " SELECT article_id, edition, lexicon_version, tension, $batch FROM decided ORDER BY row",
            {"batch": batch_id},
        )
    return _insert_matches(con, landed, decided, batch_id)


def _insert_matches(con: duckdb.DuckDBPyConnection, landed: Landed, decided: pa.Table, batch_id: int) -> int:
    """Append the mentions and actors of the rows decided on. Returns how many mentions."""
    batch = {"batch": batch_id}
    mentions, actors = landed.rows("mentions"), landed.rows("actor_mentions")
    with given(con, decided=decided, landed_mentions=mentions, landed_actors=actors):
        con.execute(_INSERT_MENTIONS, batch)
        con.execute(_INSERT_ACTORS, batch)
    return where(mentions, "row", set(decided.column("row").to_pylist())).num_rows


def _merge_keyed(con: duckdb.DuckDBPyConnection, table: Table, rows: pa.Table, batch_id: int) -> None:
    """Add the rows whose key is new; in a table where the latest holds, let them replace the older ones."""
    rows = _last_of_each_key(rows, table.key)
    if not rows.num_rows:
        return
    same = " AND ".join(f"t.{column} = l.{column}" for column in table.key)
    stamped = {} if table.name in _UNSTAMPED else {"batch_id": "$batch"}
    targets = ", ".join((*table.schema.names, *stamped))
    values = ", ".join((*(f"l.{column}" for column in table.schema.names), *stamped.values()))
    batch = {"batch": batch_id} if stamped else {}
    unless_known = "" if table.latest else f" WHERE NOT EXISTS (SELECT 1 FROM {table.name} AS t WHERE {same})"
    with given(con, landed=rows):
        if table.name == "entries":
            con.execute(_KEEP_WHAT_WAS)
        if table.latest:
            con.execute(f"DELETE FROM {table.name} AS t USING landed AS l WHERE {same}")
        con.execute(f"INSERT INTO {table.name} ({targets}) SELECT {values} FROM landed AS l{unless_known}", batch)


def _last_of_each_key(rows: pa.Table, key: tuple[str, ...]) -> pa.Table:
    """Keep the last row of each key: a batch may tell the same thing twice."""
    if rows.num_rows < 2:
        return rows
    keys = zip(*(rows.column(column).to_pylist() for column in key), strict=True)
    last = {value: index for index, value in enumerate(keys)}
    return rows if len(last) == rows.num_rows else rows.take(sorted(last.values()))


def _write_ledger(
    con: duckdb.DuckDBPyConnection, landed: Landed, merged: Merged, now: datetime, code_version: str
) -> None:
    con.execute(
        "INSERT INTO batches (batch_id, name, kind, landed_at, loaded_at, articles, editions, duplicates, forgotten,"
        " entries, feed_fetches, mentions, rematched, passed_over, code_version)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            merged.batch_id, landed.name, landed.kind, landed.landed_at, now, merged.articles, merged.editions,
            merged.duplicates, merged.forgotten, merged.entries, merged.feed_fetches, merged.mentions,
            merged.rematched, merged.passed_over, code_version,
        ],
    )  # fmt: skip
