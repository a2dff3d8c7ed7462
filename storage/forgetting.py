# ruff: noqa: S608 -- table names come from the lists below, values are bound
"""Erasing a URL or a publisher everywhere, and keeping it out.

In this order: the frontier, the rows of the corpus, the batches that wait, the corpus file written anew so that its
words are gone from the disk, the reading room built anew without a grace period. A kill in between is repaired by
forgetting again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from model.config import Paths
from storage import landing
from storage.compact import compact
from storage.corpus import DEADLINE_S, open_corpus, transaction
from storage.frontier import Frontier
from storage.loader import lock_of
from storage.locks import only_one
from storage.merge import OF_ONE_ARTICLE, read_tombstones, without_forgotten
from storage.publishing import publish
from storage.tombstones import hash_url

FORGOTTEN = "[forgotten]"
#: A load ends within seconds; whoever forgets can wait for it.
WAIT_S = 60.0
_BY_ARTICLE = (*OF_ONE_ARTICLE, "alert_articles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was erased where."""

    frontier_entries: int
    articles: int
    batches: int  #: waiting batches that were written anew


def forget(paths: Paths, target: str, kind: str, now: datetime, *, deadline_s: float = DEADLINE_S) -> Forgotten:
    """Erase a canonical URL (`kind` url) or a publisher (`kind` publisher) everywhere.

    Raises CorpusBusyError when the corpus is held by another process: the frontier keeps it out by then, and forgetting
    again erases the rest.
    """
    entries = 0
    with only_one(lock_of(paths), f"loading {paths.corpus}", timeout_s=WAIT_S):
        if paths.frontier.exists():
            with Frontier.open(paths.frontier) as frontier:
                entries = frontier.forget(target, kind, now)
        with open_corpus(paths.corpus, now, deadline_s=deadline_s) as con:
            with transaction(con):
                articles = _erase(con, target, kind, now)
            batches = _rewrite_waiting(paths, con)
        compact(paths.corpus)
        publish(paths, now, deadline_s=deadline_s, rebuild=True, grace=timedelta(0))
    return Forgotten(frontier_entries=entries, articles=articles, batches=batches)


def _erase(con: duckdb.DuckDBPyConnection, target: str, kind: str, now: datetime) -> int:
    stone = hash_url(target) if kind == "url" else target
    con.execute("DELETE FROM tombstones WHERE target = ? AND kind = ?", [stone, kind])
    con.execute("INSERT INTO tombstones VALUES (?, ?, ?)", [stone, kind, now])
    column = "canonical_url" if kind == "url" else "publisher"
    con.execute(f"CREATE TEMP TABLE gone AS SELECT * FROM articles WHERE {column} = ?", [target])
    _redact_alerts(con)
    _correct_ledger(con)
    feeds = "SELECT url FROM feeds WHERE publisher = $1"
    con.execute(f"DELETE FROM entries WHERE canonical_url = $1 OR feed_url IN ({feeds})", [target])
    con.execute("DELETE FROM entries WHERE article_id IN (SELECT article_id FROM gone)")
    for table in _BY_ARTICLE:
        con.execute(f"DELETE FROM {table} WHERE article_id IN (SELECT article_id FROM gone)")
    row = con.execute("SELECT count(DISTINCT article_id) FROM gone").fetchone()
    con.execute("DROP TABLE temp.gone")
    return int(row[0]) if row else 0


def _redact_alerts(con: duckdb.DuckDBPyConnection) -> None:
    """Take the words of forgotten articles out of what alerts told; the numbers stay."""
    quoted = con.execute(
        "SELECT c.alert_id, c.quote, g.title, g.url, g.canonical_url FROM alert_articles AS c"
        " JOIN gone AS g ON g.article_id = c.article_id"
    ).fetchall()
    for alert_id, *words in quoted:
        for word in sorted((w for w in words if w), key=len, reverse=True):
            for column in ("summary", "told"):
                con.execute(
                    f"UPDATE alerts SET {column} = replace({column}, ?, ?) WHERE alert_id = ?",
                    [word, FORGOTTEN, alert_id],
                )


def _correct_ledger(con: duckdb.DuckDBPyConnection) -> None:
    """Move what is erased to `forgotten`, so that ledger and tables go on agreeing."""
    con.execute(
        "UPDATE batches AS b SET articles = b.articles - g.firsts, editions = b.editions - g.others,"
        " forgotten = b.forgotten + g.firsts + g.others FROM (SELECT batch_id,"
        " count(*) FILTER (WHERE edition = 1) AS firsts, count(*) FILTER (WHERE edition > 1) AS others"
        " FROM gone GROUP BY batch_id) AS g WHERE b.batch_id = g.batch_id"
    )


def _rewrite_waiting(paths: Paths, con: duckdb.DuckDBPyConnection) -> int:
    """Write waiting batches anew without what is forgotten. A kill leaves both, and the load drops the repetition."""
    tombstones = read_tombstones(con)
    rewritten = 0
    for path in landing.pending(paths.landing):
        try:
            batch = landing.read(path)
        except landing.DamagedBatchError:  # the loader moves it away and says so
            continue
        kept, forgotten = without_forgotten(batch, tombstones)
        if forgotten:
            rows: dict[str, Any] = dict(kept.tables)
            landing.write_rows(paths.landing, batch.kind, f"{batch.name}-f", rows, batch.landed_at)
            landing.remove(path)
            rewritten += 1
    return rewritten
