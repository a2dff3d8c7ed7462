"""One identity for one article, wherever its link was found."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.urls import article_id, canonical_url, host_of, resolve, strip_credentials


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://WWW.Example.COM:80/A", "http://www.example.com/A"),
        ("https://example.com:443/a#part", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("  https://example.com/a\n", "https://example.com/a"),
        ("https://example.com/a\n/b", "https://example.com/a/b"),
        ("https://example.com/a/../b/./c", "https://example.com/b/c"),
        ("https://example.com/%7euser/%d0%b0", "https://example.com/~user/%D0%B0"),
        ("https://example.com/новости/1?q=да", "https://example.com/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/1?q=%D0%B4%D0%B0"),
        ("https://пример.рф/а", "https://xn--e1afmkfd.xn--p1ai/%D0%B0"),
        ("https://example.com/?b=2&a=1", "https://example.com/?a=1&b=2"),
        ("https://example.com/a?utm_source=rss&utm_medium=x&id=5", "https://example.com/a?id=5"),
        ("https://example.com/a?fbclid=x&gclid=y&yclid=z&_openstat=q&mc_cid=1", "https://example.com/a"),
        ("https://example.com/a?UTM_Source=rss", "https://example.com/a"),
        ("https://example.com/a?id=5&amp;utm_source=rss", "https://example.com/a?id=5"),
        ("https://example.com/a?from=rss", "https://example.com/a"),
        ("https://example.com/a?ref=rss&page=2", "https://example.com/a?page=2"),
        ("https://example.com/a?at_medium=RSS&at_campaign=KARANGA", "https://example.com/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        # wrappers
        ("https://www.google.com/url?rct=j&url=https://example.com/a?id%3D5&usg=x", "https://example.com/a?id=5"),
        ("https://www.google.az/url?sa=t&url=https://example.com/a", "https://example.com/a"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2Fa%3Ffbclid%3Dx&h=y", "https://example.com/a"),
        ("https://vk.com/away.php?to=https%3A%2F%2Fexample.com%2Fa", "https://example.com/a"),
        ("https://www.bing.com/news/apiclick.aspx?ref=FexRss&url=https%3a%2f%2fexample.com%2fa", "https://example.com/a"),
        ("https://www.google.com/amp/s/example.com/a/amp", "https://example.com/a/amp"),
        ("https://example-com.cdn.ampproject.org/c/s/example.com/a", "https://example.com/a"),
        ("https://news.google.com/rss/articles/CBMiFWh0dHBzOi8vZXhhbXBsZS5jb20vYdIBAA?oc=5", "https://example.com/a"),
    ],
)  # fmt: skip
def test_a_url_has_one_normal_form(url: str, expected: str) -> None:
    assert canonical_url(url) == expected
    assert canonical_url(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/?id=5", "https://example.com/news?p=12&s=3", "https://example.com/a?source=reuters", "https://example.com/a?from=2026-01-01",
        "https://example.com/a?ref=4711", "https://example.com/index.php?newsid=1", "https://example.com/a?via=baku", "https://example.com/A/b",
        "https://example.com/a/", "https://www.google.com/search?q=x", "https://example.com/url?url=https%3A%2F%2Fother.com%2F", "https://example.com//a",
    ],
)  # fmt: skip
def test_what_may_tell_articles_apart_stays(url: str) -> None:
    assert canonical_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "mailto:a@b.c", "javascript:alert(1)", "file:///etc/passwd", "ftp://example.com/a", "data:text/html,x", "//example.com/a", "/a", "example.com",
        "http://", "http:///a", "http://ex ample.com/", "http://example..com/", "http://example.com:99999/", "http://[::1/", "http://-/", "https://" + "a" * 300 + ".com/",
        "https://example.com/" + "a" * 5_000, "http://%00/", "http://exa\u0000mple.com/",
    ],
)  # fmt: skip
def test_what_cannot_be_fetched_has_no_normal_form(url: str) -> None:
    assert canonical_url(url) is None


def test_relative_links_are_resolved_against_their_page() -> None:
    assert canonical_url("../b?id=1#x", "https://example.com/a/c/") == "https://example.com/a/b?id=1"
    assert canonical_url("//other.com/a", "https://example.com/") == "https://other.com/a"
    assert resolve("https://example.com/a/", "b c") == "https://example.com/a/b%20c"
    assert resolve("https://example.com/", "http://u:p@h.com/x#f") == "http://h.com/x#f"
    assert resolve("https://example.com/", "http://[bad") == ""


def test_identity_is_64_bits_of_the_canonical_url() -> None:
    assert 0 <= article_id("https://example.com/a") < 2**64
    assert article_id("https://example.com/a") != article_id("https://example.com/b")


def test_credentials_and_hosts() -> None:
    assert strip_credentials("https://u:p@example.com:81/a?b@c") == "https://example.com:81/a?b@c"
    assert strip_credentials("not a url") == "not a url"
    assert strip_credentials("http://[bad") == "http://[bad"
    assert host_of("https://WWW.Example.com:81/a") == "example.com"
    assert host_of("nonsense") == ""


_PIECES = st.sampled_from(["http://", "https://", "example.com", "пример.рф", ":80", "/", "a b", "%", "%zz", "%2F", "?", "&", "=", "utm_source=x", "id=5", "#", "@", "..", ";", "+", "[", "]", "\u00e9", "\ud7ff", "\\", "|", "амп", "&amp;", "url=", "https%3A%2F%2Fx.com%2F", "www.google.com/url?"])  # fmt: skip


@given(st.one_of(st.text(max_size=60).map("https://example.com/".__add__), st.lists(_PIECES, max_size=9).map("".join)))
@example("https://example.com/%25%32%35?a=%252525&b=+%2B")
@settings(max_examples=600, deadline=None)
def test_the_normal_form_is_its_own_normal_form(url: str) -> None:
    normal = canonical_url(url)
    assert normal is None or canonical_url(normal) == normal
    assert normal is None or normal.isascii()


@given(st.text(), st.text())
@settings(max_examples=300, deadline=None)
def test_no_text_makes_these_functions_raise(base: str, link: str) -> None:
    assert isinstance(resolve(base, link), str)
    assert canonical_url(link, base) is None or True
    assert isinstance(host_of(link), str)
    assert isinstance(strip_credentials(link), str)
