import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.articles import extract_article
from extractors.pages import decode, parse, refuse_bytes, refuse_text
from extractors.text import word_count
from model.outcomes import PageOutcome, RejectReason

URL = "https://news.example.org/world/123"
SENTENCE = "Посольство Азербайджана в Москве сообщило о задержании граждан республики."


def page(title: str, *paragraphs: str, head: str = "") -> bytes:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body><main><h1>{title}</h1>{body}</main></body></html>".encode()


def reason(body: bytes, content_type: str = "text/html") -> RejectReason | None:
    return extract_article(body, URL, content_type=content_type).reason


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"", "text/html", RejectReason.EMPTY),
        (b" \n\t ", "text/html", RejectReason.EMPTY),
        (b"%PDF-1.7\n%...", "text/html", RejectReason.NOT_HTML),
        (b"\x89PNG\r\n\x1a\n....", "text/html", RejectReason.NOT_HTML),
        (b"\xff\xd8\xff\xe0....", "", RejectReason.NOT_HTML),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4", RejectReason.NOT_HTML),
        (b"PK\x03\x04....", "application/zip", RejectReason.NOT_HTML),
        (b'{"error": "not found"}', "application/json", RejectReason.NOT_HTML),
        (b'{"error": "not found"}', "text/html", RejectReason.NOT_HTML),
        (b"<html><body><p>x</p></body></html>", "application/octet-stream", None),
        (b"<!doctype html><p>a page that calls itself a picture</p>", "image/png", None),
        (b"plain text", "", None),
    ],
)
def test_bytes_that_cannot_be_a_page_are_refused_by_what_they_are(
    body: bytes, content_type: str, expected: RejectReason | None
) -> None:
    assert refuse_bytes(body, content_type) is expected


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 - Page not found", "Sorry, the page you are looking for could not be found. Try the search or go home."),
        ("Ошибка 404", "Запрашиваемая страница не найдена. Вернитесь на главную страницу или воспользуйтесь поиском."),
        (
            "Səhifə tapılmadı",
            "Axtardığınız səhifə silinib və ya ünvanı dəyişdirilib. Ana səhifəyə qayıdın, zəhmət olmasa.",
        ),
        (
            "Haber bulunamadı",
            "Aradığınız haber yayından kaldırılmış olabilir. Lütfen ana sayfaya dönün ve tekrar deneyin.",
        ),
        (
            "Сторінку не знайдено",
            "На жаль, такої сторінки немає на нашому сайті. Поверніться на головну або скористайтеся пошуком.",
        ),
    ],
)
def test_an_error_page_that_answers_200_is_a_soft_404(title: str, text: str) -> None:
    assert reason(page(title, text)) is RejectReason.SOFT_404


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Just a moment...",
            "Checking your browser before accessing the site. This process is automatic and takes a few seconds.",
        ),
        (
            "Access denied",
            "Access to this page has been denied because we believe you are using automation tools to browse it.",
        ),
        (
            "Вы не робот?",
            "Подтвердите, что запросы отправляли вы, а не робот. Поставьте отметку и продолжите работу с сайтом.",
        ),
        (
            "Example News",
            "We value your privacy. We and our 843 partners store and access information on a device, such as cookies.",
        ),
        (
            "Security check",
            "Please complete the captcha to continue. We noticed unusual traffic from your network this morning.",
        ),
    ],
)
def test_a_wall_is_not_an_article(title: str, text: str) -> None:
    assert reason(page(title, text)) is RejectReason.WALL


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to continue reading this article and get unlimited access to all of our reporting from the region.",
        "Already a subscriber? Log in to read the full story, or choose one of our plans to support our newsroom.",
        "Оформите подписку, чтобы прочитать дальше. Доступ ко всем материалам открыт только для подписчиков издания.",
    ],
)
def test_a_teaser_before_a_paywall_is_a_stub_and_keeps_its_text_for_whoever_asks(text: str) -> None:
    found = extract_article(
        page("Baku weighs its answer", "Baku is weighing its answer to the latest detentions in Moscow.", text), URL
    )
    assert found.reason is RejectReason.PAYWALL
    assert found.text.startswith("Baku is weighing")


def test_a_page_that_says_it_is_not_free_and_has_one_paragraph_is_a_stub() -> None:
    said = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","isAccessibleForFree":"False"}</script>'
    teaser = "Baku is weighing its answer to the latest detentions in Moscow, officials said on Monday."
    assert reason(page("Baku weighs its answer", teaser, head=said)) is RejectReason.PAYWALL
    assert (
        reason(page("Baku weighs its answer", *[f"{teaser} Point {n} follows here." for n in range(12)], head=said))
        is None
    )


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        (
            "How captchas learned to annoy us",
            "Are you a robot? The captcha asks millions of people every day to verify you are human.",
        ),
        (
            "404 people detained in Baku",
            "Police detained 404 people at the rally, and the page of the ministry was not found for an hour.",
        ),
        (
            "Why newspapers built paywalls",
            "Subscribe to continue reading: five words that decide whether a newsroom lives or closes.",
        ),
    ],
)
def test_an_article_about_notices_is_an_article(title: str, topic: str) -> None:
    rest = [
        f"In part {n} of our account we look at what readers, publishers and researchers say about it today."
        for n in range(12)
    ]
    assert extract_article(page(title, topic, *rest), URL).outcome is PageOutcome.ARTICLE


@pytest.mark.parametrize(
    "flash",
    [
        "Siren alert in Belgorod. Details follow within the hour.",
        "В Белгороде объявлена ракетная опасность. Подробности уточняются.",
        "Azərbaycan XİN Rusiyanın səfirini çağırıb. Təfərrüatlar bir azdan.",
    ],
)
def test_a_flash_of_two_sentences_is_an_article_and_a_label_is_too_short(flash: str) -> None:
    assert reason(page("Flash", flash)) is None
    assert reason(page("Flash", "Video: watch")) in {RejectReason.TOO_SHORT, RejectReason.NO_TEXT}


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("utf-8", "text/html; charset=utf-8", ""),
        ("windows-1251", "text/html; charset=windows-1251", ""),
        ("windows-1251", "text/html", '<meta charset="windows-1251">'),
        ("koi8-r", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">'),
        ("utf-8", "text/html; charset=windows-1251", '<meta charset="windows-1251">'),
        ("windows-1251", "text/html; charset=utf-8", '<meta charset="utf-8">'),
        ("windows-1251", "text/html", ""),
        ("utf-16", "text/html", ""),
        ("utf-8-sig", "text/html", ""),
    ],
)
def test_the_charset_is_found_whatever_is_declared(encoding: str, header: str, meta: str) -> None:
    html = f"<html><head>{meta}<title>Баку</title></head><body><p>{' '.join([SENTENCE] * 6)}</p></body></html>"
    assert SENTENCE in decode(html.encode(encoding), header)


def test_a_declared_latin_1_is_read_as_browsers_read_it() -> None:
    assert "“Bakı”—" in decode("“Bak\u0131”—".encode("utf-8"), "text/html; charset=iso-8859-1")
    assert "“Baku”" in decode(b"<p>\x93Baku\x94</p>", "text/html; charset=iso-8859-1")


@given(st.binary(max_size=400), st.text(max_size=40))
def test_any_bytes_decode_and_parse(body: bytes, content_type: str) -> None:
    parse(decode(body, content_type))
    refuse_bytes(body, content_type)


@given(st.text(max_size=200), st.text(max_size=300))
def test_any_text_can_be_judged(title: str, text: str) -> None:
    refuse_text(title, text, word_count(text))


def test_odd_documents_parse() -> None:
    for html in (
        "<html/><body><p>kept</p></body>",
        '<?xml version="1.0" encoding="utf-16"?><html><body><p>kept</p></body></html>',
        "a\x00b<p>kept</p>",
    ):
        tree = parse(html)
        assert tree is not None
        assert "kept" in tree.text_content()
    assert parse("") is None
    deep = parse("<div>" * 100_000 + "<p>deep</p>")
    assert deep is None or hasattr(deep, "text_content")
