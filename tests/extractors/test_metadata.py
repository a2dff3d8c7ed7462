from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.metadata import Metadata, read_metadata
from extractors.pages import parse
from model.outcomes import DateSource

URL = "https://www.news.example.org/world/2026/03/01/baku-answers"


def read(head: str = "", body: str = "<p>Text.</p>", url: str = URL) -> Metadata:
    return read_metadata(parse(f"<html><head>{head}</head><body>{body}</body></html>"), url)


def linked(content: str) -> str:
    return f'<script type="application/ld+json">{content}</script>'


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("https://www.news.example.org/world/baku?utm_source=rss", "https://www.news.example.org/world/baku"),
        ("/world/baku", "https://www.news.example.org/world/baku"),
        ("https://m.news.example.org/world/baku", "https://m.news.example.org/world/baku"),
        ("https://www.news.example.org/", ""),
        ("https://elsewhere.example.com/world/baku", ""),
        ("javascript:void(0)", ""),
        ("", ""),
    ],
)
def test_a_canonical_link_counts_when_it_is_of_the_same_site_and_not_its_home_page(claim: str, expected: str) -> None:
    assert read(f'<link rel="canonical" href="{claim}">').canonical_url == expected


def test_an_amp_page_leads_to_its_article() -> None:
    found = read('<link rel="canonical" href="/world/baku">', url="https://www.news.example.org/amp/world/baku")
    assert found.canonical_url == "https://www.news.example.org/world/baku"


@pytest.mark.parametrize(
    "content",
    [
        '{"@type":"NewsArticle","headline":"H","datePublished":"2026-03-01T10:00:00Z","author":{"name":"Jane Roe"}}',
        '[{"@type":"WebPage"},{"@type":["Article","NewsArticle"],"headline":"H","datePublished":"2026-03-01T10:00Z","author":"Jane Roe"}]',
        (
            '{"@graph":[{"@type":"Article","headline":"H","datePublished":"2026-03-01T10:00Z","author":{"@id":"#jr"}},'
            '{"@type":"Person","@id":"#jr","name":"Jane Roe"}]}'
        ),
        '<!-- {"@type":"BlogPosting","headline":"H","datePublished":"2026-03-01T10:00Z","author":[{"name":"Jane Roe",}],} -->',
        '{"@type":"NewsArticle","headline":"H","articleBody":"a\nb","datePublished":"2026-03-01T10:00Z","author":{"name":["Jane Roe"]}}',
    ],
)
def test_json_ld_is_read_in_the_shapes_that_pages_use(content: str) -> None:
    found = read(linked(content))
    assert found.titles[0] == "H"
    assert found.authors == ("Jane Roe",)
    assert found.published_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found.published_at_source is DateSource.JSON_LD


def test_the_source_of_a_date_is_named() -> None:
    meta = '<meta property="article:published_time" content="2026-03-01T14:00:00+04:00">'
    assert read(meta).published_at_source is DateSource.META
    assert read(meta).published_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    timed = read(body='<article><time datetime="2026-03-01T10:00:00Z">1 March</time><p>Text.</p></article>')
    assert (timed.published_at, timed.published_at_source) == (datetime(2026, 3, 1, 10, tzinfo=UTC), DateSource.PAGE)
    assert read().published_at_source is DateSource.URL
    assert read(url="https://news.example.org/a").published_at is None


def test_a_time_without_a_zone_is_read_in_the_publishers() -> None:
    tree = parse('<html><head><meta name="pubdate" content="2026-03-01 14:00"></head><body><p>Text.</p></body></html>')
    assert read_metadata(tree, URL, "Asia/Baku").published_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert read_metadata(tree, URL).published_at == datetime(2026, 3, 1, 14, tzinfo=UTC)


def test_a_date_beyond_today_is_given_as_the_page_says_it() -> None:
    assert read('<meta property="article:published_time" content="2099-03-01T14:00:00Z">').published_at is not None


def test_the_title_is_what_readers_see_without_the_name_of_the_site() -> None:
    site = '<meta property="og:site_name" content="Example News">'
    assert (
        read(f"{site}<title>Baku answers Moscow | Example News</title>", "<h1>Baku answers Moscow</h1>").titles[0]
        == "Baku answers Moscow"
    )
    assert read(f"{site}<title>Baku answers Moscow | Example News</title>").titles[0] == "Baku answers Moscow"
    assert (
        read("<title>Baku answers Moscow - Example News</title>", "<h1>Example News</h1>")
        .titles[0]
        .startswith("Baku answers")
    )
    assert read('<meta property="og:title" content="Baku &amp;amp; Moscow">').titles[0] == "Baku & Moscow"


def test_authors_are_people_before_the_publisher_and_never_addresses() -> None:
    organisation = (
        '{"@type":"NewsArticle","headline":"H","author":{"name":"Example News"},"publisher":{"name":"Example News"}}'
    )
    byline = '<span class="byline">By Jane Roe and John Doe</span>'
    assert read(linked(organisation), byline).authors == ("Jane Roe", "John Doe")
    assert read(linked(organisation)).authors == ("Example News",)
    assert read('<meta name="author" content="https://example.org/jane">').authors == ()
    assert read('<meta name="author" content="Автор: Иван Иванов, Пётр Петров">').authors == (
        "Иван Иванов",
        "Пётр Петров",
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "@type",
                    "@graph",
                    "@id",
                    "author",
                    "name",
                    "headline",
                    "datePublished",
                    "publisher",
                    "articleBody",
                    "mainEntity",
                ]
            ),
            inner | st.just("NewsArticle"),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
@settings(deadline=None, max_examples=150)
def test_any_json_ld_is_survived(value: Any) -> None:
    import json

    assert isinstance(read(linked(json.dumps(value).replace("</", "<\\/")), url=""), Metadata)


def test_a_date_under_the_heading_counts_and_the_clock_above_it_does_not() -> None:
    clock = "<header><span>Tuesday, 8 December 2026</span></header>"
    for dateline in ("13 октября 2026, 18:29", "13 Oct 2026 18:29", "13 oktyabr 2026, 18:29", "13.10.2026 18:29"):
        found = read(
            body=f"{clock}<h1>Baku answers</h1><div><i></i>{dateline}</div><p>Text.</p>", url="https://e.org/a"
        )
        assert found.published_at == datetime(2026, 10, 13, 18, 29, tzinfo=UTC), dateline
        assert found.published_at_source is DateSource.PAGE
