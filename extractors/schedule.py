"""When to ask a feed again. Pure: state and what happened in, next state out.

The interval follows the feed's own tempo, as Media Cloud's and miniflux's do; failures back off linearly and never kill
a feed, because a surprising number come back from what looks like death.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, log2
from statistics import median
from zlib import crc32

from extractors.answers import FOR_GOOD, HELD_BACK, body_hash
from model.config import Schedule
from model.outcomes import FetchOutcome
from model.records import FeedState, Fetched, ParsedFeed, Validators

SUCCESS = frozenset({FetchOutcome.OK, FetchOutcome.NOT_MODIFIED, FetchOutcome.UNCHANGED})
# What a server gets over by itself counts half, as at Media Cloud; what a person must repair counts whole.
SOFT = frozenset(
    {
        FetchOutcome.RATE_LIMITED,
        FetchOutcome.SERVER_ERROR,
        FetchOutcome.TIMEOUT,
        FetchOutcome.CONNECTION,
        FetchOutcome.EMPTY,
    }
)
FIRST_INTERVAL_S = 1_800  #: for a feed whose tempo nobody knows: between Media Cloud's 10 minutes and an hour
GONE_INTERVAL_S = 7 * 86_400  #: 410 says for ever; once a week finds out whether it was
JITTER = 0.1  #: of the delay, so that feeds polled together drift apart
TEMPO_ITEMS = 20  #: newest items whose gaps tell the tempo
SILENCE_SHARE = 0.1  #: a feed silent for ten days may wait one; at a tenth, waiting adds a tenth to the silence
KEPT_SHARE = 1 / 3  #: of a feed's items that may be replaced between two polls: the rest is the overlap
# About every tenth unchanged poll, and at most one in six hours, asks without validators, because some servers answer
# 304 for ever. Nine in ten unchanged polls stay below 1 kB.
CHECK_EVERY = 10
CHECK_MIN_S = 6 * 3_600
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


def next_state(
    state: FeedState,
    fetched: Fetched,
    parsed: ParsedFeed | None,
    new: int,
    now: datetime,
    bounds: Schedule,
    jitter: float = 0.0,
) -> FeedState:
    """Give what the frontier should know after one poll.

    `new` is the number of entries never seen before; `parsed` is None unless a body was read; `jitter` is a random
    number from 0 to 1. A body that was no feed comes with `fetched.outcome` NOT_A_FEED. `next_poll_at` never lies
    before what Retry-After asked for.
    """
    if fetched.outcome in SUCCESS:
        after = _succeeded(state, fetched, parsed, new, now, bounds)
        delay_s = float(after.interval_s)
    else:
        after = _failed(state, fetched)
        delay_s = _back_off_s(after, fetched.outcome, bounds)
    delay_s = max(delay_s, float(fetched.retry_after_s or 0))
    return replace(
        after,
        last_outcome=fetched.outcome,
        next_poll_at=now + timedelta(seconds=round(delay_s * (1 + JITTER * min(max(jitter, 0.0), 1.0)))),
    )


def may_have_missed(state: FeedState, parsed: ParsedFeed, new: int) -> bool:
    """Tell whether items may have scrolled off since the last poll: nothing of this document had been seen before."""
    return state.last_ok_at is not None and new > 0 and new >= len(parsed.entries) + len(parsed.rejected)


def _succeeded(
    state: FeedState, fetched: Fetched, parsed: ParsedFeed | None, new: int, now: datetime, bounds: Schedule
) -> FeedState:
    brought = bool(new)
    return replace(
        state,
        poll_url=fetched.moved_to or state.poll_url,
        # An index of sitemaps may stay the same while its sitemaps change: it is always asked for whole.
        validators=Validators() if parsed and parsed.children else _validators(state, fetched, now),
        interval_s=_interval_s(state, fetched, parsed, new, now, bounds),
        failures=0,
        first_polled_at=state.first_polled_at or now,
        last_ok_at=now,
        last_new_at=now if brought else state.last_new_at,
    )


def _failed(state: FeedState, fetched: Fetched) -> FeedState:
    # An address that a redirect once led to may be wrong by now, while the one in feeds.csv still forwards.
    lost = fetched.outcome not in SOFT and state.poll_url != state.url
    return replace(state, failures=state.failures + 1, poll_url=state.url if lost else state.poll_url)


def _back_off_s(after: FeedState, outcome: FetchOutcome, bounds: Schedule) -> float:
    if outcome is FetchOutcome.GONE:
        return GONE_INTERVAL_S
    weight = 0.5 if outcome in SOFT else 1.0
    interval = after.interval_s or FIRST_INTERVAL_S
    delay_s = interval * (1 + weight * after.failures)
    return min(max(delay_s, float(bounds.min_interval_s)), float(bounds.max_interval_s))


def _interval_s(
    state: FeedState, fetched: Fetched, parsed: ParsedFeed | None, new: int, now: datetime, bounds: Schedule
) -> int:
    gaps = _gaps_s(state, parsed, new, now) if parsed and new else []
    silence = (now - state.last_new_at).total_seconds() * SILENCE_SHARE if state.last_new_at and not new else 0.0
    wanted = gaps[0] / 2 if gaps else max(float(state.interval_s or FIRST_INTERVAL_S), silence)
    wanted = max(wanted, _wish_s(fetched, parsed))
    if parsed and gaps:
        # A wish to be left alone is honoured up to where it would cost items.
        wanted = min(wanted, min(gaps) * (len(parsed.entries) + len(parsed.rejected)) * KEPT_SHARE)
    return round(min(max(wanted, float(bounds.min_interval_s)), float(bounds.max_interval_s)))


def _gaps_s(state: FeedState, parsed: ParsedFeed, new: int, now: datetime) -> list[float]:
    """Give the typical time between two items in seconds: by their dates, and by what came since the last poll."""
    dates = sorted((entry.published_at for entry in parsed.entries if entry.published_at), reverse=True)[:TEMPO_ITEMS]
    between = [(later - earlier).total_seconds() for later, earlier in pairwise(dates)]
    by_dates = median(between) if len(between) >= 2 else 0.0
    since = (now - state.last_ok_at).total_seconds() / new if state.last_ok_at else 0.0
    return [gap for gap in (by_dates, since) if gap > 0]


def _wish_s(fetched: Fetched, parsed: ParsedFeed | None) -> float:
    """Give how long the publisher wants to be left alone: ttl, updatePeriod or Cache-Control; 0 for no wish."""
    found = _MAX_AGE.search(fetched.headers.get("cache-control", ""))
    return float(max(int(found[1]) if found else 0, (parsed and parsed.ttl_s) or 0))


def _validators(state: FeedState, fetched: Fetched, now: datetime) -> Validators:
    """Give what to ask with next time, and hold it back where the server was caught lying or is due for a check."""
    known = state.validators
    etag = fetched.headers.get("etag", "")
    if fetched.outcome is FetchOutcome.NOT_MODIFIED:
        held = HELD_BACK if _check_due(state, now) else ""
        return replace(known, etag=held + (etag or known.etag))
    plain = known.etag.lstrip(HELD_BACK)
    given = Validators(
        etag=etag,
        last_modified=fetched.headers.get("last-modified", ""),
        body_hash=known.body_hash if fetched.outcome is FetchOutcome.UNCHANGED else body_hash(fetched.body),
    )
    changed = fetched.outcome is FetchOutcome.OK and bool(known.body_hash)
    same_tag = plain == etag and known.last_modified == given.last_modified and bool(etag or given.last_modified)
    if known.etag.startswith(FOR_GOOD) or (changed and same_tag):
        return replace(given, etag=FOR_GOOD + etag)
    return given


def _check_due(state: FeedState, now: datetime) -> bool:
    """Tell whether the clock passed the end of a period of trust since the last poll. Needs no counter.

    Periods are powers of two, so that they stay in step while the interval changes, and begin at another moment for
    each feed, so that not all of them are asked for whole at once.
    """
    if state.last_ok_at is None:
        return False
    wanted = max(CHECK_MIN_S, CHECK_EVERY * max(state.interval_s, 1))
    period = 1 << ceil(log2(wanted))
    offset = crc32(state.url.encode()) % period
    return (now.timestamp() + offset) // period > (state.last_ok_at.timestamp() + offset) // period
