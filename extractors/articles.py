"""A page's bytes to clean text with title, authors, date and language. A function of the page alone: no clock, no net.

Main text: trafilatura in its precise setting. Its one weakness is pages where it keeps a fraction of the article, so a
guard compares each extraction with the paragraphs that stand on the page, and asks for another opinion when half of
them are missing. Then headings that were dropped between kept paragraphs come back, and lines that only came along go.
Figures: tests/benchmarks/bench_extract.py.
"""

import logging
import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, Literal

import trafilatura
from lxml import etree
from readability import Document
from trafilatura.settings import Extractor

from extractors.language import language_of
from extractors.metadata import Metadata, clean, read_metadata
from extractors.pages import decode, parse, refuse_bytes, refuse_text
from extractors.residue import without_residue
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
_PRECISE_ALONE = Extractor(output_format="txt", precision=True, fast=True, comments=False)
_BALANCED = Extractor(output_format="txt", comments=False)
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
GUARD = 0.5  #: share of the page's paragraphs below which an extraction is suspicious; .4 to .6 give the same F1
SHORT = 600  #: characters: three paragraphs. Where trafilatura alone fails, it fails to the first few lines
HEADING = 200  #: characters; a longer heading is a paragraph in disguise
# A news flash is one or two sentences ("В Белгороде объявлена ракетная опасность. Подробности уточняются." has seven
# words): six still say who did what in a language that inflects; below that there are only labels and captions.
LEAST_WORDS = 6


def extract_article(
    body: bytes,
    url: str,
    *,
    content_type: str = "",
    mode: Mode = "quality",
    title_hint: str = "",
    zone: tzinfo | str | None = None,
) -> Extracted:
    """Extract the article of a page. Never raises on any bytes: what is no article is rejected with its reason.

    `url` is where the page was found, after redirects; `content_type` the header as served. `title_hint` is the feed's
    title: it is used when the page gives none. `zone` is the publisher's, for times without one (default UTC). Mode
    `fast` skips the second opinion inside trafilatura where the first will do. A page refused for its text (a notice,
    a paywall's teaser, too short) keeps that text, so that a person can see why. Dates come as the page says them,
    however far ahead: whoever has a clock refuses those.
    """
    refused = refuse_bytes(body, content_type)
    if refused is not None:
        return _rejected(url, refused)
    html = decode(body, content_type)
    tree = parse(html)
    if tree is None or not hasattr(tree, "text_content"):
        return _rejected(url, RejectReason.UNREADABLE)
    metadata = read_metadata(tree, url, zone)
    title = _title(metadata, title_hint)
    lines = (_main_text(tree, html, mode) or _fallback(metadata)).split("\n")
    lines = without_residue(_with_headings(_without_title(lines, metadata.titles), tree))
    return _judged(url, title, "\n".join(lines).strip(), metadata)


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
    """Give the first opinion that has most of the page's paragraphs; when none has, the longest."""
    expected = GUARD * _paragraph_length(tree)
    best = ""
    for opinion, least in _opinions(tree, html, mode):
        if _length(opinion) >= max(expected, least):
            return opinion
        best = max(best, opinion, key=_length)
    return best


def _opinions(tree: Any, html: str, mode: Mode) -> Iterator[tuple[str, int]]:
    """Yield texts and the length below which each is not to be trusted, best first and only as many as are asked for.

    `fast` begins with trafilatura alone, without the comparisons inside it: on nineteen pages of twenty it gives the
    same text in half the time, on the others almost none.
    """
    if mode == "fast":
        yield _trafilatura(tree, _PRECISE_ALONE), SHORT
    yield _trafilatura(tree, _PRECISE), 1
    yield _trafilatura(tree, _BALANCED), 1
    yield _readability(html), 1


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


def _without_title(lines: list[str], titles: tuple[str, ...]) -> list[str]:
    """Drop the line among the first three that repeats the title: it is kept apart from the text."""
    known = {normal_form(title).casefold() for title in titles}
    for index, line in enumerate(lines[:3]):
        if normal_form(line).casefold().strip(" #") in known:
            return lines[:index] + lines[index + 1 :]
    return lines


def _with_headings(lines: list[str], tree: Any) -> list[str]:
    """Put back a heading that stands between two paragraphs that were kept; the precise setting drops many."""
    if tree.find(".//h2") is None and tree.find(".//h3") is None and tree.find(".//h4") is None:
        return lines
    kept = {normal_form(line).lstrip("- "): index for index, line in reversed(list(enumerate(lines)))}
    dropped = _dropped_headings(kept, tree)
    return [piece for index, line in enumerate(lines) for piece in (*dropped.get(index, ()), line)]


def _dropped_headings(kept: dict[str, int], tree: Any) -> dict[int, list[str]]:
    """Find the headings to put back, by the line they belong before. Two in a row head a list of other articles."""
    found: dict[int, list[str]] = {}
    after_kept = False
    waiting: list[str] = []
    for element in tree.iter("h2", "h3", "h4", "p", "li"):
        text = clean(element.text_content())
        normal = normal_form(text)
        if not normal:
            continue
        if element.tag in {"p", "li"}:
            if normal in kept and after_kept and len(waiting) == 1:
                found.setdefault(kept[normal], []).extend(waiting)
            after_kept = normal in kept or (after_kept and len(normal) <= PARAGRAPH)
            waiting = []
        elif normal in kept:
            after_kept, waiting = True, []
        elif len(normal) < HEADING:
            waiting.append(text)
    return found
