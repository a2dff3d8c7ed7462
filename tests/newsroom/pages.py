"""Pages as publishers make them: three templates, each with the furniture an extractor has to see through."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from html import escape

from .grammar import language
from .plan import TOPICS, Item, Story
from .publishers import Publisher


@dataclass(frozen=True, slots=True)
class Link:
    """A headline and where it leads."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a page of an article shows."""

    item: Item
    story: Story
    title: str
    url: str
    base: str
    is_corrected: bool
    related: Sequence[Link] = ()

    @property
    def publisher(self) -> Publisher:
        """Whose page it is."""
        return self.item.publisher

    @property
    def words(self) -> dict[str, str]:
        """The furniture in the publisher's language."""
        return language(self.publisher.language).furniture

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """What a reader gets to see."""
        if self.item.paywalled:
            return self.story.paragraphs[:1]
        note = (self.words["correction"],) if self.is_corrected else ()
        return (*self.story.paragraphs, *note)


def local(at: datetime, publisher: Publisher) -> datetime:
    """Return an instant in the publisher's zone."""
    return at.astimezone(timezone(timedelta(hours=publisher.zone_h)))


def _head(sheet: Sheet) -> str:
    item, publisher = sheet.item, sheet.publisher
    shown = local(item.published_at, publisher).isoformat()
    description = escape(sheet.story.paragraphs[0])
    parts = [
        f'<meta charset="{publisher.charset}"><title>{escape(sheet.title)} | {escape(publisher.name)}</title>',
        f'<link rel="canonical" href="{sheet.url}"><meta name="description" content="{description}">',
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/site.css">',
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(sheet.title)}">',
        f'<meta property="og:url" content="{sheet.url}"><meta property="og:site_name" content="{escape(publisher.name)}">',
        f'<meta property="og:description" content="{description}"><meta property="og:image" content="/img/{item.number}.jpg">',
    ]
    if not item.undated:
        parts.append(f'<meta property="article:published_time" content="{shown}">')
    if "amp" in publisher.habits:
        parts.append(f'<link rel="amphtml" href="{sheet.url}/amp">')
    parts.append(f'<script type="application/ld+json">{_json_ld(sheet, shown)}</script>')
    return "<head>" + "\n".join(parts) + "</head>"


def _json_ld(sheet: Sheet, shown: str) -> str:
    claim: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": sheet.title,
        "inLanguage": sheet.publisher.language,
        "mainEntityOfPage": sheet.url,
        "author": [{"@type": "Person", "name": sheet.story.author}],
        "publisher": {"@type": "Organization", "name": sheet.publisher.name},
        "isAccessibleForFree": not sheet.item.paywalled,
    }
    if not sheet.item.undated:
        claim["datePublished"] = shown
        corrected_at = sheet.item.corrected_at if sheet.is_corrected else None
        claim["dateModified"] = local(corrected_at, sheet.publisher).isoformat() if corrected_at else shown
    return json.dumps(claim, ensure_ascii=False).replace("<", "\\u003c")


def _navigation(sheet: Sheet) -> str:
    sections = "".join(f'<li><a href="{sheet.base}/{t}/">{sheet.words[t]}</a></li>' for t in (*TOPICS, "region"))
    return f'<nav class="menu" role="navigation"><ul><li><a href="{sheet.base}/">{sheet.words["news"]}</a></li>{sections}</ul></nav>'


def _cookie(sheet: Sheet) -> str:
    return (
        f'<div id="cookie-banner" class="cookie-notice" role="dialog"><p>{sheet.words["cookie"]}</p>'
        f"<button>{sheet.words['accept']}</button></div>"
    )


def _share(sheet: Sheet) -> str:
    marks = "".join(f'<a class="share-{n}" href="https://{n}.example/share">{n}</a>' for n in ("mail", "chat", "link"))
    return f'<div class="share-bar social">{sheet.words["share"]} {marks}</div>'


def _related(sheet: Sheet) -> str:
    links = "".join(f'<li><a href="{link.url}">{escape(link.title)}</a></li>' for link in sheet.related)
    return f'<aside class="related sidebar"><h3>{sheet.words["related"]}</h3><ul>{links}</ul></aside>'


def _byline(sheet: Sheet) -> str:
    if sheet.item.undated:
        return f'<div class="byline">{sheet.words["author"]} {escape(sheet.story.author)}</div>'
    at = local(sheet.item.published_at, sheet.publisher)
    return (
        f'<div class="byline"><span class="author" rel="author">{escape(sheet.story.author)}</span> '
        f'<time datetime="{at.isoformat()}">{at:%d.%m.%Y %H:%M}</time></div>'
    )


def _footer(sheet: Sheet) -> str:
    return (
        f'<footer class="footer"><form><label>{sheet.words["subscribe"]}</label><input type="email"></form>'
        f"<p>© {escape(sheet.publisher.name)}. {sheet.words['copyright']}.</p></footer>"
    )


def _text(sheet: Sheet) -> list[str]:
    lines = [f"<p>{escape(paragraph)}</p>" for paragraph in sheet.paragraphs]
    if sheet.item.paywalled:
        lines.append(f'<div class="paywall subscription"><p>{sheet.words["paywall"]}</p></div>')
    return lines


def _classic(sheet: Sheet) -> str:
    return (
        f'<body>{_cookie(sheet)}<header><a class="logo" href="{sheet.base}/">{escape(sheet.publisher.name)}</a></header>'
        f'{_navigation(sheet)}<div id="wrap"><article class="post"><h1 class="entry-title">{escape(sheet.title)}</h1>'
        f'{_byline(sheet)}{_share(sheet)}<div class="entry-content">{"".join(_text(sheet))}</div></article>'
        f"{_related(sheet)}</div>{_footer(sheet)}</body>"
    )


def _magazine(sheet: Sheet) -> str:
    lines = _text(sheet)
    if sheet.related and len(lines) > 2:
        read_also = f'<div class="read-more related"><a href="{sheet.related[0].url}">{escape(sheet.related[0].title)}</a></div>'
        lines.insert(2, f'<div class="related-inline"><strong>{sheet.words["more"]}</strong>{read_also}</div>')
    return (
        f'<body class="story">{_navigation(sheet)}<main><section><h1 itemprop="headline">{escape(sheet.title)}</h1>'
        f'<figure><img src="/img/{sheet.item.number}.jpg" alt=""><figcaption>{escape(sheet.publisher.name)}</figcaption></figure>'
        f'{_byline(sheet)}<div itemprop="articleBody" class="story-body">{"".join(lines)}</div>{_share(sheet)}</section></main>'
        f"{_related(sheet)}{_cookie(sheet)}{_footer(sheet)}</body>"
    )


def _column(sheet: Sheet) -> str:
    return (
        f'<body><table width="100%"><tr><td colspan="2"><b>{escape(sheet.publisher.name)}</b>{_navigation(sheet)}</td></tr>'
        f'<tr><td valign="top" class="content"><div id="content"><h1>{escape(sheet.title)}</h1>{_byline(sheet)}'
        f'<div class="text">{"".join(_text(sheet))}</div>{_share(sheet)}</div></td>'
        f'<td width="240" class="right">{_related(sheet)}</td></tr></table>{_footer(sheet)}{_cookie(sheet)}</body>'
    )


_LAYOUTS = {"classic": _classic, "magazine": _magazine, "column": _column}


def article(sheet: Sheet) -> str:
    """Return the HTML page of an article."""
    body = _LAYOUTS[sheet.publisher.layout](sheet)
    return f'<!DOCTYPE html>\n<html lang="{sheet.publisher.language}">{_head(sheet)}\n{body}</html>\n'


def amp(sheet: Sheet) -> str:
    """Return the AMP copy of an article: the same words, hardly any furniture."""
    head = f'<head><meta charset="utf-8"><title>{escape(sheet.title)}</title><link rel="canonical" href="{sheet.url}"></head>'
    return f"<!doctype html><html amp lang={sheet.publisher.language}>{head}<body><h1>{escape(sheet.title)}</h1>{''.join(_text(sheet))}</body></html>"


def missing(sheet: Sheet) -> str:
    """Return a page that says "not found", for the servers that say so with status 200."""
    return (
        f'<!DOCTYPE html>\n<html lang="{sheet.publisher.language}"><head><meta charset="{sheet.publisher.charset}">'
        f"<title>404 | {escape(sheet.publisher.name)}</title></head><body>{_navigation(sheet)}"
        f"<main><h1>404</h1><p>{sheet.words['missing']}</p></main>{_related(sheet)}{_footer(sheet)}</body></html>\n"
    )


def front(publisher: Publisher, base: str, links: Sequence[Link]) -> str:
    """Return a publisher's front page."""
    rows = "".join(f'<li><a href="{link.url}">{escape(link.title)}</a></li>' for link in links)
    return (
        f'<!DOCTYPE html>\n<html lang="{publisher.language}"><head><meta charset="{publisher.charset}">'
        f'<title>{escape(publisher.name)}</title><link rel="alternate" type="{FEED_TYPES[publisher.kind]}" '
        f'href="{base}{publisher.feed_path}"></head><body><h1>{escape(publisher.name)}</h1><ul>{rows}</ul></body></html>\n'
    )


FEED_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "news-sitemap": "application/xml",
    "json": "application/feed+json",
}


def pdf(title: str) -> bytes:
    """Return a small PDF."""
    words = f"BT /F1 12 Tf 40 700 Td ({title.encode('ascii', 'ignore').decode()}) Tj ET".encode()
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Length "
        + str(len(words)).encode()
        + b">>stream\n"
        + words
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
