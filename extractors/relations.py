"""Whom an article sets against whom, and which series it counts in. The oracle of what the corpus counts in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from model.config import Series
from model.records import Matches, Mention
from model.watch import ActorRow

Countries = Mapping[
    str, str
]  #: actor_id to the actor_id of the country it stands for; none for those that stand for none


def countries_of(actors: Iterable[ActorRow]) -> dict[str, str]:
    """Give the country each actor of a watch stands for: a country for itself, its president and its ministry too."""
    return {row.actor_id: row.country or row.actor_id for row in actors if row.country or row.kind == "country"}


def pairs_of(actor_ids: Iterable[str], countries: Countries) -> list[str]:
    """Give the pairs of different countries among some actors as `a|b`, a before b in the alphabet."""
    named = sorted({countries[actor] for actor in actor_ids if actor in countries})
    return [f"{one}|{other}" for one, other in combinations(named, 2)]


def relations(matches: Matches, countries: Countries) -> tuple[str, ...]:
    """Give the pairs of countries that stand in one sentence with a concept that weighs something, sorted."""
    pairs = (pair for mention in _live(matches) for pair in pairs_of(mention.actor_ids, countries))
    return tuple(sorted(set(pairs)))


def series_of(
    matches: Matches, *, language: str, country: str, ownership: str, rules: Sequence[Series], countries: Countries
) -> tuple[str, ...]:
    """Name every series an article counts in: `concept:…`, `category:…`, `relation:a|b` and the rules that it meets.

    `country` and `ownership` are those of its publisher. A mention of weight 0, denied or remembered, counts in none.
    """
    live = _live(matches)
    names = {f"concept:{mention.concept_id}" for mention in live}
    names |= {f"category:{mention.category}" for mention in live}
    names |= {f"relation:{pair}" for pair in relations(matches, countries)}
    sides = {country.casefold(), ownership.casefold()}
    names |= {rule.name for rule in rules if _meets(rule, matches, language, sides, countries)}
    return tuple(sorted(names))


def _live(matches: Matches) -> list[Mention]:
    return [mention for mention in matches.mentions if mention.weight]


def _meets(rule: Series, matches: Matches, language: str, sides: set[str], countries: Countries) -> bool:
    """Tell whether an article meets a rule: lists are OR within and AND between, a `not_` list rules the article out.

    A mention counts for the rule when its concept and category are listed and, with `same_sentence`, the actors and
    relations too are found in its sentence; without it, anywhere in the article. Its weight then adds to what
    `min_weight` asks for.
    """
    if rule.languages and language not in rule.languages:
        return False
    if rule.sides and not sides & {side.casefold() for side in rule.sides}:
        return False
    everyone = {actor.actor_id for actor in matches.actors}
    if _excluded(rule, matches, everyone, countries):
        return False
    counted = [
        m for m in _live(matches) if _counts(rule, m, m.actor_ids if rule.same_sentence else everyone, countries)
    ]
    return bool(counted) and sum(abs(mention.weight) for mention in counted) >= rule.min_weight


def _excluded(rule: Series, matches: Matches, everyone: set[str], countries: Countries) -> bool:
    return (
        not _with_countries(everyone, countries).isdisjoint(rule.not_actors)
        or any(mention.concept_id in rule.not_concepts for mention in _live(matches))
        or any(mention.category in rule.not_categories for mention in _live(matches))
    )


def _counts(rule: Series, mention: Mention, actors: Iterable[str], countries: Countries) -> bool:
    actors = set(actors)
    wanted = {_pair(relation) for relation in rule.relations}
    return (
        (not rule.concepts or mention.concept_id in rule.concepts)
        and (not rule.categories or mention.category in rule.categories)
        and (not rule.actors or not _with_countries(actors, countries).isdisjoint(rule.actors))
        and (not wanted or not wanted.isdisjoint(pairs_of(actors, countries)))
    )


def _with_countries(actors: set[str], countries: Countries) -> set[str]:
    """Add the countries actors stand for: a rule that names Russia means its president and its ministry too."""
    return actors | {countries[actor] for actor in actors if actor in countries}


def _pair(relation: str) -> str:
    """Give a relation written `a-b` or `a|b`, in either order, as series name it."""
    return "|".join(sorted(relation.replace("|", "-").split("-")))
