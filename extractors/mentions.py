"""From text to evidence: what the lexicon of a watch finds in an article, where, and near whom."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from extractors.folding import Folded, fold
from extractors.language import language_of
from extractors.marks import FACTORS, mark_of
from extractors.resolve import Automaton, Hit, Kind, Span, winners
from extractors.tension import tension_of
from extractors.text import sentence_spans
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


@dataclass(frozen=True, slots=True)
class _Reading:
    """A field with its sentences and the hits that won in it; offsets of hits are those of the original."""

    field: Field
    text: str
    folded: Folded
    hits: list[tuple[Hit, int, int, Span]]  #: hit, start, end, its sentence


class _Sentences:
    """The sentences of a text, found for the lines that are asked about only."""

    def __init__(self, text: str, *, is_title: bool) -> None:
        self._text = text
        # A headline is one sentence however it is pointed: "Baku: war looms. Moscow silent".
        self._spans = [(0, len(text))] if is_title else []
        self._starts = [0] if is_title else []
        self._known = len(text) if is_title else 0  #: how far the text has been cut

    def at(self, position: int) -> Span:
        """Give the sentence at a position; positions are asked for in ascending order."""
        if position >= self._known:
            start = self._text.rfind("\n", self._known, position) + 1 or self._known
            end = self._text.find("\n", position)
            self._known = len(self._text) if end < 0 else end
            line = sentence_spans(self._text[start : self._known])
            self._spans = [(start + left, start + right) for left, right in line]
            self._starts = [left for left, _ in self._spans]
        return self._spans[bisect_right(self._starts, position) - 1]


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
                actors += _actors(reading)
                mentions += _mentions(reading, language)
        words = len(title.split()) + len(text.split()) if mentions else 0
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
            for row, start, end, reason in _refused(reading, language) if reading else ():
                found.append((row.concept_id, field, given[start:end], reason))
        return found

    def _automaton(self, language: str) -> Automaton:
        if language not in self._automata:
            self._automata[language] = Automaton(language, *self._rows)
        return self._automata[language]


def _read(automaton: Automaton, field: Field, text: str, language: str) -> _Reading | None:
    """Find the winning hits of a field and the sentence each stands in; None when there are none."""
    folded = fold(text, language)
    found = automaton.hits(folded)
    if not found:
        return None
    contests: tuple[list[Hit], list[Hit], list[Hit]] = ([], [], [])
    for hit in found:
        contests[hit.rule.kind // 2].append(hit)
    concepts, actors = winners(contests[0]), winners(contests[1])
    # Without a concept nobody asks in which sentence an actor stands.
    whole = field is Field.TITLE or not any(hit.rule.kind is Kind.CONCEPT for hit in concepts)
    sentences = _Sentences(text, is_title=whole)
    hits = []
    for hit in sorted((*concepts, *actors, *contests[2]), key=itemgetter(0)):
        start, end = folded.span(hit.start, hit.end)
        hits.append((hit, start, end, sentences.at(start)))
    return _Reading(field, text, folded, hits)


def _actors(reading: _Reading) -> list[ActorMention]:
    return [
        ActorMention(
            actor_id=hit.rule.row.actor_id, field=reading.field, start=start, end=end, surface=reading.text[start:end]
        )
        for hit, start, end, _ in reading.hits
        if hit.rule.kind is Kind.ACTOR and isinstance(hit.rule.row, ActorRow)
    ]


def _mentions(reading: _Reading, language: str) -> list[Mention]:
    excluded, near = _surroundings(reading)
    mentions = []
    for hit, start, end, sentence in reading.hits:
        row = hit.rule.row
        actors = near.get(sentence, set())
        if not isinstance(row, LexiconRow) or _refusal(row, actors, language, sentence in excluded):
            continue
        mark = _mark(reading, hit, sentence, language)
        mentions.append(_mention(row, reading, (start, end), tuple(sorted(actors)), mark))
    return mentions


def _refused(reading: _Reading, language: str) -> list[tuple[LexiconRow, int, int, str]]:
    excluded, near = _surroundings(reading)
    refused = []
    for hit, start, end, sentence in reading.hits:
        row = hit.rule.row
        if isinstance(row, LexiconRow) and (
            reason := _refusal(row, near.get(sentence, set()), language, sentence in excluded)
        ):
            refused.append((row, start, end, reason))
    return refused


def _surroundings(reading: _Reading) -> tuple[set[Span], dict[Span, set[str]]]:
    """Give the sentences that an exclusion cancels, and the actors of each sentence."""
    near: dict[Span, set[str]] = {}
    excluded: set[Span] = set()
    for hit, _, _, sentence in reading.hits:
        if hit.rule.kind is Kind.SENTENCE:
            excluded.add(sentence)
        elif isinstance(hit.rule.row, ActorRow):
            near.setdefault(sentence, set()).add(hit.rule.row.actor_id)
    return excluded, near


def _refusal(row: LexiconRow, actors: set[str], language: str, is_excluded: bool) -> str:
    """Say why a concept of a sentence does not count; empty when it does."""
    if is_excluded:
        return "a word of its sentence says that it is about sport, the arts, the weather or the like"
    if not row.needs_actor:
        return ""
    if not actors:
        return "no actor stands in its sentence"
    home = {HOME.get(language)} if row.category in HOME_CATEGORIES else set()
    return "" if actors - home else "its sentence names no actor but the home country of its language"


def _mention(row: LexiconRow, reading: _Reading, span: Span, actors: tuple[str, ...], mark: Mark) -> Mention:
    sign = 1 if row.direction == "escalation" else -1
    return Mention(
        concept_id=row.concept_id,
        category=row.category,
        direction=row.direction,
        weight=sign * row.weight * FACTORS[mark],
        field=reading.field,
        start=span[0],
        end=span[1],
        surface=reading.text[span[0] : span[1]],
        actor_ids=actors,
        mark=mark,
    )


def _mark(reading: _Reading, hit: Hit, sentence: Span, language: str) -> Mark:
    start, end = (reading.folded.offset(position) for position in sentence)
    start, end = max(start, hit.start - _CUE_REACH), min(end, hit.end + _CUE_REACH)
    return mark_of(reading.folded.text[start:end], hit.start - start, hit.end - start, language)
