"""How a mention is meant: asserted, denied, only possible, or a look back."""

from model.outcomes import Mark

# What a mark leaves of a concept's weight. A denied or remembered event is no event; a possible one is half of one, as threats
# are in the geopolitical risk index, which counts them beside acts.
FACTORS = {Mark.ASSERTED: 1.0, Mark.CONDITIONAL: 0.5, Mark.NEGATED: 0.0, Mark.HISTORIC: 0.0}


def mark_of(sentence: str, start: int, end: int, language: str) -> Mark:
    """Tell how the mention at start:end of a folded sentence is meant."""
    return Mark.ASSERTED
