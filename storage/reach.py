"""On which days a publisher answered us at all: silence on other days is our outage or its own, never news."""

from typing import Any

import duckdb

from model.counts import Counts

ANSWERED = """
SELECT f.publisher, date_diff('day', $first, CAST(timezone($zone, x.fetched_at) AS DATE)) AS day
FROM feed_fetches AS x JOIN feeds AS f ON f.url = x.feed_url
WHERE x.outcome IN ('ok', 'not-modified', 'unchanged') AND x.fetched_at <= $as_of AND x.batch_id <= $watermark
GROUP BY ALL
"""
#: Days before the first poll of all are history: a feed that carried them was there.
POLLED_SINCE = "SELECT min(CAST(timezone($zone, fetched_at) AS DATE)) FROM feed_fetches"


def reached_days(con: duckdb.DuckDBPyConnection, counts: Counts) -> Any:
    """Give an array of truth values, publishers by days: whether any feed of the publisher answered.

    A day between two polls that both answered counts as reached: a pass every three days misses nothing of a feed.
    """
    import numpy as np

    reached = np.zeros((len(counts.publishers), counts.days), dtype=bool)
    first = con.execute(POLLED_SINCE, {"zone": counts.zone}).fetchone()
    begun = (first[0] - counts.first_day).days if first and first[0] else counts.days
    reached[:, : max(0, begun)] = True
    place = {name: i for i, name in enumerate(counts.publishers)}
    values = {
        "zone": counts.zone,
        "first": counts.first_day,
        "as_of": counts.as_of,
        "watermark": counts.watermark,
    }
    last: dict[int, int] = {}
    for publisher, day in sorted(con.execute(ANSWERED, values).fetchall(), key=lambda row: (row[0], row[1])):
        if publisher in place and 0 <= day < counts.days:
            row = place[publisher]
            reached[row, last.get(row, day) : day + 1] = True
            last[row] = day
    return reached
