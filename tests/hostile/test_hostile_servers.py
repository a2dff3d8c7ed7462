"""Every hostile server at once, through the real door: right outcomes, no item lost, no rule broken, memory bounded."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.behaviours import BEHAVIOURS, Behaviour
from tests.hostile.server import HostileServer

ROOT = Path(__file__).resolve().parents[2]
MEMORY_BOUND = 300_000_000
NAMES = [behaviour.name for behaviour in BEHAVIOURS]


def task(behaviour: Behaviour, port: int) -> dict[str, Any]:
    here = f"127.0.0.1:{port}"
    urls = [path.replace("HOST", here) if "HOST" in path else f"http://{here}{path}" for path in behaviour.paths]
    return {
        "name": behaviour.name, "accept": behaviour.accept, "urls": urls, "polls": behaviour.polls or len(behaviour.outcomes),
        "gap_s": behaviour.gap_s, "at_once": behaviour.at_once,
    }  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer({behaviour.name: behaviour.answer for behaviour in BEHAVIOURS}) as running:
        yield running


@pytest.fixture(scope="module")
def sweep(server: HostileServer) -> dict[str, Any]:
    """Run the client once over all servers."""
    slowest_first = sorted(BEHAVIOURS, key=lambda behaviour: "timeout" not in behaviour.outcomes)
    tasks = [task(behaviour, server.ports[behaviour.name]) for behaviour in slowest_first]
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.sweep"], input=json.dumps(tasks), cwd=ROOT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_there_are_at_least_sixty_of_them() -> None:
    assert len(NAMES) >= 60
    assert Counter(NAMES).most_common(1)[0][1] == 1


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=NAMES)
def test_a_server_that(behaviour: Behaviour, sweep: dict[str, Any]) -> None:
    result = sweep["results"][behaviour.name]
    assert behaviour.polls or result["outcomes"] == behaviour.outcomes, result["detail"]
    if behaviour.items is not None:
        assert len(result["items"]) == behaviour.items, result["items"]
    for name, expected in behaviour.result.items():
        said = result[name]
        is_path = isinstance(expected, str) and expected.startswith("/")
        assert (said.partition("//")[2].partition("/")[2] == expected[1:]) if is_path else said == expected
    assert "secret" not in json.dumps(result)


def test_memory_stays_bounded_whatever_they_send(sweep: dict[str, Any]) -> None:
    print(f"\n{len(BEHAVIOURS)} servers: {sweep['peak_bytes'] / 1e6:.0f} MB at most")
    assert sweep["peak_bytes"] < MEMORY_BOUND


def test_no_host_is_asked_twice_at_the_same_time(sweep: dict[str, Any], server: HostileServer) -> None:
    # This one goes on with its first answer after the client has hung up and followed it.
    holds_on = "a redirect whose body never ends"
    assert max(seen.at_once for name, log in server.log.items() for seen in log if name != holds_on) == 1


def test_the_gap_between_two_requests_is_kept(sweep: dict[str, Any], server: HostileServer) -> None:
    for name, gap in (("counts who asks at the same time", 0.2), ("robots with a crawl delay", 0.4)):
        began = [seen.began for seen in server.log[name] if seen.path[1:].isdigit()]
        assert all(later - earlier >= gap * 0.95 for earlier, later in pairwise(began)), began


def test_robots_are_asked_for_once(sweep: dict[str, Any], server: HostileServer) -> None:
    asked = Counter(seen.path for seen in server.log["robots with a crawl delay"])
    assert asked["/robots.txt"] == 1


def test_every_request_says_who_we_are(sweep: dict[str, Any], server: HostileServer) -> None:
    agents = {seen.headers.get("user-agent") for log in server.log.values() for seen in log}
    assert agents == {"tensionwatch/0.1 (mailto:editor@example.org)"}


def test_no_file_of_the_machine_gets_into_a_title(sweep: dict[str, Any]) -> None:
    assert "root:" not in json.dumps(sweep)


def test_nothing_is_asked_that_robots_forbid(sweep: dict[str, Any], server: HostileServer) -> None:
    for name in ("robots forbid all", "robots forbid us by name", "robots forbid by wildcard", "robots fail"):
        assert {seen.path for seen in server.log[name]} <= {"/robots.txt", "/.well-known/tdmrep.json"}
    assert all("private" not in seen.path for seen in server.log["redirects to what robots forbid"])
