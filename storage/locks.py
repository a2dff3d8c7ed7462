"""Locks between processes that the operating system drops when their holder dies, however it dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from model.errors import StorageError


class AlreadyRunningError(StorageError):
    """Another process does the same work on the same files."""


@contextmanager
def only_one(path: Path, what: str, timeout_s: float = 0.0) -> Iterator[None]:
    """Do `what` alone: hold the lock file `path` for the length of a `with` block.

    Raises AlreadyRunningError when another process holds it longer than `timeout_s`, StorageError when the lock file
    cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        lock.acquire(timeout=timeout_s)
    except Timeout as error:
        raise AlreadyRunningError(f"another process is already {what}; let it finish") from error
    except OSError as error:
        raise StorageError(f"cannot lock {path}: {error.strerror or error}; make its folder writable") from error
    try:
        yield
    finally:
        lock.release()
