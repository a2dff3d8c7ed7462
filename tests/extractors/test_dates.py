"""Dates as feeds and pages of the region write them, each with the instant it means."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.dates import (
    COUNTRY_ZONES,
    counted_at,
    country_zone,
    is_late,
    parse_date,
    solar_to_gregorian,
    zone_of,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BAKU = "Asia/Baku"  # UTC+4 all year


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("MSK", 11), ("МСК", 11), ("AZT", 10), ("AMT", 10), ("GET", 10), ("TRT", 11), ("EET", 12), ("EEST", 11), ("IRST", 10.5),
        ("GMT", 14), ("UTC", 14), ("UT", 14), ("Z", 14), ("+0400", 10), ("+04:00", 10), ("+4:00", 10), ("+04", 10), ("GMT+4", 10),
        ("UTC+03:00", 11), ("-0500", 19), ("−0500", 19), ("EST", 19), ("EDT", 18), ("PST", 22), ("CET", 13), ("BST", 13),
        ("+0300 (MSK)", 11), ("(GMT+03:00)", 11), ("Europe/Moscow", 11), ("+0530", 8.5),
    ],
)  # fmt: skip
def test_a_time_is_read_in_the_zone_it_names(zone: str, hour: float) -> None:
    expected = utc("2026-02-27") + timedelta(hours=hour)
    assert parse_date(f"Fri, 27 Feb 2026 14:00:00 {zone}", zone="America/New_York") == expected
    assert parse_date(f"2026-02-27 14:00:00 {zone}", zone="America/New_York") == expected


@pytest.mark.parametrize(
    "text",
    [
        # machine forms
        "2026-02-27T14:05:00", "2026-02-27 14:05", "2026-02-27T14:05:00.123", "20260227T140500", "202602271405",
        "Fri, 27 Feb 2026 14:05:00", "Fri, 27 Feb 2026 14:05", "27 Feb 26 14:05:00", "Fri Feb 27 14:05:00 2026", "27-Feb-2026 14:05:00",
        "2026/2/27 14:05:00", "2026.02.27 14:05", "27/02/2026 14:05", "27.02.2026 14:05", "27.02.2026, 14:05:00", "14:05 27.02.2026",
        "27.02.2026 14.05", "27.02.26 14:05", "02/27/2026 2:05 PM", "2/27/2026 2:05:00 pm",
        # English
        "Friday, February 27, 2026 - 14:05", "February 27, 2026 at 2:05 PM", "27th February 2026, 14:05", "Feb. 27, 2026 2:05 p.m.",
        "14:05 - 27 February 2026", "Published: 27 Feb 2026 14:05", "14h05, 27 Feb 2026",
        # Russian, Ukrainian
        "27 февраля 2026, 14:05", "27 февраля 2026 г. 14:05", "Пятница, 27 февраля 2026 года в 14:05", "27 фев 2026 14:05", "27 ФЕВРАЛЯ 2026 14:05",
        "27 лютого 2026, 14:05", "27 лютого 2026 р. о 14:05", "П'ятниця, 27 лютого 2026 14:05",
        # Azerbaijani, Turkish
        "27 fevral 2026, 14:05", "27 Fevral 2026-cı il, 14:05", "27 fev 2026 14:05", "Cümə, 27 fevral 2026 14:05",
        "27 Şubat 2026 Cuma 14:05", "27 ŞUBAT 2026 14:05", "27 şub 2026, 14:05",
        # Armenian, Georgian
        "27 Փետրվարի 2026, 14:05", "27 փետրվար, 2026 14:05", "Ուրբաթ, 27 փետրվարի 2026 14:05",
        "27 თებერვალი 2026, 14:05", "27 თებერვალს, 2026 14:05", "27 თებ 2026 14:05",
        # Persian, with either calendar and its own digits
        "۲۷ فوریه ۲۰۲۶ ۱۴:۰۵", "جمعه ۸ اسفند ۱۴۰۴ - ۱۴:۰۵", "۱۴۰۴/۱۲/۰۸ ۱۴:۰۵", "1404-12-08 14:05", "8 اسفند 1404 ساعت 14:05", "۸ اسفند ۱۴۰۴، ۱۴:۰۵",
        # agencies that write about the region in other tongues
        "27. Februar 2026, 14:05 Uhr", "27 février 2026 à 14:05", "27 de febrero de 2026, 14:05", "Sex, 27 Fev 2026 14:05:00", "27 lutego 2026, 14:05", "27 лютага 2026, 14:05", "27 فبراير 2026 - 14:05",
        "2026년 02월 27일 14:05", "2026年2月27日 14:05",
    ],
)  # fmt: skip
def test_a_time_without_a_zone_is_read_in_the_publishers(text: str) -> None:
    assert parse_date(text, zone=BAKU) == utc("2026-02-27 10:05")


@pytest.mark.parametrize(
    ("text", "month"),
    [
        (name, number)
        for number, names in enumerate(
            [
                "января січня yanvar Ocak հունվարի იანვარი ژانویه January", "февраля лютого fevral Şubat փետրվարի თებერვალი فوریه February",
                "марта березня mart Mart մարտի მარტი مارس March", "апреля квітня aprel Nisan ապրիլի აპრილი آوریل April",
                "мая травня may Mayıs մայիսի მაისი مه May", "июня червня iyun Haziran հունիսի ივნისი ژوئن June",
                "июля липня iyul Temmuz հուլիսի ივლისი ژوئیه July", "августа серпня avqust Ağustos օգոստոսի აგვისტო اوت August",
                "сентября вересня sentyabr Eylül սեպտեմբերի სექტემბერი سپتامبر September", "октября жовтня oktyabr Ekim հոկտեմբերի ოქტომბერი اکتبر October",
                "ноября листопада noyabr Kasım նոյեմբերի ნოემბერი نوامبر November", "декабря грудня dekabr Aralık դեկտեմբերի დეკემბერი دسامبر December",
            ],
            1,
        )
        for name in names.split()
    ],
)  # fmt: skip
def test_every_month_of_every_language_is_known(text: str, month: int) -> None:
    assert parse_date(f"7 {text} 2025") == datetime(2025, month, 7, tzinfo=UTC)
    assert parse_date(f"7 {text.upper()} 2025") == datetime(2025, month, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "yesterday's news", "no date here", "12:30", "2026", "13.13.2026", "2026-02-30", "0000-00-00 00:00:00", "Mon, 30 Nov -0001 00:00:00 +0000",
        "Thu, 01 Jan 1970 00:00:00 GMT", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2203-01-01", "99/99/9999", "31 февраля 2026",
        "1404/13/01", "30 esfand 1404", "x" * 5_000, "1" * 119, "\x00\ud800", "1772460000000000000",
    ],
)  # fmt: skip
def test_what_is_no_date_or_an_absurd_one_is_none(text: str) -> None:
    assert parse_date(text, zone=BAKU, now=NOW) is None


def test_feedparsers_traps_are_none_of_ours() -> None:
    assert parse_date("2016/6/29 15:07:41") == utc("2016-06-29 15:07:41")
    assert parse_date("Mon, 02 Mar 2026 14:05:00 MSK") == utc("2026-03-02 11:05")
    assert parse_date("Wednesday, February 25, 2026 - 21:07") == utc("2026-02-25 21:07")


def test_a_day_alone_is_its_midnight_at_the_publisher() -> None:
    assert parse_date("27.02.2026", zone=BAKU) == utc("2026-02-26 20:00")


def test_summer_time_is_the_zones_own() -> None:
    assert parse_date("2026-07-01 12:00", zone="Europe/Kyiv") == utc("2026-07-01 09:00")
    assert parse_date("2026-01-01 12:00", zone="Europe/Kyiv") == utc("2026-01-01 10:00")


def test_an_ambiguous_numeric_date_is_day_first_except_at_american_publishers() -> None:
    assert parse_date("03/02/2026") == utc("2026-02-03")
    assert parse_date("03/02/2026", zone="America/New_York") == utc("2026-03-02 05:00")


def test_the_future_is_refused_once_it_is_more_than_a_day_ahead() -> None:
    assert parse_date("2026-03-03 11:59", now=NOW) == utc("2026-03-03 11:59")
    assert parse_date("2026-03-03 12:01", now=NOW) is None
    assert parse_date("2026-03-03 12:01") is not None


def test_an_abbreviation_of_the_publishers_own_zone_comes_first() -> None:
    assert parse_date("27 Feb 2026 14:00 IST", zone="Asia/Jerusalem") == utc("2026-02-27 12:00")
    assert parse_date("27 Feb 2026 14:00 IST") == utc("2026-02-27 08:30")


def test_unix_times_are_read_in_seconds_and_milliseconds() -> None:
    assert parse_date("1772460000") == parse_date("1772460000000") == utc("2026-03-02 14:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 hours ago", "2026-03-02 10:00"), ("2 часа назад", "2026-03-02 10:00"), ("3 gün önce", "2026-02-27 12:00"),
        ("вчера, 14:05", "2026-03-01 10:05"), ("2 години тому", "2026-03-02 10:00"), ("2 saat əvvəl", "2026-03-02 10:00"),
        ("today at 09:00", "2026-03-02 05:00"), ("30 dəqiqə əvvəl", "2026-03-02 11:30"), ("2 ساعت پیش", "2026-03-02 10:00"),
        ("2 ժամ առաջ", "2026-03-02 10:00"), ("2 საათის წინ", "2026-03-02 10:00"),
    ],
)  # fmt: skip
def test_relative_dates_are_read_against_the_clock_that_is_given(text: str, expected: str) -> None:
    assert parse_date(text, zone=BAKU, now=NOW) == utc(expected)
    assert parse_date(text, zone=BAKU) is None


def test_the_solar_calendar_agrees_with_the_astronomical_one() -> None:
    persian = pytest.importorskip("convertdate.persian")
    for year in range(1370, 1430, 3):
        assert solar_to_gregorian(year, 1, 1) == date(*persian.to_gregorian(year, 1, 1))
    assert solar_to_gregorian(1403, 12, 30) == date(2025, 3, 20)  # a leap year's last day
    assert solar_to_gregorian(1357, 11, 22) == date(1979, 2, 11)


def test_every_country_of_the_catalogue_has_a_zone_that_exists() -> None:
    for country, name in COUNTRY_ZONES.items():
        assert str(country_zone(country)) == name
    assert country_zone("az") == zone_of(BAKU)
    assert country_zone("") is UTC
    assert zone_of("No/Such_Zone") is UTC
    assert zone_of("../../etc/passwd") is UTC


@given(st.text(max_size=130))
@settings(max_examples=400, deadline=None)
def test_any_text_gives_none_or_an_aware_instant(text: str) -> None:
    found = parse_date(text, zone=BAKU, now=NOW)
    assert found is None or (found.tzinfo is UTC and found <= NOW + timedelta(days=1))


_PARTS = st.sampled_from(
    [
        "27",
        "2026",
        "Feb",
        "14:05",
        "14:05:99",
        "+0400",
        "MSK",
        "1404/12/08",
        "-",
        ",",
        "اسفند",
        "99",
        "24:00",
        "pm",
        "2026-02-27",
        "T",
        "Z",
        "0",
        "/",
        ".",
        "марта",
    ]
)


@given(st.lists(_PARTS, max_size=8), st.sampled_from([" ", "", "-"]))
@settings(max_examples=400, deadline=None)
def test_pieces_of_dates_in_any_order_never_raise(parts: list[str], glue: str) -> None:
    found = parse_date(glue.join(parts), zone=BAKU)
    assert found is None or found.tzinfo is UTC


@given(
    st.datetimes(datetime(1991, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001  hypothesis wants naive bounds
    st.integers(-12, 14),
)
def test_what_is_written_by_the_standards_is_read_back(when: datetime, hours: int) -> None:
    aware = when.replace(microsecond=0, tzinfo=UTC)
    sign = "-" if hours < 0 else "+"
    local = aware + timedelta(hours=hours)
    assert parse_date(f"{local:%Y-%m-%dT%H:%M:%S}{sign}{abs(hours):02}:00") == aware
    assert parse_date(f"{local:%a, %d %b %Y %H:%M:%S} {sign}{abs(hours):02}00") == aware


# --- the counting day -------------------------------------------------------------------------------------------------


def test_an_article_counts_at_its_publication_or_when_it_was_seen() -> None:
    assert counted_at(NOW - timedelta(hours=47), NOW) == NOW - timedelta(hours=47)
    assert counted_at(None, NOW) == NOW
    assert counted_at(NOW + timedelta(hours=3), NOW) == NOW
    assert counted_at(NOW - timedelta(days=400), NOW, is_history=True) == NOW - timedelta(days=400)


def test_what_is_first_seen_more_than_two_days_after_publication_is_late() -> None:
    assert not is_late(NOW - timedelta(hours=48), NOW)
    assert is_late(NOW - timedelta(hours=48, seconds=1), NOW)
    assert not is_late(None, NOW)
