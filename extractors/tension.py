"""The signed tension of an article: escalation above zero, de-escalation below."""

from collections.abc import Sequence

from model.outcomes import Field
from model.records import Mention

# A headline is what the newsroom thinks the news is: twice a sentence of the text. More would let one word in a
# headline outweigh a whole report.
TITLE_FACTOR = 2.0
# Below this length a text is weighed as if it had it, so that a headline alone, some ten words, cannot score ten times
# what a report full of the same words scores.
LEAST_WORDS = 100


def tension_of(mentions: Sequence[Mention], words: int) -> float:
    """Give the tension per 100 words: 100 * sum(weight * field factor) / max(words, 100), of mentions near actors."""
    total = sum(
        mention.weight * (TITLE_FACTOR if mention.field is Field.TITLE else 1.0)
        for mention in mentions
        if mention.actor_ids
    )
    return round(100.0 * total / max(words, LEAST_WORDS), 4)
