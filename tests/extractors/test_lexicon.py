"""The bundled lexicon against its bench, against itself across languages, and against word lists."""

from collections import defaultdict

import pytest

from extractors.folding import fold
from extractors.lexicon import BenchRow, highlight, run_bench, why_not
from extractors.mentions import Matcher
from extractors.patterns import PatternError, parse_pattern
from watch_rows import matcher_of_watch, rows

LANGUAGES = ("en", "ru", "az", "tr", "uk", "hy", "ka", "fa")
# One event in eight languages: concepts, actors, then the sentences in the order above.
EVENTS = [
    ("amb_recalled", "russia|armenia", (
        "Moscow has recalled its ambassador from Yerevan.", "Москва отозвала посла из Еревана.",
        "Moskva səfirini İrəvandan geri çağırıb.", "Moskova, Erivan'daki büyükelçisini geri çağırdı.",
        "Москва відкликала посла з Єревана.", "Մոսկվան հետ է կանչել Երևանում իր դեսպանին։",
        "მოსკოვმა ერევნიდან ელჩი გაიწვია.", "مسکو سفیر خود در ایروان را فراخواند.")),
    ("peace_treaty", "azerbaijan|armenia", (
        "Baku and Yerevan will sign a peace treaty.", "Баку и Ереван подпишут мирный договор.",
        "Bakı və İrəvan sülh müqaviləsi imzalayacaq.", "Bakü ve Erivan barış anlaşması imzalayacak.",
        "Баку та Єреван підпишуть мирний договір.", "Բաքուն և Երևանը կստորագրեն խաղաղության պայմանագիր։",
        "ბაქო და ერევანი სამშვიდობო ხელშეკრულებას მოაწერენ ხელს.", "باکو و ایروان پیمان صلح امضا می‌کنند.")),
    ("drone_attack", "ukraine|russia", (
        "Ukrainian drones attacked Moscow.", "Украинские дроны атаковали Москву.",
        "Ukrayna dronları Moskvaya hücum edib.", "Ukrayna dronları Moskova'ya saldırdı.",
        "Українські дрони атакували Москву.", "Ուկրաինական դրոնները հարձակվել են Մոսկվայի վրա։",
        "უკრაინულმა დრონებმა მოსკოვს შეუტიეს.", "پهپادهای اوکراین به مسکو حمله کردند.")),
    ("border_closure", "iran|azerbaijan", (
        "Iran closed its border with Azerbaijan.", "Иран закрыл границу с Азербайджаном.",
        "İran Azərbaycanla sərhədini bağlayıb.", "İran, Azerbaycan sınırını kapattı.",
        "Іран закрив кордон з Азербайджаном.", "Իրանը փակել է Ադրբեջանի հետ սահմանը։",
        "ირანმა აზერბაიჯანთან საზღვარი ჩაკეტა.", "ایران مرز خود با آذربایجان را بست.")),
]  # fmt: skip


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return matcher_of_watch()


def test_every_language_passes_its_bench_of_forty_sentences_and_fifteen_negatives(matcher: Matcher) -> None:
    scores, misses = run_bench(matcher, map(BenchRow.of, rows("bench.csv")))
    assert {score.language for score in scores} == set(LANGUAGES)
    for score in scores:
        assert score.sentences >= 40
        assert score.negatives >= 15
        assert score.recall >= 0.95, [miss for miss in misses if miss.row.language == score.language]
        assert score.false == 0, [miss for miss in misses if miss.row.language == score.language]


@pytest.mark.parametrize(("concepts", "actors", "sentences"), EVENTS)
def test_one_event_in_eight_languages_gives_the_same_concepts_and_actors(
    matcher: Matcher, concepts: str, actors: str, sentences: tuple[str, ...]
) -> None:
    for language, sentence in zip(LANGUAGES, sentences, strict=True):
        matches = matcher.match("", sentence)
        assert matches.language == language
        assert {mention.concept_id for mention in matches.mentions} == set(concepts.split("|")), sentence
        assert {actor.actor_id for actor in matches.actors} == set(actors.split("|")), sentence


def test_every_pattern_of_the_watch_can_be_read() -> None:
    for name in ("lexicon.csv", "actors.csv", "exclusions.csv"):
        for row in rows(name):
            assert parse_pattern(row["pattern"], row["language"])


def test_every_concept_has_patterns_in_every_language_and_one_category_and_weight() -> None:
    languages, facts = defaultdict(set), defaultdict(set)
    for row in rows("lexicon.csv"):
        languages[row["concept_id"]].add(row["language"])
        facts[row["concept_id"]].add((row["category"], row["direction"], row["weight"]))
    assert {concept for concept, seen in languages.items() if seen != set(LANGUAGES)} == set()
    assert {concept for concept, seen in facts.items() if len(seen) > 1} == set()


def test_no_pattern_stands_for_two_concepts_or_two_actors() -> None:
    for name, key in (("lexicon.csv", "concept_id"), ("actors.csv", "actor_id")):
        owners = defaultdict(set)
        for row in rows(name):
            owners[row["language"], fold(row["pattern"], row["language"]).text].add(row[key])
        assert {pattern: ids for pattern, ids in owners.items() if len(ids) > 1} == {}


@pytest.mark.parametrize("pattern", ["", "*", "a*b", "(a|", "a ~ b ~ c", "(|a)"])
def test_a_pattern_outside_the_grammar_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse_pattern(pattern, "en")


def test_a_row_of_short_words_gives_the_automaton_few_keys() -> None:
    (part,) = parse_pattern("to (a b c d e f g h i j k l m n o p|be) (at an end of it all|off)", "en")
    assert 0 < len(part.keys) < 100


def test_a_highlighted_text_is_the_text_again(matcher: Matcher) -> None:
    text = "Azerbaijan summoned Russia's ambassador. The weather was fine."
    pieces = highlight(matcher, text)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.found for piece in pieces if piece.found] == ["azerbaijan", "amb_summoned"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Azerbaijan summoned Russia's ambassador.", None),
        ("The war on weeds in our garden goes on.", "no actor stands in its sentence"),
        ("Russia and Azerbaijan at war on the football field.", "sport"),
        ("Moscow denied that its missiles had struck Odesa.", "negated"),
        ("The Baku metro bought new trains.", "No pattern"),
        (
            "Der Krieg in der Ukraine dauert an, sagte der Minister in Berlin gestern Abend.",
            "no patterns for that language",
        ),
    ],
)
def test_why_not_names_the_reason(matcher: Matcher, text: str, reason: str | None) -> None:
    reasons = why_not(matcher, "", text)
    assert (reasons == []) if reason is None else any(reason in line for line in reasons), reasons


# Words that a stem of a concept would catch if it were cut a letter too short, or that mean something else. Found by
# expanding every single-word stem against the 40,000 most frequent words of its language, and by use.
FALSE_FRIENDS = {
    "en": (
        "Russia",
        "escalator avengers pressurized apologists sanctioned several severe Warsaw reward standoffish killjoy",
    ),
    "ru": (
        "Россия",
        "осадки бомбардир агрессивно диверсификация последствия послезавтра ракетка санкционировал трамплин",
    ),
    "uk": ("Росія", "диверсифікація післязавтра ракетка санкціонував затримка вибачливий винуватий примусово послання"),
    "tr": (
        "Rusya",
        "sinir kına notalar tansiyonu Şehitkamil yakalandı yararlandı suçlar ajans hindistancevizi barışçı",
    ),
    "az": ("Rusiya", "hədəfləri raketka bağlıdır kəsici İskəndər vurğu çağırış saxlanc"),
    "hy": ("Ռուսաստան", "Սահմանադրություն սահմանափակ դիվերսիֆիկացիա վիրավորական սպանախ խոց գործակալություն"),
    "ka": ("რუსეთი", "ომბუდსმენი მოკლე წამებში სანქცირებული ოდესღაც დივერსიფიკაცია"),
    "fa": ("روسیه", "جنگل موشکاف دستگیره آتشفشان مرزبان"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_stem_catches_a_false_friend(matcher: Matcher, language: str) -> None:
    actor, words = FALSE_FRIENDS[language]
    for word in words.split():
        assert matcher.match("", f"{actor} — {word}", language).mentions == (), word
