"""How a mention is meant, in the languages of the watch: sentence, the mention in it, its pattern, the mark."""

import pytest

from extractors.folding import fold
from extractors.marks import has_cue, mark_of
from model.outcomes import Mark

ASSERTED, NEGATED, POSSIBLE, HISTORIC = Mark.ASSERTED, Mark.NEGATED, Mark.CONDITIONAL, Mark.HISTORIC
CASES = [
    ("en", "Iran closed its border with Azerbaijan.", "closed its border", "(close*) ~ border", ASSERTED),
    ("en", "Iran has not closed its border.", "closed its border", "(close*) ~ border", NEGATED),
    ("en", "Iran denied that it had closed its border.", "closed its border", "(close*) ~ border", NEGATED),
    ("en", "Iran may close its border.", "close its border", "(close*) ~ border", POSSIBLE),
    ("en", "Iran closed its border in 1989.", "closed its border", "(close*) ~ border", HISTORIC),
    ("en", "Iran closed its border for the first time since 1989.", "closed its border", "(close*) ~ border", ASSERTED),
    ("en", "The truce did not hold.", "truce did not hold", "truce ~ not hold", ASSERTED),
    ("en", "Nobody knows whether the truce did not hold.", "truce did not hold", "truce ~ not hold", POSSIBLE),
    ("ru", "Иран не закрыл границу.", "закрыл границу", "закрыл* ~ границ*", NEGATED),
    ("ru", "Границу Иран пока не закрыл.", "Границу Иран пока не закрыл", "закрыл* ~ границ*", NEGATED),
    ("ru", "Перемирие не продержалось и дня.", "Перемирие не продержалось", "перемири* ~ не продержал*", ASSERTED),
    ("ru", "Иран не исключает закрытия границы.", "закрытия границы", "закрыти* ~ границ*", POSSIBLE),
    ("ru", "Иран исключает закрытие границы.", "закрытие границы", "закрыти* ~ границ*", NEGATED),
    ("ru", "Слухи о закрытии границы не соответствуют действительности.", "закрытии границы", "закрыти* границ*", NEGATED),
    ("en", "Baku dismissed the report as a provocation.", "provocation", "provocation", ASSERTED),
    ("en", "Baku dismissed reports of a clash as a provocation.", "clash", "clash", NEGATED),
    ("en", "Three jets entered Estonian airspace without permission.", "entered Estonian airspace", "enter* ~ airspace", ASSERTED),
    ("en", "Kyiv will never recognise the annexation.", "annexation", "annexation", ASSERTED),
    ("en", "The shelling has not stopped.", "shelling", "shelling", ASSERTED),
    ("en", "Russia has not stopped the shelling.", "stopped the shelling", "stop* ~ shelling", NEGATED),
    ("ru", "Ответные меры не заставят себя ждать.", "Ответные меры", "ответн* мер*", ASSERTED),
    ("ru", "Киев согласился на перемирие без предварительных условий.", "перемирие", "перемири*", ASSERTED),
    ("ru", "Самолёт без разрешения вошёл в небо Эстонии.", "вошёл в небо", "вошел ~ небо", ASSERTED),
    ("ru", "Бои не прекращаются.", "Бои", "бои", ASSERTED),
    ("ru", "Россия не прекратила огонь.", "прекратила огонь", "прекратил* огонь", NEGATED),
    ("uk", "Заходи у відповідь не забаряться.", "Заходи у відповідь", "заход* у відповідь", ASSERTED),
    ("uk", "Україна ніколи не визнає анексії.", "анексії", "анексі*", ASSERTED),
    ("tr", "Türkiye ilhakı tanımayacak.", "ilhakı", "ilhak*", ASSERTED),
    ("tr", "Türkiye arabulucu olmaya hazır.", "arabulucu", "arabulucu*", ASSERTED),
    ("tr", "Türkiye arabulucu olmayacak.", "arabulucu", "arabulucu*", NEGATED),
    ("tr", "Misilleme gecikmedi.", "Misilleme", "misilleme*", ASSERTED),
    ("az", "Cavab addımları gecikməyəcək.", "Cavab addımları", "cavab addım*", ASSERTED),
    ("az", "Döyüşlər dayanmayıb.", "Döyüşlər", "döyüş*", ASSERTED),
    ("hy", "Մարտերը չեն դադարում։", "Մարտերը", "մարտեր*", ASSERTED),
    ("hy", "Բաքուն համաձայնեց հրադադարի առանց նախապայմանների։", "հրադադարի", "հրադադար*", ASSERTED),
    ("ka", "ბრძოლები არ წყდება.", "ბრძოლები", "ბრძოლებ*", ASSERTED),
    ("ka", "პეკინი საპასუხო ზომებს არ დააყოვნებს.", "საპასუხო ზომებს", "საპასუხო ზომ*", ASSERTED),
    ("fa", "این اقدام بی‌پاسخ نخواهد ماند.", "بی‌پاسخ نخواهد", "بی‌پاسخ (نخواه*|نماند*)", ASSERTED),
    ("fa", "این چیزی جز فشار نیست.", "فشار", "فشار", ASSERTED),
    ("fa", "جنگنده‌ها بدون مجوز وارد حریم هوایی شدند.", "وارد حریم هوایی", "وارد ~ حریم هوایی", ASSERTED),
    ("uk", "Чутки про закриття кордону не відповідають дійсності.", "закриття кордону", "закриття кордон*", NEGATED),
    ("tr", "Ermenistan sınırı kapatmadı.", "sınırı kapatmadı", "sınır* ~ (kapat*|açmadı*)", NEGATED),
    ("tr", "Ermenistan sınırı açmadı.", "sınırı açmadı", "sınır* ~ (kapat*|açmadı*)", ASSERTED),
    ("tr", "Sınırın kapatıldığı iddiası gerçeği yansıtmıyor.", "Sınırın kapatıldığı", "sınır* ~ kapat*", NEGATED),
    ("az", "İran sərhədi bağlamayıb.", "sərhədi bağlamayıb", "sərhəd* ~ bağla*", NEGATED),
    ("az", "Sərhədin bağlandığı xəbəri həqiqəti əks etdirmir.", "Sərhədin bağlandığı", "sərhəd* ~ bağlan*", NEGATED),
    ("az", "Sərhədin bağlanmasından söhbət belə getmir.", "Sərhədin bağlanmasından", "sərhəd* ~ bağlan*", NEGATED),
    ("fa", "ایران مرز را نبست و خبر بستن مرز صحت ندارد.", "بستن مرز", "بستن مرز", NEGATED),
    ("hy", "Սահմանի փակման լուրը չի համապատասխանում իրականությանը։", "Սահմանի փակման", "սահման* ~ փակ*", NEGATED),
    ("ka", "საზღვრის ჩაკეტვა სიმართლეს არ შეესაბამება.", "საზღვრის ჩაკეტვა", "საზღვრ* ~ ჩაკეტ*", NEGATED),
]  # fmt: skip


@pytest.mark.parametrize(("language", "sentence", "mention", "pattern", "mark"), CASES)
def test_a_mention_is_meant_as_its_sentence_says(
    language: str, sentence: str, mention: str, pattern: str, mark: Mark
) -> None:
    folded = fold(sentence, language).text
    start = folded.index(fold(mention, language).text)
    assert mark_of(folded, start, start + len(mention), language, pattern) == mark
    assert has_cue(folded, language) or mark == ASSERTED


def test_a_language_without_cues_asserts_everything() -> None:
    assert not has_cue("pas de guerre", "fr")
    assert mark_of("pas de guerre", 7, 13, "fr", "guerre") == ASSERTED
