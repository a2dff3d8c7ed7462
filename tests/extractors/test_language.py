"""Languages by letters and by what a detector knows."""

import csv
from pathlib import Path

import pytest

from extractors.language import language_of

BENCH = Path(__file__).resolve().parents[2] / "watches" / "russia-azerbaijan" / "bench.csv"


def sentences() -> list[tuple[str, str]]:
    with BENCH.open(encoding="utf-8", newline="") as file:
        return [(row["language"], row["sentence"]) for row in csv.DictReader(file)]


def test_ninety_nine_of_a_hundred_news_sentences_are_told_in_any_case_of_letters() -> None:
    for change in (str, str.upper):
        wrong = [text for language, text in sentences() if language_of(change(text)) != language]
        assert len(wrong) <= len(sentences()) / 100, wrong


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("", "", "und"),
        ("", "ru", "und"),
        ("12.07.2020, 14:05", "ru", "und"),
        ("Баку", "ru", "ru"),
        ("Баку", "uk", "uk"),
        ("Київ", "ru", "uk"),
        ("Baku", "az", "az"),
        ("Bakı", "tr", "tr"),
        ("Əliyev", "tr", "az"),
        ("باکو", "fa", "fa"),
        ("Երևան", "ru", "hy"),
        ("თბილისი", "en", "ka"),
        ("Der Minister sprach gestern in Berlin über den Krieg in der Ukraine.", "en", "de"),
        ("بغداد تدين الهجوم على السفارة وتطالب بفتح تحقيق دولي عاجل", "fa", "ar"),
        ("Azerbaijan\ud800 summoned the Russian ambassador on Tuesday", "", "en"),
    ],
)
def test_letters_decide_first_then_the_feed_then_the_detector(text: str, hint: str, expected: str) -> None:
    assert language_of(text, hint) == expected
