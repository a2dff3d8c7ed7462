"""What `tensionwatch forget` keeps out, told by frontier and corpus alike."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstones:
    """SHA-256 of forgotten canonical URLs, names of forgotten publishers and the addresses of their feeds."""

    urls: frozenset[str] = frozenset()
    publishers: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()

    def cover_article(self, canonical_url: str, publisher: str) -> bool:
        """Say whether an article must stay out."""
        return publisher in self.publishers or hash_url(canonical_url) in self.urls

    def cover_entry(self, canonical_url: str, feed_url: str) -> bool:
        """Say whether an entry must stay out. One without an address is what is left of a forgotten one."""
        return bool(canonical_url) and (feed_url in self.feeds or hash_url(canonical_url) in self.urls)

    def __bool__(self) -> bool:
        return bool(self.urls or self.publishers)


def hash_url(canonical_url: str) -> str:
    """Hash a URL for a tombstone, which must not say what it hides."""
    return hashlib.sha256(canonical_url.encode()).hexdigest()
