"""The tables that pass through landing: their columns, and how the loader merges their rows.

Everything that reaches the corpus has one of these shapes. A schema here is a file format: landed batches may be older
than the code that loads them, so columns are added nullable and never renamed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from model.errors import StorageError

Rows: TypeAlias = Sequence[Mapping[str, Any]]

INSTANT = pa.timestamp("us", tz="UTC")

_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "int": pa.int32(),
    "id": pa.uint64(),
    "real": pa.float64(),
    "flag": pa.bool_(),
    "at": INSTANT,
    "day": pa.date32(),
    "texts": pa.list_(pa.string()),
    "hashes": pa.list_(pa.uint32()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One landed table. `key`: the columns that make a row the same row; `latest`: the newer row replaces the older."""

    name: str
    schema: pa.Schema
    key: tuple[str, ...] = ()
    latest: bool = False


def _table(name: str, columns: str, *, key: str = "", latest: bool = False) -> Table:
    """Read `name type` pairs; a type that ends in `?` may be empty."""
    fields = []
    for pair in columns.split(","):
        column, kind = pair.split()
        fields.append(pa.field(column, _TYPES[kind.rstrip("?")], nullable=kind.endswith("?")))
    return Table(name=name, schema=pa.schema(fields), key=tuple(key.split()), latest=latest)


#: The editions of a batch. `row` counts within the batch: mentions refer to it, because two editions of one article may
#: lie in one batch and which number each gets is only known when it is loaded.
ARTICLES = _table(
    "articles",
    "row int, article_id id, url text, canonical_url text, publisher text, title text, text text, authors texts,"
    "published_at at?, published_at_source text, first_seen_at at, counted_at at, is_history flag, fetched_at at,"
    "language text, word_count int, text_hash text, origin text, extractor_version text, lexicon_version text,"
    "feed_url text, tension real, signature hashes",
)
MENTIONS = _table(
    "mentions",
    "row int, concept_id text, category text, field text, start_offset int, end_offset int, surface text,"
    "actor_ids texts, direction text, weight real, mark text",
)
ACTOR_MENTIONS = _table(
    "actor_mentions", "row int, actor_id text, field text, start_offset int, end_offset int, surface text"
)
ENTRIES = _table(
    "entries",
    "feed_url text, entry_id text, url text, canonical_url text, title text, published_at at?, first_seen_at at,"
    "outcome text, reason text, article_id id?",
    key="feed_url entry_id",
    latest=True,
)
FEED_FETCHES = _table(
    "feed_fetches",
    "feed_url text, fetched_at at, outcome text, http_status int, new int, duplicate int, rejected int, detail text",
    key="feed_url fetched_at",
)
EVALUATIONS = _table(
    "evaluations",
    "series text, day day, as_of at, window_days real, state text, observed real, expected real, variance real,"
    "ratio real, p real, evidence real, exposure real, total real, publishers int, stories int, residual real?,"
    "parameters text, rule_hash text, code_version text, watermark id",
    key="series day as_of",
)
ALERTS = _table(
    "alerts",
    "alert_id text, series text, opened_at at, closed_at at?, severity text, observed real, expected real, ratio real,"
    "evidence real, window_days real, publishers int, stories int, summary text, told text, query text,"
    "parameters text, rule_hash text, code_version text, watermark id, updated_at at, revision int, quiet_days int,"
    "close_reason text, category text",
    key="alert_id",
    latest=True,
)
ALERT_ARTICLES = _table(
    "alert_articles",
    "alert_id text, article_id id, edition int, story_id id, position int, quote text",
    key="alert_id article_id edition position",
)
JUDGEMENTS = _table(
    "judgements",
    "alert_id text, judgement text, judged_at at, note text",
    key="alert_id judgement judged_at note",
)
DELIVERIES = _table(
    "deliveries",
    "delivery_id text, alert_id text, revision int, channel text, attempted_at at, outcome text, detail text",
    key="delivery_id alert_id revision channel attempted_at outcome detail",
)
#: Editions matched again; mentions of the same batch refer to their `row`. URL and publisher are for tombstones; the
#: hash says which text it was, as a seed's full text takes the number of its abstract.
REMATCHES = _table(
    "rematches",
    "row int, article_id id, edition int, canonical_url text, publisher text, text_hash text, lexicon_version text,"
    "tension real",
)
TOMBSTONES = _table("tombstones", "target text, kind text, forgotten_at at", key="target kind")

#: What only `articles` brings: rows that hang on the number an edition gets.
OF_ARTICLES = (ARTICLES, MENTIONS, ACTOR_MENTIONS)
#: Tables merged by their key alone.
KEYED = (ENTRIES, FEED_FETCHES, EVALUATIONS, ALERTS, ALERT_ARTICLES, JUDGEMENTS, DELIVERIES, TOMBSTONES)
LANDED: dict[str, Table] = {table.name: table for table in (*OF_ARTICLES, REMATCHES, *KEYED)}


def to_arrow(name: str, rows: Rows | pa.Table) -> pa.Table:
    """Give rows the shape of a landed table.

    Raises StorageError when the table is unknown, a column is unknown, or a column that must be filled is empty: such
    rows would be refused or cut short at the load, when whoever wrote them is gone.
    """
    table = LANDED.get(name)
    if table is None:
        raise StorageError(f"{name} is not a landed table; known are {', '.join(LANDED)}")
    given = rows.column_names if isinstance(rows, pa.Table) else sorted({key for row in rows for key in row})
    unknown = set(given) - set(table.schema.names)
    if unknown:
        raise StorageError(f"{name} has no column {', '.join(sorted(unknown))}")
    arrow = _cast(rows, table.schema) if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), table.schema)
    for field in table.schema:
        if not field.nullable and arrow.column(field.name).null_count:
            raise StorageError(f"{name}.{field.name} must not be empty")
    return arrow


def _cast(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Bring a table to a schema; columns it lacks are empty."""
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
