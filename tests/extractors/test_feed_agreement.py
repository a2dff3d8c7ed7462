"""Our reading of foreign collections beside what their makers expect: a table, and a reason for every difference.

python -m pytest tests/extractors/test_feed_agreement.py -s     prints the tables
"""

import ast
import json
import re
from calendar import timegm
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.dates import parse_date
from extractors.feeds import NotAFeed, parse_feed
from extractors.plain import plain_text
from extractors.urls import canonical_url
from model.records import Entry, ParsedFeed, RejectedEntry
from shared_material import members

ADDRESS = "http://127.0.0.1:8097/feed"  #: what feedparser's own fixtures expect to be served at
_TEXT = r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
_TITLE = re.compile(rf"entries\[(\d+)\](?:\['title'\]|\.title|\['title_detail'\]\['value'\])\s*==\s*{_TEXT}")
_LINK = re.compile(rf"entries\[(\d+)\](?:\['link'\]|\.link)\s*==\s*{_TEXT}")
_DATE = re.compile(r"entries\[(\d+)\]\['(?:published|updated|created)_parsed'\]\s*==\s*(\([\d, ]+\))")
_COUNT = re.compile(r"len\(entries\)\s*==\s*(\d+)")
_HEADER = re.compile(r"^Header:\s*([\w-]+):\s*(.*)$", re.MULTILINE)

Expected = Iterator[tuple[str, int, Any]]  #: field, item, value


def items_of(parsed: ParsedFeed | None) -> list[Entry | RejectedEntry]:
    return [] if parsed is None else [*parsed.entries, *parsed.rejected]


def said(item: Entry | RejectedEntry | None, name: str) -> Any:
    if item is None or (isinstance(item, RejectedEntry) and name != "title"):
        return None
    if isinstance(item, RejectedEntry):
        return item.excerpt
    return {"title": item.title, "link": item.url, "date": (item.published_at, item.updated_at)}[name]


# --- reasons for differences, each a property of the two values -------------------------------------------------------


def is_plain_text(want: Any, got: Any) -> bool:
    """We keep titles as plain text: the expected one without its markup and entities is ours."""
    return isinstance(want, str) and isinstance(got, str) and plain_text(want, 1_000) == got


def is_sanitised_away(want: Any, got: Any) -> bool:
    """The expected title is what feedparser's sanitiser leaves; ours has neither the elements nor what it left of them."""
    return (
        isinstance(want, str)
        and isinstance(got, str)
        and re.sub(r"\W", "", plain_text(want, 1_000)) == re.sub(r"\W", "", got)
    )


def is_the_same_page(want: Any, got: Any) -> bool:
    """Links are made safe to send: host in lower case, escapes where needed, absolute."""
    return (
        isinstance(want, str) and isinstance(got, str) and canonical_url(want, ADDRESS) == canonical_url(got, ADDRESS)
    )


def is_the_page_behind_the_counter(want: Any, got: Any) -> bool:
    """FeedBurner's counting address is expected; we take the article's own, which the feed names beside it."""
    return isinstance(want, str) and "/~r/" in want and isinstance(got, str) and "/~r/" not in got


def has_letters_the_other_lost(want: Any, got: Any) -> bool:
    """The expectation was made by a reader that took the document for UTF-8."""
    return isinstance(want, str) and "\ufffd" in want and isinstance(got, str) and "\ufffd" not in got


REASONS: tuple[Callable[[Any, Any], bool], ...] = (
    is_plain_text,
    is_sanitised_away,
    is_the_same_page,
    is_the_page_behind_the_counter,
    has_letters_the_other_lost,
)


@dataclass
class Table:
    """Agreement by field, with each difference under its reason."""

    same: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    unexplained: list[tuple[str, str, Any, Any]] = field(default_factory=list)

    def add(self, file: str, name: str, want: Any, got: Any, known: dict[tuple[str, str], str]) -> None:
        if want == got or (name == "date" and isinstance(got, tuple) and want in got):
            self.same[name] += 1
            return
        reason = next((reason.__name__ for reason in REASONS if reason(want, got)), known.get((file, name)))
        if reason is None:
            self.unexplained.append((file, name, want, got))
        else:
            self.reasons[name, reason] += 1

    def show(self, title: str) -> None:
        print(f"\n{title}")
        for name in sorted({*self.same, *(key[0] for key in self.reasons)}):
            other = sum(count for (field_name, _), count in self.reasons.items() if field_name == name)
            print(f"  {name:<6} same {self.same[name]:>5}   different {other:>4}", end="   ")
            print("; ".join(f"{reason}: {n}" for (fn, reason), n in sorted(self.reasons.items()) if fn == name))


# --- feedparser's suite -----------------------------------------------------------------------------------------------


def followable(body: bytes) -> bytes:
    """Give items without a link one: without, we reject them, and there is no date to compare."""
    if re.search(rb"<link|href=|<guid", body, re.IGNORECASE):
        return body
    body = body.replace(b"</item>", b"<link>http://added.example/</link></item>")
    return body.replace(b"</entry>", b'<link href="http://added.example/"/></entry>')


def suite_expectations(text: str) -> Expected:
    for name, pattern in (("title", _TITLE), ("link", _LINK)):
        yield from ((name, int(at), ast.literal_eval(value)) for at, value in pattern.findall(text))
    for at, value in _DATE.findall(text):
        yield "date", int(at), datetime.fromtimestamp(timegm(ast.literal_eval(value)), UTC)


def expectation_text(body: bytes) -> str:
    found = re.search(rb"Expect:\s*(.*?)-->", body, re.DOTALL)
    return found[1].decode("utf-8", "replace") if found else ""


def read(body: bytes, content_type: str = "", address: str = ADDRESS) -> ParsedFeed | None:
    try:
        return parse_feed(body, address, content_type)
    except NotAFeed:
        return None


def test_feedparsers_own_suite_agrees_or_differs_for_a_reason(shared: Path) -> None:
    table, files = Table(), 0
    for name, body in members(shared / "data/feeds/feedparser-suite.tar.xz"):
        files += 1
        headers = {k.lower(): v.strip() for k, v in _HEADER.findall(body[:2_000].decode("latin-1"))}
        content_type, address = headers.get("content-type", ""), headers.get("content-location", ADDRESS)
        parsed = read(body, content_type, address)
        text = expectation_text(body)
        for count in _COUNT.findall(text):
            table.add(name, "count", int(count), len(items_of(parsed)) + (parsed.repeated if parsed else 0), SUITE)
        items = items_of(read(followable(body), content_type, address))
        for what, at, want in suite_expectations(text):
            table.add(name, what, want, said(items[at] if at < len(items) else None, what), SUITE)
    table.show(f"feedparser's suite, {files:,} files")
    assert files >= 2_106
    assert not table.unexplained


#: Differences that only one file shows, and why ours is right or does no harm.
SUITE = {
    ("wellformed/node_precedence/atom10_title.xml", "title"): "the second of two identical items is a repeat",
    ("wellformed/cdf/item_lastmod_parsed.xml", "date"): "an item without a link is rejected, date and all",
    ("wellformed/sanitize/entry_title_crazy.xml", "title"): "text that feedparser takes for markup is kept",
}

# --- the collections of other readers ---------------------------------------------------------------------------------


def feed_rs(expected: dict[str, Any]) -> Expected:
    for at, entry in enumerate(expected["entries"]):
        title = entry["title"] and entry["title"]["content"]
        links = [link["href"] for link in entry["links"] if link["rel"] in {None, "alternate"}]
        if title:
            yield "title", at, title
        if links:
            yield "link", at, links[0]
        if entry["published"]:
            yield "date", at, datetime.fromisoformat(entry["published"])


def rss_parser(expected: dict[str, Any]) -> Expected:
    for at, entry in enumerate(expected["feed"]["items"]):
        if isinstance(entry.get("title"), str):
            yield "title", at, entry["title"]
        if isinstance(entry.get("link"), str):
            yield "link", at, entry["link"]
        if isinstance(entry.get("isoDate"), str):
            yield "date", at, datetime.fromisoformat(entry["isoDate"]).replace(microsecond=0)


def text_of(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1")


def expectations(name: str, files: dict[str, bytes]) -> tuple[int, Expected] | None:
    """Give the number of items and the values that a fixture's maker expects, where there are any."""
    if name.startswith("feed-rs/"):
        beside = re.sub(r"\.(xml|json)$", ".serde.json", name)
        if beside in files and beside != name:
            expected = json.loads(files[beside])
            return len(expected["entries"]), feed_rs(expected)
    if name.startswith("rss-parser/test/input/"):
        beside = re.sub(r"\.\w+$", ".json", name.replace("/input/", "/output/"))
        if beside in files:
            expected = json.loads(text_of(files[beside]))
            return len(expected["feed"]["items"]), rss_parser(expected)
    return None


def is_feed_file(name: str) -> bool:
    return name.endswith((".xml", ".rss", ".atom")) or (
        name.endswith(".json") and "jsonfeed" in name.replace("_", "") and "serde" not in name
    )


@pytest.mark.slow
def test_the_fixtures_of_other_readers_agree_or_differ_for_a_reason(shared: Path) -> None:
    files = dict(members(shared / "data/feeds/peer-fixtures.tar.xz"))
    table, compared = Table(), 0
    for name in filter(is_feed_file, files):
        parsed = read(files[name])
        expected = expectations(name, files)
        if expected is None:
            continue
        compared += 1
        count, values = expected
        items = items_of(parsed)
        table.add(name, "count", count, len(items) + (parsed.repeated if parsed else 0), PEERS)
        for what, at, want in values:
            table.add(name, what, want, said(items[at] if at < len(items) else None, what), PEERS)
    table.show(f"fixtures of feed-rs and rss-parser, {compared} files")
    assert not table.unexplained, "\n".join(map(str, table.unexplained))


PEERS = {
    ("feed-rs/feed-rs/fixture/atom/atom_example_7.xml", "date"): "an item without a link is rejected, date and all",
}


# --- real feeds --------------------------------------------------------------------------------------------------------


def item_elements(body: bytes) -> int:
    if body.startswith(b"{"):
        return len(json.loads(body)["items"])
    return len(re.findall(rb"<(?:\w+:)?(?:item|entry)[\s>]", body))


@pytest.mark.slow
def test_every_item_of_a_hundred_real_feeds_is_kept_or_rejected_for_a_reason(shared: Path) -> None:
    feeds = dict(members(shared / "data/feeds/real-feeds.tar.xz"))
    parsed = {name: parse_feed(body, ADDRESS, now=datetime(2026, 3, 1, tzinfo=UTC)) for name, body in feeds.items()}
    items = sum(len(feed.entries) + len(feed.rejected) + feed.repeated for feed in parsed.values())
    markers = sum(map(item_elements, feeds.values()))
    undated = sum(entry.published_at is None for feed in parsed.values() for entry in feed.entries)
    print(f"\n{len(feeds)} real feeds: {items} items of {markers} item elements, {undated} without a date")
    assert len(feeds) == 100
    assert items == markers


@pytest.mark.parametrize("text", ["2004-07-04", "Thu, 01 Jan 2004 19:48:21 GMT"])
def test_dates_of_the_suite_are_read_by_our_parser(text: str) -> None:
    assert parse_date(text) is not None
