"""Titles and summaries as plain text, whatever a feed put in: tags, entities (also twice), CDATA inside CDATA."""

import html
import re

_BREAKING = "p|br|div|li|ul|ol|tr|td|th|h[1-6]|blockquote|hr|section|article|figure|figcaption|table|pre"
_INLINE = (
    "a|abbr|acronym|address|b|bdi|bdo|big|center|cite|code|dd|del|dfn|dl|dt|em|font|i|img|ins|kbd|mark|nobr|picture|"
    "q|rp|rt|ruby|s|samp|small|source|span|strike|strong|sub|sup|svg|path|tbody|thead|time|tt|u|var|video|audio|wbr|iframe|"
    "noscript|input|button|form|label|object|embed|param|xml|o:p|script|style|applet|blink|marquee|frame|frameset|"
    "noframes|link|meta|base|html|head|body|title|select|option|textarea|area|map|canvas|track|details|summary"
)
# Only real HTML tags go: `Russia <-> Iran` and `x < y` are text.
_BREAK_TAG = re.compile(rf"</?(?:{_BREAKING})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<!doctype[^>]*>", re.IGNORECASE | re.DOTALL
)
_END_TAG = re.compile(r"</[a-z][a-z0-9]*\s*>|<(?:br|p|img|hr)\b[^<>]*/?>", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# What nobody sees: controls, soft hyphen, zero-width and direction marks. The joiners U+200C and U+200D shape letters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
ROUNDS = 2  #: content systems escape twice (`&amp;quot;`); a third time is text about escaping
ROOM = 8  #: how much longer than its text markup may be before it is cut unread


def plain_text(text: str, limit: int) -> str:
    """Give a text without markup, entities, invisible characters and line breaks, at most `limit` characters long."""
    text = _without_tags(_CDATA.sub("", text[: limit * ROOM]))
    for _ in range(ROUNDS):
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
        # Escaped markup was meant as markup when it ends what it begins: `the &lt;blink&gt; tag` is text.
        text = _without_tags(text) if _END_TAG.search(text) else text
    words = _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text)).split()
    return " ".join(words)[:limit].rstrip()


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    return _INLINE_TAG.sub("", _BREAK_TAG.sub(" ", _UNSEEN.sub(" ", text)))
