"""Pages to what the corpus keeps of them, in worker processes of their own.

Extraction is nearly all of the CPU that an article costs, so it gets every core: one long-lived pool of spawned workers
whose modules are these and what they need. Prefect is not among them, so a worker starts in under a second. The pool is
pebble's: unlike the standard library's it ends one stuck or dead worker without losing what the others do.
"""

import gc
import importlib
import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self

from pebble import ProcessExpired, ProcessPool

from extractors.articles import Mode, extract_article
from extractors.robots import reserved_by_page
from extractors.stories import signature
from model.outcomes import PageOutcome, RejectReason
from model.records import Extracted, Matches

PAGE_TIMEOUT_S = (
    20.0  #: the slowest of 1,300 real pages took 5.3 s on a busy core; one that needs four times that is stuck
)
MAX_KILLS = 2  #: a page that is there when its worker dies twice is what kills it
MAX_WORKER_PAGES = 5_000  #: then a worker is replaced, whatever its libraries have gathered by then
# A worker starts with 60 MB and stayed under 600 MB over 990 real pages; what needs five times that is a bomb.
MAX_WORKER_BYTES = 3_000_000_000


class TextMatcher(Protocol):
    """What finds the mentions of a text; `extractors.mentions.Matcher` is one. Pickled once to each worker."""

    def match(self, title: str, text: str, language: str = "") -> Matches:
        """Find all mentions of one text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A fetched page as a worker gets it."""

    body: bytes
    url: str
    content_type: str = ""
    mode: Mode = "quality"
    title_hint: str = ""  #: the feed's title, for pages that give none
    zone: tzinfo | str | None = None  #: the publisher's, for times that the page gives without one
    obeys_reservation: bool = True  #: refuse a page whose meta tags reserve text and data mining


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """What became of a page. `matches` is None when there was no matcher or the page is no article."""

    extracted: Extracted
    matches: Matches | None = None
    signature: tuple[int, ...] = ()
    detail: str = ""  #: one line for a person, when the page could not be read


def work(page: Page, matcher: TextMatcher | None = None) -> PageResult:
    """Do everything that one page needs: extract, match, sign. A function of the page and the matcher alone."""
    if page.obeys_reservation and reserved_by_page(page.body):
        return _refused(page, RejectReason.RESERVED, "the page reserves text and data mining in its meta tags")
    extracted = extract_article(
        page.body,
        page.url,
        content_type=page.content_type,
        mode=page.mode,
        title_hint=page.title_hint,
        zone=page.zone,
    )
    if extracted.outcome is not PageOutcome.ARTICLE:
        return PageResult(extracted=extracted)
    matches = matcher.match(extracted.title, extracted.text, extracted.language) if matcher else None
    return PageResult(extracted=extracted, matches=matches, signature=signature(extracted.text))


def _refused(page: Page, reason: RejectReason, detail: str) -> PageResult:
    extracted = Extracted(outcome=PageOutcome.REJECTED, reason=reason, url=page.url)
    return PageResult(extracted=extracted, detail=detail)


_matcher: TextMatcher | None = None  #: this process's own, set once when a worker starts


def _start_worker(matcher: TextMatcher | None) -> None:
    """Prepare a worker: its matcher, a bound on its memory, and imports that the collector need not look at again."""
    global _matcher
    _matcher = matcher
    if os.name == "posix":
        limits = importlib.import_module("resource")
        limits.setrlimit(limits.RLIMIT_AS, (MAX_WORKER_BYTES, limits.getrlimit(limits.RLIMIT_AS)[1]))
    gc.collect()
    gc.freeze()


def _work_here(page: Page) -> PageResult:
    return work(page, _matcher)


class ExtractionPool:
    """The pool, as a context manager. `jobs` worker processes; 0 does the work in this process, for few pages.

    A page that takes longer than `timeout_s` or kills its worker twice is rejected as unreadable; its neighbours go on.
    With `jobs=0` there is nothing to kill, so neither holds.
    """

    def __init__(
        self, *, jobs: int | None = None, matcher: TextMatcher | None = None, timeout_s: float = PAGE_TIMEOUT_S
    ) -> None:
        """Take the settings; workers start with the first page. `jobs` None: one for each core."""
        self._jobs = (os.cpu_count() or 1) if jobs is None else jobs
        self._matcher = matcher
        self._timeout_s = timeout_s
        self._pool: Any = None
        self._open: set[Future[PageResult]] = set()

    def __enter__(self) -> Self:
        """Create the pool."""
        if self._jobs:
            self._pool = ProcessPool(
                max_workers=self._jobs,
                max_tasks=MAX_WORKER_PAGES,
                initializer=_start_worker,
                initargs=(self._matcher,),
                context=multiprocessing.get_context("spawn"),
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers: when all is done, or at once when an error is on its way."""
        if self._pool is not None:
            if error is None:
                wait(set(self._open))
                self._pool.close()
            else:
                self._pool.stop()
            self._pool.join()
            self._pool = None
            for promise in set(self._open):  # what was under way when the pool was stopped
                promise.set_exception(CancelledError())

    def submit(self, page: Page) -> Future[PageResult]:
        """Queue one page and return at once. The caller bounds how many it queues; `map` does it for a plain loop."""
        promise: Future[PageResult] = Future()
        promise.set_running_or_notify_cancel()  # from here on nobody but the pool ends it
        if self._pool is None:
            promise.set_result(work(page, self._matcher))
        else:
            self._open.add(promise)
            promise.add_done_callback(self._open.discard)
            self._schedule(page, promise, kills=0)
        return promise

    def map(self, pages: Iterable[Page]) -> Iterator[PageResult]:
        """Give the results in the order of the pages, with never more than eight pages a worker in memory."""
        waiting: deque[Future[PageResult]] = deque()
        for page in pages:
            waiting.append(self.submit(page))
            if len(waiting) > 8 * self._jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _schedule(self, page: Page, promise: Future[PageResult], *, kills: int) -> None:
        attempt = self._pool.schedule(_work_here, args=(page,), timeout=self._timeout_s)
        attempt.add_done_callback(partial(self._settle, page, promise, kills))

    def _settle(self, page: Page, promise: Future[PageResult], kills: int, attempt: Future[PageResult]) -> None:
        """Pass an attempt's result on, or try once more when its worker died."""
        if attempt.cancelled():
            promise.set_exception(CancelledError())
            return
        error = attempt.exception()
        if error is None:
            promise.set_result(attempt.result())
        elif isinstance(error, ProcessExpired) and kills + 1 < MAX_KILLS:
            self._schedule(page, promise, kills=kills + 1)
        elif (detail := self._fault(error)) is not None:
            promise.set_result(_refused(page, RejectReason.UNREADABLE, detail))
        else:
            promise.set_exception(error)

    def _fault(self, error: BaseException) -> str | None:
        """Say what a page did to its worker; None when the error is not the page's but ours."""
        if isinstance(error, TimeoutError):
            return f"took longer than {self._timeout_s:g} s"
        if isinstance(error, MemoryError):
            return f"needed more than {MAX_WORKER_BYTES // 1_000_000_000} GB of memory"
        if isinstance(error, ProcessExpired):
            return f"its worker died {MAX_KILLS} times (exit code {error.exitcode})"
        return None
