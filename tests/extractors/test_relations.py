"""Which pairs and which series an article counts in."""

import pytest

from extractors.relations import countries_of, relations, series_of
from model.config import Series
from model.outcomes import Field, Mark
from model.records import ActorMention, Matches, Mention
from model.watch import ActorRow


def actor(actor_id: str, country: str = "", kind: str = "person") -> ActorRow:
    return ActorRow(actor_id=actor_id, kind=kind, name_en=actor_id, language="en", pattern=actor_id, country=country)


COUNTRIES = countries_of(
    [actor("russia", kind="country"), actor("azerbaijan", kind="country"), actor("putin", "russia"), actor("nato")]
)


def mention(concept: str, category: str, weight: float, *actors: str) -> Mention:
    return Mention(
        concept_id=concept, category=category, direction="escalation", weight=weight, field=Field.TEXT, start=0, end=1,
        surface="x", actor_ids=actors, mark=Mark.ASSERTED if weight else Mark.NEGATED,
    )  # fmt: skip


def matches(*mentions: Mention) -> Matches:
    everyone = sorted({name for one in mentions for name in one.actor_ids})
    actors = tuple(ActorMention(actor_id=name, field=Field.TEXT, start=0, end=1, surface="x") for name in everyone)
    return Matches(language="en", tension=0, mentions=mentions, actors=actors)


ARTICLE = matches(
    mention("threat", "diplomatic", 2, "azerbaijan", "nato", "putin"), mention("shelling", "military", 5, "russia")
)


def test_persons_stand_for_their_country_and_alliances_for_none() -> None:
    assert relations(ARTICLE, COUNTRIES) == ("azerbaijan|russia",)


def test_a_denied_event_makes_no_relation_and_no_series() -> None:
    denied = matches(mention("threat", "diplomatic", 0, "azerbaijan", "russia"))
    assert relations(denied, COUNTRIES) == ()
    assert series_of(denied, language="en", country="AZ", ownership="state", rules=[], countries=COUNTRIES) == ()


def test_every_concept_category_and_relation_is_a_series_unnamed() -> None:
    assert series_of(ARTICLE, language="en", country="AZ", ownership="state", rules=[], countries=COUNTRIES) == (
        "category:diplomatic", "category:military", "concept:shelling", "concept:threat", "relation:azerbaijan|russia",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"concepts": ("threat", "war")}, True),
        ({"concepts": ("war",)}, False),
        ({"concepts": ("shelling",), "actors": ("azerbaijan",)}, False),
        ({"concepts": ("shelling",), "actors": ("azerbaijan",), "same_sentence": False}, True),
        ({"actors": ("russia",), "concepts": ("threat",)}, True),
        ({"relations": ("russia-azerbaijan",)}, True),
        ({"relations": ("azerbaijan|russia",), "categories": ("military",)}, False),
        ({"relations": ("azerbaijan|russia",), "categories": ("military",), "same_sentence": False}, True),
        ({"sides": ("state",)}, True),
        ({"sides": ("az",), "languages": ("en",)}, True),
        ({"sides": ("exile",)}, False),
        ({"languages": ("ru",)}, False),
        ({"categories": ("diplomatic",), "not_concepts": ("shelling",)}, False),
        ({"categories": ("diplomatic",), "not_categories": ("casualties",)}, True),
        ({"not_actors": ("russia",)}, False),
        ({"min_weight": 7.0}, True),
        ({"min_weight": 7.5}, False),
    ],
)
def test_a_rule_is_or_within_its_lists_and_and_between_them(rule: dict[str, object], expected: bool) -> None:
    rules = [Series.model_validate({"name": "rule", **rule})]
    names = series_of(ARTICLE, language="en", country="AZ", ownership="state", rules=rules, countries=COUNTRIES)
    assert ("rule" in names) is expected
