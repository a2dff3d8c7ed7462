"""Full texts of the seed corpus as people saved them: recognised by their bytes, freed of what came with the page.

A seed's publication time is known as a range (`from/to` in seeds.csv). It counts at the first moment of that range,
with the source `manifest`: no later than the truth, so a seed can never look like fresh news.
"""

import hashlib
import re
from collections.abc import Sequence

from extractors.articles import extract_article
from extractors.pages import decode
from extractors.residue import is_clock, without_residue
from extractors.text import normal_form
from model.watch import SeedRow

HTML = (".html", ".htm")
MARKDOWN = (".md", ".markdown")

# A sidebar of headlines has at least three dates, and dates make up a good part of its lines; a chronology that ends an
# article puts date and event into one line.
SIDEBAR_DATES = 3
SIDEBAR_SHARE = 0.35
_HEADING = re.compile(
    r"(?:latest|recent|top|related|more|most read|popular|breaking) (?:news|stories|articles|posts|headlines)\W*"
    r"|(?:read also|see also|most read|related|последние новости|читайте также|son xəbərlər|son haberler)\W*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^#{1,6}\s+|\*\*|__|^>\s?", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def recognise(data: bytes, rows: Sequence[SeedRow]) -> SeedRow | None:
    """Find the manifest's row for a file by the SHA-256 of its bytes; None when it is no seed."""
    digest = hashlib.sha256(data).hexdigest()
    return next((row for row in rows if row.sha256 == digest), None)


def clean_seed(data: bytes, suffix: str, title: str = "") -> tuple[str, str]:
    """Give the title and the text of a saved article.

    `suffix` (`.txt`, `.md`, `.html`) says how to read it; `title` is the manifest's and wins over the file's. Without
    one the first line is the title when it does not end like a sentence. What goes, by general rules: repeated title
    lines, a sidebar of dated headlines, clocks, trailing bylines, calls to subscribe.
    """
    found, text = _read(data, suffix.lower())
    lines = [line for raw in text.splitlines() if (line := " ".join(raw.split()))]
    title = title or found or _first_title(lines)
    return title, "\n".join(without_residue(_without_sidebar(_without_title(lines, title))))


def _read(data: bytes, suffix: str) -> tuple[str, str]:
    if suffix in HTML:
        page = extract_article(data, "", content_type="text/html")
        return page.title, page.text
    text = decode(data, "text/plain").replace("\r\n", "\n")
    if suffix in MARKDOWN:
        text = _MARKS.sub("", _LINK.sub(r"\1", _FRONT_MATTER.sub("", text)))
    return "", text


def _first_title(lines: list[str]) -> str:
    return lines[0] if lines and not lines[0].endswith((".", ":", "…", ",")) else ""


def _without_title(lines: list[str], title: str) -> list[str]:
    """Drop the lines at the top that only say the title."""
    known = normal_form(title).casefold()
    start = 0
    while start < len(lines) and normal_form(lines[start]).casefold() == known:
        start += 1
    return lines[start:]


def _without_sidebar(lines: list[str]) -> list[str]:
    """Cut where a list of headlines, each with its date on a line of its own, follows the text to the end."""
    dates = [index for index, line in enumerate(lines) if is_clock(line)]
    for position, index in enumerate(dates):
        left, rest = len(dates) - position, len(lines) - index
        if left >= SIDEBAR_DATES and left >= SIDEBAR_SHARE * rest:
            start = max(index - 1, 0)
            return lines[: start - 1] if start and _HEADING.fullmatch(lines[start - 1]) else lines[:start]
    return lines
