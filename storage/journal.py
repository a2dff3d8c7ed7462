"""Alerts and deliveries as they stand, told from the reading room and from what still waits in landing.

The corpus may be busy for hours; what was decided or sent in the meantime must not be decided or sent again.
"""

from collections.abc import Sequence
from typing import Any

from model.config import Paths
from model.outcomes import DeliveryOutcome
from storage import reading_room

Row = dict[str, Any]


def rows_of(paths: Paths, table: str) -> list[Row]:
    """Give a table's rows: those of the reading room, then those still in landing, oldest first."""
    from storage import landing  # a question about a corpus at rest must not pay for pyarrow

    rows: list[Row] = []
    if (paths.reading_room / reading_room.DATABASE).exists():
        columns, found = reading_room.query(paths, f"SELECT * FROM {table}")  # noqa: S608 - a name of ours
        rows = [dict(zip(columns, row, strict=True)) for row in found]
    return [*rows, *landing.waiting_rows(paths.landing, table)]


def current_alerts(paths: Paths) -> list[Row]:
    """Give every alert in its last revision, oldest first."""
    latest: dict[str, Row] = {}
    for row in rows_of(paths, "alerts"):
        known = latest.get(row["alert_id"])
        if known is None or (row["updated_at"], row["revision"]) >= (known["updated_at"], known["revision"]):
            latest[row["alert_id"]] = row
    return sorted(latest.values(), key=lambda row: (row["opened_at"], row["alert_id"]))


def undelivered(paths: Paths, channels: Sequence[str]) -> list[tuple[Row, str]]:
    """List which alert, in its last revision, each channel has not been told or has not declined yet."""
    settled = {
        (row["alert_id"], row["revision"], row["channel"])
        for row in rows_of(paths, "deliveries")
        if row["outcome"] != DeliveryOutcome.FAILED
    }
    return [
        (alert, channel)
        for alert in current_alerts(paths)
        for channel in channels
        if (alert["alert_id"], alert["revision"], channel) not in settled
    ]
