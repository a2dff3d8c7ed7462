"""How a mention is meant: asserted, denied, only possible, or a look back.

Each language has cues of three kinds. `close` cues (not, no, the negated verb) must stand within a few words of the
mention, in its clause; `wide` cues (denied, ruled out; historian, anniversary, in 1828) may stand farther away. No
parsing: a cue that is missed leaves the mention asserted, which is the safer error for an alarm.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from extractors.folding import fold
from model.outcomes import Mark

# What a mark leaves of a concept's weight. A denied or remembered event is no event; a possible one is half of one: the
# geopolitical risk index counts threats beside acts (Caldara and Iacoviello 2022).
FACTORS = {Mark.ASSERTED: 1.0, Mark.CONDITIONAL: 0.5, Mark.NEGATED: 0.0, Mark.HISTORIC: 0.0}

_WIDE = 8  #: words on either side in which a denial is looked for
_REACH = 120  #: characters in which they lie
_CLOSE = ("negated", "denied", "possible")  #: kinds of cues that must stand near the mention
_CLAUSE = re.compile(r"[,;:()«»“”\"—–]")
_WORD = re.compile(r"\w+(?:['\u200c]\w+)*")
_YEAR = r"1[5-9]\d\d"
_Around = tuple[str, str]  #: what stands before a mention and behind it


@dataclass(frozen=True, slots=True)
class _Cues:
    """The cues of a language; `before` and `after` say within how many words a close cue must stand."""

    before: int
    after: int
    negated: str
    denied: str
    possible: str
    past: str
    not_negated: str = r"(?!)"  #: phrases that hold a negative and deny nothing
    beside: str = r"(?!)"  #: those that leave what stands beside them as it is: the fighting "does not stop"


_NEVER = r"(?!)"
_NO_CUES = _Cues(1, 1, _NEVER, _NEVER, _NEVER, _NEVER)  #: of a language without cues: all is asserted
_CUES = {
    "en": _Cues(
        3,
        1,
        r"no|not|never|without|neither|nor|cannot|\w+n't|t",
        r"den(?:y|ies|ied|ying)|refut\w+|rul(?:e|es|ed|ing) out|dismiss(?:ed|es)?|debunk\w*|unfounded|false reports?",
        r"if|unless|whether|could|might|may|would|possible|possibly|potential\w*|hypothetical\w*|risks?|fears?|"
        r"in case|not ruled out|not rule out|in the event",
        rf"anniversar\w+|commemorat\w+|historians?|centur(?:y|ies)|(?:years|decades) ago|ottoman|soviet era|medieval|"
        rf"in memory of|memorial|veterans?|(?:in|of|from|during|between|the|until|early|late) {_YEAR}s?",
        r"not only|no longer|no fewer|no less|not ruled out|not rule out|no doubt|not just|"
        r"without (?:(?:any|prior|official) )?(?:permission|authori[sz]ation|warning|notice|(?:pre)?conditions|"
        r"explanation|charges?|trial|delay)",
        r"(?:not|never|\w+n't) (?:recogni[sz]|stop|ceas|end|let up|abat|subsid|back down|yield|give up|budge)\w*|"
        r"not (?:go|remain|be left) un\w+|not be long|no (?:end|let-up|respite)|not (?:satisf\w+|enough)|"
        r"dismiss(?:ed|es|ing)? (?:\S+ ){0,8}?as",
    ),
    "ru": _Cues(
        2,
        1,
        r"не|ни|нет|без|никогда|отсутств\w+",
        r"опроверг\w*|опроверж\w*|отрица\w*|исключил\w*|исключает\w*|не подтверд\w*|не соответств\w+ действительности",
        r"если|может|могут|мог|могла|могло|могли|возможн\w*|вероятн\w*|бы|в случае|риск\w*|якобы|гипотетическ\w*|"
        r"не исключ\w*",
        rf"годовщин\w*|лети[еяю]|историк\w*|век[ае]?|столети\w*|лет назад|османск\w*|советское время|средневеков\w*|"
        rf"ветеран\w*|памят[ьи] (?:о|жертв)\w*|{_YEAR}(?: {_YEAR})?(?: \w{{1,2}})? (?:г|год\w*|гг)",
        r"не только|не раз|не менее|не исключ\w*|не один|неоднократно|ни один|не допустит|"
        r"без (?:(?:каких|либо|всяких|предварительных|выдвижения)\W)*услови\w+|"
        r"без (?:разрешения|согласования|предупреждения|объяснени\w+|суда|ответа|сомнени\w+)|и без того|не что иное|"
        r"не просто",
        r"(?:никогда )?не (?:застав|замедл|остан|остав|призна|прекраща|прекрат|стиха|утиха|смолка|ослабева|спада|"
        r"отступ|откаж|отказ|удовлетвор|прост|забуд)\w*",
    ),
    "uk": _Cues(
        2,
        1,
        r"не|ні|немає|без|ніколи|жодн\w+|відсутн\w+",
        r"спросту\w*|запереч\w*|виключил\w*|виключив|не підтверд\w*|не відповіда\w+ (?:дійсності|правді)",
        r"якщо|може|можуть|міг|могла|могли|можлив\w*|ймовірн\w*|імовірн\w*|би|б|у разі|в разі|ризик\w*|нібито|"
        r"не виключ\w*",
        rf"річниц\w*|річчя|історик\w*|столітт\w*|років тому|османськ\w*|радянськ\w* час\w*|середньовічн\w*|ветеран\w*|"
        rf"{_YEAR}(?: {_YEAR})?(?: \w{{1,2}})? (?:р|рік|рок\w*|роц\w*|рр)",
        r"не тільки|не лише|не раз|не менше|не виключ\w*|неодноразово|"
        r"без (?:(?:жодних|будь|яких|попередніх|висування)\W)*умов\w*|"
        r"без (?:дозволу|погодження|попередження|пояснен\w+|суду|відповіді|сумнів\w*)|[ій] без того|не що інше|"
        r"не просто",
        r"(?:ніколи )?не (?:забар|змус|залиш|визна|припин|стиха|вщуха|слабша|спада|відступ|відмов|задоволь|проба|"
        r"забуд)\w*",
    ),
    "az": _Cues(
        1,
        3,
        r"yoxdur|yox|deyil\w*|olmay\w+|olmad\w+|heç|\w+m[aə](?:yıb|yib|yacaq\w*|yəcək\w*|dı|di|dığ\w+|diy\w+|mış\w*|"
        r"miş\w*)",
        r"təkzib\w*|inkar\w*|istisna (?:et|ed)\w*|yalanla\w*|rədd (?:et|ed)\w*|həqiqəti əks etdirm\w+|"
        r"həqiqətə uyğun (?:deyil|olma)\w*|söhbət (?:belə |gedə )?(?:getm|bilm)\w+",
        r"əgər|ola bilər|bilər|bilərdi|mümkün\w*|ehtimal\w*|təqdirdə|halda|guya",
        rf"ildönümü\w*|tarixçi\w*|əsr\w*|il əvvəl|il qabaq|osmanlı|sovet dövrü\w*|orta əsr\w*|veteran\w*|"
        rf"{_YEAR}(?: \w{{1,3}})? il\w*|anım gün\w*|xatirə\w*",
        r"yalnız\w* deyil|təkcə\w* deyil|az deyil|"
        r"başqa bir şey deyil\w*|(?:misli )?görünməmiş\w*|şübhə yox\w*",
        r"(?:gecik|səngi|dayan|kəsil|bit|azal|tanı)m[aəıi]\w*|geri çəkilm\w+(?: fikrində deyil\w*)?|imtina etm\w+|"
        r"cavabsız \w+|geri addım atm\w+|kifayət deyil\w*",
    ),
    "tr": _Cues(
        1,
        3,
        r"yok|değil\w*|olmad\w+|olmay(?:an|ac|ıp|ınca|abil)\w*|hiçbir|\w+m[ae](?:dı|di|dılar|diler|yacak\w*|yecek\w*|"
        r"yacağ\w*|yeceğ\w*|mış\w*|miş\w*|dığ\w+|diğ\w+)",
        r"yalanla\w*|reddet\w*|reddedi\w*|inkar\w*|asılsız\w*|söz konusu değil|gerçeği yansıtm\w+|gerçek dışı\w*",
        r"eğer|olabil\w+|\w+[ae]bilir\w*|mümkün\w*|ihtimal\w*|olası\w*|halinde|takdirde|durumunda|riski|iddia edilen",
        rf"yıl ?dönümü\w*|tarihçi\w*|yüzyıl\w*|yıl önce|osmanlı\w*|sovyet dönemi\w*|orta ?çağ\w*|gazileri?|anma\w*|"
        rf"{_YEAR}(?: l[ae]r\w*| yıl\w*| savaş\w*| d[ae]\w*| harb\w*)|harbi\w*",
        r"sadece\w* değil|yalnızca\w* değil|"
        r"başka bir şey değil\w*|(?:kuşku|şüphe) yok|görülmemiş\w*|ağza alınmayacak|adı konmamış|ilan edilmemiş",
        r"(?:gecik|din|dur|kesil|bit|azal|yatış|tanı)m[aeıiuü]\w*|son[au] (?:er|bul)m\w+|geri adım atm\w+|vazgeçm\w+|"
        r"(?:cevapsız|karşılıksız|yanıtsız) \w+|yeterli değil\w*",
    ),
    "hy": _Cues(
        3,
        3,
        r"չի|չեն|չէ|չէր|չէին|չկա|չկան|չկար|չկային|չեղ\w+|չլին\w+|չարվ\w+|չարե\w+|չփակ\w+|չբաց\w+|չհայտ\w+|չվտար\w+|"
        r"առանց|ոչ մի|երբեք",
        r"հերք\w+|ժխտ\w+|բացառ(?:ել|եց|ում)\w*|չի հաստատ\w+|չ\w+ համապատասխանում իրականության\w*",
        r"եթե|կարող է|կարող են|կարող էր|հնարավոր\w*|հավանական\w*|դեպքում|իբր|իբրև թե",
        rf"տարելից\w*|ամյակ\w*|պատմաբան\w*|դար|դարի|դարում|դարերի\w*|տարի առաջ|օսմանյան|խորհրդային տարիներ\w*|"
        rf"միջնադար\w*|վետերան\w*|{_YEAR}(?: \w{{1,3}})? (?:թ|թթ|թվական\w*)",
        r"ոչ միայն|չի բացառ\w+|"
        r"չ(?:են|էր|էին) բացառ\w+|"
        r"առանց (?:նախապայմանի|նախապայմանների|պայմանների|թույլտվության|նախազգուշացման|բացատրության|դատի)|"
        r"առանց (?:այն|այդ) էլ|ոչ այլ ինչ",
        r"չ(?:ի|են|էր|էին) (?:դադար|հանդարտ|մարում|նահանջ|հրաժար|ճանաչ|ուշան|բավարար)\w*|չուշաց\w*|"
        r"անպատասխան չ\w+(?: \w+)?",
    ),
    "ka": _Cues(
        3,
        2,
        r"არ|ვერ|აღარ|არა|არც|ნუ|გარეშე|არავინ|არანაირ\w*",
        r"უარყო\w*|გამორიცხ\w*|არ დაადასტურ\w*|სიმართლეს არ შეესაბამება\w*",
        r"თუ|შეიძლება|შესაძლ\w*|სავარაუდო\w*|შემთხვევაში|თითქოს|ალბათ|არ გამორიცხ\w*",
        rf"წლისთავ\w*|იუბილე\w*|ისტორიკოს\w*|საუკუნე\w*|საუკუნის|წლის წინ|ოსმალ\w*|საბჭოთა პერიოდ\w*|შუა საუკუნ\w*|"
        rf"ვეტერან\w*|{_YEAR}(?: {_YEAR})? წ\w*",
        r"არა მხოლოდ|არ გამორიცხ\w*|არაერთ\w*|არა მარტო|უპასუხოდ არ|"
        r"(?:წინაპირობ|პირობ|ნებართვ|გაფრთხილებ|სასამართლო)\w* გარეშე|სხვა არაფერი|არა უბრალოდ",
        r"(?:არ|აღარ) (?:დააყოვნ|აყოვნ|დაიგვიან|დააგვიან|წყდებ|შეწყ|ცხრებ|ჩერდებ|აღიარ|ცნობ|აკმაყოფილ|თმობ)\w*|"
        r"უკან არ \w+",
    ),
    "fa": _Cues(
        2,
        4,
        r"نیست\w*|نبود\w*|نکرد\w*|نشد\w*|نخواهد|نخواهند|نداشت\w*|ندارد|ندارند|نداد\w*|نیفتاد\w*|نبسته|نگشود\w*|"
        r"نمی(?:\u200c)?\w+|بدون|هیچ",
        r"تکذیب\w*|منتفی|انکار\w*|نفی|بی\u200c?اساس|رد کرد\w*|رد می\u200c?کند|صحت ندارد|کذب",
        r"اگر|شاید|ممکن|احتمال\w*|در صورت|می\u200c?تواند|می\u200c?توانند|خطر|چنانچه",
        r"سالگرد\w*|سالروز\w*|تاریخ\u200c?نگار\w*|مورخ\w*|سده\w*|قرن\w*|سال پیش|عثمانی\w*|دوران شوروی|قاجار\w*|صفوی\w*|"
        r"[1۱][5-9۵-۹][0-9۰-۹]{2}",
        r"نه تنها|نه فقط|"
        r"بدون (?:هیچ )?(?:قید و شرط|پیش\u200c?شرط\w*|شرط|مجوز|اجازه|هماهنگی|هشدار|اطلاع|محاکمه|دلیل|تردید|شک|تعارف|"
        r"پرده\u200c?پوشی)|"
        r"چیزی جز .{1,60}? (?:نیست|نبود)\w*|بی\u200c?(?:پاسخ|جواب) ن\w+",
        r"(?:متوقف|تمام) ن\w+|پایان نیافت\w*|فروکش نکرد\w*|به رسمیت ن(?:می\u200c?)?\w+|"
        r"(?:عقب\u200c?نشینی|عدول|کوتاه) ن(?:می\u200c?)?\w+|فاصله(?:\u200c?ای)? ندار\w*|کافی نیست",
    ),
}
# "For the first time since 1994" is about today.
_SINCE = re.compile(
    r"(?:since|с|со|з|із|از سال|از|после|after|від)\s+\Z"
    r"|\A\s*(?:\w+\s+)?(?:bəri|bu yana|beri|sonra|ի վեր|հետո|შემდეგ|მას შემდეგ|تاکنون)\b"
)


@cache
def _compiled(language: str) -> tuple[_Cues, dict[str, re.Pattern[str]]]:
    cues = _CUES.get(language, _NO_CUES)
    kinds = ("negated", "denied", "possible", "past", "not_negated", "beside")
    words = {kind: getattr(cues, kind) for kind in kinds}
    words["any"] = "|".join(words[kind] for kind in kinds[:4])
    # Begins with a set of characters, which the engine looks for many times faster than for a choice; so a text to
    # search has a space put before it.
    return cues, {kind: re.compile(rf"\W(?:{alternatives})(?!\w)") for kind, alternatives in words.items()}


def has_cue(sentence: str, language: str) -> bool:
    """Tell whether a folded sentence holds any cue; without one all that it mentions is asserted."""
    cue, plain = _compiled(language)[1]["any"], _unjoined(sentence)
    return cue.search(" " + plain) is not None or (plain != sentence and cue.search(" " + sentence) is not None)


def _unjoined(sentence: str) -> str:
    return sentence.replace("-", " ").replace("'", " ").replace("–", " ")


def mark_of(sentence: str, start: int, end: int, language: str, pattern: str = "") -> Mark:
    """Tell how the mention at start:end of a folded sentence is meant: a look back before a denial before a maybe.

    A cue that the pattern of the mention writes out is no cue: a truce that "did not hold" was broken.
    """
    cues, patterns = _compiled(language)
    if _looks_back(patterns["past"], " " + _unjoined(sentence)):
        return Mark.HISTORIC
    said = _without(sentence[start:end], _own_cues(pattern, language), patterns)
    around = " " + sentence[max(0, start - _REACH) : start], sentence[end : end + _REACH]
    near = said.join(around)
    kinds = [kind for kind in ("negated", "denied") if patterns[kind].search(near)]
    if kinds and _is_denied(around, said, language, kinds):
        return Mark.NEGATED
    if patterns["possible"].search(near):
        close = _joined(_clause(around), said, cues.before + 2, cues.after)
        return Mark.CONDITIONAL if patterns["possible"].search(close) else Mark.ASSERTED
    return Mark.ASSERTED


def _is_denied(around: _Around, said: str, language: str, kinds: Sequence[str]) -> bool:
    """Tell whether a mention is denied by a word near it or within it; only some kinds of cues stand there."""
    cues, patterns = _compiled(language)
    left, right = around
    # Before the words are counted off, which would cut a phrase in two and leave its negative.
    for kind in ("not_negated", "beside"):
        left, right = (patterns[kind].sub(" _", side) for side in (left, right))
    for kind in kinds:
        if kind == "negated":
            reach = _joined(_clause((left, right)), said, cues.before, cues.after)
        else:
            reach = _joined((left, right), said, _WIDE, _WIDE)
        if patterns[kind].search(patterns["not_negated"].sub(" ", reach)):
            return True
    return False


def _clause(around: _Around) -> _Around:
    """Cut what stands around a mention to its clause."""
    left, right = around
    return _CLAUSE.split(left)[-1], _CLAUSE.split(right)[0]


@cache
def _own_cues(pattern: str, language: str) -> tuple[str, ...]:
    """Give the close cues that a pattern writes out itself."""
    _, patterns = _compiled(language)
    plain = " " + fold(pattern, language).text.replace("*", "")
    return tuple(cue[0][1:] for kind in _CLOSE for cue in patterns[kind].finditer(plain))


def _without(mention: str, own: tuple[str, ...], patterns: dict[str, re.Pattern[str]]) -> str:
    mention = " " + mention
    for kind in _CLOSE if own else ():
        mention = patterns[kind].sub(lambda cue: "  " if cue[0][1:].startswith(own) else cue[0], mention)
    return mention[1:]


def _looks_back(past: re.Pattern[str], sentence: str) -> bool:
    for match in past.finditer(sentence):
        dated = any(letter.isdigit() for letter in match.group())
        before, after = sentence[: match.start() + 1], sentence[match.end() :]
        if not dated or not (_SINCE.search(before) or _SINCE.search(after)):
            return True
    return False


def _joined(around: _Around, mention: str, before: int, after: int) -> str:
    """Give a mention with so many of the words before and after it."""
    left, right = around
    words_left = list(_WORD.finditer(left))[-before:]
    words_right = list(_WORD.finditer(right))[:after]
    begin = words_left[0].start() if words_left else len(left)
    return " " + left[begin:] + mention + right[: words_right[-1].end() if words_right else 0]
