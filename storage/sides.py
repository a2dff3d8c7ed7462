"""What sides wrote while an alert lasts: read by the rules of the view `alert_sides`, before the alert is landed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import duckdb

#: What the alert cited before belongs to it: who led the matter does not change because its window has moved on.
VOICES = """
SELECT article_id, publisher, side, counted_at FROM article_sides
WHERE article_id IN (SELECT unnest(CAST($articles AS UBIGINT[])))
    OR article_id IN (SELECT article_id FROM alert_articles WHERE alert_id = $alert_id)
ORDER BY counted_at, article_id
"""
VOLUMES = """
SELECT side, count(*) FROM article_sides
WHERE counted_at BETWEEN $first_at AND $last_at
    AND (NOT is_history AND batch_id <= $watermark
            AND article_id IN (SELECT article_id FROM current_actor_mentions WHERE edition = 1)
        OR article_id IN (SELECT unnest(CAST($cited AS UBIGINT[]))))
GROUP BY side ORDER BY side
"""


def voices(con: duckdb.DuckDBPyConnection, alert_id: str, articles: Collection[int]) -> list[dict[str, Any]]:
    """Give article_id, publisher, side and counted_at of these articles and of those the alert cited before."""
    answer = con.execute(VOICES, {"articles": list(articles), "alert_id": alert_id})
    columns = [column[0] for column in answer.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]


def volumes(
    con: duckdb.DuckDBPyConnection, cited: Collection[int], *, first_at: datetime, last_at: datetime, watermark: int
) -> Mapping[str, int]:
    """Give by side the live articles counted from `first_at` to `last_at` that name a watched actor or are cited."""
    values = {"cited": list(cited), "first_at": first_at, "last_at": last_at, "watermark": watermark}
    return dict(con.execute(VOLUMES, values).fetchall())
