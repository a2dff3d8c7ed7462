"""Bytes of a page to a tree, and what disqualifies a page before or after its text is known.

Verdicts are conservative: a page is only refused for what it says where an article would have its text. An article
about captchas, paywalls or missing pages passes, because it is longer than any such notice.
"""

import re
from typing import Any

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction
from w3lib.encoding import html_to_unicode

from model.outcomes import RejectReason

# Signatures of what servers hand out instead of pages. Content types lie in both directions; the bytes decide.
_MAGIC = (
    b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"RIFF", b"PK\x03\x04", b"\x1f\x8b", b"\x00\x00\x00\x18ftyp",
    b"\x00\x00\x00\x20ftyp", b"ID3", b"OggS", b"\x1aE\xdf\xa3", b"{\\rtf", b"\xd0\xcf\x11\xe0", b"Rar!", b"wOF",
    b"\x7fELF",
)  # fmt: skip
_HTML_TYPES = ("html", "xml", "text/plain", "octet-stream")
_TAG = re.compile(
    rb"<\s*(?:!doctype|html|head|body|meta|title|article|div|p|h1|span|table|section|main)\b", re.IGNORECASE
)
# XML allows no control characters but these three; libxml2 stops reading at the first other one.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
# libxml2 drops everything after a self-closing <html/>.
_CLOSED_HTML = re.compile(r"(<html\b[^<>]{0,2000}?)\s*/>", re.IGNORECASE)
DETECT_BYTES = 20_000  #: what the charset detector reads of each end; more costs seconds and changes nothing


def refuse_bytes(body: bytes, content_type: str = "") -> RejectReason | None:
    """Tell why these bytes cannot be an HTML page, or None when they may be one."""
    head = body[:2048].lstrip()
    declared = content_type.partition(";")[0].strip().lower()
    declared_other = bool(declared) and not any(known in declared for known in _HTML_TYPES)
    if not head and not body.strip():  # the body of what is declared to be no page is never fetched
        return RejectReason.NOT_HTML if declared_other else RejectReason.EMPTY
    if head.startswith(_MAGIC):
        return RejectReason.NOT_HTML
    looks_html = _TAG.search(body[:65_536]) is not None
    if declared_other and not looks_html:
        return RejectReason.NOT_HTML
    if head[:1] in b"{[" and not looks_html:
        return RejectReason.NOT_HTML
    return None


def decode(body: bytes, content_type: str = "") -> str:
    """Give the text of a page: valid UTF-8 is UTF-8; else byte order mark, header, meta and detection, in that order.

    Bytes that are valid UTF-8 with characters beyond ASCII are practically never anything else, whatever is declared.
    What is declared and wrong is detected anew; what still does not decode becomes U+FFFD. Never raises.
    """
    if b"\x00" not in body[:1024] and b"\x1b$" not in body[:65_536]:
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    declared, text = html_to_unicode(content_type, body, "utf-8", _detect)
    # More than one broken character in a hundred: the declaration is wrong, not the odd byte.
    if declared and text.count("\ufffd") * 100 > len(text):
        guess = _detect(body)
        return body.decode(guess, "replace") if guess else text
    return text


def _detect(body: bytes) -> str | None:
    sample = body if len(body) <= 2 * DETECT_BYTES else body[:DETECT_BYTES] + body[-DETECT_BYTES:]
    best = from_bytes(sample).best()
    return best.encoding if best is not None else None


def _parser() -> etree.HTMLParser:
    # The lookup of lxml.html asks a Python function for the class of every element; this one asks a table in C, hands
    # out the same classes, and saves a tenth of the time of everything that walks the tree.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(
        etree.ElementDefaultClassLookup(
            element=HtmlElement, comment=HtmlComment, entity=HtmlEntity, pi=HtmlProcessingInstruction
        )
    )
    return parser


_PARSER = _parser()


def parse(html: str) -> Any:
    """Give the lxml.html tree of a page, or None when nothing in it is an element. Never raises."""
    text = _CONTROL.sub("", _XML_DECLARATION.sub("", html))
    text = _CLOSED_HTML.sub(r"\1>", text[:4096], count=1) + text[4096:]
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), _PARSER)
    except (etree.LxmlError, ValueError):
        return None


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


# What error pages, walls and paywalls say of themselves, in the languages of the watch.
_GONE = _any(
    r"\b(?:error|ошибка|xəta|hata)\W{0,3}404\b",
    r"\b404\b\W{0,3}(?:error|page|not|ошибка|страниц|səhifə|sayfa|$)",
    r"\b(?:page|article|story|content) (?:you (?:were looking|are looking|requested).{0,30})?(?:was |is |could )?"
    r"not (?:be )?(?:found|available)",
    r"\bpage (?:does not|doesn.t|no longer) exist",
    r"\b(?:article|page|content) is no longer available",
    r"страниц[аы] не (?:найден|существует)",
    r"сторінк[аиу] не (?:знайден|існує)",
    r"səhifə (?:tapılmadı|mövcud deyil)",
    r"(?:sayfa|haber) bulunamadı",
    r"էջը (?:չի|չ)\s?գտնվե",
    r"გვერდი (?:ვერ|არ) ",
    r"صفحه.{0,20} (?:یافت|پیدا) نشد",
)
_WALL = _any(
    r"\bjust a moment\b",
    r"attention required! \|",
    r"checking (?:if the site connection|your browser)",
    r"verify(?:ing)? (?:that )?you are (?:a )?human",
    r"are you a (?:human|robot)\b",
    r"i.m not a robot",
    r"(?:complete|solve) the (?:captcha|security check)",
    r"enable (?:javascript|js)\b.{0,40}\b(?:cookies|ad ?blocker|continue|proceed)",
    r"unusual traffic from your",
    r"\baccess (?:to this page has been )?denied\b",
    r"ddos.?guard",
    r"request unsuccessful\. incapsula",
    r"before you continue to",
    r"\bwe (?:value|care about) your privacy\b",
    r"\bwe (?:and our (?:\d+ )?partners )?(?:use|store).{0,40}\bcookies\b",
    r"подтвердите,? что (?:вы не робот|запросы отправляли вы)",
    r"проверка (?:вашего )?браузера",
    r"доступ (?:к .{0,40})?(?:запрещ[её]н|ограничен)",
    r"robot olmadığınızı",
    r"я не робот",
)
_PAYWALL = _any(
    r"subscribe (?:now )?to (?:continue|read|unlock|keep reading)",
    r"subscription (?:is )?required",
    r"(?:for|to) (?:paid |paying |premium )?(?:subscribers|members) only",
    r"already a (?:subscriber|member)\?",
    r"to (?:continue|keep) reading",
    r"(?:sign|log) in to (?:read|continue)",
    r"become a (?:subscriber|member) to",
    r"только (?:для|по) подписчик",
    r"оформите подписку",
    r"доступ\w* по подписке",
    r"чтобы (?:про)?читать (?:дальше|полностью)",
    r"для передплатників",
    r"abunə olun",
    r"abonelere özel",
)
NOTICE_WORDS = 90  #: the longest of the notices seen has about eighty words; articles that quote one are longer
STUB_WORDS = 150  #: a teaser before a paywall is one or two paragraphs


def refuse_text(title: str, text: str, words: int, *, is_free: bool | None = None) -> RejectReason | None:
    """Tell which kind of notice a page's title and text are, or None when they may be an article's.

    `words` counts the text; `is_free` is the page's own isAccessibleForFree, None when it does not say.
    """
    notice = f"{title}\n{text}"
    if words <= NOTICE_WORDS:
        if _WALL.search(notice):
            return RejectReason.WALL
        if _GONE.search(title) or (words <= NOTICE_WORDS // 2 and _GONE.search(text)):
            return RejectReason.SOFT_404
    if words <= STUB_WORDS and (_PAYWALL.search(text) or (is_free is False and words <= NOTICE_WORDS)):
        return RejectReason.PAYWALL
    return None
