"""Alerts reach a webhook once; what fails is tried again; what a channel does not want is recorded as such."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.steps.deliver import deliver_pending
from flows.steps.load import load_landed
from flows.workspace import Workspace, open_workspace
from storage import landing, reading_room

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHANNEL = """
[[alerts.channels]]
name = "desk"
url_env = "DESK_URL"
min_severity = "alert"
quiet_from = "23:00"
quiet_to = "07:00"
"""


class Webhook:
    """Answers with the given statuses in turn and keeps what it was sent."""

    def __init__(self, statuses: list[int]) -> None:
        self.statuses, self.received, self.url = statuses, [], ""  # type: ignore[var-annotated]


@contextmanager
def webhook(*statuses: int) -> Iterator[Webhook]:
    hook = Webhook(list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.received.append((dict(self.headers), json.loads(body)))
            self.send_response(hook.statuses.pop(0) if hook.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    hook.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def work(watch: Path) -> Workspace:
    with (watch / "watch.toml").open("a") as file:
        file.write(CHANNEL)
    return open_workspace(watch, watch / "corpus.duckdb")


def alert(alert_id: str, told: dict[str, Any], *, revision: int = 1, severity: str = "high") -> dict[str, Any]:
    numbers = dict.fromkeys(("observed", "expected", "ratio", "evidence", "window_days"), 5.0)
    texts = dict.fromkeys(("query", "parameters", "rule_hash", "code_version", "close_reason"), "")
    return {
        **numbers,
        **texts,
        "alert_id": alert_id,
        "series": "category:military",
        "opened_at": NOW,
        "closed_at": None,
        "severity": severity,
        "publishers": 4,
        "stories": 5,
        "summary": "",
        "told": json.dumps(told) if told else "",
        "watermark": 1,
        "updated_at": NOW,
        "revision": revision,
        "quiet_days": 0,
        "category": "military",
    }


def land(work: Workspace, *alerts: dict[str, Any]) -> None:
    landing.write_rows(work.paths.landing, "watch", landing.new_name(NOW), {"alerts": list(alerts)}, NOW)
    load_landed(work, NOW)


MESSAGE = {"subject": "War words rise", "text": "Five stories.", "severity": "high"}


def test_a_webhook_gets_an_alert_once_with_its_idempotency_key_and_signature(work: Workspace) -> None:
    land(work, alert("a1", MESSAGE), alert("a2", {"told_with": "a1"}))
    with webhook() as hook:
        secrets = {"DESK_URL": hook.url, "DESK_URL_SECRET": "shh"}
        first = deliver_pending(work, NOW, secrets)
        again = deliver_pending(work, NOW, secrets)
    assert first.outcomes == {"sent": 1, "skipped": 1}
    assert not again.outcomes
    headers, body = hook.received[0]
    assert body["text"] == "Five stories."
    assert headers["Idempotency-Key"] == body["delivery_id"]
    assert headers["X-Tensionwatch-Signature"].startswith("sha256=")
    assert len(hook.received) == 1


def test_a_failed_delivery_is_tried_again_and_both_attempts_are_kept(work: Workspace) -> None:
    land(work, alert("a1", MESSAGE))
    with webhook(500) as hook:
        failed = deliver_pending(work, NOW, {"DESK_URL": hook.url})
        sent = deliver_pending(work, NOW + timedelta(minutes=10), {"DESK_URL": hook.url})
    assert failed.failed == [{"alert_id": "a1", "channel": "desk", "detail": "the webhook answered 500"}]
    assert sent.outcomes == {"sent": 1}
    _, rows = reading_room.query(work.paths, "SELECT outcome FROM deliveries ORDER BY attempted_at")
    assert rows == [("failed",), ("sent",)]


def test_a_new_revision_is_told_and_an_unwanted_severity_is_not(work: Workspace) -> None:
    land(work, alert("a1", MESSAGE), alert("a2", {**MESSAGE, "severity": "watch"}, severity="watch"))
    with webhook() as hook:
        assert deliver_pending(work, NOW, {"DESK_URL": hook.url}).outcomes == {"sent": 1, "skipped": 1}
        land(work, alert("a1", {**MESSAGE, "text": "Ten stories."}, revision=2))
        assert deliver_pending(work, NOW, {"DESK_URL": hook.url}).outcomes == {"sent": 1}
    assert [body["text"] for _, body in hook.received] == ["Five stories.", "Ten stories."]


def test_quiet_hours_hold_a_message_back_until_they_are_over(work: Workspace) -> None:
    land(work, alert("a1", MESSAGE))
    night = NOW.replace(hour=23, minute=30)
    with webhook() as hook:
        assert not deliver_pending(work, night, {"DESK_URL": hook.url}).outcomes
        assert deliver_pending(work, night + timedelta(hours=8), {"DESK_URL": hook.url}).outcomes == {"sent": 1}


def test_a_channel_without_its_address_fails_with_the_variable_to_set(work: Workspace) -> None:
    land(work, alert("a1", MESSAGE))
    sent = deliver_pending(work, NOW, {})
    assert sent.failed[0]["detail"] == "environment variable DESK_URL is not set"


def test_an_apprise_address_is_delivered_too(work: Workspace) -> None:
    land(work, alert("a1", MESSAGE))
    with webhook() as hook:
        address = hook.url.replace("http://", "json://")
        assert deliver_pending(work, NOW, {"DESK_URL": address}).outcomes == {"sent": 1}
    assert "Five stories." in json.dumps(hook.received[0][1])
