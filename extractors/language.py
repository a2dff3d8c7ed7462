"""Which language a text is in, by letters where those decide and by eldc where they do not."""

import re
from functools import cache
from typing import Any

import eldc

UNDETERMINED = "und"
# Detection reads no more than this: eldc is certain after a few sentences, and the cost grows with the length.
SAMPLE = 600
# Below this many letters a headline says less about its language than the feed it came from.
SHORT = 40
_SCRIPTS = (
    ("armenian", re.compile("[\u0531-\u0587\ufb13-\ufb17]")),
    ("georgian", re.compile("[\u10a0-\u10ff\u1c90-\u1cbf]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("arabic", re.compile("[\u0620-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]")),
)
_SCRIPT_OF = {
    "en": "latin", "az": "latin", "tr": "latin", "ru": "cyrillic", "uk": "cyrillic",
    "hy": "armenian", "ka": "georgian", "fa": "arabic",
}  # fmt: skip
_ONLY = {"armenian": "hy", "georgian": "ka"}
# Letters that one language of a script has and its neighbours in our region have not.
_TELLING = (
    ("uk", re.compile("[їєґЇЄҐ]")),
    ("az", re.compile("[əƏ]")),
)


@cache
def _detector() -> Any:
    eldc.init()
    return eldc.instance()


def language_of(text: str, hint: str = "") -> str:
    """Give the BCP 47 language of a text; `und` when there is nothing to go by.

    `hint`, the language of the feed, decides when the text is too short for its letters to; it never overrules a
    script.
    """
    sample = text[:SAMPLE]
    if len(sample) >= SHORT and (found := _detect(sample)) in _SCRIPT_OF:
        return found
    script = _script(sample)
    if script is None:
        return UNDETERMINED
    if script in _ONLY:
        return _ONLY[script]
    for language, letters in _TELLING:
        if _SCRIPT_OF[language] == script and letters.search(sample):
            return language
    hint = hint.partition("-")[0].lower()
    fits = _SCRIPT_OF.get(hint) == script
    if fits and len(sample) < SHORT:
        return hint
    found = _detect(sample)
    return hint if fits and found == UNDETERMINED else found


def _detect(sample: str) -> str:
    try:
        return str(_detector().detect(sample))
    except UnicodeEncodeError:  # a lone surrogate, which no encoder takes
        return str(_detector().detect(sample.encode("utf-8", "replace").decode()))


def _script(sample: str) -> str | None:
    """Give the script of most letters."""
    counts = {name: len(letters.findall(sample)) for name, letters in _SCRIPTS}
    name = max(counts, key=counts.__getitem__)
    return name if counts[name] else None
