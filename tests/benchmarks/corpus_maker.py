"""A corpus of a million articles in seconds, by SQL: what the counting benchmark and tests read."""

from datetime import UTC, datetime

import duckdb

AS_OF = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACTORS = ("azerbaijan", "russia", "armenia", "iran", "turkey", "georgia")
CATEGORIES = ("military", "diplomacy", "economy", "society", "de-escalation", "law")


def fill(
    con: duckdb.DuckDBPyConnection, articles: int, *, days: int = 120, publishers: int = 120, concepts: int = 70
) -> None:
    """Fill an empty corpus: a third of the articles speak of something, in two mentions each; one in five is a copy."""
    con.execute(
        "INSERT INTO batches BY NAME SELECT 1 AS batch_id, 'b' AS name, 'collect' AS kind, $1 AS landed_at, $1 AS loaded_at,"
        " $2 AS articles, 0 AS editions, 0 AS duplicates, 0 AS forgotten, 0 AS entries, 0 AS feed_fetches, 0 AS mentions,"
        " 'test' AS code_version",
        [AS_OF, articles],
    )
    con.execute(
        """INSERT INTO articles
        SELECT hash(i), 1, 'u' || i, 'u' || i, 'p' || (hash(i * 7) % $publishers), 't', [], t, 'feed', t, t, t, 'en', 300, '', 'feed', '',
               i % 50 = 0, 0, '', '', 1
        FROM (SELECT i, $as_of - to_seconds(CAST(hash(i * 13) % ($days * 86400) AS BIGINT)) AS t FROM range($articles) AS r(i))""",
        {"as_of": AS_OF, "days": days, "articles": articles, "publishers": publishers},
    )
    con.execute(
        """INSERT INTO story_members
        SELECT CASE WHEN i % 5 = 4 THEN hash(i - 1) ELSE hash(i) END, hash(i), 1, $1, 1 FROM range($2) AS r(i)""",
        [AS_OF, articles],
    )
    con.execute(
        """INSERT INTO mentions
        SELECT hash(i), 1, 'c' || (h % $concepts), $categories[1 + CAST(h % $concepts % len($categories) AS INTEGER)], 'text', 0, 1, 'x',
               CASE h % 4 WHEN 0 THEN [] WHEN 1 THEN ['azerbaijan'] WHEN 2 THEN ['azerbaijan', 'russia'] ELSE ['armenia', 'azerbaijan', 'iran'] END,
               '', 'escalation', CASE WHEN h % 20 = 0 THEN 0 ELSE 2 END, '', 1
        FROM (SELECT i, hash(i * 31 + j) AS h FROM range(0, $articles, 3) AS r(i), range(2) AS q(j))""",
        {"articles": articles, "concepts": concepts, "categories": list(CATEGORIES)},
    )
    con.execute("INSERT INTO actors SELECT unnest($1), 'country', unnest($1), ''", [list(ACTORS)])
