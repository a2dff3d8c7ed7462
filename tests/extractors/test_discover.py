"""Finding the feeds of a site, and exchanging lists of them."""

import pytest

from extractors.discover import feed_links, sitemap_links, usual_places
from extractors.opml import read_opml, write_opml
from model.errors import UsageError
from model.records import Feed

PAGE = """<!doctype html><html><head><base href="/az/"><title>x</title>
<link rel="alternate" type="application/rss+xml" title="Xəbərlər" href="rss.xml">
<link rel="ALTERNATE stylesheet" type="application/atom+xml; charset=utf-8" href="https://example.org/atom">
<link rel="alternate" type="text/html" hreflang="ru" href="/ru/"><link rel="alternate" type="application/rss+xml"></head>
<body><a href="/feed/">RSS</a><a href="/rss.xml?utm_source=x">again</a><a href="/feedback">no</a><a href="?feed=rss2">wp</a><a href="mailto:a@b">m</a></body></html>"""


def test_declared_feeds_come_first_then_linked_ones() -> None:
    links = feed_links(PAGE.encode(), "https://example.org/news/")
    assert [(link.url, link.kind, link.basis) for link in links] == [
        ("https://example.org/az/rss.xml", "rss", "declared"),
        ("https://example.org/atom", "atom", "declared"),
        ("https://example.org/feed/", "rss", "linked"),
        ("https://example.org/rss.xml?utm_source=x", "rss", "linked"),
        ("https://example.org/az/?feed=rss2", "rss", "linked"),
    ]
    assert links[0].title == "Xəbərlər"


@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"not html", b"<<<>>>", b"<link rel=alternate type=application/rss+xml href='http://[x'>"]
)
def test_a_page_without_feeds_gives_none(body: bytes) -> None:
    assert feed_links(body, "https://example.org/") == ()


def test_robots_name_sitemaps_news_first() -> None:
    robots = "User-agent: *\nSitemap: https://e.org/all.xml\nsitemap:https://e.org/news.xml\nSitemap: nonsense\n"
    assert [link.url for link in sitemap_links(robots)] == ["https://e.org/news.xml", "https://e.org/all.xml"]


def test_usual_places_are_of_the_same_site() -> None:
    places = usual_places("https://example.org/az/news")
    assert "https://example.org/rss" in {place.url for place in places}
    assert all(place.url.startswith("https://example.org/") for place in places)


def test_a_list_of_feeds_survives_a_round_trip() -> None:
    feeds = (
        Feed(url="https://a.az/rss?x=1&y=2", publisher="A & <b>", homepage="https://a.az/", country="AZ", language="az", ownership="state", rights="full"),
        Feed(url="https://b.ru/atom", publisher="Б", language="ru", kind="atom"),
    )  # fmt: skip
    assert read_opml(write_opml(feeds, "Müşahidə")) == feeds


def test_the_list_of_another_reader_is_read() -> None:
    body = b"""<?xml version="1.0"?><OPML version="1.0"><body><outline text="News"><outline type="rss" text="T" title="X" xmlurl="https://u:p@a.org/rss"/>
    <outline type="rss" xmlUrl="https://a.org/rss"/><outline xmlUrl="file:///x"/></outline><outline text="no feed"/></body></OPML>"""
    assert [(feed.url, feed.publisher) for feed in read_opml(body)] == [("https://a.org/rss", "a.org")]


@pytest.mark.parametrize("body", [b"", b"<html/>", b"<opml><body/></opml>", b"\x00", b"plain"])
def test_what_is_no_list_says_what_to_do(body: bytes) -> None:
    with pytest.raises(UsageError, match="OPML"):
        read_opml(body)
