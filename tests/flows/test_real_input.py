"""The whole pass on real input: 100 real feeds and 300 real pages served on loopback, twice, every item accounted for."""

import gzip
import hashlib
import itertools
import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pytest

from extractors.feeds import NotAFeed, parse_feed
from shared_material import members
from tests.flows.conftest import Run, accounting
from tests.flows.site import Answer, Site

PAGES_OF_EACH = 100
COLLECTIONS = ("article-extraction-benchmark", "fundus-dev", "wcxb-dev")
LINK = re.compile(rb"(<link[^>]*?>|<link[^>]*href=[\"'])\s*(?:<!\[CDATA\[)?\s*(https?://[^<\"'\]\s]+)", re.IGNORECASE)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def serve_pages(shared: Path, site: Site) -> list[str]:
    urls = []
    for collection in COLLECTIONS:
        pages = members(shared / "data" / "pages" / f"{collection}.tar.xz", (".html.gz", ".html"))
        for name, data in itertools.islice(pages, PAGES_OF_EACH):
            body = gzip.decompress(data) if name.endswith(".gz") else data
            path = f"/pages/{hashlib.sha256(name.encode()).hexdigest()[:12]}"
            # Canonical links lead to the live web, which a test must not reach nor take identities from.
            body = re.sub(rb"<link[^>]*canonical[^>]*>", b"", body, flags=re.IGNORECASE)
            site.answers[path] = Answer(body, headers={"Content-Type": "text/html"})
            urls.append(site.url + path)
    return urls


def serve_feeds(shared: Path, site: Site, pages: list[str]) -> tuple[list[str], int]:
    """Serve the feeds with the links of their entries rewritten to pages; half of them with an ETag."""
    turn = itertools.cycle(pages)
    urls, items = [], 0
    for number, (_, original) in enumerate(members(shared / "data" / "feeds" / "real-feeds.tar.xz", (".xml",))):
        path = f"/feeds/{number}"
        body = rewritten(original, site.url, turn)
        parsed = parse_feed(body, site.url + path)
        assert all(entry.url.startswith(site.url) for entry in parsed.entries)  # nothing leads off loopback
        items += len(parsed.entries) + len(parsed.rejected) + parsed.repeated
        site.answers[path] = with_etag(body) if number % 2 else Answer(body, headers={"Content-Type": "text/xml"})
        urls.append(site.url + path)
    return urls, items


def rewritten(body: bytes, base: str, turn: Iterator[str]) -> bytes:
    """Let every entry lead to a page: first in its link, then wherever else its address stands."""
    renamed: dict[bytes, bytes] = {}
    for entry in parse_feed(body, base).entries:
        page = next(turn).encode()
        for form in (entry.url, escape(entry.url, quote=False)):
            renamed.setdefault(form.encode(), page)
    body = LINK.sub(lambda found: found[0].replace(found[2], renamed.get(found[2], found[2])), body)
    for entry in parse_feed(body, base).entries:
        if not entry.url.startswith(base):
            for form in (entry.url, escape(entry.url, quote=False), entry.url.replace("&", "&#038;")):
                body = body.replace(form.encode(), renamed[entry.url.encode()])
    return body


def with_etag(body: bytes) -> Callable[[dict[str, str]], Answer]:
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def answer(asked: dict[str, str]) -> Answer:
        if asked.get("if-none-match") == tag:
            return Answer(status=304, headers={"ETag": tag})
        return Answer(body, headers={"Content-Type": "application/xml", "ETag": tag})

    return answer


def test_every_item_of_100_real_feeds_and_300_real_pages_is_accounted_for(
    shared: Path, site: Site, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    pages = serve_pages(shared, site)
    assert len(pages) == PAGES_OF_EACH * len(COLLECTIONS)
    feeds, items = serve_feeds(shared, site, pages)
    assert len(feeds) == 100
    for number, url in enumerate(feeds):
        add_feed(url, f"Publisher {number}")
    first = accounting(tensionwatch("run", "--all", "--json", "--jobs", "2", timeout=600))
    print(first)
    entries, read = first["collect"]["entries"], first["collect"]["pages"]
    assert first["collect"]["feeds"]["outcomes"] == {"ok": 100}
    assert entries["in_feeds"] == items == entries["new"] + entries["duplicate"] + entries["rejected"]
    assert sum(entries["reasons"].values()) == entries["rejected"]
    assert read["fetched"] == read["article"] + read["duplicate"] + read["rejected"] + read["deferred"]
    assert sum(read["reasons"].values()) == read["rejected"]
    assert read["article"] >= 250
    assert read["pending"] == 0
    loaded = first["load"]
    assert loaded["articles"] + loaded["editions"] + loaded["duplicates"] == read["article"]
    second = accounting(tensionwatch("run", "--all", "--json", "--jobs", "2", timeout=600))
    assert second["collect"]["feeds"]["outcomes"] == {"not-modified": 50, "unchanged": 50}
    assert second["collect"]["entries"]["new"] == 0
    assert second["collect"]["pages"]["fetched"] == 0
    assert second["load"]["articles"] == 0
    kept = (
        tensionwatch(
            "sql", "SELECT count(*) AS n, count(*) FILTER (outcome = '') AS pending FROM entries", "--format", "csv"
        )
        .stdout.split()[1]
        .split(",")
    )
    assert kept[1] == "0"
    assert int(kept[0]) == entries["new"] + entries["rejected"]


def test_a_page_of_no_feed_is_refused(shared: Path) -> None:
    name, data = next(members(shared / "data" / "pages" / "wcxb-dev.tar.xz", (".html.gz",)))
    with pytest.raises(NotAFeed):
        parse_feed(gzip.decompress(data), f"https://example.org/{name}")
