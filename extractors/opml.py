"""Lists of feeds in OPML 2.0, the form that feed readers exchange. Pure: bytes in, bytes out."""

from collections.abc import Iterable
from itertools import groupby

from lxml import etree

from extractors.urls import canonical_url, host_of, strip_credentials
from model.errors import UsageError
from model.records import Feed

KINDS = frozenset({"rss", "atom", "rdf", "json", "news-sitemap"})
# Attributes of ours beside OPML's own: what a feeds.csv knows and OPML has no word for.
EXTRA = ("country", "ownership", "rights")


def read_opml(body: bytes) -> tuple[Feed, ...]:
    """Read the feeds of an OPML file, each address once. Raises UsageError when it is none or holds no feed."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UsageError(f"this is no OPML: {error}; export one from a feed reader") from error
    if root is None or str(root.tag).rpartition("}")[2].lower() != "opml":
        raise UsageError("this is no OPML: its root element is not <opml>; export one from a feed reader")
    feeds = {feed.url: feed for node in root.iter("outline") if (feed := _feed(node)) is not None}
    if not feeds:
        raise UsageError("this OPML holds no feed: no outline has an xmlUrl with an http address")
    return tuple(feeds.values())


def _feed(node: etree._Element) -> Feed | None:
    said = {str(name).lower(): str(value).strip() for name, value in node.attrib.items()}
    url = strip_credentials(said.get("xmlurl", ""))
    if canonical_url(url) is None:
        return None
    kind = said.get("type", "rss").lower()
    return Feed(
        url=url,
        publisher=said.get("publisher") or said.get("text") or said.get("title") or host_of(url),
        homepage=said.get("htmlurl", ""),
        language=said.get("language", ""),
        kind=kind if kind in KINDS else "rss",
        country=said.get("country", ""),
        ownership=said.get("ownership", ""),
        rights=said.get("rights") or "excerpt",
    )


def write_opml(feeds: Iterable[Feed], title: str) -> bytes:
    """Write feeds as OPML, in folders by language. `read_opml` gives them back."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    ordered = sorted(feeds, key=lambda feed: (feed.language, feed.publisher, feed.url))
    for language, group in groupby(ordered, key=lambda feed: feed.language):
        folder = etree.SubElement(body, "outline", text=language or "und")
        for feed in group:
            etree.SubElement(folder, "outline", _attributes(feed))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _attributes(feed: Feed) -> dict[str, str]:
    known = {
        "type": feed.kind,
        "text": feed.publisher,
        "xmlUrl": feed.url,
        "htmlUrl": feed.homepage,
        "language": feed.language,
        **{name: getattr(feed, name) for name in EXTRA},
    }
    return {name: value for name, value in known.items() if value}
