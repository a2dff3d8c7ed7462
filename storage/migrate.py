"""Numbered migrations: `NNNN_name.sql`, each applied once, in order, in one transaction, and recorded by SHA-256."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model.errors import StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file of a migrations folder."""

    version: int
    name: str
    sql: str
    sha256: str


def read_migrations(folder: Path) -> list[Migration]:
    """Read a folder's migrations in the order of their numbers, which must run 1, 2, 3 without a gap."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = re.match(r"(\d{4})_", path.name)
        if match is None:
            raise StorageError(f"{path}: a migration is named NNNN_what-it-does.sql")
        sql = path.read_text("utf-8")
        sha256 = hashlib.sha256(sql.encode()).hexdigest()
        found.append(Migration(version=int(match[1]), name=path.name, sql=sql, sha256=sha256))
    if [m.version for m in found] != list(range(1, len(found) + 1)):
        raise StorageError(f"{folder}: migrations must be numbered 0001, 0002, … without a gap")
    return found


def unapplied(migrations: list[Migration], applied: Mapping[int, str], file: Path) -> list[Migration]:
    """Choose what a file still needs. `applied` gives the SHA-256 of each version it has.

    Raises StorageError when the file is newer than the code, or was made by other migrations than these.
    """
    newest = max(applied, default=0)
    if newest > len(migrations):
        raise StorageError(
            f"{file} has schema version {newest}, this tensionwatch knows {len(migrations)}; update tensionwatch"
        )
    for migration in migrations:
        if applied.get(migration.version, migration.sha256) != migration.sha256:
            raise StorageError(
                f"{file} was made by another {migration.name} than this one; use the tensionwatch that made it, "
                "or start a new corpus"
            )
    return [migration for migration in migrations if migration.version not in applied]
