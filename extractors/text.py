"""What is done to any text whatever its language: its normal form, its hash, its words and its sentences."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

# One spelling for what type-setting varies: a publisher that turns its quotes curly has not changed its article.
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("‘’‚‛ʼ′`´", "'")
    | dict.fromkeys("“”„‟«»″", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    # Soft hyphens, zero-width spaces, direction marks and byte order marks are invisible. The two joiners are not here:
    # in Persian they change a word.
    | dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e", "")
)
# A word: letters and digits, with apostrophes, hyphens and the Persian joiner inside.
_WORD = re.compile(r"[^\W_]+(?:['’ʼ\-\u200c][^\W_]+)*")
_STOPS = ".!?…։؟۔。"
_LINE_ENDS = "\r\n\u2028\u2029"
# Where a sentence may end: terminators of our scripts, then whatever closes with them, then space. Also any line end.
# It begins with one set of characters, which the engine looks for many times faster than for a choice, and swallows a
# run of terminators whole, which keeps a page of a million full stops linear. Group 1 is there before white space.
_END = re.compile(f"[{_STOPS}{_LINE_ENDS}](?:(?<=[{_STOPS}])[{_STOPS}]*+[\"'”’»)\\]]*+)?+(?=(\\s)?)")
_LAST_WORD = re.compile(r"[\w.]+\Z")
_LAST_STOP = re.compile(f"(?s:.*)[{_STOPS}{_LINE_ENDS}]")  # goes to the end of its reach at once, and back from there
_SENTENCE_REACH = 200  #: characters before a position in which its sentence mostly begins
_OPENING = " \t\u00a0\"'“‘«([—–-"
# Short forms after which a full stop ends nothing, lower case, without the final stop. Words (no, art) and forms that
# often stand at the end of a sentence (etc, т.д.) are left out: one sentence cut in two does less harm than two in one.
_SHORT_FORMS = frozenset(
    """
    mr mrs ms dr prof st gen col lt capt sgt gov sen rep rev hon vs jan feb apr jun jul aug sept sep oct nov dec fig
    vol approx inc ltd corp
    им ул г гг тыс млн млрд руб стр рис см ст гл ред проф акад ген полк кап вул обл
    dos akad küç sok cad şəh
    წ
    """.split()  # noqa: SIM905 - a list literal of sixty words is no easier to read
)
_LONGEST_SHORT_FORM = max(map(len, _SHORT_FORMS))


def normal_form(text: str) -> str:
    """Give the text in the form that is compared: NFKC, plain quotes and dashes, nothing invisible, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY).split())


def text_hash(title: str, text: str) -> str:
    """Tell one edition of an article from another: 32 hex digits (BLAKE2b, 128 bits) of the two normal forms.

    White space, quote style and invisible characters do not make an edition; letter case and every word do.
    """
    body = f"{normal_form(title)}\n{normal_form(text)}"
    return hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def word_count(text: str) -> int:
    """Count the words: runs of letters or digits of any script, `Baku's`, `al-Assad` and `می‌شود` being one each."""
    return sum(1 for _ in _WORD.finditer(text))


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Cut a text into sentences: `(start, end)` in characters, end exclusive, in order, without surrounding space.

    Conservative: a line end always ends a sentence; a full stop does not when what follows is lower case, when it
    closes an initial, a known short form or the number of a list item. In doubt, two sentences stay one.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _sentence_ends(text, 0):
        if span := _trimmed(text, start, end):
            spans.append(span)
        start = end
    if span := _trimmed(text, start, len(text)):
        spans.append(span)
    return spans


def sentence_at(text: str, position: int) -> tuple[int, int]:
    """Give the sentence in which a letter stands, as `sentence_spans` cuts it, without cutting the others."""
    end = next(_sentence_ends(text, position), len(text))
    span = _trimmed(text, _sentence_start(text, position), end)
    assert span is not None  # noqa: S101 - the letter is in it
    return span


def _sentence_start(text: str, position: int) -> int:
    """Give the last sentence end before a position, looking no farther back than it must."""
    reach, behind = _SENTENCE_REACH, position
    while behind > 0:
        last = _LAST_STOP.match(text, max(0, behind - reach), behind)
        if last is None:
            behind -= reach
            reach *= 8
            continue
        behind = last.end() - 1
        while behind and text[behind] in _STOPS and text[behind - 1] in _STOPS:
            behind -= 1
        stop = _END.match(text, behind, position)
        if stop is not None and _ends(text, stop):
            return stop.end()
    return 0


def _sentence_ends(text: str, start: int) -> Iterator[int]:
    """Give the offsets from start on behind which a new sentence begins."""
    for match in _END.finditer(text, start):
        if _ends(text, match):
            yield match.end()


def _ends(text: str, match: re.Match[str]) -> bool:
    at, end = match.span()
    return text[at] in _LINE_ENDS or (match.lastindex is not None and _ends_sentence(text, at, end))


def sentences(text: str) -> list[str]:
    """Give the sentences themselves; see `sentence_spans`."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Give a span without the white space around it; None when nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _ends_sentence(text: str, at: int, end: int) -> bool:
    """Tell by their surroundings whether the terminators at `at`, with what closes up to `end`, end a sentence."""
    if _is_small(text[end : end + 8].lstrip(_OPENING)[:1]):
        return False
    if text[at] != "." or text[at + 1] in _STOPS or _is_long(text, at):
        return True
    word = _word_before(text, at)
    if word.isdigit():
        return not _stands_first(text, at - len(word))  # else it numbers the item of a list
    return not _is_short_form(word)


def _is_long(text: str, position: int) -> bool:
    """Tell whether so many letters end at a position that they are no short form, as most words are."""
    return position > _LONGEST_SHORT_FORM and text[position - _LONGEST_SHORT_FORM - 1 : position].isalpha()


def _word_before(text: str, position: int) -> str:
    """Give the letters, digits and full stops that end at a position."""
    word = text[max(0, position - 30) : position].rpartition(" ")[2]
    if word.isalpha():
        return word
    last = _LAST_WORD.search(word)
    return last[0] if last else ""


def _stands_first(text: str, position: int) -> bool:
    """Tell whether what begins at a position is the first of its line or of a sentence."""
    before = text[max(0, position - 4) : position]
    last = before.rstrip(" \t\u00a0")
    if last.endswith("."):
        return not _is_short_form(_word_before(text, position - len(before) + len(last) - 1))
    return not last or last[-1] in _STOPS or last[-1] in _LINE_ENDS


def _is_small(char: str) -> bool:
    # Georgian letters count as lower case in Unicode although the script is written in one case only.
    return char.islower() and not "\u10d0" <= char <= "\u10ff"


def _is_short_form(word: str) -> bool:
    tail = word.rpartition(".")[2]
    if len(tail) == 1 and tail.isalpha():
        return tail.isupper() or tail in _SHORT_FORMS  # an initial, the S of U.S., or the г of 2026 г.
    return word.lower() in _SHORT_FORMS
