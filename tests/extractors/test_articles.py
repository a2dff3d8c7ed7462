import random
from pathlib import Path

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bench_extract import aeb, compare, f1  # type: ignore[import-untyped]
from extractors.articles import EXTRACTOR_VERSION, extract_article
from model.outcomes import DateSource, PageOutcome, RejectReason

URL = "https://news.example.org/2026/03/01/baku-answers"
PAGE = """<!doctype html><html lang="en"><head><title>Baku answers Moscow | Example News</title>
<link rel="canonical" href="/2026/03/01/baku-answers?utm_source=x"><meta property="og:title" content="Baku answers Moscow">
<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"Baku answers Moscow",
"datePublished":"2026-03-01T14:05:00+04:00","author":[{"@type":"Person","name":"Leyla Mammadova"}],}</script></head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>Baku answers Moscow</h1>
<p>Baku said on Monday that it would answer the detention of its citizens in kind and without delay, the ministry said.</p>
<p>Moscow denied that anybody had been detained and called the statement a provocation against good neighbours.</p>
</article><aside>Most read: Ten recipes</aside><footer>© Example News</footer></body></html>"""


def test_an_article_comes_with_all_that_its_page_says_of_it() -> None:
    found = extract_article(PAGE.encode(), URL)
    assert found.outcome is PageOutcome.ARTICLE
    assert found.title == "Baku answers Moscow"
    assert found.text.startswith("Baku said on Monday")
    assert found.text.endswith("good neighbours.")
    assert "recipes" not in found.text
    assert found.authors == ("Leyla Mammadova",)
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2026-03-01T10:05:00+00:00"
    assert found.published_at_source is DateSource.JSON_LD
    assert found.canonical_url == URL
    assert found.language == "en"
    assert EXTRACTOR_VERSION.startswith("trafilatura 2.")


@given(st.binary(max_size=500))
@settings(max_examples=60, deadline=None)
def test_any_bytes_have_an_outcome(body: bytes) -> None:
    found = extract_article(body, URL)
    assert (found.outcome is PageOutcome.REJECTED) == (found.reason is not None)


@given(st.integers(0, len(PAGE)), st.integers(0, 200), st.binary(max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_mangled_page_has_an_outcome(start: int, length: int, junk: bytes) -> None:
    page = PAGE.encode()
    found = extract_article(page[:start] + junk + page[start + length :], URL)
    assert (found.outcome is PageOutcome.REJECTED) == (found.reason is not None)


def test_what_is_no_page_is_named() -> None:
    assert extract_article(b"", URL).reason is RejectReason.EMPTY
    assert extract_article(b"%PDF-1.7 ...", URL).reason is RejectReason.NOT_HTML
    assert extract_article(b"<html><body></body></html>", URL).reason is RejectReason.NO_TEXT


@pytest.mark.slow
def test_real_news_pages_are_extracted_better_than_by_the_library_alone(shared: Path) -> None:
    pages = list(aeb(shared / "data" / "pages"))[:60]
    ours = [compare(page.text or "", extract_article(page.body, page.url, mode="fast").text) for page in pages]
    alone = [compare(page.text or "", trafilatura.extract(page.body, include_comments=False) or "") for page in pages]
    assert f1(ours)[0] >= f1(alone)[0] + 0.01


def test_a_real_page_mangled_anywhere_has_an_outcome(shared: Path) -> None:
    chance = random.Random(20260301)
    for page in list(aeb(shared / "data" / "pages"))[60:72]:
        body = bytearray(page.body[:60_000])
        for _ in range(40):
            start = chance.randrange(len(body))
            body[start : start + chance.randrange(400)] = chance.randbytes(chance.randrange(40))
        found = extract_article(bytes(body), page.url)
        assert (found.outcome is PageOutcome.REJECTED) == (found.reason is not None)


def test_a_page_gives_the_same_at_any_time_and_in_any_mode_order() -> None:
    assert extract_article(PAGE.encode(), URL) == extract_article(PAGE.encode(), URL)
    assert extract_article(PAGE.encode(), URL, mode="fast") == extract_article(PAGE.encode(), URL, mode="quality")


def test_headings_between_kept_paragraphs_belong_to_the_article() -> None:
    prose = "Baku said on Monday that it would answer the detention of its citizens in kind and without delay, part {}."
    parts = "".join(f"<h2>Heading {n}</h2><p>{prose.format(n)}</p><p>{prose.format(n + 10)}</p>" for n in range(4))
    html = f"<html><head><title>T</title></head><body><article><h1>Baku answers Moscow</h1><p>{prose.format(99)}</p>{parts}</article></body></html>"
    text = extract_article(html.encode(), URL).text
    assert [f"Heading {n}" in text.split("\n") for n in range(4)] == [True] * 4


def test_the_feeds_title_stands_in_when_the_page_has_none() -> None:
    html = "<html><body><p>Baku said on Monday that it would answer the detention of its citizens in kind and without delay.</p></body></html>"
    assert extract_article(html.encode(), URL, title_hint=" Baku  answers ").title == "Baku answers"


def test_json_ld_stands_in_when_the_page_has_no_text() -> None:
    body = "Baku said on Monday that it would answer.\\nMoscow denied that anybody had been detained at all."
    script = f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Baku answers","articleBody":"{body}"}}</script>'
    found = extract_article(f"<html><head>{script}</head><body><div id='app'></div></body></html>".encode(), URL)
    assert found.outcome is PageOutcome.ARTICLE
    assert found.text.split("\n") == [
        "Baku said on Monday that it would answer.",
        "Moscow denied that anybody had been detained at all.",
    ]
