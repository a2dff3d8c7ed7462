"""The one network door out. A webhook gets JSON with an idempotency key; every other channel goes through Apprise."""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from alerts.story import Message
from model.config import Channel
from model.outcomes import SEVERITIES, DeliveryOutcome

TIMEOUT_S = 15.0  #: a webhook that has not answered by then is tried again by the next run
RANK = {severity.value: rank for rank, severity in enumerate(SEVERITIES)}
SECRET_SUFFIX = "_SECRET"  # noqa: S105 - the name of an environment variable, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one attempt."""

    outcome: DeliveryOutcome
    detail: str = ""


def delivery_id(alert_id: str, revision: int, channel: str) -> str:
    """Name one delivery: the same state of an alert is told to a channel once."""
    return hashlib.sha256(f"{alert_id}\n{revision}\n{channel}".encode()).hexdigest()[:24]


def unwanted(channel: Channel, severity: str, category: str) -> str:
    """Say why a channel does not want a message, or nothing when it does."""
    if RANK.get(severity, 0) < RANK[channel.min_severity]:
        return f"{severity} is below the channel's {channel.min_severity}"
    if channel.categories and category not in channel.categories:
        return f"category {category} is not among the channel's"
    return ""


def is_quiet(channel: Channel, now: datetime) -> bool:
    """Tell whether it is the channel's quiet hours; what is held back goes out after them. `now` is aware."""
    if channel.quiet_from is None or channel.quiet_to is None:
        return False
    clock = now.astimezone(ZoneInfo(channel.zone)).time()
    return _between(channel.quiet_from, clock, channel.quiet_to)


def _between(start: time, clock: time, end: time) -> bool:
    return start <= clock < end if start <= end else clock >= start or clock < end


def deliver(channel: Channel, message: Message, environment: Mapping[str, str]) -> Delivery:
    """Send one message. Whatever the network does becomes an outcome; a failed delivery is tried by the next run."""
    url = environment.get(channel.url_env, "")
    if not url:
        return Delivery(outcome=DeliveryOutcome.FAILED, detail=f"environment variable {channel.url_env} is not set")
    if url.startswith(("http://", "https://")):
        return _post(url, message, environment.get(channel.url_env + SECRET_SUFFIX, ""))
    return _notify(url, message)


def _post(url: str, message: Message, secret: str) -> Delivery:
    import httpx

    body = message.payload.encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": message.delivery_id}
    if secret:
        headers["X-Tensionwatch-Signature"] = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=TIMEOUT_S, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Delivery(outcome=DeliveryOutcome.FAILED, detail=f"{type(error).__name__} while posting")
    if answer.is_success:
        return Delivery(outcome=DeliveryOutcome.SENT, detail=f"{answer.status_code}")
    return Delivery(outcome=DeliveryOutcome.FAILED, detail=f"the webhook answered {answer.status_code}")


def _notify(url: str, message: Message) -> Delivery:
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its log lines carry the address, which is a secret
    sender = apprise.Apprise()
    if not sender.add(url):
        return Delivery(outcome=DeliveryOutcome.FAILED, detail="Apprise does not know this kind of address")
    if sender.notify(title=message.subject, body=message.text):
        return Delivery(outcome=DeliveryOutcome.SENT)
    return Delivery(outcome=DeliveryOutcome.FAILED, detail="the channel refused the message")
