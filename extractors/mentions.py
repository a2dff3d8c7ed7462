"""From text to evidence: what the lexicon of a watch finds in an article, where, and near whom."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.folding import Folded, fold
from extractors.language import language_of
from extractors.marks import FACTORS, mark_of
from extractors.resolve import Automaton, Hit, Kind, winners
from extractors.tension import tension_of
from extractors.text import sentence_spans, word_count
from model.outcomes import Field, Mark
from model.records import ActorMention, Matches, Mention
from model.watch import ActorRow, ExclusionRow, LexiconRow

# News written in a country's own language names that country in almost every text, so that its name alone does not make an
# arrest or a death one of the watch. What governments do to each other is another matter: "Ankara condemned" counts.
HOME = {"fa": "iran", "tr": "turkey"}
HOME_CATEGORIES = frozenset({"detention", "casualties", "hybrid"})


@dataclass(frozen=True, slots=True)
class _Reading:
    """A field with its sentences and the hits that won in it; offsets of hits are those of the original."""

    field: Field
    text: str
    folded: Folded
    sentences: list[tuple[int, int]]
    hits: list[tuple[Hit, int, int, int]]  #: hit, start, end, index of its sentence

    def folded_sentence(self, index: int) -> tuple[int, int]:
        """Give the offsets of a sentence in the folded text."""
        start, end = self.sentences[index]
        return self.folded.offset(start), self.folded.offset(end)


class Matcher:
    """Finds the concepts and actors of a watch in texts of any of its languages.

    Building it keeps the rows; a language's automaton is compiled when the first text of that language comes. The rows are plain
    records, so a pool hands them to its workers and each builds its own.
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
        words = word_count(title) + word_count(text) if mentions else 0
        return Matches(
            language=language, tension=tension_of(mentions, words), mentions=tuple(mentions), actors=tuple(actors)
        )

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
    # A headline is one sentence however it is pointed: "Baku: war looms. Moscow silent".
    sentences = [(0, len(text))] if field is Field.TITLE else sentence_spans(text)
    starts = [start for start, _ in sentences]
    hits = []
    for hit in (*winners(contests[0]), *winners(contests[1]), *contests[2]):
        start, end = folded.span(hit.start, hit.end)
        hits.append((hit, start, end, bisect_right(starts, start) - 1))
    return _Reading(field, text, folded, sentences, hits)


def _actors(reading: _Reading) -> list[ActorMention]:
    return [
        ActorMention(
            actor_id=hit.rule.row.actor_id, field=reading.field, start=start, end=end, surface=reading.text[start:end]
        )
        for hit, start, end, _ in reading.hits
        if hit.rule.kind is Kind.ACTOR and isinstance(hit.rule.row, ActorRow)
    ]


def _mentions(reading: _Reading, language: str) -> list[Mention]:
    near: dict[int, set[str]] = {}
    excluded: set[int] = set()
    for hit, _, _, sentence in reading.hits:
        if hit.rule.kind is Kind.SENTENCE:
            excluded.add(sentence)
        elif isinstance(hit.rule.row, ActorRow):
            near.setdefault(sentence, set()).add(hit.rule.row.actor_id)
    mentions = []
    for hit, start, end, sentence in reading.hits:
        row = hit.rule.row
        if hit.rule.kind is not Kind.CONCEPT or not isinstance(row, LexiconRow) or sentence in excluded:
            continue
        actors = near.get(sentence, set())
        home = {HOME.get(language)} if row.category in HOME_CATEGORIES else set()
        if row.needs_actor and not actors - home:
            continue
        mark = _mark(reading, hit, sentence, language)
        mentions.append(_mention(row, reading, (start, end), tuple(sorted(actors)), mark))
    return mentions


def _mention(row: LexiconRow, reading: _Reading, span: tuple[int, int], actors: tuple[str, ...], mark: Mark) -> Mention:
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


def _mark(reading: _Reading, hit: Hit, sentence: int, language: str) -> Mark:
    start, end = reading.folded_sentence(sentence)
    return mark_of(reading.folded.text[start:end], hit.start - start, hit.end - start, language)
