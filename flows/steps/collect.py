"""Collect: due feeds ─ fetch ─ parse ─ new entries ─ fetch ─ extract ─ match ─ land.

Polls run in groups and pages in shards, a shard holding whole hosts, so that an orchestrator sees few pieces of work.
Results are landed as they come; whatever a crash takes is still pending in the frontier and is done again.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from types import TracebackType
from typing import Any, Self, TypeVar

from extractors.assemble import assemble
from extractors.dates import country_zone
from extractors.feeds import NotAFeed, parse_feed
from extractors.fetch import Web
from extractors.mentions import Matcher
from extractors.pool import ExtractionPool, Page, PageResult
from extractors.schedule import may_have_missed, next_state
from extractors.urls import canonical_url, host_of
from extractors.verdict import is_readable, next_try_at, rejection
from flows.workspace import Workspace
from model.outcomes import FetchOutcome, PageOutcome, RejectReason
from model.records import Article, Feed, FeedFetch, FeedState, Fetched, ParsedFeed, PendingEntry
from storage import landing
from storage.frontier import Frontier
from storage.frontier import PageResult as Became
from storage.locks import only_one

LAND_EVERY = 100  #: pages a landed batch holds: about 2 s of extraction that a crash can cost
MAX_GROUPS = 6
LEAST_FEEDS, LEAST_PAGES = 20, 250  #: of a group, of a shard: a task run costs 30 to 40 ms of CPU, a poll 2, a page 20
MAX_SHARDS = 14  #: with the groups, the load and the watch below the 30 task runs of a flow run
IN_FLIGHT = 48  #: pages between their request and their text: bounds memory at about 48 x max_bytes in the worst case
HEALTHY = (FetchOutcome.OK, FetchOutcome.NOT_MODIFIED, FetchOutcome.UNCHANGED)
MISSED = "no entry was known: some may have scrolled off between two polls; it is asked more often now"
MAX_CHILDREN = 20  #: sitemaps of one index that are read in one poll, newest first

T = TypeVar("T")
Clock = Callable[[], datetime]
Advance = Callable[[int], None]


@dataclass
class Tally:
    """The accounting of one pass, as it grows. Everything that came in is in exactly one of its counts."""

    feeds: Counter[str] = field(default_factory=Counter)  #: outcome of each poll
    entries_in_feeds: int = 0
    new: int = 0
    duplicate: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    articles: int = 0
    copies: int = 0  #: pages that turned out to be an article we have
    refused: Counter[str] = field(default_factory=Counter)
    deferred: Counter[str] = field(default_factory=Counter)
    pending: int = 0  #: entries that wait for a later pass
    looked_at_again: int = 0  #: young articles whose page was read once more
    changed: int = 0  #: of them, those with another text now
    batches: int = 0
    failing: list[dict[str, str]] = field(default_factory=list)  #: feeds that gave nothing this time
    began: list[dict[str, str]] = field(default_factory=list)  #: those of them that worked the time before
    examples: dict[str, str] = field(default_factory=dict)  #: the first page rejected for each reason

    def as_json(self) -> dict[str, Any]:
        """Give the accounting as `run --json` prints it."""
        return {
            "feeds": {"polled": self.feeds.total(), "outcomes": dict(sorted(self.feeds.items()))},
            "entries": {
                "in_feeds": self.entries_in_feeds,
                "new": self.new,
                "duplicate": self.duplicate,
                "rejected": self.rejected.total(),
                "reasons": dict(sorted(self.rejected.items())),
            },
            "pages": {
                "fetched": self.pages,
                "article": self.articles,
                "duplicate": self.copies,
                "rejected": self.refused.total(),
                "reasons": dict(sorted(self.refused.items())),
                "deferred": self.deferred.total(),
                "deferred_outcomes": dict(sorted(self.deferred.items())),
                "pending": self.pending,
            },
            "young": {"looked_at_again": self.looked_at_again, "changed": self.changed},
            "batches": self.batches,
            "failing": self.failing,
            "began": self.began,
            "examples": [
                {"reason": reason, "url": url, "more": self.refused[reason] - 1}
                for reason, url in sorted(self.examples.items())
            ],
        }


def extraction_pool(work: Workspace, jobs: int) -> ExtractionPool:
    """Make the processes that extract and match for a watch. They start with the first page."""
    watch = work.watch
    return ExtractionPool(jobs=jobs, matcher=Matcher(watch.lexicon, watch.actors, watch.exclusions))


class Collector:
    """One collecting pass. Use it as `async with Collector(...)`: it owns frontier, network door and processes."""

    def __init__(
        self,
        work: Workspace,
        *,
        clock: Clock,
        everything: bool = False,
        jobs: int = 2,
        pool: ExtractionPool | None = None,
    ) -> None:
        """Take a workspace and a clock. A `pool` that is given is left open: its workers are costly to start."""
        self.work, self.clock, self.everything, self.jobs, self._given_pool = work, clock, everything, jobs, pool
        self.tally = Tally()
        self.feeds: dict[str, Feed] = {feed.url: feed for feed in work.watch.feeds}
        self._done: list[Became] = []
        self._editions = 0  #: of what is done: new texts of young articles
        self._jitter = random.Random()

    async def __aenter__(self) -> Self:
        config = self.work.watch.config
        async with AsyncExitStack() as stack:
            path = self.work.paths.frontier
            stack.enter_context(only_one(path.with_name(path.name + ".lock"), f"collecting into {path}"))
            self.frontier = stack.enter_context(Frontier.open(path))
            self.frontier.sync_feeds(self.work.watch.feeds)
            door = Web(config.network, clock=self.clock, recall=self._recall, remember=self._remember)
            self.web = await stack.enter_async_context(door)
            self.pool = self._given_pool or stack.enter_context(extraction_pool(self.work, self.jobs))
            self._room = asyncio.Semaphore(IN_FLIGHT)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _recall(self, origin: str) -> str | None:
        known = self.frontier.robots(origin)
        return None if known is None else known[2].decode()

    def _remember(self, origin: str, rules: str) -> None:
        self.frontier.put_robots(origin, self.clock(), "kept", rules.encode())

    # --- feeds

    def groups(self) -> list[list[FeedState]]:
        """Split the feeds that are due, most overdue first, into a few groups."""
        due = self.frontier.due_feeds(self.clock(), everything=self.everything)
        return _deal(due, min(MAX_GROUPS, -(-len(due) // LEAST_FEEDS)))

    async def poll(self, states: Sequence[FeedState], advance: Advance) -> None:
        """Poll a group of feeds; one feed never fails another."""

        async def one(state: FeedState) -> None:
            await self._poll_one(state)
            advance(1)

        await asyncio.gather(*(one(state) for state in states))

    async def _poll_one(self, state: FeedState) -> None:
        fetched = await self.web.fetch(state.poll_url, validators=state.validators, accept="feed")
        # In a thread: a feed made to be slow must not let the others time out.
        fetched, parsed = await asyncio.to_thread(self._parse, state, fetched)
        if parsed is not None and parsed.children:
            parsed = await self._with_children(state, parsed)
        self._save_poll(state, fetched, parsed)

    def _zone(self, feed_url: str) -> tzinfo:
        feed = self.feeds.get(feed_url)
        return country_zone(feed.country if feed else "")

    def _parse(self, state: FeedState, fetched: Fetched) -> tuple[Fetched, ParsedFeed | None]:
        if fetched.outcome is not FetchOutcome.OK:
            return fetched, None
        try:
            content_type = fetched.headers.get("content-type", "")
            zone = self._zone(state.url)
            parsed = parse_feed(fetched.body, fetched.final_url, content_type, zone=zone, now=fetched.fetched_at)
        except NotAFeed as error:
            outcome = FetchOutcome.NOT_A_FEED if fetched.body.strip() else FetchOutcome.EMPTY
            return replace(fetched, outcome=outcome, detail=str(error)), None
        return fetched, parsed

    async def _with_children(self, state: FeedState, index: ParsedFeed) -> ParsedFeed:
        """Read the sitemaps of a sitemap index as if they were one feed."""
        entries, rejected = list(index.entries), list(index.rejected)
        for url in index.children[:MAX_CHILDREN]:
            answer = await self.web.fetch(url, accept="feed")
            _, child = await asyncio.to_thread(self._parse, state, answer)
            if child is not None:
                entries += child.entries
                rejected += child.rejected
        return replace(index, entries=tuple({e.entry_id: e for e in entries}.values()), rejected=tuple(rejected))

    def _save_poll(self, state: FeedState, fetched: Fetched, parsed: ParsedFeed | None) -> None:
        new = self.frontier.unseen(state.url, parsed.entries) if parsed else 0
        bounds = self.work.watch.config.schedule
        after = next_state(state, fetched, parsed, new, self.clock(), bounds, self._jitter.random())
        fetch = FeedFetch(
            feed_url=state.url,
            fetched_at=fetched.fetched_at,
            outcome=fetched.outcome,
            http_status=fetched.http_status,
            detail=fetched.detail or (MISSED if parsed and may_have_missed(state, parsed, new) else ""),
        )
        bad: list[str] = []

        def canonicalise(url: str) -> str | None:
            canonical = canonical_url(url, fetched.final_url)
            if canonical is None:
                bad.append(url)
            return canonical

        saved = self.frontier.record_poll(
            after, fetch, parsed, canonicalise=canonicalise, is_history=state.first_polled_at is None
        )
        self._count_poll(saved, parsed, len(bad))
        if fetched.outcome not in HEALTHY:
            trouble = {"url": state.url, "outcome": fetched.outcome.value, "detail": fetched.detail}
            self.tally.failing.append(trouble)
            if state.failures == 0:
                self.tally.began.append(trouble)

    def _count_poll(self, fetch: FeedFetch, parsed: ParsedFeed | None, bad: int) -> None:
        self.tally.feeds[fetch.outcome] += 1
        self.tally.new += fetch.new
        self.tally.duplicate += fetch.duplicate
        self.tally.entries_in_feeds += fetch.new + fetch.duplicate + fetch.rejected
        if parsed is not None:
            self.tally.rejected.update(r.reason.value for r in parsed.rejected)
            self.tally.rejected[RejectReason.BAD_URL.value] += bad
            self.tally.rejected[RejectReason.FORGOTTEN.value] += fetch.rejected - len(parsed.rejected) - bad
            self.tally.rejected = +self.tally.rejected

    # --- pages

    def shards(self) -> list[list[PendingEntry]]:
        """Split the pages that are pending into a few shards, each host whole in one of them."""
        limit = self.work.watch.config.schedule.max_pages
        pages = self.frontier.pending_pages(self.clock(), limit)
        hosts = _by_host(pages)
        shards = _deal(sorted(hosts.values(), key=len, reverse=True), min(MAX_SHARDS, -(-len(pages) // LEAST_PAGES)))
        return [[entry for host in shard for entry in host] for shard in shards]

    async def read(self, entries: Sequence[PendingEntry], advance: Advance) -> None:
        """Fetch and extract the pages of a shard, host by host side by side; land every hundred."""
        await asyncio.gather(*(self._read_host(pages, advance) for pages in _by_host(entries).values()))

    async def _read_host(self, entries: Iterable[PendingEntry], advance: Advance) -> None:
        for entry in entries:
            async with self._room:
                await self._read_page(entry)
            advance(1)
            if len(self._done) >= LAND_EVERY:
                self.land()

    async def _read_page(self, entry: PendingEntry) -> None:
        self.tally.pages += 1
        fetched = await self.web.fetch(entry.url, accept="page")
        if not is_readable(fetched):
            self._unread(entry, fetched)
            return
        result = await self._extracted(entry, fetched)
        if result.extracted.outcome is not PageOutcome.ARTICLE:
            self._reject(entry, result.extracted.reason or RejectReason.UNREADABLE)
            return
        version = self.work.watch.lexicon_version
        self._keep(entry, assemble(entry, result, fetched_at=fetched.fetched_at, lexicon_version=version))

    async def _extracted(self, entry: PendingEntry, fetched: Fetched) -> PageResult:
        page = Page(
            body=fetched.body,
            url=fetched.final_url,
            content_type=fetched.headers.get("content-type", ""),
            title_hint=entry.title,
            zone=self._zone(entry.feed_url),
        )
        return await asyncio.wrap_future(self.pool.submit(page))

    def _unread(self, entry: PendingEntry, fetched: Fetched) -> None:
        again = next_try_at(fetched, entry.attempts + 1, self.clock())
        if again is None:
            self._reject(entry, rejection(fetched))
            return
        self.tally.deferred[fetched.outcome.value] += 1
        self.frontier.defer(entry, fetched.detail or fetched.outcome.value, again)

    def _reject(self, entry: PendingEntry, reason: RejectReason) -> None:
        self.tally.refused[reason.value] += 1
        self.tally.examples.setdefault(reason.value, entry.url)
        self._done.append(Became(canonical_url=entry.canonical_url, outcome=PageOutcome.REJECTED, reason=reason))

    def _keep(self, entry: PendingEntry, article: Article) -> None:
        self._done.append(Became(canonical_url=entry.canonical_url, outcome=PageOutcome.ARTICLE, article=article))

    # --- young articles

    def young(self) -> list[list[PendingEntry]]:
        """List articles that may have been corrected since, as one shard of what is left of the pass's pages."""
        left = self.work.watch.config.schedule.max_pages - self.tally.pages
        entries = self.frontier.young_pages(self.clock(), left) if left > 0 else []
        return [entries] if entries else []

    async def read_again(self, entries: Sequence[PendingEntry], advance: Advance) -> None:
        """Read young articles again; a changed text becomes a new edition, which adds to no count."""
        await asyncio.gather(*(self._read_host_again(pages, advance) for pages in _by_host(entries).values()))

    async def _read_host_again(self, entries: Iterable[PendingEntry], advance: Advance) -> None:
        for entry in entries:
            async with self._room:
                article = await self._article_of(entry)
            self.tally.looked_at_again += 1
            if article is not None and self.frontier.known_text(article.article_id) not in (None, article.text_hash):
                self.tally.changed += 1
                self._editions += 1
                self._keep(entry, article)
            self.frontier.read_again(entry.canonical_url, self.clock())
            advance(1)

    async def _article_of(self, entry: PendingEntry) -> Article | None:
        """Fetch and extract one page; None when there is no article on it now, which takes nothing back."""
        fetched = await self.web.fetch(entry.url, accept="page")
        if not is_readable(fetched):
            return None
        result = await self._extracted(entry, fetched)
        if result.extracted.outcome is not PageOutcome.ARTICLE:
            return None
        version = self.work.watch.lexicon_version
        return assemble(entry, result, fetched_at=fetched.fetched_at, lexicon_version=version)

    # --- landing

    def land(self) -> None:
        """Write what is done and what changed in the frontier as one batch; then, and only then, mark it."""
        done, self._done = self._done, []
        now = self.clock()
        batch = self.frontier.next_batch(landing.new_name(now), now, done)
        if not (batch.articles or batch.entries or batch.feed_fetches):
            return
        landing.write(self.work.paths.landing, batch)
        self.frontier.mark_landed(batch)
        read = sum(page.outcome is PageOutcome.ARTICLE for page in done)
        editions = self._editions
        self._editions = 0
        self.tally.articles += len(batch.articles) - editions
        self.tally.copies += read - len(batch.articles)
        self.tally.batches += 1

    def finish(self) -> Tally:
        """Land what is left and close the accounting."""
        self.land()
        self.tally.pending = self.frontier.count_pending()
        return self.tally


def _by_host(entries: Iterable[PendingEntry]) -> dict[str, list[PendingEntry]]:
    hosts: dict[str, list[PendingEntry]] = {}
    for entry in entries:
        hosts.setdefault(host_of(entry.url), []).append(entry)
    return hosts


def _deal(items: Sequence[T], hands: int) -> list[list[T]]:
    """Deal items to at most so many hands, none empty."""
    return [list(items[i::hands]) for i in range(min(hands, len(items)))]
