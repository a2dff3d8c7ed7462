"""The cast: who publishes, in what language, through what kind of feed, with what habits. All are invented."""

import csv
from dataclasses import dataclass, replace
from importlib.resources import files

#: Habits of real publishers that a monitor has to live with.
#: no-guid: items carry none · same-guid: every item carries the same one · no-dates: the feed has none ·
#: no-validators: neither ETag nor Last-Modified · paywall: some pages are a stub · amp: pages link an AMP copy ·
#: robots: a section is disallowed · outage: answers 503 for some days · soft-404: now and then a link leads to a
#: page that says "not found" with status 200 · pdf: now and then a link leads to a PDF
HABITS = frozenset(
    {
        "no-guid",
        "same-guid",
        "no-dates",
        "no-validators",
        "paywall",
        "amp",
        "robots",
        "outage",
        "soft-404",
        "pdf",
    }
)

FEED_PATHS = {
    "rss": "/rss.xml",
    "atom": "/feed/atom.xml",
    "rdf": "/export/news.rdf",
    "news-sitemap": "/news-sitemap.xml",
    "json": "/feed.json",
}

#: The one section that a publisher with the habit `robots` keeps crawlers out of.
DISALLOWED_TOPIC = "sport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """One publisher. `share` is its part of the day's articles relative to the others."""

    slug: str
    name: str
    country: str
    language: str
    kind: str
    ownership: str
    layout: str  #: which of the three page templates
    zone_h: int  #: hours east of UTC
    share: float = 1.0
    charset: str = "utf-8"
    habits: frozenset[str] = frozenset()
    is_wire: bool = False  #: others of its language reprint it

    @property
    def feed_path(self) -> str:
        """Where its feed lies below its base URL."""
        return FEED_PATHS[self.kind]


def _publisher(row: dict[str, str]) -> Publisher:
    unknown = set(row["habits"].split()) - HABITS
    if unknown:
        raise ValueError(f"cast.csv: {row['slug']}: unknown habits {unknown}")
    return Publisher(
        slug=row["slug"],
        name=row["name"],
        country=row["country"],
        language=row["language"],
        kind=row["kind"],
        ownership=row["ownership"],
        layout=row["layout"],
        zone_h=int(row["zone_h"]),
        share=float(row["share"]),
        charset=row["charset"],
        habits=frozenset(row["habits"].split()),
        is_wire=row["is_wire"] == "yes",
    )


def _read() -> tuple[Publisher, ...]:
    table = (files(__package__) / "cast.csv").read_text(encoding="utf-8")
    return tuple(_publisher(row) for row in csv.DictReader(table.splitlines()))


CAST = _read()


def cast(publishers: int) -> tuple[Publisher, ...]:
    """Return that many publishers: the first of the cast, then numbered doubles of them for load tests."""
    doubles = range(max(0, publishers - len(CAST)))
    return (*CAST[:publishers], *(_double(n) for n in doubles))


def _double(n: int) -> Publisher:
    model, number = CAST[n % len(CAST)], n // len(CAST) + 2
    return replace(model, slug=f"{model.slug}-{number}", name=f"{model.name} {number}", is_wire=False)
