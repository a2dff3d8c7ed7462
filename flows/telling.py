"""A pass's accounting in words, and what in it needs a person."""

from collections.abc import Iterator, Mapping
from typing import Any

from flows.output import plain

Report = Mapping[str, Any]


def in_words(report: Report) -> Iterator[str]:
    """Write the accounting: a line a stage, and a line for each feed and reason that brought nothing."""
    report = plain(report)
    if "collect" in report:
        yield from _collect(report["collect"])
    if "load" in report:
        yield _load(report["load"])
    if "watch" in report:
        yield from _watch(report["watch"])


def _collect(part: Report) -> Iterator[str]:
    feeds, entries, pages = part["feeds"], part["entries"], part["pages"]
    yield f"feeds    {feeds['polled']} polled: {_counts(feeds['outcomes'])}"
    yield (
        f"entries  {entries['in_feeds']} in feeds = {entries['new']} new + {entries['duplicate']} known"
        f" + {entries['rejected']} rejected{_reasons(entries['reasons'])}"
    )
    yield (
        f"pages    {pages['fetched']} fetched = {pages['article']} articles + {pages['duplicate']} known"
        f" + {pages['rejected']} rejected{_reasons(pages['reasons'])}"
        f" + {pages['deferred']} to be tried again{_reasons(pages['deferred_outcomes'])}"
    )
    young = part["young"]
    if young["looked_at_again"]:
        yield f"young    {young['looked_at_again']} read again: {young['changed']} have another text"
    if pages["pending"]:
        yield f"         {pages['pending']} entries wait for a later run"
    for failing in part["failing"]:
        yield f"feed     {failing['url']}: {failing['outcome']}" + (f", {failing['detail']}" * bool(failing["detail"]))
    for page in part["examples"]:
        yield f"page     {page['url']}: {page['reason']}" + (f" (and {page['more']} more)" if page["more"] else "")


def _load(part: Report) -> str:
    if part["busy"]:
        return f"load     waits: {part['waiting']} batches are safe in landing/"
    return (
        f"load     {part['batches']} batches: {part['articles']} new articles, {part['editions']} new editions,"
        f" {part['duplicates']} known; {part['mentions']} mentions"
    )


def _watch(part: Report) -> Iterator[str]:
    yield f"watch    {part['tested']} series-days tested: {_counts(part['states']) or 'nothing to test yet'}"
    if part["behind"]:
        yield f"         {part['behind']} stored texts count under another lexicon; `tensionwatch rematch` renews them"
    for alert in part["told"]:
        yield ""
        yield alert["text"]


def attention(report: Report) -> list[str]:
    """List what is new and needs a person: then a command exits with 1."""
    report = plain(report)
    troubles = [f"feed {f['url']} began to fail: {f['outcome']}" for f in report.get("collect", {}).get("began", ())]
    troubles += report.get("load", {}).get("warnings", ())
    watch = report.get("watch", {})
    troubles += [f"alert {d['alert_id']} did not reach {d['channel']}: {d['detail']}" for d in watch.get("failed", ())]
    return troubles + list(watch.get("warnings", ()))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _reasons(reasons: Mapping[str, int]) -> str:
    return f" ({_counts(reasons)})" if reasons else ""
