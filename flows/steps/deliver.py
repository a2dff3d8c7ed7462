"""Deliver: each alert, as it now stands, once to each channel that wants it.

A delivery is recorded after it was sent, so a crash in between repeats one message, with the same idempotency key; it
never loses one.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts import deliver, render
from flows.steps.load import load_landed
from flows.workspace import Workspace
from model.config import Channel
from model.outcomes import DeliveryOutcome
from storage import journal, landing

#: A channel that fails is tried again at every pass for so long; a channel that is new gets no older alerts.
DELIVER_DAYS = timedelta(days=7)


@dataclass(kw_only=True)
class Sent:
    """The accounting of one round."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, str]] = field(default_factory=list)


def deliver_pending(work: Workspace, now: datetime, environment: Mapping[str, str] | None = None) -> Sent:
    """Send what is pending and keep what became of it."""
    secrets = os.environ if environment is None else environment
    channels = {channel.name: channel for channel in work.watch.config.alerts.channels}
    sent = Sent()
    rows = [
        _deliver_one(work, channels[name], alert, secrets, now, sent)
        for alert, name in journal.undelivered(work.paths, tuple(channels))
        if alert["updated_at"] >= now - DELIVER_DAYS and not deliver.is_quiet(channels[name], now)
    ]
    if rows:
        landing.write_rows(work.paths.landing, "deliver", landing.new_name(now), {"deliveries": rows}, now)
        load_landed(work, now)
    return sent


def _deliver_one(
    work: Workspace, channel: Channel, alert: Mapping[str, Any], secrets: Mapping[str, str], now: datetime, sent: Sent
) -> dict[str, Any]:
    result = _attempt(work, channel, alert, secrets)
    sent.outcomes[result.outcome.value] += 1
    if result.outcome is DeliveryOutcome.FAILED:
        trouble = {"alert_id": alert["alert_id"], "channel": channel.name, "detail": result.detail}
        sent.failed.append(trouble)
    return {
        "delivery_id": deliver.delivery_id(alert["alert_id"], alert["revision"], channel.name),
        "alert_id": alert["alert_id"],
        "revision": alert["revision"],
        "channel": channel.name,
        "attempted_at": now,
        "outcome": result.outcome.value,
        "detail": result.detail,
    }


def _attempt(
    work: Workspace, channel: Channel, alert: Mapping[str, Any], secrets: Mapping[str, str]
) -> deliver.Delivery:
    told = json.loads(alert["told"] or "{}")
    if "text" not in told:
        whose = told.get("told_with")
        detail = f"told with alert {whose}" if whose else "part of an event that was told"
        return deliver.Delivery(outcome=DeliveryOutcome.SKIPPED, detail=detail)
    severity, category = told["severity"], alert["category"]
    refusal = deliver.unwanted(channel, severity, category) or _unwanted(work, severity)
    if refusal:
        return deliver.Delivery(outcome=DeliveryOutcome.SKIPPED, detail=refusal)
    message = render.message(
        alert["alert_id"], alert["revision"], channel.name, severity=severity, category=category, told=told
    )
    return deliver.deliver(channel, message, secrets)


def _unwanted(work: Workspace, severity: str) -> str:
    least = work.watch.config.alerts.min_severity
    return "" if deliver.RANK[severity] >= deliver.RANK[least] else f"{severity} is below the watch's {least}"
