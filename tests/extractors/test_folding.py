"""Folded texts and the way back from them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.folding import EITHER_I, fold

LANGUAGES = ("en", "ru", "az", "tr", "uk", "hy", "ka", "fa", "und")
TRICKY = "İıIißﬁևՙՑ՞՛՜’ʼ`ё\u0301\u0308\u0306\u0307\u00ad\u200b\u200c\u200d\ufeffﷺيكةĲǆ½²\ud800\U0001d400😀ᲝѢ"
TEXTS = st.text(st.one_of(st.sampled_from(TRICKY), st.characters()), max_size=60)


@pytest.mark.parametrize(
    ("text", "language", "folded"),
    [
        ("ЁЛКА Ёлка е\u0308лка", "ru", "елка елка елка"),
        ("Война́", "ru", "война"),
        ("й и\u0306", "ru", "й й"),
        ("İSTANBUL ISPARTA", "tr", f"istanbul {EITHER_I}sparta"),
        ("İSTANBUL ISPARTA ısı", "en", "istanbul isparta isi"),
        ("kâr, hükûmet", "tr", "kar, hükumet"),
        ("об’єкт обʼєкт", "uk", "об'єкт об'єкт"),
        ("Երևան՞ ո՞վ", "hy", "երևան ով"),
        ("كتاب يمنى", "fa", "کتاب یمنی"),
        ("می‌شود", "fa", "می‌شود"),
        ("اف ۱۶، ١٩٩٢، آنکارا", "fa", "اف 16، 1992، آنکارا"),
        ("co\u200cop\u00aderate", "en", "cooperate"),
        ("ﬁnal Straße ＷＡＲ 𝐖𝐀𝐑", "en", "final strasse war war"),
        ("ᲝᲛᲘ", "ka", "ომი"),
        (
            "Erdoğan, Çavuşoğlu: attaché, DÉTENTE, e\u0301lan, Əliyev",
            "en",
            "erdogan, cavusoglu: attache, detente, elan, aliyev",
        ),
        ("Erdoğan", "tr", "erdoğan"),
        ("Росiя, Украïна, Украi\u0308на", "uk", "росія, україна, україна"),
        ("Azǝrbaycan Әliyev ƎLİYEV", "az", "azərbaycan əliyev əliyev"),
    ],
)
def test_a_text_folds_to_plain_letters(text: str, language: str, folded: str) -> None:
    assert fold(text, language).text == folded


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_every_span_leads_back_into_the_original_and_spans_stay_in_order(text: str, language: str) -> None:
    folded = fold(text, language)
    assert len(folded.text) == len(folded.key)
    spans = [folded.span(at, at + 1) for at in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    for at, (start, _) in enumerate(spans):
        assert folded.offset(start) <= at


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("aöüğşçİıIəéêёйіїєґўըթւեა იآئ"), max_size=30), st.sampled_from(LANGUAGES))
def test_composed_and_decomposed_letters_fold_alike(text: str, language: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert fold(composed, language).key == fold(decomposed, language).key
