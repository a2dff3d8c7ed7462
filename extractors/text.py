"""What is done to any text whatever its language: its normal form, its hash, its words and its sentences."""

import hashlib
import re
import unicodedata

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
# Where a sentence may end: terminators of our scripts, then whatever closes with them, then space. Also any line end.
# The look-behind keeps a page of a million full stops linear.
_END = re.compile(r"(?<![.!?…։؟۔。])(?P<stop>[.!?…։؟۔。]++)[\"'”’»)\]]*+(?=\s)|[\r\n\u2028\u2029]+")
_LAST_WORD = re.compile(r"[\w.]+\Z")
# Short forms after which a full stop ends nothing, lower case, without the final stop. Words (no, art) and forms that
# often stand at the end of a sentence (etc, т.д.) are left out: one sentence cut in two does less harm than two in one.
_SHORT_FORMS = frozenset(
    """
    mr mrs ms dr prof st gen col lt capt sgt gov sen rep rev hon vs jan feb apr jun jul aug sept sep oct nov dec fig
    vol approx inc ltd corp
    им ул г гг тыс млн млрд руб стр рис см ст гл ред проф акад ген полк кап вул обл
    dos akad küç sok cad şəh
    """.split()  # noqa: SIM905 - a list literal of sixty words is no easier to read
)


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
    for match in _END.finditer(text):
        if match["stop"] is None or _ends_sentence(text, start, match):
            _add(spans, text, start, match.end())
            start = match.end()
    _add(spans, text, start, len(text))
    return spans


def sentences(text: str) -> list[str]:
    """Give the sentences themselves; see `sentence_spans`."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Append the span without the white space around it, unless nothing is left."""
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    right = start + len(piece.rstrip())
    if left < right:
        spans.append((left, right))


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    following = _next_letter(text, match.end())
    if _is_small(following):
        return False
    if match["stop"] != ".":
        return True
    last = _LAST_WORD.search(text[max(start, match.start() - 30) : match.start()])
    if last is None:
        return True
    before = match.start() - len(last[0])
    return not _is_short_form(last[0], stands_first=before - start < 4 and not text[start:before].strip())


def _next_letter(text: str, position: int) -> str:
    """Give the first character after a stop that is neither space nor an opening mark."""
    return text[position : position + 8].lstrip(" \t\u00a0\"'“‘«([—–-")[:1]


def _is_small(char: str) -> bool:
    # Georgian letters count as lower case in Unicode although the script is written in one case only.
    return char.islower() and not "\u10d0" <= char <= "\u10ff"


def _is_short_form(word: str, *, stands_first: bool) -> bool:
    tail = word.rpartition(".")[2]
    if len(tail) == 1 and tail.isalpha():
        return tail.isupper() or tail in _SHORT_FORMS  # an initial, the S of U.S., or the г of 2026 г.
    return word.lower() in _SHORT_FORMS or (stands_first and word.isdigit())
