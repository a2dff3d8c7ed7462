"""Who led, who followed, who is silent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.decide import Alert, AlertChange
from alerts.render import text
from alerts.sides import sides_told
from alerts.story import Voice
from alerts.summarise import summarise

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def voice(article_id: int, side: str, hours: float, publisher: str = "") -> Voice:
    return Voice(article_id=article_id, side=side, publisher=publisher or side, counted_at=NOW + timedelta(hours=hours))


#: Twelve articles behind the alert; the sides that told wrote 48 about the actors.
VOICES = [
    voice(5, "RU state", 3, "TASS"),
    voice(2, "AZ state", 0, "Azertac"),
    voice(3, "AZ private", 0, "Trend"),
    *(voice(10 + n, "AZ private", 5 + n, "APA") for n in range(9)),
]
VOLUMES = {"AZ private": 24, "AZ state": 12, "RU state": 12, "RU private": 16, "IR state": 8}


def test_sides_are_told_in_the_order_they_came_with_their_lag() -> None:
    told = sides_told(VOICES, VOLUMES)
    heard = [(s.side, s.role, s.publisher, s.lag_hours, s.articles, s.publishers) for s in told if s.articles]
    assert heard == [  # of two at the same instant the lower article_id leads: the order never depends on chance
        ("AZ state", "led", "Azertac", 0.0, 1, 1),
        ("AZ private", "followed", "Trend", 0.0, 10, 2),
        ("RU state", "followed", "TASS", 3.0, 1, 1),
    ]


def test_a_side_is_silent_when_three_articles_of_its_volume_were_to_be_expected() -> None:
    mute = [(s.side, s.role, s.expected) for s in sides_told(VOICES, VOLUMES) if not s.articles]
    # The others of RU private wrote 72 - 16 = 56, of which 12 are behind the alert: 16 x 12 / 56. Of IR state 8 x 12 / 64.
    assert mute == [("RU private", "silent", 16 * 12 / 56), ("IR state", "few", 1.5)]
    # Exactly three is enough: 12 x 12 / 48.
    assert [s.role for s in sides_told(VOICES, {**VOLUMES, "RU private": 0, "IR state": 0, "TR state": 16})][-3:] == [
        "silent", "few", "few",
    ]  # fmt: skip


def test_where_only_one_side_wrote_there_is_nothing_to_compare_with() -> None:
    [alone] = sides_told([voice(1, "AZ state", 0)], {"AZ state": 1})
    assert (alone.role, alone.expected) == ("led", None)


def test_without_articles_there_are_no_sides() -> None:
    assert sides_told([], {"AZ state": 4}) == ()


def message(voices: list[Voice], volumes: dict[str, int]) -> str:
    alert = Alert(
        alert_id="a1", series="category:diplomatic", opened_at=NOW, opened_day=NOW.date(), updated_at=NOW,
        updated_day=NOW.date(), severity="alert", observed=9, expected=1.0, ratio=9.0, evidence=4, window_days=1,
        publishers=3, stories=9,
    )  # fmt: skip
    summary = replace(summarise([], lambda _: [], 5), by_side=sides_told(voices, volumes))
    return text(AlertChange(kind="open", alert=alert), summary, "test")


def test_a_message_says_in_two_lines_who_led_who_followed_and_who_is_silent() -> None:
    late = voice(4, "GE private", 0.4)
    lines = message([*VOICES, late], {**VOLUMES, "GE private": 1}).splitlines()
    assert (
        "Led by AZ state (Azertac); followed by AZ private after 0 min, GE private after 24 min, RU state after 3 h."
        in lines
    )
    # 13 behind the alert of the 57 that the others wrote: 16 x 13 / 57 = 3.6.
    assert "Silent: RU private (3.6 expected of 16 articles)." in lines


def test_a_message_says_that_nobody_followed() -> None:
    told = message([voice(1, "AZ state", 0)], {"AZ state": 1, "RU state": 1})
    assert "Led by AZ state (AZ state); no other side followed." in told
    assert "Silent" not in told
