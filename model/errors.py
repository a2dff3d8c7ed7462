"""Everything tensionwatch raises on purpose.

    TensionwatchError
    ├── UsageError            wrong words on the command line                        exit 2
    ├── ConfigurationError    a watch that cannot be used; carries all its problems  exit 2
    └── StorageError          a file of ours that cannot be used                     exit 2
        └── CorpusBusyError   somebody else holds the corpus; what waits is safe     exit 0 with a warning

A message names the file, line or URL and the remedy. What is not in this tree is a bug and keeps its traceback.
"""

from dataclasses import dataclass
from pathlib import Path


class TensionwatchError(Exception):
    """Root of the tree."""


class UsageError(TensionwatchError):
    """Wrong words on the command line."""


class StorageError(TensionwatchError):
    """A database, landing file or reading room that cannot be used, with the remedy in the message."""


class CorpusBusyError(StorageError):
    """Another process holds the corpus file. Nothing is lost: batches wait in the landing folder."""

    def __init__(self, path: Path, holder: str) -> None:
        """Name the file and whoever holds it, as far as the operating system tells."""
        super().__init__(f"{path} is held open by {holder}; batches wait in landing/ and are loaded when it is free")
        self.path = path
        self.holder = holder


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a watch: where, what, and what would be right."""

    file: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        """Give the problem as `file:line: message`, the form editors jump to."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.message}"


class ConfigurationError(TensionwatchError):
    """A watch that cannot be used. `problems` holds every one found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems in the order of their files and lines."""
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems
