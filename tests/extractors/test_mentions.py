"""What the matcher finds, with offsets that always lead back to the text as it was given."""

import random
import unicodedata

import pytest

from extractors.mentions import Matcher
from model.outcomes import Field
from model.watch import ExclusionRow, LexiconRow
from watch_rows import matcher_of_watch, rows

LANGUAGES = ("en", "ru", "az", "tr", "uk", "hy", "ka", "fa")
NOISE = "İıIßﬁև\u0301\u0307\u00ad\u200c\u200d՞՛'’ -.\n\t\ud800😀ʼё\u0308Ǆ" + "".join(map(chr, range(0x20, 0x600, 7)))


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return matcher_of_watch()


def concepts(matcher: Matcher, text: str, language: str = "") -> set[str]:
    return {mention.concept_id for mention in matcher.match("", text, language).mentions}


def concept(pattern: str, language: str = "en", *, name: str = "it", needs_actor: bool = False) -> LexiconRow:
    return LexiconRow(
        concept_id=name,
        category="c",
        direction="escalation",
        weight=3,
        language=language,
        pattern=pattern,
        needs_actor=needs_actor,
    )


def surfaces(rows: list[LexiconRow], text: str, exclusions: tuple[ExclusionRow, ...] = ()) -> list[str]:
    return [mention.surface for mention in Matcher(rows, [], exclusions).match("", text, rows[0].language).mentions]


@pytest.mark.parametrize(
    ("pattern", "language", "text", "expected"),
    [
        ("peace treat*", "en", "A Peace-Treaty, the “peace” treaties", ["Peace-Treaty", "peace” treaties"]),
        ("war", "en", "Warsaw, toward war. WAR!", ["war", "WAR"]),
        ("shot down * plane", "en", "shot down a plane, shot down plane", ["shot down a plane"]),
        ("война", "ru", "Война́ и вой\u00adна", ["Война́", "вой\u00adна"]),
        ("ёлка", "ru", "Елка, ёлка, е\u0308лка", ["Елка", "ёлка", "е\u0308лка"]),
        ("sınır*", "tr", "SINIR, sınırda, sinir, SİNİR", ["SINIR", "sınırda"]),
        ("iran*", "tr", "İRAN'IN IRAN, İran, I\u0307ran, ıran", ["İRAN", "IRAN", "İran", "I\u0307ran"]),
        ("iran", "en", "İRAN IRAN ıran", ["İRAN", "IRAN", "ıran"]),
        ("երևան*", "hy", "ԵՐԵՎԱՆ, Երեւանում, Երևանի՞ց", ["ԵՐԵՎԱՆ", "Երեւանում", "Երևանի՞ց"]),
        ("об'єднан*", "uk", "об’єднання, обʼєднаний, об`єднані", ["об’єднання", "обʼєднаний", "об`єднані"]),
        ("آتش\u200cبس", "fa", "آتش‌بس، آتش بس، آتشبس", ["آتش‌بس", "آتش بس", "آتشبس"]),
        ("final*", "en", "ﬁnally", ["ﬁnally"]),
        ("strasse", "en", "Straße", ["Straße"]),
        ("ომი*", "ka", "ᲝᲛᲘᲡ", ["ᲝᲛᲘᲡ"]),
        ("(ambassador|envoy) ~ summon*", "en", "summoned its Russian envoy", ["summoned its Russian envoy"]),
        ("ambassador* ~ summon*", "en", "The ambassador left. Summoned was nobody", []),
        ("ambassador* ~ summon*", "en", "summoned the U.S. ambassador", ["summoned the U.S. ambassador"]),
        ("на грани войны", "ru", "на самой грани, но на\u00a0«грани» войны", ["на\u00a0«грани» войны"]),
        ("(на грани|у порога) войны", "ru", "на грани - войны", ["на грани - войны"]),
        (
            "agent* (for|of) (fsb|the fsb)",
            "en",
            "agents of — the “FSB”, agent for FSB, of the FSB",
            ["agents of — the “FSB", "agent for FSB"],
        ),
        ("died @ (rocket*|attack*)", "en", "Two died when rockets hit Kyiv. He died at home", ["died"]),
    ],
)
def test_a_pattern_finds_its_forms_and_nothing_else(
    pattern: str, language: str, text: str, expected: list[str]
) -> None:
    assert surfaces([concept(pattern, language)], text) == expected


def test_letters_of_another_script_that_share_a_byte_of_the_key_are_no_hit() -> None:
    glagolitic = "".join(chr(0x2C00 + ord(letter) % 0x100) for letter in "война")
    assert surfaces([concept("войн*", "ru")], f"Москва: {glagolitic}. Нет войны", ()) == ["войны"]


def test_the_longest_match_wins_and_a_mask_emits_nothing() -> None:
    masks = (ExclusionRow(language="en", scope="mask", pattern="price war*"),)
    assert surfaces([concept("war")], "A price war is no war", masks) == ["war"]
    assert surfaces([concept("escalation"), concept("de escalation", name="other")], "de-escalation") == [
        "de-escalation"
    ]


def test_of_two_patterns_with_the_same_letters_the_one_that_needs_no_actor_wins() -> None:
    rows = [concept("peace talks", needs_actor=True, name="asks"), concept("peace (talks|negotiations)", name="free")]
    for order in (rows, rows[::-1]):
        found = Matcher(order, []).match("", "The peace talks went on.", "en").mentions
        assert [mention.concept_id for mention in found] == ["free"]


def test_a_sport_word_cancels_its_sentence_only() -> None:
    sport = (ExclusionRow(language="en", scope="sentence", pattern="football"),)
    assert surfaces([concept("war")], "War in football. The war goes on.", sport) == ["war"]


def test_a_mask_of_one_side_keeps_a_pair_from_being_found() -> None:
    rows = [concept("(unleash*|start*) ~ war")]
    mask = (ExclusionRow(language="en", scope="mask", pattern="price war"),)
    assert surfaces(rows, "They unleashed a price war. They unleashed a long war.", mask) == ["unleashed a long war"]
    agency = (ExclusionRow(language="en", scope="mask", pattern="travel agency"),)
    assert surfaces([concept("agency ~ closed")], "The travel agency closed. An agency closed.", agency) == [
        "agency closed"
    ]
    rocket = (ExclusionRow(language="en", scope="mask", pattern="rocket ~ soyuz"),)
    assert surfaces([concept("rocket ~ launch*")], "The rocket Soyuz launches a crew.", rocket) == []


def test_a_mask_takes_its_words_from_an_exclusion_too() -> None:
    sport = ExclusionRow(language="en", scope="sentence", pattern="theatre")
    mask = ExclusionRow(language="en", scope="mask", pattern="theatre of operations")
    text = "Troops massed in the theatre of operations. Troops massed at the theatre."
    assert surfaces([concept("troops")], text, (sport, mask)) == ["Troops"]
    assert surfaces([concept("troops")], text, (sport,)) == []


def test_a_headline_alone_counts_and_names_its_field(matcher: Matcher) -> None:
    matches = matcher.match("Azerbaijan summons Russian ambassador", "")
    assert [(m.concept_id, m.field, m.actor_ids) for m in matches.mentions] == [
        ("amb_summoned", Field.TITLE, ("azerbaijan", "russia"))
    ]
    assert matches.tension > 0


def test_a_language_without_patterns_has_no_mentions(matcher: Matcher) -> None:
    assert concepts(matcher, "Es war einmal ein Krieg, und Russland war gross.", "de") == set()


def tricky_text(rng: random.Random, words: list[str]) -> str:
    pieces = []
    for _ in range(rng.randint(1, 25)):
        draw = rng.random()
        if draw < 0.4:
            word = rng.choice(words)
            cut = rng.randint(0, len(word))
            word = rng.choice((word, word.upper(), word[:cut] + rng.choice(NOISE) + word[cut:]))
            pieces.append(unicodedata.normalize(rng.choice(("NFC", "NFD", "NFKD")), word))
        else:
            pieces.append(rng.choice(NOISE) if draw < 0.8 else chr(rng.randrange(0x20, 0x11_0000)))
    return rng.choice((" ", " ", "", "\u0301")).join(pieces)


def check_offsets(matcher: Matcher, texts: int, seed: int) -> int:
    rng, found = random.Random(seed), 0
    words = [
        row["pattern"].replace("*", "") for row in rows("lexicon.csv") + rows("actors.csv") if "(" not in row["pattern"]
    ]
    for _ in range(texts):
        title, text = tricky_text(rng, words), tricky_text(rng, words)
        matches = matcher.match(title, text, rng.choice(LANGUAGES))
        for mention in (*matches.mentions, *matches.actors):
            given = title if mention.field is Field.TITLE else text
            assert given[mention.start : mention.end] == mention.surface != "", (title, text)
            found += 1
    return found


def test_offsets_lead_back_to_the_surface_in_random_texts(matcher: Matcher) -> None:
    assert check_offsets(matcher, 1_500, seed=5) > 300


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_offsets_lead_back_to_the_surface_in_a_hundred_thousand_random_texts(matcher: Matcher) -> None:
    assert check_offsets(matcher, 100_000, seed=6) > 20_000


@pytest.mark.timeout(30)
def test_a_sentence_full_of_masks_and_pairs_takes_linear_time() -> None:
    masks = tuple(ExclusionRow(language="en", scope=scope, pattern="price war") for scope in ("mask", "sentence"))
    text = "unleashed price war and peace " * 4_000
    assert surfaces([concept("unleash* ~ war"), concept("peace", name="peace")], text, masks[:1]) == ["peace"] * 4_000
    assert surfaces([concept("unleash* ~ war"), concept("peace", name="peace")], text, masks) == []


@pytest.mark.timeout(30)
def test_a_sentence_of_a_hundred_thousand_letters_full_of_hits_is_no_trap(matcher: Matcher) -> None:
    matches = matcher.match("", "Russia ambassador summoned " * 4_000, "en")
    assert len(matches.actors) == 4_000
    assert len(matches.mentions) > 3_000
