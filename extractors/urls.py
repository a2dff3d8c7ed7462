"""One normal form for the URL of an article, so that the same article has one identity wherever its link was found."""

import base64
import binascii
import hashlib
import re
from urllib.parse import SplitResult, parse_qsl, unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

# Servers and databases commonly stop at 2,048 or 4,096 characters; the longest link of 100 real feeds has 303.
MAX_URL = 4_096
MAX_UNWRAP = 3  #: a wrapper around a wrapper is common, more is a game
DEFAULT_PORTS = {"http": 80, "https": 443}

# Query parameters that say where a reader came from, never which article it is. A name counts as tracking only when no
# content system was seen to use it for an id: `id`, `p`, `ref`, `source`, `from` and `s` are kept.
TRACKING = frozenset(  # a list of sixty quoted words would be harder to read
    """
    fbclid gclid gclsrc dclid gbraid wbraid yclid ymclid ysclid yadclid msclkid twclid ttclid igshid igsh li_fat_id epik
    srsltid mc_cid mc_eid mkt_tok _openstat _ga _gl _hsenc _hsmi vero_id vero_conv wickedid oly_anon_id oly_enc_id
    rb_clickid s_cid sc_cid cmpid ocid ftag ftcamp smid xtor wt_mc wt_zmc traffic_source guccounter guce_referrer
    guce_referrer_sig __twitter_impression fb_action_ids fb_action_types fb_source ns_mchannel ns_source ns_campaign
    ns_linkname ns_fee ncid sr_share sscid zanpid _branch_match_id _branch_referrer __s __hssc __hstc __hsfp
    hsctatracking at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_link_id at_link_type
    at_link_origin at_ptr_name at_bbc_team at_campaign_type at_format at_creation
    """.split()  # noqa: SIM905
)
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "matomo_", "piwik_", "itm_", "hsa_", "__cf_chl_", "stm_", "ga_", "amp;utm_")
# Names that carry an id at one site and a referrer at another: dropped only with a value that names a referrer.
MAYBE_TRACKING = frozenset({"ref", "ref_src", "source", "src", "from", "via", "feature", "partner", "emc", "rss"})
REFERRERS = frozenset(
    "rss rss_feed feed twitter twsrc facebook fb telegram tg vk google gnews newsletter email".split()  # noqa: SIM905
)

# Redirecting pages whose target stands in the query: host suffix, and the parameters it may stand in.
WRAPPERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("google.com", "/url", ("url", "q")),
    ("news.google.com", "/news/url", ("url",)),
    ("bing.com", "/news/apiclick.aspx", ("url",)),
    ("facebook.com", "/l.php", ("u",)),
    ("vk.com", "/away.php", ("to",)),
    ("vk.ru", "/away.php", ("to",)),
    ("ok.ru", "/dk", ("st.link",)),
    ("youtube.com", "/redirect", ("q",)),
    ("out.reddit.com", "/", ("url",)),
    ("slack-redir.net", "/link", ("url",)),
    ("getpocket.com", "/redirect", ("url",)),
    ("t.umblr.com", "/redirect", ("z",)),
    ("feedproxy.google.com", "/", ("url",)),
    ("feedburner.com", "/", ("url",)),
    ("news.yandex.ru", "/", ("url",)),
    ("away.vk.com", "/", ("to",)),
)
_GOOGLE = re.compile(r"(^|\.)google\.(?:com?\.)?[a-z]{2,3}$")
_AMP = re.compile(r"^/(?:amp|c|v|a)/(s/)?([^/]+\.[^/]+/.*)$")
_GOOGLE_NEWS = re.compile(r"^/(?:rss/|__i/rss/rd/)?articles/([A-Za-z0-9_-]{16,})")
_LINK_IN_BYTES = re.compile(rb"https?://[\x21-\x7e]+")
_BREAKS = re.compile(r"[\t\r\n\u2028\u2029]+")
_EDGES = "".join(map(chr, range(33))) + "\xa0\u200b\ufeff"
_HOST = re.compile(r"^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$")


def resolve(base: str, link: str) -> str:
    """Make a link absolute and safe to send, without changing what it names. Empty when it cannot be one.

    Line breaks inside are removed as browsers do, other characters are percent-encoded, the fragment stays.
    """
    try:
        joined = urljoin(base, _BREAKS.sub("", link).strip(_EDGES))
        return str(safe_url_string(strip_credentials(joined)))
    except (ValueError, UnicodeError):
        return ""


def strip_credentials(url: str) -> str:
    """Remove `user:password@`, so that a URL can be logged, stored and compared."""
    parts = _split(url)
    if parts is None or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def host_of(url: str) -> str:
    """Give the host in lower case, without port and without a leading `www.`; empty when there is none."""
    parts = _split(url)
    return ((parts and parts.hostname) or "").removeprefix("www.").rstrip(".")


def article_id(canonical: str) -> int:
    """Give the identity of an article: the first 64 bits of the SHA-256 of its canonical URL."""
    return int.from_bytes(hashlib.sha256(canonical.encode()).digest()[:8], "big")


def canonical_url(url: str, base: str = "") -> str | None:
    """Give the normal form of an http(s) URL, or None when it is not one.

    Relative links are resolved against `base`; credentials, fragment, default port and tracking parameters go; host in
    lower case and punycode, query sorted, escapes in one form; redirecting wrappers whose target stands in the URL are
    opened. Idempotent, and never lossy on what tells articles apart.
    """
    current = url
    for _ in range(MAX_UNWRAP + 1):
        normal = _normal(current, base)
        if normal is None:
            return None
        inner = _unwrapped(normal)
        if inner is None or (current := inner) == normal:
            return normal
        base = normal
    return normal


def _normal(url: str, base: str) -> str | None:
    if len(url) > MAX_URL or not url.strip():
        return None
    try:
        absolute = urljoin(base, _BREAKS.sub("", url).strip(_EDGES))
        parts = urlsplit(absolute)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            return None
        return _cleaned(parts)
    except (ValueError, UnicodeError):
        return None


def _cleaned(parts: SplitResult) -> str | None:
    netloc = _netloc(parts)
    if netloc is None:
        return None
    bare = parts._replace(netloc=netloc, fragment="", query=_without_tracking(parts.query))
    normal = str(canonicalize_url(urlunsplit(bare)))
    # Escapes may decode to characters that are escaped differently the second time: a second round settles them.
    again = str(canonicalize_url(normal))
    return again if len(again) <= MAX_URL else None


def _netloc(parts: SplitResult) -> str | None:
    """Give host and port in their normal form; None when the host cannot be one."""
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        literal = f"[{host}]"
    else:
        literal = host if host.isascii() else host.encode("idna").decode("ascii")
        if not _HOST.match(literal):
            return None
    port = parts.port
    return literal if port in {None, DEFAULT_PORTS[parts.scheme]} else f"{literal}:{port}"


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = unquote(name).lower()
    if name in TRACKING or name.startswith(TRACKING_PREFIXES):
        return True
    return name in MAYBE_TRACKING and value.lower().split("^")[0] in REFERRERS


def _without_tracking(query: str) -> str:
    query = query.replace("&amp;", "&")
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))


def _is_link(text: str) -> bool:
    return text.startswith(("http://", "https://")) and "." in text


def _unwrapped(url: str) -> str | None:
    """Give the target that a redirecting wrapper names in its own URL, or None."""
    parts = urlsplit(url)
    host = _GOOGLE.sub(r"\1google.com", parts.hostname or "")
    if host.endswith("cdn.ampproject.org") or (
        host in {"www.google.com", "google.com"} and parts.path.startswith("/amp/")
    ):
        return _amp_target(parts)
    if host == "news.google.com":
        return _google_news_target(parts.path)
    for suffix, path, names in WRAPPERS:
        if (host == suffix or host.endswith("." + suffix)) and path in {"/", parts.path}:
            return _query_target(parts.query, names)
    return None


def _query_target(query: str, names: tuple[str, ...]) -> str | None:
    found = dict(reversed(parse_qsl(query, keep_blank_values=True)))
    return next((found[name] for name in names if _is_link(found.get(name, ""))), None)


def _amp_target(parts: SplitResult) -> str | None:
    found = _AMP.match(parts.path)
    if not found:
        return None
    scheme = "https" if found[1] else "http"
    return f"{scheme}://{found[2]}" + (f"?{parts.query}" if parts.query else "")


def _google_news_target(path: str) -> str | None:
    """Open the older Google News links, whose base64 part holds the address. Newer ones only Google can open."""
    found = _GOOGLE_NEWS.match(path)
    if not found:
        return None
    try:
        inside = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
    except (ValueError, binascii.Error):
        return None
    link = _LINK_IN_BYTES.search(inside)
    return link[0].decode("ascii") if link else None
