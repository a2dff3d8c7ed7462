# ruff: noqa: S608 -- table names come from the callers' own words
"""Arrow tables shown to SQL, and picked from."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa


@contextmanager
def given(con: duckdb.DuckDBPyConnection, **tables: pa.Table) -> Iterator[None]:
    """Show Arrow tables to SQL as temporary tables, for the length of a `with` block.

    Copies, because DuckDB 1.5 pushes a join's bounds down into Arrow and fails on ids above 2^63.
    """
    for name, table in tables.items():
        con.register("arrow_given", table)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM arrow_given")
        con.unregister("arrow_given")
    yield
    for name in tables:
        con.execute(f"DROP TABLE temp.{name}")


def where(table: pa.Table, column: str, values: set[Any]) -> pa.Table:
    """Keep the rows whose column is one of the values."""
    return table.filter(pa.array([value in values for value in table.column(column).to_pylist()], pa.bool_()))
