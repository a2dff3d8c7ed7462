"""A page's bytes to clean text with title, authors, date and language. A function of the page alone: no clock, no net.

Main text: trafilatura in its precise setting. Its one weakness is pages where it keeps a fraction of the article; a
guard compares it with the paragraphs that stand on the page, and when it has less than half of them, takes the longest
of three. Figures: tests/benchmarks/bench_extract.py.
"""

import logging
import re
from typing import Any, Literal

import trafilatura
from lxml import etree
from readability import Document  # type: ignore[import-untyped]
from trafilatura.settings import Extractor

from extractors.language import language_of
from extractors.metadata import Metadata, clean, read_metadata
from extractors.pages import decode, parse, refuse_bytes, refuse_text
from extractors.text import normal_form, word_count
from model.outcomes import PageOutcome, RejectReason
from model.records import Extracted

Mode = Literal["quality", "fast"]

RULES = 1  #: raise whenever the same page can give another text
EXTRACTOR_VERSION = f"trafilatura {trafilatura.__version__}, rules {RULES}"

# The three libraries warn about pages that they cannot read; here that is an outcome, not a message.
for _name in ("trafilatura", "readability", "htmldate", "charset_normalizer"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

# Comments are not the article. Bare options objects: no metadata, which costs a quarter of the time and is read better
# in extractors.metadata.
_PRECISE = Extractor(output_format="txt", precision=True, comments=False)
_BALANCED = Extractor(output_format="txt", comments=False)
_FAST = Extractor(output_format="txt", fast=True, comments=False)
_PARAGRAPHS: Any = etree.XPath(
    ".//p[not(ancestor::footer or ancestor::aside or ancestor::nav or ancestor::form or ancestor::figure"
    " or ancestor::noscript)]"
)
# What the libraries are seen to raise on odd trees. A page that trips one of them goes to the next.
_STUMBLES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    etree.LxmlError,
)
_BLOCKS = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "tr", "br", "section", "article")
PARAGRAPH = 60  #: characters of a paragraph that is prose rather than a label
GUARD = 0.5  #: share of the page's paragraphs below which an extraction is suspicious; .4 to .65 give the same F1
# A news flash is one or two sentences ("Siren alert in Belgorod. Details follow."): eight words is the shortest that
# still says who did what; below that there are only labels, captions and notices.
LEAST_WORDS = 8


def extract_article(
    body: bytes, url: str, *, content_type: str = "", mode: Mode = "quality", title_hint: str = ""
) -> Extracted:
    """Extract the article of a page. Never raises on any bytes: what is no article is rejected with its reason.

    `url` is where the page was found, after redirects; `content_type` the header as served. `title_hint` is the feed's
    title: it is used when the page gives none. Mode `fast` skips the second opinion inside trafilatura. A page refused
    for its text (a notice, a paywall's teaser, too short) keeps that text, so that a person can see why.
    """
    refused = refuse_bytes(body, content_type)
    if refused is not None:
        return _rejected(url, refused)
    html = decode(body, content_type)
    tree = parse(html)
    if tree is None or not hasattr(tree, "text_content"):
        return _rejected(url, RejectReason.UNREADABLE)
    metadata = read_metadata(tree, url)
    title = _title(metadata, title_hint)
    text = _without_title(_main_text(tree, html, mode) or _fallback(metadata), metadata.titles)
    return _judged(url, title, text, metadata)


def _judged(url: str, title: str, text: str, metadata: Metadata) -> Extracted:
    words = word_count(text)
    refused = refuse_text(title, text, words, is_free=metadata.is_free)
    if refused is None and words < LEAST_WORDS:
        refused = RejectReason.TOO_SHORT if words else RejectReason.NO_TEXT
    return Extracted(
        outcome=PageOutcome.ARTICLE if refused is None else PageOutcome.REJECTED,
        reason=refused,
        url=url,
        canonical_url=metadata.canonical_url,
        title=title,
        text=text,
        authors=metadata.authors,
        published_at=metadata.published_at,
        published_at_source=metadata.published_at_source,
        language=language_of(f"{title}\n{text}"),
    )


def _rejected(url: str, reason: RejectReason) -> Extracted:
    return Extracted(outcome=PageOutcome.REJECTED, reason=reason, url=url)


def _title(metadata: Metadata, hint: str) -> str:
    return metadata.titles[0] if metadata.titles else clean(hint)


def _main_text(tree: Any, html: str, mode: Mode) -> str:
    best = _trafilatura(tree, _PRECISE if mode == "quality" else _FAST)
    expected = _paragraph_length(tree)
    if _length(best) >= GUARD * expected:
        return best
    others = [_readability(html)]
    if mode == "quality":
        others.append(_trafilatura(tree, _BALANCED))
    return max(best, *others, key=_length)


def _length(text: str) -> int:
    """Count characters that are not space."""
    return len(text) - sum(map(text.count, " \n\t\xa0"))


def _paragraph_length(tree: Any) -> int:
    """Count the characters in the paragraphs of a page that read like prose: long enough, and not made of links."""
    total = 0
    for paragraph in _PARAGRAPHS(tree):
        length = _length(paragraph.text_content())
        linked = sum(_length(link.text_content()) for link in paragraph.iter("a"))
        if length >= PARAGRAPH and linked < length / 2:
            total += length
    return total


def _trafilatura(tree: Any, options: Extractor) -> str:
    try:
        return trafilatura.extract(tree, options=options) or ""
    except _STUMBLES:
        return ""


def _readability(html: str) -> str:
    """Ask a second library; the text of its summary, a line for each block."""
    try:
        summary = parse(Document(html).summary(html_partial=True))
    except _STUMBLES:
        return ""
    return _lines(summary) if summary is not None else ""


def _lines(tree: Any) -> str:
    for element in tree.iter(*_BLOCKS):
        element.tail = "\n" + (element.tail or "")
        element.text = "\n" + (element.text or "")
    return "\n".join(line for raw in tree.text_content().split("\n") if (line := clean(raw)))


def _fallback(metadata: Metadata) -> str:
    """Give the JSON-LD body: only when there is nothing else, for where both exist it is the worse text."""
    if "<" in metadata.body:
        tree = parse(f"<html><body><div>{metadata.body}</div></body></html>")
        return _lines(tree) if tree is not None else ""
    return "\n".join(line for raw in re.split(r"[\r\n]+", metadata.body) if (line := clean(raw)))


def _without_title(text: str, titles: tuple[str, ...]) -> str:
    """Drop the line among the first three that repeats the title: it is kept apart from the text."""
    known = {normal_form(title).casefold() for title in titles}
    lines = text.split("\n")
    for index, line in enumerate(lines[:3]):
        if normal_form(line).casefold().strip(" #") in known:
            return "\n".join(lines[:index] + lines[index + 1 :]).strip()
    return text.strip()
