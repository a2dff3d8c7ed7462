"""Every date of a feed or page, read by one rule into an aware UTC instant.

The usual parsers are wrong in this region's papers: feedparser reads `14:05 MSK` and `AZT` as UTC and guesses a month
for `2016/6/29`; dateparser drops some zones; none reads Solar Hijri days beside Gregorian ones. So a date is taken
apart into time, zone and day here, and dateparser is asked only for what is left: words such as `2 hours ago`.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from extractors.months import MONTHS, NOISE, SOLAR_MONTHS, ZONES

# Of relative dates. Without a list dateparser tries two hundred languages, at seconds a time.
LANGUAGES = ("en", "ru", "az", "tr", "uk", "hy", "ka", "fa")
MAX_LENGTH = 120  #: longer texts are prose, not dates
# Before the first web newspapers nothing that a feed says can be a publication time.
EARLIEST_YEAR = 1990
# An evening edition carries tomorrow's date, and a day without a zone may be 14 hours ahead of UTC.
MAX_AHEAD = timedelta(hours=24)
MAX_UNKNOWN_WORDS = 3  #: beyond `date`, `by`, a weekday in another language, it is a sentence
HISTORY_AFTER = timedelta(hours=48)  #: architecture, decision 9

#: Where publishers of a country read the clock when they name no zone.
COUNTRY_ZONES = {
    "AZ": "Asia/Baku", "AM": "Asia/Yerevan", "GE": "Asia/Tbilisi", "TR": "Europe/Istanbul", "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv", "BY": "Europe/Minsk", "IR": "Asia/Tehran", "KZ": "Asia/Almaty", "UZ": "Asia/Tashkent",
    "TM": "Asia/Ashgabat", "KG": "Asia/Bishkek", "TJ": "Asia/Dushanbe", "MD": "Europe/Chisinau", "IL": "Asia/Jerusalem",
    "GB": "Europe/London", "IE": "Europe/Dublin", "FR": "Europe/Paris", "DE": "Europe/Berlin", "BE": "Europe/Brussels",
    "IT": "Europe/Rome", "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "NL": "Europe/Amsterdam", "AT": "Europe/Vienna",
    "CH": "Europe/Zurich", "PL": "Europe/Warsaw", "CZ": "Europe/Prague", "LV": "Europe/Riga", "LT": "Europe/Vilnius",
    "EE": "Europe/Tallinn", "FI": "Europe/Helsinki", "SE": "Europe/Stockholm", "NO": "Europe/Oslo",
    "DK": "Europe/Copenhagen",
    "GR": "Europe/Athens", "BG": "Europe/Sofia", "RO": "Europe/Bucharest", "HU": "Europe/Budapest",
    "RS": "Europe/Belgrade",
    "US": "America/New_York", "CA": "America/Toronto", "QA": "Asia/Qatar", "AE": "Asia/Dubai", "SA": "Asia/Riyadh",
    "IQ": "Asia/Baghdad", "SY": "Asia/Damascus", "LB": "Asia/Beirut", "EG": "Africa/Cairo", "IN": "Asia/Kolkata",
    "PK": "Asia/Karachi", "CN": "Asia/Shanghai", "JP": "Asia/Tokyo", "KR": "Asia/Seoul", "AU": "Australia/Sydney",
}  # fmt: skip

_DIGITS = {ord(digit): str(value) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, digit in enumerate(row)}
_LETTERS = str.maketrans({"İ": "i", "ı": "i", "ё": "е", "ي": "ی", "ك": "ک", "\u200c": " ", "،": " "})
_FOLD = {**_LETTERS, **_DIGITS}
_ISO = re.compile(
    r"^\s*(\d{4})-(\d{2})-(\d{2})"
    r"(?:[t\s]+(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(z|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?\s*$"
)
_TIME = re.compile(
    r"(?<![\d:.])(\d{1,2})\s?[:h]\s?(\d{2})(?:\s?:\s?(\d{2})(?:[.,]\d+)?)?(?!\d)(?:\s*([ap])\.?\s?m\b\.?)?"
)
_HOUR_ONLY = re.compile(r"(?<![\d:.])(\d{1,2})\s*([ap])\.?m\b\.?")
_DOTTED = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{2})(?![\d.])")  # 14.05, as Turkish and Azerbaijani papers write it
_OFFSET = re.compile(
    r"(?<![\d.-])(?:(?P<s1>[+\u2212-])(?P<h1>\d{1,2}):(?P<m1>\d{2})|(?P<s2>[+\u2212-])(?P<h2>\d{2})(?P<m2>\d{2})"
    r"|(?:gmt|utc|ut)\s?(?P<s3>[+\u2212-])\s?(?P<h3>\d{1,2})|(?P<s4>[+\u2212-])(?P<h4>\d{1,2})(?=\s*\)?$))(?!\d)"
)
_REGION = re.compile(r"\b(?:africa|america|asia|atlantic|australia|europe|indian|pacific)/[a-z_]+(?:/[a-z_]+)?\b")
_WORD = re.compile(r"[^\W\d_]+(?:\.)?", re.UNICODE)
_YMD = re.compile(r"(?<!\d)(\d{4})\s*[-/.\u2013年년]\s*(\d{1,2})\s*[-/.\u2013月월]\s*(\d{1,2})(?!\d)")
_DMY = re.compile(r"(?<!\d)(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?)?(z)?(?!\d)")
_EPOCH = re.compile(r"^\s*(\d{10})(\d{3})?\s*$")
_NUMBER = re.compile(r"\d+")


def zone_of(zone: tzinfo | str | None) -> tzinfo:
    """Give a zone object for a name; UTC for none or for a name nobody knows."""
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def country_zone(country: str) -> tzinfo:
    """Give the zone in which publishers of a country (ISO 3166-1 alpha-2) mean a time without one."""
    return zone_of(COUNTRY_ZONES.get(country.upper()))


def parse_date(
    text: str | None,
    *,
    zone: tzinfo | str | None = None,
    now: datetime | None = None,
    languages: tuple[str, ...] = (),
) -> datetime | None:
    """Read one date, in whatever form, as an aware UTC datetime; None when it is none, or an absurd one. Never raises.

    A time without a zone is read in `zone`, the publisher's (default UTC); a day without a time is its midnight there.
    With `now`, relative dates (`2 hours ago`) are read, and dates more than a day ahead are refused.
    `languages` narrows the words to expect of relative dates.
    """
    if not text or len(text) > MAX_LENGTH:
        return None
    try:
        found = _parsed(_folded(text), zone_of(zone))
        if found is None and now is not None:
            found = _relative(text, zone_of(zone), now, languages)
        return _sane(found, now)
    except (ValueError, OverflowError):
        return None


def _folded(text: str) -> str:
    """Lower-case without combining marks, ASCII digits, one form of each letter."""
    plain = unicodedata.normalize("NFC", text.translate(_FOLD).lower()).translate(_FOLD)
    return " ".join(plain.replace("\u0307", "").split())


def _sane(found: datetime | None, now: datetime | None) -> datetime | None:
    if found is None:
        return None
    instant = found.astimezone(UTC)
    latest = now + MAX_AHEAD if now else datetime(2100, 1, 1, tzinfo=UTC)
    return instant if instant.year >= EARLIEST_YEAR and instant <= latest else None


def _parsed(text: str, zone: tzinfo) -> datetime | None:
    """Take a folded text apart."""
    exact = _iso(text, zone) or _epoch(text)
    if exact:
        return exact
    at, rest = _taken_time(text)
    offset, rest = _taken_zone(rest, zone) if at else (None, rest)
    day = _day(rest, zone)
    if day is None and at is None:
        return _compact(text, zone)
    if day is None:
        return None
    return datetime.combine(day, at or time(), offset or zone)


def _iso(text: str, zone: tzinfo) -> datetime | None:
    found = _ISO.match(text)
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    when = _ymd(year, month, day)
    if when is None:
        return None
    at = _clock(found[4] or "0", found[5] or "0", found[6])
    offset = _offset_of(found[7]) if found[7] else zone
    return None if at is None or offset is None else datetime.combine(when, at, offset)


def _epoch(text: str) -> datetime | None:
    found = _EPOCH.match(text)
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def _compact(text: str, zone: tzinfo) -> datetime | None:
    found = _COMPACT.search(text)
    if not found:
        return None
    day = _ymd(int(found[1]), int(found[2]), int(found[3]))
    at = _clock(found[4] or "0", found[5] or "0", found[6])
    return None if day is None or at is None else datetime.combine(day, at, UTC if found[7] else zone)


def _clock(hour: str, minute: str, second: str | None, half: str | None = None) -> time | None:
    h, m, s = int(hour), int(minute), min(int(second or 0), 59)  # a leap second is the second before it
    if half and 1 <= h <= 12:
        h = h % 12 + (12 if half == "p" else 0)
    if (h, m, s) == (24, 0, 0):
        h = 0  # content systems that write 24:00 mean the midnight a day begins with
    return time(h, m, s) if h < 24 and m < 60 else None


def _taken_time(text: str) -> tuple[time | None, str]:
    """Find the time of day; give it with the text that is left."""
    for pattern in (_TIME, _HOUR_ONLY, _DOTTED):
        for found in pattern.finditer(text):
            at = _read_time(pattern, found)
            if at is not None:
                return at, f"{text[: found.start()]} \u00b6 {text[found.end() :]}"
    return None, text


def _read_time(pattern: re.Pattern[str], found: re.Match[str]) -> time | None:
    if pattern is _HOUR_ONLY:
        return _clock(found[1], "0", None, found[2])
    if pattern is _DOTTED:
        return _clock(found[1], found[2], None)
    return _clock(found[1], found[2], found[3], found[4])


@lru_cache(maxsize=64)
def _fixed(minutes: int) -> tzinfo:
    return timezone(timedelta(minutes=minutes))


def _offset_of(text: str) -> tzinfo | None:
    if text == "z":
        return UTC
    sign = -1 if text[0] in "-\u2212" else 1
    digits = text[1:].strip().replace(":", "")
    hours, minutes = (int(digits[:-2] or 0), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    return _fixed(sign * (hours * 60 + minutes)) if hours <= 14 and minutes < 60 else None


def _taken_zone(text: str, zone: tzinfo) -> tuple[tzinfo | None, str]:
    """Find the zone behind a time: an offset, a region, or an abbreviation; give it with the text that is left."""
    before, _, after = text.partition("\u00b6")
    region = _REGION.search(after)
    if region:
        return _region(region[0]), before + " " + after.replace(region[0], " ")
    offset = _OFFSET.search(after)
    found = _offset_of("".join(part or "" for part in offset.groups())) if offset else None
    if offset and found:
        return found, f"{before} {after[: offset.start()]} {after[offset.end() :]}"
    return _named_zone(f"{after} {before}", zone), f"{before} {after}"


@lru_cache(maxsize=256)
def _own_names(zone: tzinfo) -> dict[str, int]:
    """Give the abbreviations a zone goes by in winter and summer, with their minutes east of UTC."""
    instants = (datetime(2026, month, 1, tzinfo=zone) for month in (1, 7))
    return {(at.tzname() or "").lower(): round((at.utcoffset() or timedelta()).total_seconds() / 60) for at in instants}


def _named_zone(text: str, zone: tzinfo) -> tzinfo | None:
    """Read an abbreviation. The publisher's own zone comes first: IST is Israel's in Jerusalem."""
    for found in _WORD.finditer(text):
        word = found[0].rstrip(".")
        minutes = _own_names(zone).get(word, ZONES.get(word))
        if minutes is not None:
            return _fixed(minutes)
    return None


def _region(name: str) -> tzinfo | None:
    titled = "/".join("_".join(word.capitalize() for word in part.split("_")) for part in name.split("/"))
    try:
        return ZoneInfo(titled)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _ymd(year: int, month: int, day: int) -> date | None:
    """Make a day, Gregorian or, by its year, Solar Hijri."""
    try:
        return solar_to_gregorian(year, month, day) if 1300 <= year <= 1500 else date(year, month, day)
    except ValueError:
        return None


def _day(text: str, zone: tzinfo) -> date | None:
    found = _YMD.search(text)
    if found:
        return _ymd(int(found[1]), int(found[2]), int(found[3]))
    found = _DMY.search(text)
    if found:
        american = getattr(zone, "key", "").startswith("America/") and "." not in found[0]
        return _dmy(int(found[1]), int(found[2]), found[3], month_first=american)
    return _worded(text)


def _dmy(first: int, second: int, year: str, *, month_first: bool) -> date | None:
    """Read 21.11.2025. 11/21/2025 can only be the American order; 3/2/2026 is it at American publishers."""
    if second > 12 or (month_first and first <= 12):
        return _ymd(_full_year(year), first, second)
    return _ymd(_full_year(year), second, first)


def _full_year(text: str) -> int:
    value = int(text)
    return value if len(text) == 4 else value + (2000 if value < 70 else 1900)


@dataclass(slots=True)
class _Words:
    month: int = 0
    is_solar: bool = False
    unknown: int = 0


def _worded(text: str) -> date | None:
    """Read a day with the month in words. Order: whatever is over 31 is the year, the nearer number the day."""
    words = _Words()
    for word in _WORD.finditer(text):
        _weigh(word[0].rstrip("."), words)
    numbers = [number[0] for number in _NUMBER.finditer(text)]
    if not words.month or words.unknown > MAX_UNKNOWN_WORDS or len(numbers) not in {2, 3}:
        return None
    year = next((n for n in numbers if len(n) == 4), None) or (numbers[-1] if len(numbers[-1]) == 2 else None)
    if year is None:
        return None
    rest = list(numbers)
    rest.remove(year)
    day = int(rest[0])
    if words.is_solar:
        return solar_to_gregorian(_full_year(year) if len(year) == 4 else 1400 + int(year), words.month, day)
    try:
        return date(_full_year(year), words.month, day)
    except ValueError:
        return None


def _weigh(word: str, words: _Words) -> None:
    if word in SOLAR_MONTHS and not words.month:
        words.month, words.is_solar = SOLAR_MONTHS[word], True
    elif word in MONTHS and not words.month:
        words.month = MONTHS[word]
    elif word not in NOISE and word not in MONTHS and word not in ZONES:
        words.unknown += 1


_SOLAR_LEAPS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_NOWRUZ_1400 = date(2021, 3, 21).toordinal()


def _is_solar_leap(year: int) -> bool:
    return year % 33 in _SOLAR_LEAPS


def solar_to_gregorian(year: int, month: int, day: int) -> date:
    """Convert a Solar Hijri (Jalali) day. Raises ValueError for a day that does not exist.

    By the 33-year cycle of leap years, which is Iran's civil calendar from 1343 to 1472 (1964 to 2094); convertdate
    computes the equinox instead, at 160 ms a day, with the same result.
    """
    longest = 31 if month <= 6 else 30 if month <= 11 or _is_solar_leap(year) else 29
    if not (1 <= month <= 12 and 1 <= day <= longest):
        raise ValueError(f"no such Solar Hijri day: {year}-{month}-{day}")
    first, last = min(year, 1400), max(year, 1400)
    days = 365 * (last - first) + sum(_is_solar_leap(each) for each in range(first, last))
    nowruz = _NOWRUZ_1400 + (days if year >= 1400 else -days)
    return date.fromordinal(nowruz + (month - 1) * 30 + min(month - 1, 6) + day - 1)


def _relative(text: str, zone: tzinfo, now: datetime, languages: tuple[str, ...]) -> datetime | None:
    """Ask dateparser for what is said in words: `2 hours ago`, `вчера, 14:05`."""
    if not _looks_relative(text):
        return None
    import dateparser  # 0.2 s that most processes never need

    settings = {
        "RELATIVE_BASE": now.astimezone(zone).replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    # dateparser's Azerbaijani knows one of the two usual words for `ago`.
    found = dateparser.parse(text.replace("əvvəl", "öncə"), languages=list(languages or LANGUAGES), settings=settings)
    return found.replace(tzinfo=zone) if found and found.tzinfo is None else found


_RELATIVE = re.compile(
    r"\b(?:ago|yesterday|today|just now|назад|вчера|сегодня|тому|вчора|сьогодні|əvvəl|öncə|dünən|bu gün|bugün|dün|önce|"
    r"առաջ|երեկ|այսօր|წინ|გუშინ|დღეს|پیش|دیروز|امروز)\b",
    re.IGNORECASE,
)


def _looks_relative(text: str) -> bool:
    return bool(_RELATIVE.search(text))


def is_late(published_at: datetime | None, first_seen_at: datetime) -> bool:
    """Tell whether something was first seen too long after its publication to count as news."""
    return published_at is not None and first_seen_at - published_at > HISTORY_AFTER


def counted_at(published_at: datetime | None, first_seen_at: datetime, is_history: bool = False) -> datetime:
    """Give the instant an article counts at (architecture, decision 9).

    Its publication when that is known, else when it was first seen; never later than that, because a date in the
    future is a wrong one. Late and historic articles count at their publication too, as part of the baseline: whether
    they may open an alert is said by `is_late` and `is_history`. History without a date counts when it was seen.
    """
    del is_history  # the instant is the same for both
    return first_seen_at if published_at is None else min(published_at, first_seen_at)
