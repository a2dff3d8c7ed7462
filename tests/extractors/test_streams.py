"""The relation of Armenia and Azerbaijan in twenty years of real event lines."""

import gzip
import json
import random
from collections import Counter
from pathlib import Path

import pytest

from extractors.relations import Countries, countries_of, relations
from watch_rows import actor_rows, matcher_of_watch

STREAM = "data/streams/wikipedia-current-events-2002-2021.jsonl.gz"
PAIR = "armenia|azerbaijan"
# The days the stream's own description names; the line on the ceasefire stands under the day it was signed.
KNOWN_DAYS = ("2020-07-12", "2020-09-27", "2020-11-09")


@pytest.fixture(scope="module")
def countries() -> Countries:
    return countries_of(actor_rows())


@pytest.fixture(scope="module")
def lines(shared: Path) -> list[tuple[str, str]]:
    with gzip.open(shared / STREAM, "rt", encoding="utf-8") as file:
        return [(line["date"], line["text"]) for line in map(json.loads, file)]


def test_the_pair_is_seen_on_the_days_that_are_known(lines: list[tuple[str, str]], countries: Countries) -> None:
    matcher, days = matcher_of_watch(), Counter()
    for day, text in lines:
        if day in KNOWN_DAYS and PAIR in relations(matcher.match("", text, "en"), countries):
            days[day] += 1
    assert set(days) == set(KNOWN_DAYS)


def test_two_hundred_lines_without_the_pair_give_no_relation_of_it(
    lines: list[tuple[str, str]], countries: Countries
) -> None:
    matcher, rng = matcher_of_watch(), random.Random(2020)
    others = [text for _, text in lines if not ("Azer" in text or "Baku" in text) or "Armenia" not in text]
    for text in rng.sample(others, 200):
        found = relations(matcher.match("", text, "en"), countries)
        assert PAIR not in found, text
        # Any other pair must be named in the line by both its countries or by those who stand for them.
        matches = matcher.match("", text, "en")
        named = {countries.get(actor.actor_id) for actor in matches.actors}
        assert all(set(pair.split("|")) <= named for pair in found), text
