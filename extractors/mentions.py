"""From text to evidence: what the lexicon of a watch finds in an article, where, and near whom."""

import gc
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as filled
from typing import NamedTuple

from extractors.contest import Hit, Span, is_masked, masks_in, winners
from extractors.folding import Folded, fold
from extractors.language import language_of
from extractors.marks import FACTORS, has_cue, mark_of
from extractors.resolve import Automaton
from extractors.tension import tension_of
from extractors.text import sentence_at
from model.outcomes import Field, Mark
from model.records import ActorMention, Matches, Mention
from model.watch import ActorRow, ExclusionRow, LexiconRow

# News written in a country's own language names that country in almost every text, so that its name alone does not make
# an arrest or a death one of the watch. What governments do to each other is another matter: "Ankara condemned" counts.
HOME = {"fa": "iran", "tr": "turkey"}
_CUE_REACH = (
    400  #: characters around a mention in which its cues are looked for: longer than any sentence but a broken one
)
HOME_CATEGORIES = frozenset({"detention", "casualties", "hybrid"})


@dataclass(slots=True)
class _Sentence:
    """A sentence with a concept: where it lies, who is named in it, and whether an exclusion cancels it."""

    start: int
    end: int
    actor_ids: set[str] = filled(default_factory=set)
    is_excluded: bool = False
    has_cue: bool | None = None  #: whether a concept may not be asserted in it; None until it is asked


class _Concept(NamedTuple):
    """A concept that won: its row, where it lies in the original and in the folded text, and in which sentence."""

    row: LexiconRow
    start: int
    end: int
    folded: Span
    sentence: _Sentence


@dataclass(frozen=True, slots=True)
class _Reading:
    """A field with the hits that won in it."""

    field: Field
    text: str
    folded: Folded
    concepts: list[_Concept]
    actors: list[ActorMention]


class Matcher:
    """Finds the concepts and actors of a watch in texts of any of its languages.

    Building it keeps the rows; a language's automaton is compiled when the first text of that language comes. The rows
    are plain records, so a pool hands them to its workers and each builds its own.
    """

    def __init__(
        self, lexicon: Sequence[LexiconRow], actors: Sequence[ActorRow], exclusions: Sequence[ExclusionRow] = ()
    ) -> None:
        """Take the rows of lexicon.csv, actors.csv and exclusions.csv."""
        self._rows = (tuple(lexicon), tuple(actors), tuple(exclusions))
        self._languages = frozenset(row.language for rows in self._rows for row in rows)
        self._automata: dict[str, Automaton] = {}

    def match(self, title: str, text: str, language: str = "") -> Matches:
        """Find all mentions; `language` is detected when empty. A title or a text alone will do.

        Offsets are in characters of the field as given, so that `text[start:end] == surface`. A text in a language the
        watch has no patterns for has no mentions: the words of one language are false friends in another.
        """
        language = (language or language_of(f"{title}\n{text}")).partition("-")[0].lower()
        if language not in self._languages:
            return Matches(language=language, tension=0.0)
        automaton = self._automaton(language)
        mentions: list[Mention] = []
        actors: list[ActorMention] = []
        for field, given in ((Field.TITLE, title), (Field.TEXT, text)):
            reading = _read(automaton, field, given, language)
            if reading is not None:
                actors += reading.actors
                mentions += _mentions(reading, language)
        words = sum(given.count(" ") + given.count("\n") + 1 for given in (title, text) if given) if mentions else 0
        return Matches(
            language=language, tension=tension_of(mentions, words), mentions=tuple(mentions), actors=tuple(actors)
        )

    @property
    def languages(self) -> frozenset[str]:
        """The languages the watch has patterns for."""
        return self._languages

    def set_aside(self, title: str, text: str, language: str) -> list[tuple[str, Field, str, str]]:
        """List what won but does not count: concept, field, surface and the reason, for `why-not`."""
        found = []
        for field, given in ((Field.TITLE, title), (Field.TEXT, text)):
            reading = _read(self._automaton(language), field, given, language)
            for row, start, end, _, sentence in reading.concepts if reading else ():
                if reason := _refusal(row, sentence, language):
                    found.append((row.concept_id, field, given[start:end], reason))
        return found

    def _automaton(self, language: str) -> Automaton:
        if language not in self._automata:
            with _no_collections():
                self._automata[language] = Automaton(language, *self._rows)
        return self._automata[language]


@contextmanager
def _no_collections() -> Iterator[None]:
    """Hold the garbage collector back: a lexicon is a hundred thousand objects, and all of them stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(automaton: Automaton, field: Field, text: str, language: str) -> _Reading | None:
    """Find the winning hits of a field and the sentences of its concepts; None when there are none."""
    if not text:
        return None
    folded = fold(text, language)
    found = automaton.hits(folded)
    if not found:
        return None
    contests: tuple[list[Hit], list[Hit], list[Hit]] = ([], [], [])
    concepts, actors, exclusions = contests
    for hit in found:
        contests[hit[2].contest].append(hit)
    reading = _Reading(field, text, folded, [], [])
    for first, last, rule, _ in winners(actors):
        if isinstance(row := rule.row, ActorRow):
            start, end = folded.span(first, last)
            reading.actors.append(ActorMention(row.actor_id, field, start, end, text[start:end]))
    for first, last, rule, _ in winners(concepts):
        if isinstance(row := rule.row, LexiconRow):
            start, end = folded.span(first, last)
            reading.concepts.append(_Concept(row, start, end, (first, last), _sentence(reading, start)))
    if reading.concepts:
        # A mask takes its words from an exclusion too: a "theatre of war" is no theatre.
        masks = masks_in(concepts) if exclusions else []
        spans = ((first, last) for first, last, _, _ in exclusions)
        _populate(reading, [span for span in spans if not is_masked(span, masks)])
    return reading


def _sentence(reading: _Reading, start: int) -> _Sentence:
    """Give the sentence at an offset; that of the last concept is asked for again by the next one in it."""
    if reading.concepts and start < reading.concepts[-1].sentence.end:
        return reading.concepts[-1].sentence
    # A headline is one sentence however it is pointed: "Baku: war looms. Moscow silent".
    is_title = reading.field is Field.TITLE
    return _Sentence(*((0, len(reading.text)) if is_title else sentence_at(reading.text, start)))


def _populate(reading: _Reading, exclusions: list[Span]) -> None:
    """Enter into each sentence who is named in it and what excludes it."""
    sentences = [concept.sentence for concept in reading.concepts]
    starts = [sentence.start for sentence in sentences]
    for actor in reading.actors:
        sentence = sentences[bisect_right(starts, actor.start) - 1]
        if sentence.start <= actor.start < sentence.end:
            sentence.actor_ids.add(actor.actor_id)
    for span in exclusions:
        start, _ = reading.folded.span(*span)
        sentence = sentences[bisect_right(starts, start) - 1]
        if sentence.start <= start < sentence.end:
            sentence.is_excluded = True


def _mentions(reading: _Reading, language: str) -> list[Mention]:
    return [
        _mention(concept, reading, _mark(reading, concept, language))
        for concept in reading.concepts
        if not _refusal(concept.row, concept.sentence, language)
    ]


def _refusal(row: LexiconRow, sentence: _Sentence, language: str) -> str:
    """Say why a concept of a sentence does not count; empty when it does."""
    if sentence.is_excluded:
        return "a word of its sentence says that it is about sport, the arts, the weather or the like"
    if not row.needs_actor:
        return ""
    if not sentence.actor_ids:
        return "no actor stands in its sentence"
    home = {HOME.get(language)} if row.category in HOME_CATEGORIES else set()
    return "" if sentence.actor_ids - home else "its sentence names no actor but the home country of its language"


def _mention(concept: _Concept, reading: _Reading, mark: Mark) -> Mention:
    row, start, end, _, sentence = concept
    sign = 1 if row.direction == "escalation" else -1
    weight = sign * row.weight * FACTORS[mark]
    surface, actor_ids = reading.text[start:end], tuple(sorted(sentence.actor_ids))
    return Mention(
        row.concept_id, row.category, row.direction, weight, reading.field, start, end, surface, actor_ids, mark
    )


def _mark(reading: _Reading, concept: _Concept, language: str) -> Mark:
    (first, last), sentence, folded = concept.folded, concept.sentence, reading.folded
    start, end = folded.offset(sentence.start), folded.offset(sentence.end)
    if sentence.has_cue is None:
        sentence.has_cue = has_cue(folded.text[start:end], language)
    if not sentence.has_cue:
        return Mark.ASSERTED
    start, end = max(start, first - _CUE_REACH), min(end, last + _CUE_REACH)
    return mark_of(folded.text[start:end], first - start, last - start, language, concept.row.pattern)
