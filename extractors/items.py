"""What the readers of the dialects hand to `extractors.feeds`: items as they were written, before any cleaning."""

from dataclasses import dataclass


class NotAFeed(ValueError):  # noqa: N818  it names what the body is, not what went wrong
    """The body is a web page, or nothing that a reader knows. The message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """One item, in its dialect's words."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    published_guess: str = ""  #: another reading of `published`, used only when ours finds none
    updated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One document."""

    title: str = ""
    items: tuple[RawItem, ...] = ()
    ttl_s: int | None = None
    children: tuple[str, ...] = ()  #: sitemaps that an index points to
