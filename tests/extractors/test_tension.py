"""The signed tension of an article, and how denials and look-backs take part in it."""

import pytest

from extractors.mentions import Matcher
from extractors.tension import LEAST_WORDS, tension_of
from model.outcomes import Field, Mark
from model.records import Mention
from watch_rows import matcher_of_watch

MARKED = {
    Mark.NEGATED: {
        "en": "Russia will not declare war on Azerbaijan.|Moscow denied that its missiles had struck Odesa.",
        "ru": "Россия не будет объявлять войну Азербайджану.|В Москве опровергли сообщения об обстреле Одессы.",
        "az": "Rusiya Azərbaycana müharibə elan etməyəcək.|Moskva Odessaya raket zərbəsi endirildiyini təkzib edib.",
        "tr": "Rusya, Azerbaycan'a savaş ilan etmeyecek.|Moskova, Odessa'ya füze saldırısı iddiasını yalanladı.",
        "uk": "Росія не оголошуватиме війну Азербайджану.|У Москві спростували обстріл Одеси.",
        "hy": "Ռուսաստանը պատերազմ չի հայտարարի Ադրբեջանին։|Մոսկվան հերքել է Օդեսայի հրետակոծումը։",
        "ka": "რუსეთი აზერბაიჯანს ომს არ გამოუცხადებს.|მოსკოვმა ოდესის დაბომბვა უარყო.",
        "fa": "روسیه به آذربایجان اعلان جنگ نخواهد کرد.|مسکو حمله موشکی به اودسا را تکذیب کرد.",
    },
    Mark.CONDITIONAL: {
        "en": "If Baku closes its border with Iran, Tehran will answer.|Russia could invade Georgia, analysts say.",
        "ru": "Если Баку закроет границу с Ираном, Тегеран ответит.|Россия может ввести санкции против Армении.",
        "az": "Rusiya Ermənistana qarşı sanksiya tətbiq edə bilər.",
        "tr": "Rusya, Ermenistan'a yaptırım uygulayabilir.",
        "uk": "Росія може запровадити санкції проти Вірменії.",
        "hy": "Ռուսաստանը կարող է պատժամիջոցներ սահմանել Հայաստանի դեմ։",
        "ka": "რუსეთმა შეიძლება სომხეთს სანქციები დაუწესოს.",
        "fa": "روسیه ممکن است ارمنستان را تحریم کند.",
    },
    Mark.HISTORIC: {
        "en": "Yerevan marked the anniversary of the war with Azerbaijan.|Armenia and Azerbaijan fought a war from 1992 to 1994.",
        "ru": "В Ереване отметили годовщину войны с Азербайджаном.",
        "az": "Bakıda Ermənistanla müharibənin ildönümü qeyd olunub.",
        "tr": "Bakü'de Ermenistan'la savaşın yıl dönümü anıldı.",
        "uk": "У Баку відзначили річницю війни з Вірменією.",
        "hy": "Երևանում նշել են Ադրբեջանի հետ պատերազմի տարելիցը։",
        "ka": "ბაქოში სომხეთთან ომის წლისთავი აღნიშნეს.",
        "fa": "در باکو سالگرد جنگ با ارمنستان برگزار شد.",
    },
    Mark.ASSERTED: {
        "en": "For the first time since 1994 Azerbaijan shelled Yerevan.|Russia not only shelled Odesa but also closed the border.",
        "ru": "Впервые с 1994 года Азербайджан обстрелял Ереван.|Россия не только обстреляла Одессу.",
        "uk": "Росія не лише обстріляла Одесу.",
    },
}


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return matcher_of_watch()


@pytest.mark.parametrize("mark", MARKED)
def test_denials_maybes_and_look_backs_are_marked_in_every_language(matcher: Matcher, mark: Mark) -> None:
    for language, texts in MARKED[mark].items():
        for text in texts.split("|"):
            mentions = matcher.match("", text, language).mentions
            assert {mention.mark for mention in mentions} == {mark}, (text, mentions)


def test_a_mark_takes_weight_away(matcher: Matcher) -> None:
    def weights(text: str) -> list[float]:
        return [mention.weight for mention in matcher.match("", text).mentions]

    assert weights("Russia imposed sanctions on Armenia.") == [3.0]
    assert weights("Russia could impose sanctions on Armenia.") == [1.5]
    assert weights("Russia will not impose sanctions on Armenia.") == [0.0]


def test_escalation_is_above_zero_and_de_escalation_below(matcher: Matcher) -> None:
    assert matcher.match("", "Azerbaijan shelled Yerevan.").tension > 0
    assert matcher.match("", "Azerbaijan and Armenia signed a peace treaty.").tension < 0
    assert matcher.match("", "The Baku metro bought new trains.").tension == 0


def mention(weight: float, field: Field = Field.TEXT, *actors: str) -> Mention:
    return Mention(
        concept_id="c", category="c", direction="escalation", weight=weight, field=field, start=0, end=1, surface="x",
        actor_ids=actors,
    )  # fmt: skip


def test_tension_is_per_hundred_words_and_a_title_counts_twice() -> None:
    assert tension_of([mention(3, Field.TEXT, "russia")], 300) == pytest.approx(1.0)
    assert tension_of([mention(3, Field.TITLE, "russia")], 300) == pytest.approx(2.0)
    assert tension_of([mention(3, Field.TEXT, "russia"), mention(-1, Field.TEXT, "iran")], 200) == pytest.approx(1.0)


def test_a_mention_near_no_actor_adds_nothing_and_a_short_text_counts_as_a_hundred_words() -> None:
    assert tension_of([mention(3)], 300) == 0
    assert tension_of([mention(3, Field.TEXT, "russia")], 8) == tension_of(
        [mention(3, Field.TEXT, "russia")], LEAST_WORDS
    )
    assert tension_of([], 0) == 0
