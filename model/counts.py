"""What counting hands to detecting: sparse columns of numbers, in whatever array type the database gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Column = Any  #: whole numbers, one for each row


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Stories by series, publisher and time. All columns are of one length; a cell that is absent is 0.

    `time` is the day's place after `Counts.first_day`, or the number of whole hours before `Counts.as_of`.
    `live` and `history` count stories at their first publisher; `articles` counts every live article, copies too.
    """

    series: Column
    publisher: Column
    time: Column
    live: Column
    history: Column
    articles: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All stories by publisher and time, whatever they speak of. Columns as in Cells."""

    publisher: Column
    time: Column
    live: Column
    history: Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Everything a test needs from the corpus, as of one instant and watermark."""

    names: tuple[str, ...]  #: series, in the order of `Cells.series`
    categories: Mapping[str, str]  #: of each series; `relation` for pairs, `series` for rules of the watch
    publishers: tuple[str, ...]  #: in the order of `publisher` columns
    first_day: date
    days: int  #: from first_day on, the last one holds `as_of`
    as_of: datetime
    zone: str  #: of the days
    watermark: int
    daily: Cells
    daily_totals: Totals
    hourly: Cells | None = None
    hourly_totals: Totals | None = None
    rules: Mapping[str, str] = field(default_factory=dict)  #: rule of a series as text, for its hash
