import itertools

from hypothesis import given
from hypothesis import strategies as st

from extractors.text import normal_form, sentence_at, sentence_spans, sentences, text_hash, word_count


def test_sentences_end_at_the_terminators_of_every_script_of_the_watch() -> None:
    assert sentences("Baku protested. Moscow denied! Why? Silence…") == [
        "Baku protested.",
        "Moscow denied!",
        "Why?",
        "Silence…",
    ]
    assert sentences("Баку заявил протест. Москва отвергла его.") == ["Баку заявил протест.", "Москва отвергла его."]
    assert sentences("Երևանը լռեց։ Բաքուն պատասխանեց։") == ["Երևանը լռեց։", "Բաքուն պատասխանեց։"]
    assert sentences("ბაქომ უარი თქვა. მოსკოვი დუმს.") == ["ბაქომ უარი თქვა.", "მოსკოვი დუმს."]
    assert sentences("باکو اعتراض کرد. چرا؟ مسکو ساکت است۔ پایان") == [
        "باکو اعتراض کرد.",
        "چرا؟",
        "مسکو ساکت است۔",
        "پایان",
    ]


def test_a_full_stop_inside_a_name_a_number_or_a_short_form_ends_nothing() -> None:
    assert len(sentences("Mr. Aliyev met J. D. Vance in Washington.")) == 1
    assert len(sentences("The U.S. Embassy said oil fell 3.5 per cent.")) == 1
    assert len(sentences("В 2026 г. МИД им. Ленина молчал.")) == 1
    assert len(sentences("თბილისმა ჩაკეტა ე.წ. საზღვარი.")) == 1
    assert len(sentences("20.02.2026 tarixində AZAL 8243 reysi qəzaya uğradı.")) == 1
    assert sentences("1. Withdrawal of peacekeepers") == ["1. Withdrawal of peacekeepers"]


def test_a_year_at_the_end_of_a_sentence_ends_it() -> None:
    assert sentences("It began in 2020. Then came peace.") == ["It began in 2020.", "Then came peace."]


def test_a_line_end_ends_a_sentence_and_a_closing_quote_belongs_to_it() -> None:
    assert sentences("Latest\nBaku: “No.” Then nothing.") == ["Latest", "Baku: “No.”", "Then nothing."]


def test_hostile_texts_take_linear_time() -> None:
    for hostile in ("." * 400_000 + "x", "A. " * 100_000, "1. " * 100_000, '."' * 200_000, "\n. " * 100_000):
        sentence_spans(hostile)
        word_count(hostile)


@given(st.text(max_size=300))
def test_spans_are_ordered_disjoint_and_lose_no_visible_character(text: str) -> None:
    spans = sentence_spans(text)
    assert all(start < end for start, end in spans)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


@given(
    st.lists(
        st.sampled_from(["Baku", "i", "U", "Dr", "7", "г", ".", ".", "!", '"', ")", " ", "\n", "-", "։", "a " * 150])
    )
)
def test_the_sentence_at_a_letter_is_the_one_that_cutting_them_all_gives(pieces: list[str]) -> None:
    text = "".join(pieces)
    for start, end in sentence_spans(text):
        for position in [start, (start + end) // 2, end - 1]:
            if text[position].isalnum():
                assert sentence_at(text, position) == (start, end)


@given(st.text(max_size=200), st.text(max_size=200))
def test_hashes_and_counts_take_any_text(title: str, text: str) -> None:
    assert len(text_hash(title, text)) == 32
    assert word_count(text) >= 0
    assert normal_form(normal_form(text)) == normal_form(text) or "\u0345" in normal_form(text)


def test_typesetting_makes_no_edition_and_a_changed_word_does() -> None:
    one = text_hash("Baku’s answer", "He said: “no” \u2014 twice.\n\nThen left.")
    assert one == text_hash("Baku's answer", 'He said: "no" - twice. Then\u00a0left.')
    assert one != text_hash("Baku's answer", 'He said: "yes" - twice. Then left.')
    assert text_hash("a", "b") != text_hash("", "a b")


def test_words_are_counted_in_every_script() -> None:
    assert word_count("Baku's al-Assad 2026") == 3
    assert word_count("Азербайджан – Россия: напряжённость") == 3
    assert word_count("می‌شود") == 1
    assert word_count(" \n—…") == 0
