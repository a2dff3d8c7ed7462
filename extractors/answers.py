"""What an HTTP answer means. Pure: status, headers and bytes in, outcome out."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from extractors.robots import reserved_by_header, reserved_by_page
from model.outcomes import FetchOutcome
from model.records import Validators

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
# Media Cloud saw 88 hours once; nobody honest bars a reader for longer than a day.
MAX_RETRY_AFTER_S = 86_400
# A validator that begins so is kept but not sent: once, or for good (`extractors.schedule` decides). No server's own
# begins like this: they are quoted.
HELD_BACK = "-"
FOR_GOOD = "--"
# What can never become a page: not worth its bytes.
NOT_PAGES = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip", "application/octet-stream")
BY_STATUS = {
    304: FetchOutcome.NOT_MODIFIED,
    401: FetchOutcome.FORBIDDEN,
    402: FetchOutcome.FORBIDDEN,
    403: FetchOutcome.FORBIDDEN,
    404: FetchOutcome.NOT_FOUND,
    410: FetchOutcome.GONE,
    429: FetchOutcome.RATE_LIMITED,
    451: FetchOutcome.FORBIDDEN,
}


@dataclass(frozen=True, slots=True)
class Ask:
    """What one fetch wants at every hop."""

    accept: str = "any"
    validators: Validators = field(default_factory=Validators)
    obey_robots: bool = True
    max_bytes: int = 15_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP exchange, read to its end or to its bounds; or the reason why there was none."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cookies: dict[str, str] = field(default_factory=dict)
    failure: FetchOutcome | None = None
    detail: str = ""

    @property
    def is_redirect(self) -> bool:
        """Tell whether it sends us elsewhere. A redirect to nowhere is an error of the server's."""
        return self.failure is None and self.status in REDIRECTS and bool(self.headers.get("location"))

    @property
    def asks_for_time(self) -> bool:
        """Tell whether the host wants to be left alone."""
        return self.status == 429 or (self.status == 503 and "retry-after" in self.headers)


def body_hash(body: bytes) -> str:
    """Give the hash that tells whether a body is the one we know."""
    return hashlib.sha256(body).hexdigest()


def retry_after_s(headers: dict[str, str], now: datetime) -> int | None:
    """Read Retry-After in both its forms, seconds or a date, as seconds from now; None when it says nothing usable."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), MAX_RETRY_AFTER_S)
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(max(0, round((then - now).total_seconds())), MAX_RETRY_AFTER_S)


def conditions(known: Validators) -> dict[str, str]:
    """Give one condition only: RFC 9110 §13.1.3 lets a server ignore the date when there is a tag."""
    if known.etag.startswith(HELD_BACK):
        return {}
    if known.etag:
        return {"If-None-Match": known.etag}
    return {"If-Modified-Since": known.last_modified} if known.last_modified else {}


def is_no_page(headers: dict[str, str], ask: Ask) -> bool:
    """Tell by its type that an answer cannot become a page."""
    return ask.accept == "page" and headers.get("content-type", "").strip().lower().startswith(NOT_PAGES)


def judged(answer: Answer, ask: Ask) -> tuple[FetchOutcome, str]:
    """Turn one answer into an outcome and a line for a person."""
    if answer.failure:
        return answer.failure, answer.detail
    if 200 <= answer.status < 300:
        return _judged_body(answer, ask)
    known = FetchOutcome.RATE_LIMITED if answer.asks_for_time else BY_STATUS.get(answer.status)
    other = FetchOutcome.SERVER_ERROR if 500 <= answer.status < 600 else FetchOutcome.CLIENT_ERROR
    return known or other, "" if known is FetchOutcome.NOT_MODIFIED else f"HTTP {answer.status}"


def _judged_body(answer: Answer, ask: Ask) -> tuple[FetchOutcome, str]:
    is_reserved = reserved_by_header(answer.headers) or (ask.accept == "page" and reserved_by_page(answer.body))
    if ask.obey_robots and is_reserved:
        return FetchOutcome.RESERVED, "the answer reserves text and data mining"
    if not answer.body.strip() and not is_no_page(answer.headers, ask):
        return FetchOutcome.EMPTY, "no body"
    if ask.validators.body_hash and body_hash(answer.body) == ask.validators.body_hash:
        return FetchOutcome.UNCHANGED, "the body is the one we know"
    return FetchOutcome.OK, answer.detail
