"""Feeds as publishers write them: RSS 2.0, Atom, RSS 1.0 (RDF), Google news sitemap, JSON Feed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

from .pages import local
from .plan import Item
from .publishers import Publisher


@dataclass(frozen=True, slots=True)
class FeedItem:
    """What a feed says of one item."""

    item: Item
    url: str
    title: str
    summary: str
    author: str
    updated_at: datetime


def rendered(publisher: Publisher, base: str, items: Sequence[FeedItem], updated_at: datetime) -> str:
    """Return the feed of a publisher in its own format."""
    return _FORMATS[publisher.kind](publisher, base, items, updated_at)


def _guid(publisher: Publisher, row: FeedItem) -> str:
    if "no-guid" in publisher.habits:
        return ""
    number = "1" if "same-guid" in publisher.habits else f"{publisher.slug}-{row.item.number}"
    return f'<guid isPermaLink="false">{number}</guid>'


def _rss(publisher: Publisher, base: str, items: Sequence[FeedItem], updated_at: datetime) -> str:
    rows = []
    for row in items:
        date = "" if "no-dates" in publisher.habits else format_datetime(local(row.item.published_at, publisher))
        rows.append(
            f"<item><title>{escape(row.title)}</title><link>{row.url}</link>{_guid(publisher, row)}"
            f"<description><![CDATA[<p>{escape(row.summary)}</p>]]></description>"
            f"<dc:creator>{escape(row.author)}</dc:creator>"
            + (f"<pubDate>{date}</pubDate>" if date else "")
            + f"<category>{row.item.topic_shown}</category></item>"
        )
    return (
        f'<?xml version="1.0" encoding="{publisher.charset}"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>{escape(publisher.name)}</title><link>{base}/</link>'
        f"<description>{escape(publisher.name)}</description><language>{publisher.language}</language><ttl>30</ttl>"
        f'<atom:link href="{base}{publisher.feed_path}" rel="self" type="application/rss+xml"/>\n'
        f"<lastBuildDate>{format_datetime(updated_at)}</lastBuildDate>\n" + "\n".join(rows) + "\n</channel></rss>\n"
    )


def _atom(publisher: Publisher, base: str, items: Sequence[FeedItem], updated_at: datetime) -> str:
    rows = [
        f'<entry><title type="html">{escape(escape(row.title))}</title><link rel="alternate" href="{row.url}"/>'
        f"<id>tag:{publisher.slug}.example,2020:{row.item.number}</id>"
        f"<published>{local(row.item.published_at, publisher).isoformat()}</published>"
        f"<updated>{local(row.updated_at, publisher).isoformat()}</updated>"
        f"<author><name>{escape(row.author)}</name></author><summary>{escape(row.summary)}</summary></entry>"
        for row in items
    ]
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{publisher.language}">'
        f"<title>{escape(publisher.name)}</title><id>tag:{publisher.slug}.example,2020:feed</id>"
        f'<link rel="self" href="{base}{publisher.feed_path}"/><link href="{base}/"/>'
        f"<updated>{updated_at.isoformat()}</updated>\n" + "\n".join(rows) + "\n</feed>\n"
    )


def _rdf(publisher: Publisher, base: str, items: Sequence[FeedItem], updated_at: datetime) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{row.url}"/>' for row in items)
    rows = [
        f'<item rdf:about="{row.url}"><title>{escape(row.title)}</title><link>{row.url}</link>'
        f"<description>{escape(row.summary)}</description><dc:creator>{escape(row.author)}</dc:creator>"
        f"<dc:date>{local(row.item.published_at, publisher).isoformat()}</dc:date></item>"
        for row in items
    ]
    return (
        f'<?xml version="1.0" encoding="{publisher.charset}"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
        f'<channel rdf:about="{base}{publisher.feed_path}"><title>{escape(publisher.name)}</title><link>{base}/</link>'
        f"<description>{escape(publisher.name)}</description><dc:date>{updated_at.isoformat()}</dc:date>"
        f"<sy:updatePeriod>hourly</sy:updatePeriod><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
        + "\n".join(rows)
        + "\n</rdf:RDF>\n"
    )


def _sitemap(publisher: Publisher, base: str, items: Sequence[FeedItem], updated_at: datetime) -> str:
    rows = [
        f"<url><loc>{row.url}</loc><lastmod>{row.updated_at.isoformat()}</lastmod><news:news><news:publication>"
        f"<news:name>{escape(publisher.name)}</news:name><news:language>{publisher.language}</news:language></news:publication>"
        f"<news:publication_date>{local(row.item.published_at, publisher).isoformat()}</news:publication_date>"
        f"<news:title>{escape(row.title)}</news:title></news:news></url>"
        for row in items
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n' + "\n".join(rows) + "\n</urlset>\n"
    )


def _json(publisher: Publisher, base: str, items: Sequence[FeedItem], updated_at: datetime) -> str:
    rows = [
        {
            "id": f"{publisher.slug}-{row.item.number}",
            "url": row.url,
            "title": row.title,
            "summary": row.summary,
            "content_text": row.summary,
            "date_published": local(row.item.published_at, publisher).isoformat(),
            "date_modified": row.updated_at.isoformat(),
            "authors": [{"name": row.author}],
        }
        for row in items
    ]
    head = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": publisher.name,
        "home_page_url": f"{base}/",
        "feed_url": f"{base}{publisher.feed_path}",
        "language": publisher.language,
    }
    return json.dumps({**head, "items": rows}, ensure_ascii=False)


_FORMATS = {"rss": _rss, "atom": _atom, "rdf": _rdf, "news-sitemap": _sitemap, "json": _json}
