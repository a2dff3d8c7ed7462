"""Feeds in every dialect, their traps, and any bytes at all."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.feeds import NotAFeed, parse_feed
from extractors.plain import plain_text
from model.outcomes import RejectReason
from model.records import ParsedFeed

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://example.org/rss"


def rss(items: str, channel: str = "") -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>F</title>{channel}{items}</channel></rss>'.encode()


def item(n: int, guid: str = "", title: str = "", extra: str = "") -> str:
    return f"<item><title>{title or f'Title {n}'}</title><link>https://example.org/{n}</link>{guid and f'<guid>{guid}</guid>'}{extra}</item>"


def ids(parsed: ParsedFeed) -> list[str]:
    return [entry.entry_id for entry in parsed.entries]


# --- dialects ----------------------------------------------------------------------------------------------------------


def test_rss_2() -> None:
    feed = parse_feed(
        rss(
            item(
                1,
                "g1",
                extra="<description>S &lt;b&gt;x&lt;/b&gt;</description><dc:creator>Leyla A.</dc:creator><pubDate>Mon, 02 Mar 2026 10:00:00 +0400</pubDate>",
            )
        ),
        URL,
    )
    (entry,) = feed.entries
    assert (entry.entry_id, entry.url, entry.title, entry.summary) == ("g1", "https://example.org/1", "Title 1", "S x")
    assert entry.authors == ("Leyla A.",)
    assert entry.published_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    assert feed.title == "F"


def test_rdf_says_when_by_dublin_core() -> None:
    body = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="x"><title>R</title></channel>
    <item rdf:about="https://example.org/1"><title>T</title><link>https://example.org/1</link><dc:date>2026-03-02T10:00:00+04:00</dc:date></item></rdf:RDF>"""
    (entry,) = parse_feed(body).entries
    assert entry.published_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def test_atom_with_relative_links_and_xml_base() -> None:
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.org/blog/"><title>A</title>
    <entry><id>tag:x,1</id><title type="html">A &amp;amp; B</title><link rel="alternate" href="post/1"/><updated>2026-03-02T06:00:00Z</updated></entry></feed>"""
    (entry,) = parse_feed(body, URL).entries
    assert (entry.entry_id, entry.url, entry.title) == ("tag:x,1", "https://other.org/blog/post/1", "A & B")
    assert entry.published_at == entry.updated_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def test_json_feed_with_relative_links_and_authors() -> None:
    body = b'{"version":"https://jsonfeed.org/version/1.1","title":"J","items":[{"id":7,"url":"/7","title":"T","content_html":"<p>S</p>","date_published":"2026-03-02T06:00:00Z","authors":[{"name":"N"}]}, "junk", {"id":"8"}]}'
    feed = parse_feed(body, URL)
    (entry,) = feed.entries
    assert (entry.entry_id, entry.url, entry.summary, entry.authors) == ("7", "https://example.org/7", "S", ("N",))
    assert [r.reason for r in feed.rejected] == [RejectReason.NO_LINK]


def test_a_news_sitemap_gives_titles_and_times() -> None:
    body = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://example.org/1</loc><lastmod>2026-03-02T08:00:00Z</lastmod><n:news><n:publication_date>2026-03-02T06:00:00Z</n:publication_date><n:title>T &amp; U</n:title></n:news></url></urlset>"""
    for form in (body, gzip.compress(body), b"\n " + body):
        (entry,) = parse_feed(form).entries
        assert (entry.title, entry.entry_id) == ("T & U", "https://example.org/1")
        assert entry.published_at == datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def test_a_plain_sitemap_never_takes_a_change_for_a_publication() -> None:
    (entry,) = parse_feed(
        b"<urlset><url><loc>https://example.org/1</loc><lastmod>2026-03-02</lastmod></url></urlset>"
    ).entries
    assert entry.published_at is None
    assert entry.updated_at is not None


def test_a_sitemap_index_points_to_its_children() -> None:
    body = b"<sitemapindex><sitemap><loc>/a.xml</loc></sitemap><sitemap><loc>https://example.org/b.xml.gz</loc></sitemap></sitemapindex>"
    assert parse_feed(body, URL).children == ("https://example.org/a.xml", "https://example.org/b.xml.gz")


def test_a_feed_behind_an_html_doctype_is_a_feed() -> None:
    body = b'<?xml version="1.0"?><!DOCTYPE html><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="https://example.org/1"/></entry></feed>'
    assert len(parse_feed(body).entries) == 1


def test_the_sitemaps_of_an_index_come_newest_first() -> None:
    rows = "".join(f"<sitemap><loc>https://e.org/{n}</loc><lastmod>2026-0{n}-01</lastmod></sitemap>" for n in (1, 3, 2))
    body = f"<sitemapindex><sitemap><loc>https://e.org/x</loc></sitemap>{rows}</sitemapindex>".encode()
    assert [child[-1] for child in parse_feed(body).children] == ["3", "2", "1", "x"]


def test_a_feed_wrapped_into_a_page_is_a_feed() -> None:
    body = b'<!DOCTYPE html><html><body><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="https://e.org/1"/></entry></feed></body></html>'
    assert len(parse_feed(body).entries) == 1


# --- identity ------------------------------------------------------------------------------------------------------------


def test_one_guid_for_all_items_is_nobodys() -> None:
    feed = parse_feed(rss(item(1, "https://example.org/") + item(2, "https://example.org/")))
    assert ids(feed) == ["https://example.org/1", "https://example.org/2"]


def test_an_item_that_stands_twice_is_one() -> None:
    feed = parse_feed(rss(item(1, "g1") + item(2, "g2") + item(1, "g1")))
    assert ids(feed) == ["g1", "g2"]
    assert feed.repeated == 1


def test_without_a_guid_tracking_does_not_make_two_of_one() -> None:
    one, two = (rss(f"<item><title>T</title><link>https://example.org/1?utm_source={s}</link></item>") for s in "ab")
    assert ids(parse_feed(one)) == ids(parse_feed(two)) == ["https://example.org/1"]


def test_a_guid_does_not_change_when_the_feed_moves() -> None:
    body = rss(item(1, "g1"))
    assert ids(parse_feed(body, "http://a.org/")) == ids(parse_feed(body, "https://b.org/x/")) == ["g1"]


def test_the_counting_address_of_feedburner_gives_way_to_the_articles_own() -> None:
    body = rss(
        item(
            1,
            extra="<feedburner:origLink xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'>https://real.org/1</feedburner:origLink>",
        )
    )
    assert parse_feed(body).entries[0].url == "https://real.org/1"


# --- what cannot be followed ----------------------------------------------------------------------------------------------


def test_items_without_a_link_are_rejected_with_what_they_say() -> None:
    feed = parse_feed(
        rss(
            item(1) + "<item><title>No link here</title></item><item><title>Bad</title><link>mailto:a@b.c</link></item>"
        )
    )
    assert len(feed.entries) == 1
    assert [(r.reason, r.excerpt) for r in feed.rejected] == [
        (RejectReason.NO_LINK, "No link here"),
        (RejectReason.BAD_URL, "Bad"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  \n", b"\xef\xbb\xbf", b"<!DOCTYPE html><html><body>x</body></html>", b"<html><head></head></html>", b"<p>not found</p>", b"plain text",
        b"{}", b"[]", b'{"items": 3}', b"\x00" * 100, b"\x1f\x8b broken", b"%PDF-1.7", b"\x89PNG\r\n", b"http://example.org/feed", b"/etc/passwd", b"<urlset", b"<a>" * 1_000,
    ],
)  # fmt: skip
def test_what_is_no_feed_says_so(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        parse_feed(body)


# --- dates ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "hour"), [("Mon, 02 Mar 2026 14:05:00 AZT", 10), ("02.03.2026 14:05", 10), ("2 mart 2026, 14:05", 10), ("Mon, 02 Mar 2026 14:05:00", 10), ("Mon, 02 Mar 2026 14:05:00 GMT", 14)]
)  # fmt: skip
def test_dates_are_read_by_our_parser_in_the_publishers_zone(said: str, hour: int) -> None:
    feed = parse_feed(rss(item(1, extra=f"<pubDate>{said}</pubDate>")), zone="Asia/Baku")
    assert feed.entries[0].published_at == datetime(2026, 3, 2, hour, 5, tzinfo=UTC)


def test_a_date_in_the_future_is_no_date_but_the_item_stays() -> None:
    feed = parse_feed(rss(item(1, extra="<pubDate>Mon, 02 Mar 2036 14:05:00 GMT</pubDate>")), now=NOW)
    assert feed.entries[0].published_at is None


def test_what_feedparser_guesses_for_this_year_is_not_believed() -> None:
    feed = parse_feed(rss(item(1, extra="<pubDate>some day soon</pubDate>")))
    assert feed.entries[0].published_at is None


# --- wishes --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        ("<ttl>15</ttl>", 900), ("<ttl>0</ttl>", None), ("<ttl>soon</ttl>", None), ("<ttl>99999999999</ttl>", 31_536_000), ("", None),
        ("<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>dayly</sy:updatePeriod>", 86_400),
        ("<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'> hourly </sy:updatePeriod><sy:updateFrequency xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>4</sy:updateFrequency>", 900),
    ],
)  # fmt: skip
def test_the_publishers_wish_is_read(channel: str, seconds: int | None) -> None:
    assert parse_feed(rss(item(1), channel)).ttl_s == seconds


# --- text ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>A</b>  <i>B</i>\n C", "A B C"), ("A<br/>B", "A B"), ("<p>A</p><p>B</p>", "A B"), ("A &amp; B", "A & B"), ("A &amp;quot;B&amp;quot;", 'A "B"'),
        ("&quot;A&quot; &#1041;", '"A" Б'), ("<![CDATA[<![CDATA[A]]>]]>", "A"), ("x < y > z", "x < y > z"), ("Russia <-> Iran", "Russia <-> Iran"),
        ("the &lt;blink&gt; tag", "the <blink> tag"), ("&lt;p&gt;A&lt;/p&gt;", "A"), ("<script>alert(1)</script>A<style>b{}</style>", "A"),
        ("A<!-- b -->C", "A C"), ("<img src=x onerror=alert(1)>A", "A"), ("A\u200b\u00adB\u202e", "AB"), ("A\u200cB", "A\u200cB"), ("\ud800A", "\ufffdA"), ("A&nbsp;B", "A B"), ("AT&T", "AT&T"), ("", ""),
    ],
)  # fmt: skip
def test_titles_and_summaries_become_plain_text(text: str, expected: str) -> None:
    assert plain_text(text, 1_000) == expected


def test_a_text_is_cut_to_its_limit() -> None:
    assert plain_text("word " * 1_000, 50) == ("word " * 10).strip()


# --- any bytes -----------------------------------------------------------------------------------------------------------

_CHUNKS = st.sampled_from([b"<rss>", b"<channel>", b"<item>", b"</item>", b"<title>", b"</title>", b"<link>", b"http://a.b/c", b"<guid>", b"<![CDATA[", b"]]>", b"&amp;", b"&", b"&#x0;", b"\xff", b"\x00", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<entry>", b"<id>", b"<?xml version='1.0' encoding='x'?>", b"<!DOCTYPE a [", b"<!ENTITY b 'c'>", b"\xef\xbb\xbf", b"{", b'"items":[', b"]}", b"<urlset>", b"<url><loc>", b"<pubDate>", b"Mon, 99 Foo", b"<!--", b"xml:base='http://['", b"<rdf:RDF>", b"<a:b xmlns:a=''/>", b"<link href='//[x'/>", b"\x1f\x8b"])  # fmt: skip


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(_CHUNKS, max_size=25).map(b"".join),
        st.binary(max_size=120).map(b"<rss><channel><item>".__add__),
    )
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_feed_or_say_that_they_are_none(body: bytes) -> None:
    try:
        feed = parse_feed(body, URL, now=NOW)
    except NotAFeed:
        return
    assert len(ids(feed)) == len(set(ids(feed)))
    for entry in feed.entries:
        assert entry.entry_id
        assert entry.url.startswith(("http://", "https://"))
        assert entry.published_at is None or entry.published_at <= NOW + timedelta(days=1)


def test_entities_that_could_grow_are_taken_out_and_harmless_ones_stay() -> None:
    body = (
        b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaa"><!ENTITY b "&a;&a;">]>'
        + rss(item(1, title="x&nbsp;y &b; z")).partition(b"?>")[2]
    )
    title = parse_feed(body).entries[0].title
    assert title.startswith("x y")
    assert "aaa" not in title
