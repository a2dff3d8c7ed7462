"""Copies become one story, other reports of the same event do not."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from copies import pairs
from extractors.stories import MinHashStories, containment, signature, similarity, wire_credit
from model.records import StoryText

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TEXT = " ".join(f"word{number}" for number in range(200))
GOLDEN = (6206886, 62746954, 28429136, 1069222)


def story_text(
    article_id: int, text: str, *, language: str = "en", hours: float = 0, story: int | None = None
) -> StoryText:
    return StoryText(
        article_id=article_id, publisher="p", language=language, title="t", seen_at=NOW + timedelta(hours=hours),
        signature=signature(text), story_id=story,
    )  # fmt: skip


def test_copies_are_joined_and_reports_of_the_same_event_are_not() -> None:
    rules, joined, wrong, copies, missed = MinHashStories(), 0, 0, 0, {}
    for number, pair in enumerate(pairs(560, seed=20260302)):
        known = story_text(2 * number + 1, pair.left, language=pair.language)
        new = story_text(2 * number + 2, pair.right, language=pair.language)
        shares_band = not set.isdisjoint(*map(set, rules.bands([known.signature, new.signature])))
        is_joined = shares_band and rules.assign([new], [known])[0].story_id == known.article_id
        joined += is_joined
        wrong += is_joined and not pair.is_copy
        copies += pair.is_copy
        if pair.is_copy and not is_joined:
            missed[pair.change] = missed.get(pair.change, 0) + 1
    assert copies >= 500
    assert (joined - wrong) / copies >= 0.95, missed
    assert (joined - wrong) / joined >= 0.98


def test_a_signature_never_changes() -> None:
    # Signatures of a week are compared with those of today: another library or machine must give the same.
    assert len(signature(TEXT)) == 128
    assert signature(TEXT)[:4] == GOLDEN
    assert all(0 <= value < 1 << 32 for value in signature(TEXT))


def test_a_short_text_has_no_signature_and_a_story_of_its_own() -> None:
    assert signature("Read more on our site. " * 4) == ()
    rules = MinHashStories()
    assert [m.story_id for m in rules.assign([story_text(1, "short"), story_text(2, "short")], [])] == [1, 2]


def test_likeness_is_estimated_within_its_error() -> None:
    words = [f"w{number}" for number in range(1_000)]
    half = signature(" ".join(words[:500]))
    assert similarity(signature(" ".join(words)), half) == pytest.approx(0.5, abs=0.12)
    assert containment(signature(" ".join(words)), half) > 0.8
    assert containment(signature(" ".join(words[:600])), signature(" ".join(words[400:]))) < 0.5
    assert similarity((), half) == containment((), half) == 0


def test_the_story_is_that_of_the_first_and_its_copies_follow_it() -> None:
    rules = MinHashStories()
    cut = " ".join(TEXT.split()[:120])
    first = rules.assign([story_text(5, TEXT), story_text(6, cut, hours=1), story_text(7, TEXT + " more", hours=2)], [])
    assert [(m.article_id, m.story_id) for m in first] == [(5, 5), (6, 5), (7, 5)]
    later = rules.assign(
        [story_text(9, TEXT, hours=30)], [story_text(6, cut, story=5), story_text(8, "x " * 30, story=8)]
    )
    assert [(m.article_id, m.story_id) for m in later] == [(9, 5)]


def test_another_language_and_another_week_are_other_stories() -> None:
    rules = MinHashStories(window_days=7)
    known = [story_text(1, TEXT, story=1)]
    assert rules.assign([story_text(2, TEXT, language="ru")], known)[0].story_id == 2
    assert rules.assign([story_text(3, TEXT, hours=24 * 8)], known)[0].story_id == 3


def test_a_text_is_no_copy_of_itself() -> None:
    assert MinHashStories().assign([story_text(1, TEXT)], [story_text(1, TEXT, story=4)])[0].story_id == 1


def test_random_text_of_any_kind_has_a_signature_or_none() -> None:
    rng = random.Random(3)
    for _ in range(200):
        text = "".join(chr(rng.choice((rng.randrange(0x20, 0x3000), 0x20, 0xD800))) for _ in range(400))
        assert len(signature(text)) in {0, 128}


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("BAKU, July 1 (Reuters) - Azerbaijan said on Tuesday", "reuters"),
        ("МОСКВА, 1 июля. /ТАСС/. Россия вызвала посла", "тасс"),
        ("Длинный текст о переговорах.\nИсточник: Интерфакс", "интерфакс"),
        ("ԵՐԵՎԱՆ, 1 ՀՈՒԼԻՍԻ, ԱՐՄԵՆՊՐԵՍ: Հայաստանը հայտարարեց", "արմենպրես"),
        ("Bakı, 1 iyul, AZƏRTAC - Azərbaycan bildirib", "azərtac"),
        ("Talks failed. (Reporting by Reuters)", "reuters"),
        ("Report says trend continues in Baku", ""),
        ("", ""),
    ],
)
def test_a_wire_credit_names_its_agency(text: str, agency: str) -> None:
    assert wire_credit(text) == agency
