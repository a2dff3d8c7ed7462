"""Counting in SQL: what belongs to a series, where a story counts, and what does not change it."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from alerts.detect import evaluate
from alerts.evaluation_rows import to_evaluation_rows
from alerts.expected import panel_of
from alerts.policy import Policy
from extractors.relations import series_of
from model.config import Series
from model.counts import Counts
from model.outcomes import Field
from model.records import ActorMention, Matches, Mention
from storage.corpus import MIGRATIONS
from storage.counts import read_counts
from tests.benchmarks.corpus_maker import fill

AS_OF = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST = date(2026, 2, 1)
CONCEPTS = {"war": "military", "missile": "military", "talks": "diplomacy", "expel": "diplomacy", "gas": "economy"}
ACTORS = {"aliyev": "azerbaijan", "putin": "russia", "azerbaijan": "azerbaijan", "russia": "russia", "armenia": "armenia", "nato": ""}  # fmt: skip
RULES = (
    Series(name="crisis", relations=("azerbaijan|russia",), not_categories=("economy",)),
    Series(name="crisis-anywhere", relations=("russia-azerbaijan",), same_sentence=False),
    Series(name="baku", actors=("azerbaijan",), not_actors=("nato",)),
    Series(name="heavy", categories=("military",), min_weight=4.0),
    Series(name="state", concepts=("talks", "expel"), sides=("State",), languages=("en",)),
    Series(name="without", not_concepts=("gas",), sides=("az",)),
)


@pytest.fixture
def corpus() -> Any:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for file in sorted(MIGRATIONS.glob("*.sql")):
        con.execute(file.read_text(encoding="utf-8"))
    con.execute("INSERT INTO feeds BY NAME SELECT 'f1' AS url, 'trend' AS publisher, 'AZ' AS country, 'private' AS ownership, 'full' AS rights, true AS active")  # fmt: skip
    con.execute("INSERT INTO feeds BY NAME SELECT 'f2' AS url, 'tass' AS publisher, 'RU' AS country, 'state' AS ownership, 'full' AS rights, true AS active")  # fmt: skip
    for actor, country in ACTORS.items():
        kind = "country" if actor == country else "person" if country else "organisation"
        con.execute(
            "INSERT INTO actors VALUES (?, ?, ?, ?)", [actor, kind, actor, "" if kind == "country" else country]
        )
    yield con
    con.close()


def add(
    con: duckdb.DuckDBPyConnection, article: int, *, at: datetime, publisher: str = "trend", story: int | None = None,
    history: bool = False, seen: datetime | None = None, batch: int = 1, matches: Matches | None = None, edition: int = 1,
) -> None:  # fmt: skip
    con.execute(
        """INSERT INTO articles BY NAME SELECT $id AS article_id, $edition AS edition, 'u' AS url, 'u' AS canonical_url,
        $publisher AS publisher, 't' AS title, [] AS authors, $at AS published_at, 'feed' AS published_at_source,
        $seen AS first_seen_at, $at AS counted_at, $seen AS fetched_at, 'en' AS language, 9 AS word_count, '' AS text_hash,
        'feed' AS origin, '' AS extractor_version, $history AS is_history, 0 AS tension, '' AS feed_url,
        '' AS lexicon_version, $batch AS batch_id""",
        {"id": article, "edition": edition, "publisher": publisher, "at": at, "seen": seen or at, "history": history, "batch": batch},
    )  # fmt: skip
    if edition == 1:
        con.execute("INSERT INTO story_members VALUES (?, ?, 1, ?, ?)", [story or article, article, seen or at, batch])
    con.execute("INSERT INTO batches BY NAME SELECT $1 AS batch_id, 'b' || $1 AS name, 'collect' AS kind, $2 AS landed_at, $2 AS loaded_at, 1 AS articles, 0 AS editions, 0 AS duplicates, 0 AS forgotten, 0 AS entries, 0 AS feed_fetches, 0 AS mentions, '' AS code_version", [batch, at])  # fmt: skip
    for m in matches.mentions if matches else ():
        con.execute(
            "INSERT INTO mentions VALUES (?, ?, ?, ?, 'text', 0, 1, 'x', ?, '', 'escalation', ?, '', ?)",
            [article, edition, m.concept_id, m.category, list(m.actor_ids), m.weight, batch],
        )
    for a in matches.actors if matches else ():
        con.execute(
            "INSERT INTO actor_mentions VALUES (?, ?, ?, 'text', 0, 1, 'x', '', ?)",
            [article, edition, a.actor_id, batch],
        )


def said(*mentions: tuple[str, float, tuple[str, ...]]) -> Matches:
    found = [
        Mention(concept_id=c, category=CONCEPTS[c], direction="escalation", weight=w, field=Field.TEXT, start=0, end=1, surface="x", actor_ids=a)
        for c, w, a in mentions
    ]  # fmt: skip
    actors = {a for _, _, named in mentions for a in named}
    return Matches(
        language="en", tension=0.0, mentions=tuple(found),
        actors=tuple(ActorMention(actor_id=a, field=Field.TEXT, start=0, end=1, surface="x") for a in sorted(actors)),
    )  # fmt: skip


def count(con: duckdb.DuckDBPyConnection, **changes: Any) -> Counts:
    return read_counts(con, **{"first_day": FIRST, "as_of": AS_OF, "zone": "UTC", "rules": RULES, **changes})


def cells(counts: Counts, measure: str = "live") -> dict[tuple[str, str, int], int]:
    c = counts.daily
    rows = zip(c.series, c.publisher, c.time, getattr(c, measure), strict=True)
    return {(counts.names[s], counts.publishers[p], int(t)): int(n) for s, p, t, n in rows if n}


def test_sql_finds_the_same_series_as_the_matching_room(corpus: Any) -> None:
    chance = random.Random(7)
    expected: dict[str, int] = defaultdict(int)
    sides = {"trend": ("AZ", "private"), "tass": ("RU", "state")}
    countries = {a: c for a, c in ACTORS.items() if c}
    for i in range(1, 150):
        mentions = [
            (chance.choice(list(CONCEPTS)), chance.choice([0.0, 1.0, -2.0, 3.0]), tuple(sorted(chance.sample(list(ACTORS), chance.randint(0, 3)))))
            for _ in range(chance.randint(0, 3))
        ]  # fmt: skip
        publisher, matches = chance.choice(["trend", "tass"]), said(*mentions)
        add(corpus, i, at=AS_OF - timedelta(hours=i), publisher=publisher, matches=matches)
        country, ownership = sides[publisher]
        for name in series_of(
            matches, language="en", country=country, ownership=ownership, rules=RULES, countries=countries
        ):
            expected[name] += 1
    found: dict[str, int] = defaultdict(int)
    for (name, _, _), number in cells(count(corpus)).items():
        found[name] += number
    assert found == expected
    assert {rule.name for rule in RULES} <= set(found)


def test_a_story_counts_once_where_it_was_seen_first(corpus: Any) -> None:
    noon = datetime(2026, 2, 10, 12, tzinfo=UTC)
    war = said(("war", 3.0, ()))
    add(corpus, 1, at=noon, publisher="tass", matches=war)
    add(corpus, 2, at=noon - timedelta(hours=3), seen=noon + timedelta(hours=1), story=1, matches=war)
    add(corpus, 3, at=noon + timedelta(days=1), story=1, matches=war)
    counts = count(corpus, rules=())
    assert cells(counts) == {("concept:war", "tass", 9): 1, ("category:military", "tass", 9): 1}
    # Copies are no stories of their own, yet they tell how widely the story is carried.
    assert cells(counts, "articles")["concept:war", "trend", 9] == 1
    assert sum(counts.daily_totals.live) == 1


def test_a_story_counts_in_a_series_at_its_first_article_there(corpus: Any) -> None:
    noon = datetime(2026, 2, 10, 12, tzinfo=UTC)
    add(corpus, 1, at=noon, publisher="tass")
    add(corpus, 2, at=noon + timedelta(hours=1), story=1, matches=said(("war", 3.0, ())))
    assert cells(count(corpus))["concept:war", "trend", 9] == 1


def test_history_stands_apart_and_corrections_and_denials_do_not_count(corpus: Any) -> None:
    noon = datetime(2026, 2, 10, 12, tzinfo=UTC)
    add(corpus, 1, at=noon, history=True, matches=said(("war", 3.0, ())))
    add(corpus, 2, at=noon, matches=said(("talks", 0.0, ())))
    add(corpus, 2, at=noon, edition=2, matches=said(("missile", 3.0, ())))
    counts = count(corpus)
    assert cells(counts) == {}
    assert cells(counts, "history")["concept:war", "trend", 9] == 1
    assert (sum(counts.daily_totals.live), sum(counts.daily_totals.history)) == (1, 1)


def test_a_day_is_one_of_the_stated_zone(corpus: Any) -> None:
    add(corpus, 1, at=datetime(2026, 2, 10, 22, tzinfo=UTC), matches=said(("war", 3.0, ())))
    assert ("concept:war", "trend", 9) in cells(count(corpus))
    assert ("concept:war", "trend", 10) in cells(count(corpus, zone="Asia/Baku"))


def test_nothing_later_than_clock_and_watermark_is_seen(corpus: Any) -> None:
    noon = datetime(2026, 2, 10, 12, tzinfo=UTC)
    war = said(("war", 3.0, ()))
    add(corpus, 1, at=noon, matches=war)
    add(corpus, 2, at=noon, matches=war, batch=2)
    add(corpus, 3, at=noon, seen=noon + timedelta(hours=5), matches=war)
    at = noon + timedelta(hours=1)
    assert cells(count(corpus, watermark=1, as_of=at))["concept:war", "trend", 9] == 1
    assert cells(count(corpus, as_of=at))["concept:war", "trend", 9] == 2
    assert cells(count(corpus))["concept:war", "trend", 9] == 3


def test_the_order_of_loading_changes_nothing(corpus: Any) -> None:
    chance = random.Random(3)
    articles = [
        {"article": i, "at": AS_OF - timedelta(hours=chance.randint(0, 300)), "publisher": chance.choice(["tass", "trend"]),
         "story": chance.randint(1, 20), "matches": said((chance.choice(list(CONCEPTS)), 2.0, ("azerbaijan", "russia")))}
        for i in range(1, 60)
    ]  # fmt: skip
    found = []
    for order in (articles, articles[::-1]):
        for table in ("articles", "story_members", "mentions", "actor_mentions", "batches"):
            corpus.execute(f"DELETE FROM {table}")
        for article in order:
            add(corpus, **article)
        counts = count(corpus)
        found.append((cells(counts), cells(counts, "articles"), counts.daily_totals.live.tolist()))
    assert found[0] == found[1]


def test_the_last_day_is_known_by_hours_too(corpus: Any) -> None:
    for i, hours in enumerate((0.5, 2.5, 23.5, 30), start=1):
        add(corpus, i, at=AS_OF - timedelta(hours=hours), matches=said(("war", 3.0, ())))
    counts = count(corpus)
    war = counts.names.index("concept:war")
    hours = sorted(int(t) for s, t in zip(counts.hourly.series, counts.hourly.time, strict=True) if s == war)
    assert hours == [0, 2, 23]


def test_a_clock_without_a_zone_is_refused(corpus: Any) -> None:
    with pytest.raises(ValueError, match="zone"):
        count(corpus, as_of=datetime(2026, 3, 2))  # noqa: DTZ001


@pytest.mark.parametrize("zone", ["UTC", "Asia/Baku", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns"])
def test_days_are_those_of_the_zone_also_where_clocks_shift(corpus: Any, zone: str) -> None:
    end = datetime(2026, 4, 2, 12, tzinfo=UTC)
    first = date(2026, 3, 1)
    for i in range(1, 200):
        add(corpus, i, at=end - timedelta(minutes=211 * i), matches=said(("war", 3.0, ())))
    counts = count(corpus, zone=zone, as_of=end, first_day=first, rules=())
    found: dict[int, int] = defaultdict(int)
    for (name, _, day), number in cells(counts).items():
        found[day] += number if name == "concept:war" else 0
    expected: dict[int, int] = defaultdict(int)
    for i in range(1, 200):
        local = (end - timedelta(minutes=211 * i)).astimezone(ZoneInfo(zone)).date()
        expected[(local - first).days] += 1
    assert found == {day: n for day, n in expected.items() if day >= 0}


def test_an_evaluation_is_reproduced_months_later(corpus: Any) -> None:
    policy = Policy()

    def rows() -> list[dict[str, Any]]:
        counts = count(corpus, watermark=1, first_day=AS_OF.date() - timedelta(days=60))
        evaluations = evaluate(panel_of(counts, policy), policy, last=1)
        return list(to_evaluation_rows(evaluations, as_of=AS_OF, code_version="1", watermark=1, rules=counts.rules))

    fill(corpus, 3000, days=60, publishers=12)
    stored = rows()
    # What arrives afterwards, also for days long past, is not seen through the old watermark.
    for i in range(10):
        at = AS_OF - timedelta(days=3 * i)
        add(corpus, i + 1, at=at, batch=2, matches=said(("war", 3.0, ("azerbaijan", "russia"))))
    assert rows() == stored
    assert {row["series"] for row in stored} >= {"concept:c0", "crisis", "relation:azerbaijan|russia"}
