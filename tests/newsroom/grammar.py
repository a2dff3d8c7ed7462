"""Texts from templates: the writing desk of the newsroom.

One file per language under `texts/` holds slots (names, places, numbers, each with the case forms its templates
need), furniture (the words around an article) and sections of templates. A template line starts with `h:` (headline),
`l:` (lead) or `b:` (body sentence). Inside a template `[a|b|]` is a choice and `{slot}` a fresh filler; `{Slot}`, with
a capital, is drawn once an article and stays; `{slot.form}` takes another form of the filler. Fillers may hold slots.
Choices that open with `[^` and have as many options are taken alike within a sentence, so that a verb agrees with its
subject: `[^Engineers|A diver] [^were|was] there`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from random import Random


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several templates; linked choices of a sentence take the same turn."""

    options: tuple["Template", ...]
    is_linked: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A filler of a slot, in one of its forms."""

    slot: str
    form: str


Part = str | Choice | Reference
Template = tuple[Part, ...]

_TOKEN = re.compile(r"\[\^?|\||\]|\{[^{}]+\}|[^\[\]|{}]+")
_SLOT = re.compile(r"(\w+)(?:\(([\w,]+)\))?: (.+)")
_NUMBER = re.compile(r"(\d+)\.\.(\d+)(m?)")


@dataclass(frozen=True, slots=True)
class Slot:
    """Fillers of one name: each with its forms, the first one unnamed; or a range of numbers."""

    fillers: tuple[dict[str, Template], ...] = ()
    low: int = 0
    high: int = 0
    genitive_plural: bool = False  #: only numbers that Russian and Ukrainian follow with the genitive plural

    def draw(self, rng: Random) -> dict[str, Template]:
        """Choose a filler."""
        if self.fillers:
            return self.fillers[int(rng.random() * len(self.fillers))]
        number = rng.randint(self.low, self.high)
        while self.genitive_plural and 1 <= number % 10 <= 4 and number % 100 not in range(11, 15):
            number += 1
        return {"": (str(number),)}


@dataclass(frozen=True, slots=True)
class Section:
    """The templates of one topic."""

    headlines: list[Template] = field(default_factory=list)
    leads: list[Template] = field(default_factory=list)
    bodies: list[Template] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Language:
    """What one language can say."""

    code: str
    slots: dict[str, Slot]
    furniture: dict[str, str]
    sections: dict[str, Section]

    def capital(self, text: str) -> str:
        """Return the text with a capital first letter: i has a dotted one in Azerbaijani and Turkish."""
        first = "İ" if text[:1] == "i" and self.code in {"az", "tr"} else text[:1].upper()
        return first + text[1:]


class Voice:
    """Expands templates for one article: what it has named once keeps its name."""

    def __init__(self, language: Language, rng: Random) -> None:
        self.language = language
        self.rng = rng
        self.named: dict[str, dict[str, Template]] = {}
        self._turns: dict[int, int] = {}  #: of linked choices, by how many options they have

    def say(self, template: Template) -> str:
        """Expand a template to a sentence that starts with a capital."""
        self._turns.clear()
        text = re.sub(r" +(?=[ ,.;:!?])", "", "".join(self._words(template))).strip()
        return self.language.capital(text)

    def _words(self, template: Template) -> Iterator[str]:
        for part in template:
            if isinstance(part, str):
                yield part
            elif isinstance(part, Reference):
                yield from self._words(self._filler(part.slot)[part.form])
            else:
                yield from self._words(part.options[self._turn(part)])

    def _turn(self, choice: Choice) -> int:
        turn = int(self.rng.random() * len(choice.options))
        return self._turns.setdefault(len(choice.options), turn) if choice.is_linked else turn

    def _filler(self, name: str) -> dict[str, Template]:
        slot = self.language.slots[name.lower()]
        if name[0].islower():
            return slot.draw(self.rng)
        if name not in self.named:
            self.named[name] = slot.draw(self.rng)
        return self.named[name]


def compiled(source: str) -> Template:
    """Read a template. Raises ValueError when a bracket is left open."""
    tokens = _TOKEN.findall(source)
    template, rest = _sequence(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"unbalanced brackets: {source}")
    return template


def _sequence(tokens: list[str], at: int) -> tuple[Template, int]:
    parts: list[Part] = []
    while at < len(tokens) and tokens[at] not in {"|", "]"}:
        if tokens[at].startswith("["):
            options, end = _options(tokens, at + 1)
            parts.append(Choice(options, is_linked=tokens[at] == "[^"))
            at = end
            continue
        parts.append(_leaf(tokens[at]))
        at += 1
    return tuple(parts), at


def _options(tokens: list[str], at: int) -> tuple[tuple[Template, ...], int]:
    options: list[Template] = []
    while True:
        option, at = _sequence(tokens, at)
        options.append(option)
        if at >= len(tokens):
            raise ValueError(f"unbalanced brackets: {''.join(tokens)}")
        if tokens[at] == "]":
            return tuple(options), at + 1
        at += 1


def _leaf(token: str) -> Part:
    if not token.startswith("{"):
        return token
    name, _, form = token[1:-1].partition(".")
    return Reference(name, form)


def _slot(forms: str | None, fillers: str) -> Slot:
    if match := _NUMBER.fullmatch(fillers.strip()):
        return Slot(low=int(match[1]), high=int(match[2]), genitive_plural=bool(match[3]))
    names = ["", *(forms.split(",") if forms else [])]
    rows = [[compiled(form.strip()) for form in filler.split("/")] for filler in fillers.split(";")]
    return Slot(tuple(dict(zip(names, row, strict=True)) for row in rows))


@cache
def language(code: str) -> Language:
    """Read the texts of a language. Raises FileNotFoundError when we do not write it."""
    result = Language(code, {}, {}, {})
    section = ""
    for line in (files(__package__) / "texts" / f"{code}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            section = line[3:].strip()
        elif line.strip() and not line.startswith("#"):
            _read(result, section, line.strip())
    return result


def _read(result: Language, section: str, line: str) -> None:
    if section == "furniture":
        key, _, words = line.partition(": ")
        result.furniture[key] = words
    elif section == "slots":
        match = _SLOT.fullmatch(line)
        if match is None:
            raise ValueError(f"texts/{result.code}.txt: not a slot: {line}")
        result.slots[match[1]] = _slot(match[2], match[3])
    else:
        kinds = result.sections.setdefault(section, Section())
        kind, _, words = line.partition(": ")
        {"h": kinds.headlines, "l": kinds.leads, "b": kinds.bodies}[kind].append(compiled(words))
