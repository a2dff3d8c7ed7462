"""JSON Feed, versions 1 and 1.1 (jsonfeed.org)."""

import json
from typing import Any

from extractors.items import NotAFeed, RawItem, Sheet


def read_json_feed(body: bytes) -> Sheet:
    """Read a JSON Feed. Raises NotAFeed for JSON that is none."""
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotAFeed("the body looks like JSON but cannot be read") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise NotAFeed("the body is JSON without a list of items")
    return Sheet(title=_text(feed, "title"), items=tuple(_item(row) for row in feed["items"] if isinstance(row, dict)))


def _text(row: dict[str, Any], *names: str) -> str:
    """Give the first of these fields that says something, as text."""
    found = next((row[name] for name in names if isinstance(row.get(name), str | int | float) and row[name] != ""), "")
    return str(found)


def _item(row: dict[str, Any]) -> RawItem:
    return RawItem(
        guid=_text(row, "id"),
        link=_text(row, "url", "external_url"),
        title=_text(row, "title"),
        summary=_text(row, "summary", "content_text", "content_html"),
        authors=_authors(row),
        published=_text(row, "date_published", "date_modified"),
        updated=_text(row, "date_modified"),
    )


def _authors(row: dict[str, Any]) -> tuple[str, ...]:
    listed = row.get("authors") if isinstance(row.get("authors"), list) else [row.get("author")]
    return tuple(_text(author, "name") for author in listed or () if isinstance(author, dict) and _text(author, "name"))
