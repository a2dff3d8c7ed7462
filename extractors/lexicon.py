"""What a person asks of a lexicon: does it pass its bench, what does it find here, and why not."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from extractors.language import language_of
from extractors.mentions import Matcher
from model.outcomes import Field, Mark
from model.records import Matches


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    """One sentence of bench.csv with the concepts and actors it speaks of; none of either for a negative sentence."""

    language: str
    sentence: str
    concepts: frozenset[str]
    actors: frozenset[str]

    @classmethod
    def of(cls, row: dict[str, str]) -> "BenchRow":
        """Read the columns language, sentence, concept_id and actor_id; ids are joined by `|`, `none` is none."""
        return cls(
            language=row["language"],
            sentence=row["sentence"],
            concepts=frozenset(row["concept_id"].split("|")) - {"none", ""},
            actors=frozenset(row["actor_id"].split("|")) - {"none", ""},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchScore:
    """How a language did. A concept is found when it is mentioned, a false hit is one that weighs something."""

    language: str
    sentences: int
    negatives: int
    expected: int
    found: int
    false: int
    actors_expected: int
    actors_found: int
    actors_false: int

    @property
    def recall(self) -> float:
        """Share of the expected concepts that were found; 1 when none was expected."""
        return self.found / self.expected if self.expected else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchMiss:
    """A sentence on which bench and lexicon disagree."""

    row: BenchRow
    missed: frozenset[str]
    false: frozenset[str]
    actors_missed: frozenset[str]
    actors_false: frozenset[str]


def run_bench(matcher: Matcher, rows: Iterable[BenchRow]) -> tuple[list[BenchScore], list[BenchMiss]]:
    """Match every sentence of a bench; give the score of each language, in the order met, and every disagreement."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    misses = []
    for row in rows:
        miss = _compare(row, matcher.match("", row.sentence, row.language))
        if miss.missed or miss.false or miss.actors_missed or miss.actors_false:
            misses.append(miss)
        counts[row.language].update(
            sentences=1,
            negatives=not row.concepts,
            expected=len(row.concepts),
            found=len(row.concepts) - len(miss.missed),
            false=len(miss.false),
            actors_expected=len(row.actors),
            actors_found=len(row.actors) - len(miss.actors_missed),
            actors_false=len(miss.actors_false),
        )
    return [BenchScore(language=language, **count) for language, count in counts.items()], misses


def _compare(row: BenchRow, matches: Matches) -> BenchMiss:
    found = {mention.concept_id for mention in matches.mentions}
    weighing = {mention.concept_id for mention in matches.mentions if mention.weight}
    actors = {actor.actor_id for actor in matches.actors}
    return BenchMiss(
        row=row,
        missed=row.concepts - found,
        false=frozenset(weighing - row.concepts),
        actors_missed=row.actors - actors,
        actors_false=frozenset(actors - row.actors),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """A stretch of a text, with what was found in it: the id of a concept or an actor, or nothing."""

    text: str
    found: str = ""
    note: str = ""  #: a mark, or `actor`


def highlight(matcher: Matcher, text: str, language: str = "") -> list[Highlight]:
    """Cut a text into stretches with and without a hit; joined they are the text again. Overlaps go to concepts."""
    matches = matcher.match("", text, language)
    spans = [(m.start, m.end, m.concept_id, str(m.mark)) for m in matches.mentions]
    for actor in matches.actors:
        if not any(start < actor.end and actor.start < end for start, end, _, _ in spans):
            spans.append((actor.start, actor.end, actor.actor_id, "actor"))
    pieces, done = [], 0
    for start, end, found, note in sorted(spans):
        if start < done:
            continue
        if start > done:
            pieces.append(Highlight(text=text[done:start]))
        pieces.append(Highlight(text=text[start:end], found=found, note=note))
        done = end
    if done < len(text):
        pieces.append(Highlight(text=text[done:]))
    return pieces


def why_not(matcher: Matcher, title: str, text: str, language: str = "") -> list[str]:
    """Say in plain sentences what keeps a text from counting; empty when it counts."""
    language = language or language_of(f"{title}\n{text}")
    if language not in matcher.languages:
        return [f"The text is in {language!r}, and the lexicon has no patterns for that language."]
    matches = matcher.match(title, text, language)
    if any(mention.weight and mention.actor_ids for mention in matches.mentions):
        return []
    reasons = [
        f"{mention.concept_id} in {_quoted(mention.field, mention.surface)} is {mention.mark}, which weighs nothing."
        for mention in matches.mentions
        if mention.mark in {Mark.NEGATED, Mark.HISTORIC}
    ]
    reasons += [
        f"{concept} in {_quoted(field, surface)} was set aside: {reason}."
        for concept, field, surface, reason in matcher.set_aside(title, text, language)
    ]
    if not matches.actors:
        reasons.append("It names no actor of the watch.")
    if not matches.mentions and not reasons:
        reasons.append("No pattern of the lexicon is found in it.")
    return reasons


def _quoted(field: Field, surface: str) -> str:
    return f"the {field}, {surface!r},"
