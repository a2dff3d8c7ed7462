"""The words of the newsroom: varied, deterministic, in the language they claim, and about what was planted."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from extractors.language import language_of
from extractors.mentions import Matcher
from model.reading import load_watch
from newsroom import Item, Newsroom
from newsroom.grammar import Language, Section, Slot, Voice, compiled, language

START = datetime(2026, 1, 5, tzinfo=UTC)
END = START + timedelta(days=35)
WATCH = Path(__file__).resolve().parent.parent.parent / "watches" / "russia-azerbaijan"
LANGUAGES = ("az", "en", "ru", "tr", "uk")


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return Newsroom(1, START, lambda: END)


@pytest.fixture(scope="module")
def articles(newsroom: Newsroom) -> list[Item]:
    return [item for item in newsroom.items(END) if item.form == "article"]


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = text.lower().split()
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _most_alike(texts: list[str]) -> float:
    """The highest Jaccard similarity of any two texts, over word 3-grams."""
    shingles = [_shingles(text) for text in texts]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    worst = 0.0
    for number, own in enumerate(shingles):
        shared: Counter[int] = Counter()
        for shingle in own:
            shared.update(holders[shingle])
            holders[shingle].append(number)
        for other, common in shared.items():
            worst = max(worst, common / (len(own) + len(shingles[other]) - common))
    return worst


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_two_articles_of_five_weeks_are_alike(code: str, newsroom: Newsroom, articles: list[Item]) -> None:
    stories = [newsroom.story(item) for item in articles if item.publisher.language == code and item.source is None]
    assert len(stories) > 300
    assert _most_alike([f"{story.title}\n{story.text}" for story in stories]) <= 0.2


def test_a_copy_has_its_source_nearly_whole_under_another_headline(newsroom: Newsroom, articles: list[Item]) -> None:
    copies = [item for item in articles if item.source]
    assert len(copies) > 100
    for item in copies:
        assert item.source is not None
        copy, original = newsroom.story(item), newsroom.story(item.source)
        assert item.publisher != item.source.publisher
        assert item.published_at > item.source.published_at
        assert item.source.publisher.name in copy.text  # the credit line
        common = _shingles(copy.text) & _shingles(original.text)
        assert len(common) >= 0.4 * len(_shingles(original.text))
    retold = sum(newsroom.story(item).title != newsroom.story(item.source).title for item in copies if item.source)
    assert retold > 0.9 * len(copies)


def test_articles_have_the_length_of_news(newsroom: Newsroom, articles: list[Item]) -> None:
    counts = [len(newsroom.story(item).text.split()) for item in articles if item.source is None]
    assert min(counts) >= 120
    assert max(counts) <= 350


def test_every_text_is_recognised_as_the_language_it_is_written_in(newsroom: Newsroom, articles: list[Item]) -> None:
    wrong = [item.number for item in articles if language_of(newsroom.story(item).text) != item.publisher.language]
    assert not wrong


def test_no_slot_or_bracket_is_left_in_a_text(newsroom: Newsroom, articles: list[Item]) -> None:
    for item in articles:
        story = newsroom.story(item)
        words = f"{story.title} {story.later_title} {story.text}"
        assert not set(words) & set("[]{}|^"), words
        assert "  " not in words
        assert " ," not in words
        assert ",," not in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_template_of_a_language_can_be_said_in_all_its_forms(code: str) -> None:
    voice = Voice(language(code), Random(3))
    for section in language(code).sections.values():
        for template in (*section.headlines, *section.leads, *section.bodies):
            for _ in range(30):
                assert voice.say(template)


def test_ordinary_days_bring_as_much_news_as_the_rhythm_of_a_week_says(newsroom: Newsroom) -> None:
    per_day = Counter((item.published_at - START).days for item in newsroom.items(END))
    weeks = [sum(per_day[7 * week + day] for day in range(7)) / 7 for week in range(5)]
    assert all(60 <= mean <= 90 for mean in weeks)
    assert per_day[6] < per_day[8]  # a Sunday, a Tuesday


def test_planted_crisis_begins_three_days_before_the_end_and_everybody_reports_it(
    newsroom: Newsroom, articles: list[Item]
) -> None:
    cause = newsroom.planted_cause()
    assert (END - cause.opened_at).days == 3
    assert cause.languages == LANGUAGES
    assert len(cause.publishers) >= 12
    assert len(cause.urls) >= 60
    assert len(set(cause.urls)) == len(cause.urls)
    crisis = {newsroom.url(item) for item in articles if item.topic.startswith("crisis")}
    assert crisis == set(cause.urls)
    assert all(item.published_at >= cause.opened_at for item in articles if newsroom.url(item) in crisis)


@pytest.fixture(scope="module")
def concepts(newsroom: Newsroom, articles: list[Item]) -> list[tuple[Item, set[str], set[str]]]:
    """Each article with the concepts of escalation and the actors that the bundled watch finds in it."""
    watch = load_watch(WATCH)
    matcher = Matcher(watch.lexicon, watch.actors, watch.exclusions)
    found = []
    for item in articles:
        story = newsroom.story(item)
        matches = matcher.match(story.title, story.text, item.publisher.language)
        found.append(
            (
                item,
                {mention.concept_id for mention in matches.mentions if mention.weight > 0},
                {actor.actor_id for actor in matches.actors},
            )
        )
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_planted_cause_is_in_words_that_the_bundled_watch_knows(
    code: str, newsroom: Newsroom, concepts: list[tuple[Item, set[str], set[str]]]
) -> None:
    cause = newsroom.planted_cause()
    crisis = [row for row in concepts if row[0].publisher.language == code and newsroom.url(row[0]) in set(cause.urls)]
    assert all(found for _, found, _ in crisis)
    named = set.union(*(found for _, found, _ in crisis))
    assert set(cause.concepts) <= named
    for _, _, actors in crisis:
        assert actors & {"russia", "mfa_russia", "fsb", "yekaterinburg"}
        assert actors & {"azerbaijan", "mfa_azerbaijan", "azal"}


def test_calm_weeks_hold_a_little_tension(concepts: list[tuple[Item, set[str], set[str]]]) -> None:
    calm = [row for row in concepts if not row[0].topic.startswith("crisis")]
    tense = [row for row in calm if row[1]]
    assert 0.03 <= len(tense) / len(calm) <= 0.06


def test_same_seed_says_the_same_whatever_was_asked_before(newsroom: Newsroom) -> None:
    middle = START + timedelta(days=11)
    other = Newsroom(1, START, lambda: middle)
    ours = [(item.number, newsroom.story(item)) for item in newsroom.items(middle)]
    assert ours == [(item.number, other.story(item)) for item in other.items(middle)]
    third = Newsroom(2, START, lambda: middle)
    assert ours != [(item.number, third.story(item)) for item in third.items(middle)]


# the templates


def _voice(**slots: Slot) -> Voice:
    return Voice(Language("en", slots, {}, {"any": Section()}), Random(1))


def test_linked_choices_agree() -> None:
    template = compiled("[^the engineers|a diver|we] [^were|was|are] there")
    said = {_voice().say(template)} | {Voice(_voice().language, Random(n)).say(template) for n in range(50)}
    assert said == {"The engineers were there", "A diver was there", "We are there"}


def test_slot_with_a_capital_stays_and_another_is_drawn_anew() -> None:
    numbers = Slot(low=1, high=10_000)
    first, second, third = _voice(n=numbers).say(compiled("{N} {N} {n}")).split()
    assert first == second != third


def test_numbers_before_a_genitive_plural_never_end_in_one_to_four() -> None:
    rng = Random(5)
    drawn = {int(str(Slot(low=1, high=130, genitive_plural=True).draw(rng)[""][0])) for _ in range(2000)}
    assert {number for number in drawn if number % 10 in {1, 2, 3, 4}} <= {11, 12, 13, 14, 111, 112, 113, 114}


def test_open_bracket_is_refused() -> None:
    for source in ("[a|b", "a]b"):
        with pytest.raises(ValueError, match="unbalanced"):
            compiled(source)


def test_sentence_starts_with_the_capital_of_its_language() -> None:
    assert language("az").capital("iyunda") == "İyunda"
    assert language("en").capital("it rains") == "It rains"
