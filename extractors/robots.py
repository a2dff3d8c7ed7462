"""What a site allows: robots.txt as RFC 9309 reads it, and reservations of text and data mining (TDMRep).

Both files are asked for once a day and kept as one opaque text by whoever keeps state.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from model.outcomes import FetchOutcome

ROBOTS_TTL = timedelta(hours=24)  #: RFC 9309 §2.4: not longer than 24 hours
# A robots.txt that cannot be reached forbids everything, but for as short as is polite to ask again.
UNREACHABLE_TTL = timedelta(minutes=15)
MAX_ROBOTS_BYTES = 512_000  #: RFC 9309 §2.5 asks for at least 500 KiB; the rest is ignored
MAX_CRAWL_DELAY_S = 60.0  #: beyond that a delay is a way to say no; one page a minute is polite to anybody
# Of a page that are searched for its meta elements. One head in eight of 181 pages is longer, by inlined scripts, but
# meta elements stand before those.
HEAD_BYTES = 100_000
_META = re.compile(rb"<meta\b[^>]{0,500}>")
_ATTRIBUTE = re.compile(rb"""\b(name|content)\s*=\s*["']?\s*([^"'\s>]+)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """What one origin (scheme, host, port) said. `failure` is why robots.txt could not be read, empty when it could."""

    origin: str
    fetched_at: datetime
    robots: str = ""
    tdmrep: str = ""
    failure: str = ""
    failure_outcome: FetchOutcome | None = None
    barred_until: datetime | None = None  #: the host asked to be left alone until then

    def is_stale(self, now: datetime) -> bool:
        """Tell whether it is time to ask again."""
        return now - self.fetched_at >= (UNREACHABLE_TTL if self.failure else ROBOTS_TTL)

    def dumps(self) -> str:
        """Give the form in which it is kept."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def loads(cls, text: str) -> "SiteRules | None":
        """Read what `dumps` wrote; None for anything else, so that a damaged cache costs one request."""
        try:
            kept = json.loads(text)
            kept["fetched_at"] = datetime.fromisoformat(kept["fetched_at"])
            barred = kept.get("barred_until")
            kept["barred_until"] = datetime.fromisoformat(barred) if barred else None
            kept["failure_outcome"] = FetchOutcome(kept["failure_outcome"]) if kept["failure_outcome"] else None
            return cls(**kept)
        except (ValueError, TypeError, KeyError):
            return None


def origin_of(url: str) -> str:
    """Give scheme, host and port: what a robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Rules:
    """The rules of one origin, ready to ask."""

    def __init__(self, site: SiteRules, product: str) -> None:
        self.site = site
        self._product = product
        self._robots = Protego.parse(site.robots)
        self._reserved = _tdm_locations(site.tdmrep)

    def allows(self, url: str) -> bool:
        """Tell whether robots.txt lets our product fetch this URL."""
        return bool(self._robots.can_fetch(url, self._product))

    @property
    def gap_s(self) -> float:
        """Give the crawl delay that robots.txt asks for, in seconds, within reason."""
        return min(float(self._robots.crawl_delay(self._product) or 0.0), MAX_CRAWL_DELAY_S)

    def reserves(self, url: str) -> bool:
        """Tell whether the site's tdmrep.json reserves text and data mining of this URL. The first match decides."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return next((reserved for pattern, reserved in self._reserved if pattern.match(path or "/")), False)


def product_of(user_agent: str) -> str:
    """Give the product token that robots.txt groups are matched with: what stands before the first slash."""
    return user_agent.split("/", 1)[0].strip() or "tensionwatch"


def _tdm_locations(text: str) -> list[tuple[re.Pattern[str], bool]]:
    """Read tdmrep.json: a list of {location, tdm-reservation}. What is not that is no reservation."""
    try:
        rows = json.loads(text) if text else []
    except ValueError:
        return []
    return [
        (re.compile(_glob(row["location"])), str(row.get("tdm-reservation")) == "1")
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and isinstance(row.get("location"), str)
    ]


def _glob(location: str) -> str:
    """Turn a location pattern (`*`, and `$` for the end, as in robots.txt) into a regular expression."""
    ends = location.endswith("$")
    pattern = re.escape(location.removesuffix("$")).replace(r"\*", ".*")
    return f"(?:{pattern})" + (r"\Z" if ends else "")


def reserved_by_header(headers: dict[str, str]) -> bool:
    """Tell whether an answer carries `tdm-reservation: 1`."""
    return headers.get("tdm-reservation", "").strip() == "1"


def reserved_by_page(body: bytes) -> bool:
    """Tell whether a page carries `<meta name="tdm-reservation" content="1">` in its head."""
    end = body.find(b"<body", 0, HEAD_BYTES)
    head = body[: end if end >= 0 else HEAD_BYTES].lower()
    if b"tdm-reservation" not in head:
        return False
    for tag in _META.findall(head):
        said = dict(_ATTRIBUTE.findall(tag))
        if said.get(b"name") == b"tdm-reservation" and said.get(b"content") == b"1":
            return True
    return False
