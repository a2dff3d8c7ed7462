"""The newsroom over HTTP: feeds that parsers read, pages that browsers show, manners that clients can rely on."""

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import feedparser
import httpx
import pytest

from extractors.articles import extract_article
from extractors.feeds import parse_feed
from model.outcomes import PageOutcome, RejectReason
from newsroom import CAST, Item, Newsroom, NewsroomServer, Publisher
from newsroom.server import Layout

START = datetime(2026, 1, 5, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START + timedelta(days=10)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def planned() -> Newsroom:
    """One newsroom for all tests, since planning costs a second; what it shows depends on the clock alone."""
    return Newsroom(7, START, Clock())


@pytest.fixture
def clock(planned: Newsroom) -> Clock:
    clock = Clock()
    planned.clock = clock
    return clock


@pytest.fixture
def newsroom(planned: Newsroom, clock: Clock) -> Newsroom:
    return planned


@pytest.fixture
def server(newsroom: Newsroom) -> Iterator[NewsroomServer]:
    with NewsroomServer(newsroom) as running:
        yield running


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as opened:
        yield opened


def _items(newsroom: Newsroom, slug: str) -> list[Item]:
    return [item for item in newsroom.items(newsroom.clock()) if item.publisher.slug == slug]


def _feed(server: NewsroomServer, slug: str) -> str:
    return f"{server.newsroom.bases[slug]}{server.newsroom.by_slug[slug].feed_path}"


def test_every_feed_parses_and_lists_all_that_was_published(server: NewsroomServer, client: httpx.Client) -> None:
    kinds = Counter(row["kind"] for row in server.feeds())
    assert kinds == {"rss": 8, "atom": 4, "news-sitemap": 2, "rdf": 1, "json": 1}
    for row, publisher in zip(server.feeds(), CAST, strict=True):
        answer = client.get(row["url"])
        items = _items(server.newsroom, publisher.slug)
        parsed = parse_feed(answer.content, row["url"], answer.headers["content-type"])
        assert len(parsed.entries) == len(items) > 20
        assert not parsed.rejected
        assert {entry.url for entry in parsed.entries} == {server.newsroom.url(item) for item in items}
        titles = {server.newsroom.title(item, server.newsroom.clock()) for item in items}
        assert {entry.title for entry in parsed.entries} == titles, publisher.slug


@pytest.mark.parametrize("publisher", [p for p in CAST if p.kind in {"rss", "atom", "rdf"}], ids=lambda p: p.slug)
def test_feedparser_reads_feed_without_complaint(
    publisher: Publisher, server: NewsroomServer, client: httpx.Client
) -> None:
    answer = client.get(_feed(server, publisher.slug))
    parsed = feedparser.parse(answer.content, response_headers={"content-type": answer.headers["content-type"]})
    assert not parsed.bozo
    assert parsed.feed.title == publisher.name
    newest = max(_items(server.newsroom, publisher.slug), key=lambda item: (item.published_at, item.number))
    if "no-dates" in publisher.habits:
        assert "published_parsed" not in parsed.entries[0]
    else:
        date = parsed.entries[0].get("published_parsed") or parsed.entries[0].updated_parsed
        assert tuple(date[:6]) == newest.published_at.timetuple()[:6]
    guids = [entry.get("id") for entry in parsed.entries]
    if "no-guid" in publisher.habits:
        assert set(guids) == {None}
    elif "same-guid" in publisher.habits:
        assert set(guids) == {"1"}
    else:
        assert len(set(guids)) == len(guids)


def test_every_page_is_in_the_charset_it_claims_and_extracts_to_its_own_words(
    server: NewsroomServer, client: httpx.Client
) -> None:
    for publisher in CAST:
        pages = [i for i in _items(server.newsroom, publisher.slug) if i.form == "article" and not i.paywalled]
        for item in pages[:3]:
            answer = client.get(server.newsroom.url(item))
            assert answer.headers["content-type"] == f"text/html; charset={publisher.charset}"
            story = server.newsroom.story(item)
            assert 3_000 < len(answer.content) < 16_000
            page = answer.content.decode(publisher.charset)
            assert publisher.charset in page[:200]
            assert "application/ld+json" in page
            article = extract_article(answer.content, str(answer.url), content_type=answer.headers["content-type"])
            assert article.outcome == PageOutcome.ARTICLE
            assert article.title == server.newsroom.title(item, server.newsroom.clock())
            assert story.paragraphs[0] in article.text
            assert story.paragraphs[-1].split()[-1] in article.text
            words = server.newsroom.story(item).text.split()
            assert len(article.text.split()) <= len(words) + 25, "furniture came along"
            assert article.published_at == (None if item.undated else item.published_at)


@pytest.mark.parametrize("layout", ["ports", "paths", "addresses"])
def test_publishers_answer_in_every_layout(layout: Layout, newsroom: Newsroom, client: httpx.Client) -> None:
    with NewsroomServer(newsroom, layout=layout) as server:
        rows = server.feeds()
        hosts = {httpx.URL(row["url"]).netloc for row in rows}
        assert len(hosts) == (1 if layout == "paths" else len(CAST))
        for row in rows:
            assert client.get(row["url"]).status_code == 200
            assert client.get(row["homepage"]).status_code == 200
        first = parse_feed(client.get(rows[0]["url"]).content, rows[0]["url"]).entries[0]
        assert client.get(first.url).status_code == 200
        assert client.get(server.url).text.count("<tr>") == len(CAST) + 1


def test_unchanged_feed_is_answered_with_304_until_something_happens(
    server: NewsroomServer, client: httpx.Client, clock: Clock
) -> None:
    url = _feed(server, "meridian-wire")
    first = client.get(url)
    known = {"If-None-Match": first.headers["etag"]}
    dated = {"If-Modified-Since": first.headers["last-modified"]}
    assert client.get(url, headers=known).status_code == 304
    assert client.get(url, headers=known).content == b""
    assert client.get(url, headers=dated).status_code == 304
    clock.now += timedelta(days=1)
    assert client.get(url, headers=known).status_code == 200
    assert client.get(url, headers=dated).status_code == 200
    assert server.requests("not-modified") == 3
    assert server.log[url, "ok"] == 3


def test_publisher_without_validators_always_answers_whole(server: NewsroomServer, client: httpx.Client) -> None:
    first = client.get(_feed(server, "open-ledger"))
    assert "etag" not in first.headers
    assert "last-modified" not in first.headers
    again = client.get(_feed(server, "open-ledger"), headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
    assert again.content == first.content


def test_gzip_is_sent_to_those_who_ask(server: NewsroomServer, client: httpx.Client) -> None:
    url = _feed(server, "volga-vesti")
    with client.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    plain = client.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.content
    assert len(packed) < len(plain.content) / 3


def test_item_appears_when_its_time_has_come(newsroom: Newsroom, clock: Clock) -> None:
    item = _items(newsroom, "kur-agentliyi")[-1]
    clock.now = item.published_at - timedelta(seconds=1)
    assert newsroom.answer("kur-agentliyi", item.path, {}).status == 404
    before = newsroom.answer("kur-agentliyi", "/feed/atom.xml", {}).body
    clock.now = item.published_at
    assert newsroom.answer("kur-agentliyi", item.path, {}).status == 200
    assert item.path.encode() not in before
    assert item.path.encode() in newsroom.answer("kur-agentliyi", "/feed/atom.xml", {}).body


def test_retitled_item_keeps_its_identity_and_changes_its_headline(newsroom: Newsroom, clock: Clock) -> None:
    wire = CAST[0].slug
    clock.now = START + timedelta(days=35)
    item = next(i for i in _items(newsroom, wire) if i.retitled_at and i.source is None)
    assert item.retitled_at is not None
    titles, identities = [], []
    for at in (item.published_at, item.retitled_at):
        clock.now = at
        feed = parse_feed(newsroom.answer(wire, "/rss.xml", {}).body, "http://x.invalid/")
        entry = next(e for e in feed.entries if e.url.endswith(item.path))
        titles.append(entry.title)
        identities.append(entry.entry_id)
    assert titles[0] != titles[1]
    assert identities[0] == identities[1]


def test_corrected_article_changes_its_text_and_its_date_of_change(newsroom: Newsroom, clock: Clock) -> None:
    item = next(
        i
        for i in newsroom.items(clock.now)
        if i.corrected_at and i.form == "article" and not i.paywalled and not i.undated
    )
    assert item.corrected_at is not None
    clock.now = item.corrected_at - timedelta(seconds=1)
    before = newsroom.answer(item.publisher.slug, item.path, {})
    clock.now = item.corrected_at
    after = newsroom.answer(item.publisher.slug, item.path, {"if-none-match": before.headers.get("etag", '"none"')})
    assert after.status == 200
    assert (
        extract_article(before.body, "http://x.invalid/").text != extract_article(after.body, "http://x.invalid/").text
    )


def test_publisher_is_down_for_three_days(newsroom: Newsroom, clock: Clock) -> None:
    clock.now = START + timedelta(days=15, hours=23)
    statuses = []
    for _ in range(5):
        statuses.append(newsroom.answer("caspian-herald", "/feed/atom.xml", {}).status)
        clock.now += timedelta(days=1)
    assert statuses == [200, 503, 503, 503, 200]


@pytest.mark.parametrize("layout", ["ports", "paths"])
def test_robots_txt_keeps_crawlers_out_of_one_section(layout: Layout, newsroom: Newsroom, client: httpx.Client) -> None:
    from protego import Protego

    with NewsroomServer(newsroom, layout=layout) as server:
        base = newsroom.bases["volga-vesti"]
        at = server.url if layout == "paths" else base
        rules = Protego.parse(client.get(f"{at}/robots.txt").text)
        items = _items(newsroom, "volga-vesti")
        allowed = {item.topic: rules.can_fetch(newsroom.url(item), "tensionwatch") for item in items}
        assert allowed.pop("sport") is False
        assert all(allowed.values())
        if layout == "paths":
            assert rules.can_fetch(f"{newsroom.bases['meridian-wire']}/sport/1.html", "tensionwatch")


def test_bad_pages_of_the_real_web_are_there_too(newsroom: Newsroom) -> None:
    end = START + timedelta(days=35)
    newsroom.clock = lambda: end
    reasons: Counter[tuple[str, RejectReason | None]] = Counter()
    for item in newsroom.items(end):
        if item.form != "article" or item.paywalled:
            answer = newsroom.answer(item.publisher.slug, item.path, {})
            assert answer.status == 200
            kind = answer.headers["content-type"]
            reasons[item.form, extract_article(answer.body, newsroom.url(item), content_type=kind).reason] += 1
    assert reasons["pdf", RejectReason.NOT_HTML] >= 3
    assert reasons["soft-404", RejectReason.SOFT_404] >= 3
    assert reasons["article", RejectReason.PAYWALL] >= 10
    assert len(reasons) == 3, reasons


def test_some_items_have_no_date_anywhere(newsroom: Newsroom, clock: Clock) -> None:
    items = [item for item in newsroom.items(clock.now) if "no-dates" in item.publisher.habits]
    undated = [item for item in items if item.undated]
    assert 0 < len(undated) < len(items)
    page = newsroom.answer(undated[0].publisher.slug, undated[0].path, {}).body
    assert extract_article(page, "http://x.invalid/story").published_at is None


def test_amp_copy_has_the_same_words(newsroom: Newsroom, clock: Clock) -> None:
    item = next(i for i in _items(newsroom, "ege-postasi") if not i.corrected_at)
    page = newsroom.answer("ege-postasi", item.path, {}).body.decode()
    assert 'rel="amphtml"' in page
    amp = newsroom.answer("ege-postasi", f"{item.path}/amp", {}).body.decode()
    assert "<html amp" in amp
    assert newsroom.story(item).paragraphs[-1].split()[-1] in amp


def test_connection_is_kept_and_requests_are_answered_in_order(server: NewsroomServer) -> None:
    import socket

    base = httpx.URL(server.newsroom.bases["meridian-wire"])
    request = "GET {} HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection((base.host, base.port or 80), timeout=5) as connection:
        connection.sendall((request.format("/robots.txt") + request.format("/none")).encode())
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"404", b"405"]


def test_head_has_no_body(server: NewsroomServer, client: httpx.Client) -> None:
    answer = client.head(_feed(server, "merkur-agentstvo"))
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


def test_taken_port_is_an_os_error_and_leaves_nothing_bound(newsroom: Newsroom) -> None:
    with NewsroomServer(newsroom) as first, pytest.raises(OSError):
        NewsroomServer(newsroom, first.port)
    with NewsroomServer(newsroom, first.port, "paths"):
        pass


def test_many_clients_at_once_get_what_one_gets(server: NewsroomServer, client: httpx.Client) -> None:
    urls = [server.newsroom.url(item) for item in server.newsroom.items(server.newsroom.clock())[:200]]
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(client.get, urls)} == {200}


def test_newsroom_grows_to_hundreds_of_publishers(client: httpx.Client) -> None:
    now = START + timedelta(hours=23)
    newsroom = Newsroom(1, START, lambda: now, publishers=400, volume=0.5)
    with NewsroomServer(newsroom, layout="addresses") as server:
        rows = server.feeds()
        assert len({row["url"] for row in rows}) == 400
        assert len({row["publisher"] for row in rows}) == 400
        assert len(newsroom.items(now)) > 600
        for row in rows[::20]:
            assert client.get(row["url"]).status_code == 200
