from hypothesis import given, settings
from hypothesis import strategies as st

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
@settings(max_examples=150, deadline=None)
def test_any_bytes_have_an_outcome(body: bytes) -> None:
    found = extract_article(body, URL)
    assert (found.outcome is PageOutcome.REJECTED) == (found.reason is not None)


@given(st.integers(0, len(PAGE)), st.integers(0, 200), st.binary(max_size=30))
@settings(max_examples=150, deadline=None)
def test_a_mangled_page_has_an_outcome(start: int, length: int, junk: bytes) -> None:
    page = PAGE.encode()
    found = extract_article(page[:start] + junk + page[start + length :], URL)
    assert (found.outcome is PageOutcome.REJECTED) == (found.reason is not None)


def test_what_is_no_page_is_named() -> None:
    assert extract_article(b"", URL).reason is RejectReason.EMPTY
    assert extract_article(b"%PDF-1.7 ...", URL).reason is RejectReason.NOT_HTML
    assert extract_article(b"<html><body></body></html>", URL).reason is RejectReason.NO_TEXT
