"""What a fetch means for an entry: read the page, reject it for good, or try again later. Pure."""

from datetime import datetime, timedelta

from model.outcomes import FetchOutcome, RejectReason
from model.records import Fetched

# A page that failed five times over the delays below (about two days) is gone for practical purposes: GDELT's
# re-crawl found 1.5 % of articles deleted within a week.
MAX_ATTEMPTS = 5
DELAYS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
TRANSIENT = frozenset(
    {FetchOutcome.TIMEOUT, FetchOutcome.CONNECTION, FetchOutcome.SERVER_ERROR, FetchOutcome.RATE_LIMITED}
)
READABLE = frozenset({FetchOutcome.OK, FetchOutcome.UNCHANGED})


def is_readable(fetched: Fetched) -> bool:
    """Tell whether there is a body to extract from."""
    return fetched.outcome in READABLE


def next_try_at(fetched: Fetched, attempts: int, now: datetime) -> datetime | None:
    """Say when to try a failed page again; None: never. `attempts` counts this one."""
    if fetched.outcome not in TRANSIENT or attempts >= MAX_ATTEMPTS:
        return None
    asked = timedelta(seconds=fetched.retry_after_s or 0)
    return now + max(DELAYS[min(attempts, len(DELAYS)) - 1], asked)


def rejection(fetched: Fetched) -> RejectReason:
    """Name why a fetch that brought no page ends its entry."""
    if fetched.outcome in TRANSIENT:
        return RejectReason.GAVE_UP
    if fetched.outcome is FetchOutcome.NOT_MODIFIED:
        return RejectReason.EMPTY  # a server that answers 304 to a request without conditions gives us nothing
    return RejectReason(fetched.outcome.value)
