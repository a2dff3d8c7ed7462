"""The articles behind an alert: exactly those that were counted, read from the tables that counting left behind."""

from typing import Any

import duckdb

#: Runs after storage.counts.read_counts on the same connection, on its temporary tables. A cell packs the day from bit
#: 32 on, the hours ago in bits 1 to 7 and whether it is history in bit 0 (queries/counts_articles.sql).
BEHIND = """
WITH behind AS (
    SELECT DISTINCT c.article_id, c.story_id, c.matched_in
    FROM belongs AS b JOIN series_names AS n ON n.number = b.series JOIN counted AS c ON c.place = b.place
    WHERE n.series = $series AND b.cell & 1 = 0 AND b.cell >> 32 BETWEEN $first AND $last
      AND (b.cell >> 1) & 127 < $hours
),
said AS (
    SELECT m.article_id, list_sort(list(DISTINCT m.concept_id)) AS concepts, sum(abs(m.weight)) AS weight,
        arg_max(
            {'field': m.field, 'start': m.start_offset, 'end': m.end_offset},
            abs(m.weight) + CAST(m.field = 'text' AS INTEGER)
                + 100 * CAST($series IN ('concept:' || m.concept_id, 'category:' || m.category) AS INTEGER)
        ) AS best
    FROM mentions AS m JOIN behind AS b ON b.article_id = m.article_id AND b.matched_in = m.batch_id
    WHERE m.edition = 1 AND m.weight <> 0
    GROUP BY m.article_id
)
SELECT k.article_id, k.edition, b.story_id, k.publisher, coalesce(k.country, '') AS country,
    coalesce(k.ownership, '') AS ownership, k.language, k.title, k.canonical_url AS url, k.counted_at, k.rights, k.text,
    s.best.field AS field, s.best.start AS start, s.best.end AS end, s.concepts AS concepts, s.weight AS weight
FROM behind AS b
JOIN corpus AS k ON k.article_id = b.article_id AND k.edition = 1
JOIN said AS s ON s.article_id = b.article_id
ORDER BY k.counted_at, k.article_id
"""

#: What `alerts.query` keeps: it lists what the alert cites, in the reading room as it stands, for ever.
CITED = """SELECT a.position, c.counted_at, c.publisher, c.language, a.story_id, c.title, c.canonical_url, a.quote
FROM alert_articles AS a
JOIN corpus AS c ON c.article_id = a.article_id AND c.edition = a.edition
WHERE a.alert_id = '{alert_id}'
ORDER BY c.counted_at, c.article_id"""


def behind(
    con: duckdb.DuckDBPyConnection, series: str, *, first: int, last: int, hours: int = 1 << 30
) -> list[dict[str, Any]]:
    """Give the live articles of a series on the days from `first` to `last`, counted from the first day that was read.

    `hours` narrows that to the hours before the clock of the count.
    """
    answer = con.execute(BEHIND, {"series": series, "first": first, "last": last, "hours": hours})
    columns = [column[0] for column in answer.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]


def cited_query(alert_id: str) -> str:
    """Write the query an alert keeps. An alert_id is hexadecimal digits: nothing of a watch is pasted in."""
    if not alert_id.isalnum():
        raise ValueError(f"not an alert_id: {alert_id!r}")
    return CITED.format(alert_id=alert_id)


def open_stories(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, frozenset[int]]]:
    """Give alert_id, series and the stories cited of every open alert."""
    rows = con.execute(
        "SELECT a.alert_id, a.series, list(DISTINCT c.story_id) FROM alerts AS a"
        " JOIN alert_articles AS c USING (alert_id) WHERE a.closed_at IS NULL GROUP BY ALL"
    ).fetchall()
    return [(alert_id, series, frozenset(stories)) for alert_id, series, stories in rows]
