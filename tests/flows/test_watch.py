"""Counting to telling on a corpus made by hand: one spike is told once, can be explained, and ends."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from extractors.urls import article_id
from flows.steps.calibration import calibration_of
from flows.steps.explain import explain_alert, why_not
from flows.steps.load import load_landed
from flows.steps.watch import watch_landed
from flows.workspace import Workspace, open_workspace
from model.outcomes import DateSource, Field, Origin
from model.records import ActorMention, Article, Batch, Mention
from storage import landing, reading_room
from tests.flows.conftest import Run

START = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISHERS = [f"Publisher {n}" for n in range(8)]
SPIKE_DAY = 40


@pytest.fixture
def work(watch: Path) -> Workspace:
    return open_workspace(watch, watch / "corpus.duckdb")


def article(publisher: str, at: datetime, number: int, *, tense: bool) -> Article:
    url = f"https://{publisher.replace(' ', '').lower()}.example/{at:%Y%m%d}/{number}"
    text = (
        "A note of protest was handed over to the Russian ambassador in Baku." if tense else "The weather stays mild."
    )
    mention = Mention(
        concept_id="protest_note",
        category="diplomatic",
        direction="escalation",
        weight=3.0,
        field=Field.TEXT,
        start=2,
        end=17,
        surface="note of protest",
        actor_ids=("azerbaijan", "russia"),
    )
    actor = ActorMention(actor_id="russia", field=Field.TEXT, start=44, end=51, surface="Russian")
    return Article(
        article_id=article_id(url),
        url=url,
        canonical_url=url,
        publisher=publisher,
        title=f"News {number}",
        text=text,
        authors=(),
        published_at=at,
        published_at_source=DateSource.FEED,
        first_seen_at=at,
        counted_at=at,
        is_history=False,
        fetched_at=at,
        language="en",
        word_count=len(text.split()),
        text_hash=sha256(f"{url}{text}".encode()).hexdigest(),
        origin=Origin.FEED,
        extractor_version="test",
        lexicon_version="test",
        tension=3.0 if tense else 0.0,
        mentions=(mention,) if tense else (),
        actors=(actor,) if tense else (),
    )


def land_days(work: Workspace, first: int, last: int, tense_per_publisher: int) -> None:
    """Land days of news: ten articles a publisher and day, of them so many tense; one a day in all when that is 0."""
    articles = []
    for day in range(first, last):
        for p, publisher in enumerate(PUBLISHERS):
            for n in range(10):
                at = START + timedelta(days=day, hours=1 + n)
                tense = n < tense_per_publisher if tense_per_publisher else (n == 0 and p == day % len(PUBLISHERS))
                articles.append(article(publisher, at, n, tense=tense))
    now = START + timedelta(days=last)
    landing.write(work.paths.landing, Batch(name=landing.new_name(now), landed_at=now, articles=tuple(articles)))
    load_landed(work, now)


def test_a_spike_is_told_once_explained_and_closed(work: Workspace) -> None:
    land_days(work, 0, SPIKE_DAY, 0)
    quiet = watch_landed(work, START + timedelta(days=SPIKE_DAY, hours=-1))
    assert quiet.told == []
    land_days(work, SPIKE_DAY, SPIKE_DAY + 1, 4)
    now = START + timedelta(days=SPIKE_DAY + 1, hours=-2)
    told = watch_landed(work, now).told
    assert len(told) == 1, [t["series"] for t in told]
    text = told[0]["text"]
    assert "diplomatic" in text or "azerbaijan – russia" in text
    assert "“A note of protest was handed over to the Russian ambassador in Baku.”" in text
    assert "https://publisher" in text
    assert watch_landed(work, now + timedelta(minutes=10)).told == []
    _, alerts = reading_room.query(work.paths, "SELECT alert_id, query FROM alerts")
    assert alerts
    for alert_id, query in alerts:
        found = explain_alert(work, alert_id)
        assert found["reproduced"], found
        assert reading_room.query(work.paths, query)[1]
    land_days(work, SPIKE_DAY + 1, SPIKE_DAY + 12, 0)  # the week-long window sees the spike for seven days
    endings = watch_landed(work, START + timedelta(days=SPIKE_DAY + 12)).told
    assert {t["kind"] for t in endings} == {"close"}
    _, still = reading_room.query(work.paths, "SELECT count(*) FROM alerts WHERE closed_at IS NULL")
    assert still == [(0,)]


def test_why_not_names_what_kept_an_article_from_counting(work: Workspace) -> None:
    land_days(work, 0, 1, 0)
    calm = "https://publisher1.example/20260101/5"
    assert any("found no mention" in line for line in why_not(work, calm))
    assert "no feed of this watch has carried it" in next(iter(why_not(work, "https://nobody.example/")))


def test_nothing_to_watch_is_said_and_not_an_error(work: Workspace) -> None:
    assert watch_landed(work, START).warnings == ["nothing is loaded yet, so there is nothing to watch"]


def test_the_alarm_budget_sets_the_level_and_calibration_is_shown(work: Workspace, watch: Path) -> None:
    land_days(work, 0, SPIKE_DAY, 0)
    found = calibration_of(work, START + timedelta(days=SPIKE_DAY))
    assert found.series >= 70
    assert {c.evidence for c in found.levels} == {1.3, 2.0, 3.0}
    config = watch / "watch.toml"
    config.write_text(config.read_text().replace("[detection]\n", "[detection]\nmax_alerts_per_month = 0.5\n"))
    strict = calibration_of(open_workspace(watch, work.paths.corpus), START + timedelta(days=SPIKE_DAY))
    assert strict.budget.evidence > found.budget.evidence
    assert strict.budget.promised <= 0.51
    assert watch_landed(open_workspace(watch, work.paths.corpus), START + timedelta(days=SPIKE_DAY)).told == []


def test_an_alert_says_which_side_led_and_which_is_silent_as_its_view_does(
    work: Workspace, watch: Path, add_feed: Callable[..., None], tensionwatch: Run
) -> None:
    for number, publisher in enumerate(PUBLISHERS):
        side = ("RU", "state") if number > 5 else ("GE", "independent") if number > 3 else ("AZ", "private")
        add_feed(f"https://publisher{number}.example/rss", publisher, *side)
    work = open_workspace(watch, work.paths.corpus)
    land_days(work, 0, 25, 0)
    day, articles = START + timedelta(days=25), []
    for number, publisher in enumerate(PUBLISHERS[:6]):  # the state media of RU write of the actors, not of this
        late = 3 if number > 3 else 0
        articles += [article(publisher, day + timedelta(hours=1 + late + n), n, tense=True) for n in range(4)]
    calm = [article(p, day + timedelta(hours=2 + n), n, tense=True) for p in PUBLISHERS[6:] for n in range(4)]
    articles += [replace(a, mentions=(), tension=0.0) for a in calm]
    now = day + timedelta(hours=12)
    landing.write(work.paths.landing, Batch(name=landing.new_name(now), landed_at=now, articles=tuple(articles)))
    load_landed(work, now)
    [told] = watch_landed(work, now).told
    assert "Led by AZ private (Publisher " in told["text"]
    assert "; followed by GE independent after 3 h." in told["text"]
    # Of the others' 24 articles about the actors 24 are behind the alert, so of the 8 of RU state 8 would be.
    assert "Silent: RU state (8 expected of 8 articles)." in told["text"]
    columns = "side, role, lag_hours, articles, volume, expected"
    stored = f"SELECT {columns} FROM alert_sides WHERE alert_id = ? ORDER BY place NULLS LAST"
    _, rows = reading_room.query(work.paths, stored, (told["alert_id"],))
    assert rows == [
        ("AZ private", "led", 0.0, 16, 16, 8.0),
        ("GE independent", "followed", 3.0, 8, 8, 8 * 16 / 24),
        ("RU state", "silent", None, 0, 8, 8.0),
    ]
    _, payload = reading_room.query(work.paths, "SELECT told FROM alerts WHERE alert_id = ?", (told["alert_id"],))
    by_side = json.loads(payload[0][0])["summary"]["by_side"]
    assert [tuple(s[c] for c in columns.split(", ")) for s in by_side] == rows
    lines = tensionwatch("sides", told["alert_id"][:8], "--json").stdout.splitlines()
    assert [json.loads(line)["role"] for line in lines] == ["led", "followed", "silent"]
    shares = {
        row["name"]: row for row in map(json.loads, tensionwatch("sides", "--days", "1", "--json").stdout.splitlines())
    }
    assert {name: (row["articles"], row["tense"]) for name, row in shares.items()} == {
        "all": (32, 24), "AZ private": (16, 16), "GE independent": (8, 8), "RU state": (8, 0),
    }  # fmt: skip
    shown = tensionwatch("sides", "--by", "owners")
    assert re.search(r"│ state +│ +\d", shown.stdout), shown
    assert "still move" in shown.stderr
