import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from extractors.pool import ExtractionPool, Page
from model.outcomes import PageOutcome, RejectReason
from model.records import Matches

ARTICLE = """<html lang="en"><head><title>Baku answers Moscow</title></head><body><article><h1>Baku answers Moscow</h1>
<p>Baku said on Monday that it would answer the detention of its citizens, {n} of them, in kind and without delay.</p>
<p>Moscow denied that anybody had been detained and called the statement a provocation against good neighbours.</p>
</article></body></html>"""


def page(number: int, text: str = "") -> Page:
    return Page(body=(ARTICLE.format(n=number) + text).encode(), url=f"https://example.org/{number}")


@dataclass(frozen=True)
class Touchy:
    """A matcher that does to its worker what hostile pages do."""

    def match(self, title: str, text: str, language: str = "") -> Matches:
        if " 13 of them" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if " 14 of them" in text:
            time.sleep(60)
        if " 15 of them" in text:
            bytearray(50_000_000_000)
        return Matches(language=language, tension=1.0)


def test_a_worker_imports_neither_prefect_nor_a_database_nor_the_network_client() -> None:
    code = "import sys, extractors.pool; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"prefect", "duckdb", "pyarrow", "httpx", "scipy", "fastapi"} & set(loaded)


def test_pages_come_back_in_order_with_text_matches_and_signature() -> None:
    with ExtractionPool(jobs=0, matcher=Touchy()) as pool:
        results = list(pool.map(page(n) for n in range(3)))
    assert [result.extracted.url[-1] for result in results] == ["0", "1", "2"]
    assert all(result.extracted.outcome is PageOutcome.ARTICLE for result in results)
    assert all(result.matches == Matches(language="en", tension=1.0) for result in results)
    assert all(len(result.signature) == 128 for result in results)


def test_a_page_that_kills_hangs_or_bursts_its_worker_is_unreadable_and_its_neighbours_are_read() -> None:
    with ExtractionPool(jobs=2, matcher=Touchy(), timeout_s=2.0) as pool:
        results = list(pool.map(page(n) for n in range(10, 20)))
    assert [r.extracted.reason for r in results if r.extracted.outcome is PageOutcome.REJECTED] == [
        RejectReason.UNREADABLE
    ] * 3
    assert [r.extracted.url[-2:] for r in results if r.matches] == ["10", "11", "12", "16", "17", "18", "19"]
    details = [r.detail for r in results[3:6]]
    assert "died 2 times" in details[0]
    assert details[1] == "took longer than 2 s"
    assert "memory" in details[2]


def test_leaving_the_pool_waits_for_pages_that_need_a_second_try() -> None:
    with ExtractionPool(jobs=1, matcher=Touchy()) as pool:
        promises = [pool.submit(page(n)) for n in (12, 13, 16)]
    assert [promise.result(timeout=0).extracted.reason for promise in promises] == [None, RejectReason.UNREADABLE, None]


def test_an_error_in_the_caller_ends_the_pool_at_once() -> None:
    promises = []

    def fail() -> None:
        with ExtractionPool(jobs=1, matcher=Touchy(), timeout_s=60) as pool:
            promises.append(pool.submit(page(14)))
            raise KeyError("caller")

    with pytest.raises(KeyError):
        fail()
    assert all(promise.done() for promise in promises)


def test_a_worker_gives_what_this_process_gives() -> None:
    pages = [page(n) for n in range(4)]
    with ExtractionPool(jobs=1) as pool, ExtractionPool(jobs=0) as here:
        assert list(pool.map(pages)) == list(here.map(pages))


def test_a_reserved_page_is_refused_unless_the_caller_says_otherwise() -> None:
    body = ARTICLE.replace("<head>", '<head><meta name="tdm-reservation" content="1">').encode()
    with ExtractionPool(jobs=0) as pool:
        refused = pool.submit(Page(body=body, url="https://example.org/1")).result()
        allowed = pool.submit(Page(body=body, url="https://example.org/1", obeys_reservation=False)).result()
    assert refused.extracted.reason is RejectReason.RESERVED
    assert allowed.extracted.outcome is PageOutcome.ARTICLE
