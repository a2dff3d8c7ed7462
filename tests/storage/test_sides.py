"""The index by side and category, and who led and followed: views over hand-made rows whose answer is worked out here."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import duckdb
import pytest

from alerts.sides import sides_told
from alerts.story import Voice
from model.reading import load_watch
from storage import sides
from storage.corpus import MIGRATIONS, view_statements
from tests.conftest import ROOT

START = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISHERS = {
    "azertac": ("AZ", "state"), "trend": ("AZ", "agency"), "minval": ("AZ", "private"), "meydan": ("DE", "exile"),
    "tass": ("RU", "State"), "bbc": ("GB", "public-service"), "blog": ("", "hobby"),
}  # fmt: skip
ACTOR = "INSERT INTO actor_mentions VALUES (?, 1, 'russia', 'text', 0, 1, 'x', 'lex', ?)"
MENTION = """INSERT INTO mentions VALUES (?, 1, ?, ?, ?, 0, 1, 'x', ?, 'lex', '', ?, '', ?)"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for text in [file.read_text("utf-8") for file in sorted(MIGRATIONS.glob("*.sql"))] + view_statements():
        con.execute(text)
    for publisher, (country, ownership) in PUBLISHERS.items():
        con.execute(
            "INSERT INTO feeds BY NAME SELECT ? AS url, ? AS publisher, ? AS country, ? AS ownership, 'full' AS rights, true AS active",
            [publisher, publisher, country, ownership],
        )
    yield con
    con.close()


def add(
    con: duckdb.DuckDBPyConnection, article: int, publisher: str, *, days: float = 0, hours: float = 0, tension: float = 0,
    history: bool = False, about: bool = True, story: int | None = None, batch: int = 1,
) -> None:  # fmt: skip
    at = START + timedelta(days=days, hours=hours)
    con.execute(
        """INSERT INTO articles BY NAME SELECT ? AS article_id, 1 AS edition, '' AS url, '' AS canonical_url, ? AS publisher,
        '' AS title, [] AS authors, ''  AS published_at_source, ? AS first_seen_at, ? AS counted_at, ? AS fetched_at,
        'en' AS language, 200 AS word_count, '' AS text_hash, 'feed' AS origin, '' AS extractor_version, ? AS is_history,
        ? AS tension, '' AS feed_url, 'lex' AS lexicon_version, ? AS batch_id""",
        [article, publisher, at, at, at, history, tension, batch],
    )
    con.execute("INSERT INTO story_members VALUES (?, ?, 1, ?, ?)", [story or article, article, at, batch])
    if about:
        con.execute(ACTOR, [article, batch])


def feel(
    con: duckdb.DuckDBPyConnection,
    article: int,
    category: str,
    weight: float,
    *,
    field: str = "text",
    near: bool = True,
) -> None:
    con.execute(MENTION, [article, f"{category} concept", category, field, ["russia"] if near else [], weight, 1])


def ask(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return con.execute(query).fetchall()


def test_a_side_is_a_country_and_who_owns_its_publishers(con: duckdb.DuckDBPyConnection) -> None:
    assert dict(ask(con, "SELECT publisher, side FROM publisher_sides")) == {
        "azertac": "AZ state", "trend": "AZ private", "minval": "AZ private", "meydan": "DE exile", "tass": "RU state",
        "bbc": "GB independent", "blog": "unknown other",
    }  # fmt: skip
    add(con, 1, "somebody of a seed")
    assert ask(con, "SELECT side FROM article_sides") == [("unknown other",)]


def test_the_index_of_a_side_is_its_tense_share_beside_its_own_base(con: duckdb.DuckDBPyConnection) -> None:
    # AZ state: 1 of 2 tense, then 1 of 4: mean 3/8. RU state: 0 of 1, then nothing at all that day, then 1 of 1: mean 1/2.
    for n, (publisher, day, tension) in enumerate(
        [
            ("azertac", 0, 2),
            ("azertac", 0, 0),
            *[("azertac", 1, t) for t in (1, 0, 0, -1)],
            ("tass", 0, 0),
            ("tass", 2, 3),
        ]
    ):
        add(con, n + 1, publisher, days=day, tension=tension)
    add(con, 99, "azertac", tension=9, about=False)  # names no actor: it is in no share
    rows = ask(
        con,
        "SELECT side, day - DATE '2026-01-01', articles, tense, round(index, 6), round(signed_index, 6), base_days"
        " FROM side_daily WHERE kind = 'side' ORDER BY ALL",
    )
    assert rows == [
        ("AZ state", 0, 2, 1, round(100 * (1 / 2) / (3 / 8), 6), round(100 * (1 / 2) / (3 / 8), 6), 2),
        ("AZ state", 1, 4, 1, round(100 * (1 / 4) / (3 / 8), 6), 0.0, 2),
        ("RU state", 0, 1, 0, 0.0, 0.0, 2),
        ("RU state", 2, 1, 1, 200.0, 200.0, 2),
    ]
    # Owners join both: 1 of 3, 1 of 4, 1 of 1. So does the index of all.
    shares = [1 / 3, 1 / 4, 1.0]
    scaled = [(round(300 * share / sum(shares), 6),) for share in shares]
    assert ask(con, "SELECT round(index, 6) FROM side_daily WHERE kind = 'owners' ORDER BY day") == scaled
    assert ask(con, "SELECT round(index, 6) FROM tension_daily ORDER BY day") == scaled
    assert ask(con, "SELECT DISTINCT side FROM side_daily WHERE kind = 'country' ORDER BY 1") == [("AZ",), ("RU",)]


def test_the_base_is_the_first_year_of_live_days_and_does_not_move_when_it_is_over(
    con: duckdb.DuckDBPyConnection,
) -> None:
    con.execute(
        """INSERT INTO articles BY NAME SELECT 2 * n + twin AS article_id, 1 AS edition, '' AS url, '' AS canonical_url, 'tass' AS publisher,
        '' AS title, [] AS authors, '' AS published_at_source, instant AS first_seen_at, instant AS counted_at, instant AS fetched_at, 'en' AS language,
        100 AS word_count, '' AS text_hash, 'feed' AS origin, '' AS extractor_version, false AS is_history,
        -- one of two is tense in the base, both after it
        CASE WHEN twin = 0 OR n >= 365 THEN 1 ELSE 0 END AS tension, '' AS feed_url, 'lex' AS lexicon_version, 1 AS batch_id
        FROM (SELECT n, twin, TIMESTAMPTZ '2026-01-01 12:00:00+00' + to_days(CAST(n AS INTEGER)) AS instant FROM range(400) AS r(n), range(2) AS s(twin))"""
    )
    con.execute("INSERT INTO actor_mentions SELECT article_id, 1, 'russia', 'text', 0, 1, 'x', 'lex', 1 FROM articles")
    told = "SELECT index, base_first_day, base_last_day, base_days FROM tension_daily WHERE day = DATE '2027-02-01'"
    before = ask(con, told)
    assert before == [(200.0, START.date(), START.date() + timedelta(days=364), 365)]
    add(con, 9001, "tass", days=396, tension=0)  # a later day adds to itself alone
    add(con, 9002, "tass", days=-50, tension=5, history=True)  # what a feed's first poll brings from before
    add(con, 9003, "tass", days=10, tension=5, history=True)
    assert ask(con, told)[0][1:] == before[0][1:]
    assert ask(con, "SELECT round(index, 6) FROM tension_daily WHERE day = DATE '2027-02-02'") == [(200.0,)]
    assert ask(con, "SELECT round(index, 6) FROM tension_daily WHERE day = DATE '2025-11-12'") == [(200.0,)]


def test_the_index_of_a_category_counts_days_without_it_as_calm(con: duckdb.DuckDBPyConnection) -> None:
    for n, day in enumerate((0, 0, 1, 1)):
        add(con, n + 1, "tass", days=day, tension=1)
    feel(con, 1, "military", 3)
    feel(con, 1, "talks", -2)
    feel(con, 2, "military", 5, near=False)  # near no actor, so it weighs nothing in an article either
    feel(con, 3, "talks", -2)
    feel(con, 3, "talks", 1, field="title")  # twice in a title: -2 + 2 = 0, neither tense nor calming
    rows = ask(
        con,
        "SELECT category, day - DATE '2026-01-01', articles, tense, calming, index, signed_index, mean_tension FROM category_daily ORDER BY ALL",
    )
    assert rows == [
        # military: 1 of 2, then 0 of 2: mean 1/4. 3 per 200 words and two articles is 0.75 per 100.
        ("military", 0, 2, 1, 0, 200.0, 200.0, 0.75),
        ("military", 1, 2, 0, 0, 0.0, 0.0, 0.0),
        # talks are never tense: their calming share of 1/2 and 0 is the scale.
        ("talks", 0, 2, 0, 1, 0.0, -200.0, -0.5),
        ("talks", 1, 2, 0, 0, 0.0, 0.0, 0.0),
    ]


def test_a_story_knows_its_first_publisher_its_copies_and_when_each_side_came(con: duckdb.DuckDBPyConnection) -> None:
    add(con, 1, "azertac", hours=2, story=1)  # seen first, published second
    add(con, 2, "tass", hours=0, story=1)
    add(con, 3, "trend", hours=5, story=1)
    add(con, 4, "minval", hours=3.5, story=1)
    add(con, 5, "bbc", hours=1)
    rows = ask(
        con,
        "SELECT story_id, first_publisher, copies, place, side, side_publisher, lag_hours, articles, publishers"
        " FROM story_sides ORDER BY story_id, place",
    )
    assert rows == [
        (1, "tass", 3, 1, "RU state", "tass", 0.0, 1, 1),
        (1, "tass", 3, 2, "AZ state", "azertac", 2.0, 1, 1),
        (1, "tass", 3, 3, "AZ private", "minval", 3.5, 2, 2),
        (5, "bbc", 0, 1, "GB independent", "bbc", 0.0, 1, 1),
    ]


def alert(
    con: duckdb.DuckDBPyConnection, cited: list[int], *, until: datetime, watermark: int, name: str = "a1"
) -> None:
    con.execute(
        """INSERT INTO alerts BY NAME SELECT $name AS alert_id, 'category:military' AS series, $at AS opened_at, 'alert' AS severity,
        1 AS observed, 1 AS expected, 1 AS ratio, 1 AS evidence, 1 AS window_days, 1 AS publishers, 1 AS stories, '' AS summary,
        '' AS told, '' AS query, '{}' AS parameters, '' AS rule_hash, '' AS code_version, $mark AS watermark, $at AS updated_at,
        1 AS revision, 0 AS quiet_days, '' AS close_reason, 'military' AS category, 9 AS batch_id""",
        {"at": until, "mark": watermark, "name": name},
    )
    cite(con, cited, name)


def cite(con: duckdb.DuckDBPyConnection, cited: list[int], name: str = "a1") -> None:
    con.executemany("INSERT INTO alert_articles VALUES (?, ?, 1, ?, 0, '', 9)", [[name, n, n] for n in cited])


COLUMNS = "side, role, coalesce(publisher, ''), side_first_at, lag_hours, articles, publishers, volume, expected"


def stored(con: duckdb.DuckDBPyConnection, name: str = "a1") -> list[tuple[Any, ...]]:
    order = "place NULLS LAST, expected DESC, side"
    return con.execute(f"SELECT {COLUMNS} FROM alert_sides WHERE alert_id = ? ORDER BY {order}", [name]).fetchall()


def told(
    con: duckdb.DuckDBPyConnection, cited: list[int], *, until: datetime, watermark: int, name: str = "a1"
) -> list[tuple[Any, ...]]:
    """Tell what a message tells, in the order of the view's columns."""
    voices = [Voice(**row) for row in sides.voices(con, name, cited)]
    everything = [voice.article_id for voice in voices]
    last_at = max(until, voices[-1].counted_at)
    volumes = sides.volumes(con, everything, first_at=voices[0].counted_at, last_at=last_at, watermark=watermark)
    return [
        (s.side, s.role, s.publisher, s.first_at, s.lag_hours, s.articles, s.publishers, s.volume, s.expected)
        for s in sides_told(voices, volumes)
    ]


def test_an_alert_says_who_led_who_followed_and_who_is_silent_in_sql_as_in_its_message(
    con: duckdb.DuckDBPyConnection,
) -> None:
    add(con, 1, "tass", hours=1)
    add(con, 2, "azertac", hours=2.5)
    for n in range(10, 14):
        add(con, n, "trend", hours=4)  # with the two above six cited articles
    add(con, 14, "trend", hours=5, about=False)  # cited though it names no actor: seven
    for n in range(20, 34):
        add(con, n, "bbc", hours=6)  # none of 14 cited
    add(con, 15, "trend", hours=6)
    add(con, 16, "trend", hours=6)  # not cited
    add(con, 40, "meydan", hours=6)  # one article is no silence
    # None of these is volume: too early, too late, history, about nothing watched, loaded after the alert was decided.
    add(con, 50, "blog", hours=0.5)
    add(con, 51, "blog", hours=11)
    add(con, 52, "blog", hours=6, history=True)
    add(con, 53, "blog", hours=6, about=False)
    add(con, 54, "blog", hours=6, batch=3)
    cited, until = [1, 2, 10, 11, 12, 13, 14], START + timedelta(hours=10)
    alert(con, cited[:3], until=until, watermark=2)
    # The message is told before the rest is landed: part of what it cites is stored, part is new.
    in_message = told(con, cited[3:], until=until, watermark=2)
    cite(con, cited[2:])
    rows = stored(con)
    assert [row[:3] + row[4:] for row in rows] == [
        ("RU state", "led", "tass", 0.0, 1, 1, 1, 6 / 23),  # the others: 24 less its 1, and 6 of 7 cited
        ("AZ state", "followed", "azertac", 1.5, 1, 1, 1, 6 / 23),
        ("AZ private", "followed", "trend", 3.0, 5, 1, 7, 7 * 2 / 17),
        ("GB independent", "silent", "", None, 0, 0, 14, 14 * 7 / 10),
        ("DE exile", "few", "", None, 0, 0, 1, 7 / 23),
    ]
    assert in_message == rows


def test_message_and_view_agree_on_any_alert(con: duckdb.DuckDBPyConnection) -> None:
    random = Random(5)
    publishers = {n: random.choice([*PUBLISHERS, "bbc", "bbc"]) for n in range(1, 161)}
    for n, publisher in publishers.items():
        add(
            con, n, publisher, hours=random.randrange(30), batch=random.choice([1, 1, 3]),
            history=random.random() < 0.1, about=random.random() < 0.8,
        )  # fmt: skip
    roles = set()
    for name in "abcdefgh":
        some = [n for n in publishers if name > "d" or publishers[n] != "bbc"]  # the bbc is silent on the first
        cited = random.sample(some, random.choice([1, 2, 12, 30]))
        until = START + timedelta(hours=random.randrange(30))
        alert(con, cited, until=until, watermark=2, name=name)
        rows = stored(con, name)
        assert told(con, [], until=until, watermark=2, name=name) == rows
        roles |= {row[1] for row in rows}
    assert roles == {"led", "followed", "silent", "few"}


def test_every_ownership_label_of_the_bundled_watches_has_a_side(con: duckdb.DuckDBPyConnection) -> None:
    feeds = [feed for file in (ROOT / "watches").glob("*/watch.toml") for feed in load_watch(file.parent).feeds]
    for ownership in {feed.ownership for feed in feeds}:
        con.execute(
            "INSERT INTO feeds BY NAME SELECT ? AS url, ? AS publisher, 'AZ' AS country, ? AS ownership, 'full' AS rights, true AS active",
            [f"label {ownership}"] * 2 + [ownership],
        )
    assert ask(con, "SELECT ownership FROM publisher_sides WHERE owners = 'other' AND publisher <> 'blog'") == []
