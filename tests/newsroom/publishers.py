"""The cast: who publishes, in what language, through what kind of feed, with what habits. All are invented."""

from dataclasses import dataclass, replace

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


def _cast(row: str) -> Publisher:
    slug, name, country, lang, kind, ownership, layout, zone, share, charset, *habits = row.split()
    return Publisher(
        slug=slug,
        name=name.replace("_", " "),
        country=country,
        language=lang,
        kind=kind,
        ownership=ownership,
        layout=layout,
        zone_h=int(zone),
        share=float(share),
        charset=charset,
        habits=frozenset(habits) & HABITS,
        is_wire="wire" in habits,
    )


CAST: tuple[Publisher, ...] = tuple(
    _cast(row)
    for row in """
meridian-wire Meridian_Wire GB en rss agency column 0 1.3 utf-8 wire
volga-vesti Волга-Вести RU ru rss state classic 3 1.2 windows-1251 robots
xezer-xeber Xəzər_Xəbər AZ az rss state classic 4 1.2 utf-8 same-guid
bosfor-gundem Boğaz_Gündem TR tr rss private column 3 1.0 utf-8 paywall
caspian-herald The_Caspian_Herald GB en atom private classic 0 1.0 utf-8 outage
merkur-agentstvo Агентство_Меркур RU ru rdf agency column 3 1.3 utf-8 wire
kur-agentliyi Kür_Agentliyi AZ az atom agency column 4 1.3 utf-8 wire
ege-postasi Ege_Postası TR tr news-sitemap private magazine 3 1.0 utf-8 amp
dnipro-visnyk Дніпро_Вісник UA uk rss private classic 2 1.1 utf-8 robots
stolitsa-24 Столица_24 RU ru rss private magazine 3 1.1 utf-8 no-guid no-dates
harbour-post Harbour_Post US en news-sitemap public-service magazine -5 0.9 utf-8 amp
abseron-press Abşeron_Press AZ az rss private magazine 4 1.0 utf-8 soft-404
open-ledger The_Open_Ledger IE en json nonprofit column 0 0.8 utf-8 no-validators
kashtan-media Каштан_Медіа UA uk atom private column 2 1.0 utf-8 wire
neva-telegraf Нева-Телеграф RU ru atom private classic 3 0.9 utf-8 pdf
kardelen-haber Kardelen_Haber TR tr rss agency classic 3 1.1 utf-8 wire
""".split("\n")
    if row
)


def cast(publishers: int) -> tuple[Publisher, ...]:
    """Return that many publishers: the first of the cast, then numbered doubles of them for load tests."""
    doubles = range(max(0, publishers - len(CAST)))
    return (*CAST[:publishers], *(_double(n) for n in doubles))


def _double(n: int) -> Publisher:
    model, number = CAST[n % len(CAST)], n // len(CAST) + 2
    return replace(model, slug=f"{model.slug}-{number}", name=f"{model.name} {number}", is_wire=False)
