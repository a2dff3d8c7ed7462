"""Fixtures for every room: the shared material where it exists, and a fixed clock."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared_material import SHARED

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real third-party material beside the checkout, which never comes with it."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs ../shared")
    return SHARED


@pytest.fixture
def now() -> datetime:
    """One clock for a test."""
    return NOW
