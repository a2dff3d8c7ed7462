"""Sitemaps: Google News sitemaps, plain ones, and the indexes that point to more of them."""

import re

from lxml import etree

from extractors.items import NotAFeed, RawItem, Sheet

_ROOT = re.compile(rb"<(?:\w{1,20}:)?(urlset|sitemapindex)[\s>]", re.IGNORECASE)
_SNIFFED = 4_096


def is_sitemap(body: bytes) -> bool:
    """Tell by its beginning whether a document is a sitemap or an index of them."""
    return bool(_ROOT.search(body[:_SNIFFED]))


def _parser() -> etree.XMLParser:
    # Entities stay unread and nothing is loaded from elsewhere: there is no bomb to go off. libxml2 itself stops at 256
    # levels of nesting.
    return etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)


def read_sitemap(body: bytes) -> Sheet:
    """Read a sitemap or an index. Raises NotAFeed when nothing of it can be read."""
    try:
        root = etree.fromstring(body, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotAFeed(f"a sitemap that is no XML: {error}") from error
    if root is None:
        raise NotAFeed("a sitemap without anything readable")
    return Sheet(
        items=tuple(_item(node) for node in _children(root, "url")),
        children=tuple(loc for node in _newest_first(_children(root, "sitemap")) if (loc := _text(node, "loc"))),
    )


def _name(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2].lower()


def _children(root: etree._Element, name: str) -> list[etree._Element]:
    return [node for node in root.iter() if _name(node) == name]


def _newest_first(nodes: list[etree._Element]) -> list[etree._Element]:
    """Order sitemaps by when they changed, as ISO text; those that do not say stay behind, in their order."""
    return sorted(nodes, key=lambda node: _text(node, "lastmod"), reverse=True)


def _text(node: etree._Element, *path: str) -> str:
    """Give the text at a path of element names, in any namespace; empty when it is not there."""
    for name in path:
        found = next((child for child in node if _name(child) == name), None)
        if found is None:
            return ""
        node = found
    return "".join(str(part) for part in node.itertext()).strip()


def _item(node: etree._Element) -> RawItem:
    # lastmod is when a page was touched, not when it was published: it never stands in for the publication date.
    return RawItem(
        link=_text(node, "loc"),
        title=_text(node, "news", "title"),
        published=_text(node, "news", "publication_date"),
        updated=_text(node, "lastmod"),
    )
