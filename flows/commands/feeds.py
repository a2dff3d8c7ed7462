"""feeds: how every feed does, and trying one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from flows.commands.options import corpus_option, watch_option
from flows.output import json_line, say, table
from flows.workspace import locate, watch_folder
from model.errors import StorageError
from model.records import FeedState

COLUMNS = ("feed", "publisher", "state", "last outcome", "failures", "last new", "next poll", "new in 7 days")
QUERY = """
SELECT h.feed_url, h.publisher, h.last_outcome, h.failures, h.last_new_at, h.new_in_7_days, h.expected_per_day,
    h.last_polled_at, h.last_detail, h.rejected_entries, h.new_entries, f.language, f.country
FROM feed_health AS h JOIN feeds AS f ON f.url = h.feed_url
WHERE h.active ORDER BY h.failures DESC, h.publisher, h.feed_url
"""
#: A feed is silent when it brought nothing for five times its usual gap, and for two days at least: quieter feeds pause
#: over a weekend.
SILENT_GAPS, SILENT_DAYS = 5, 2


@click.group(
    invoke_without_command=True,
    epilog="\b\nExamples:\n  tensionwatch feeds --failing\n  tensionwatch feeds try https://example.org/rss",
)
@click.option("--failing", is_flag=True, help="Only feeds that fail or fell silent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a feed.")
@watch_option
@corpus_option
@click.pass_context
def feeds(ctx: click.Context, failing: bool, as_json: bool, watch_dir: Path | None, corpus: Path | None) -> None:
    """Health of every feed: last outcome, silence, failures, next poll."""
    if ctx.invoked_subcommand is not None:
        return
    rows = _health(watch_dir, corpus)
    shown = [r for r in rows if not failing or r["state"] != "working"]
    if as_json:
        for row in shown:
            json_line(row)
        return
    table(COLUMNS, [[row[c] for c in COLUMNS] for row in shown])
    states = sorted({r["state"] for r in rows})
    say(f"{len(rows)} feeds: " + ", ".join(f"{sum(r['state'] == s for r in rows)} {s}" for s in states))


def _health(watch_dir: Path | None, corpus: Path | None) -> list[dict[str, Any]]:
    from storage import reading_room
    from storage.frontier import Frontier

    paths = locate(watch_dir, corpus)
    try:
        columns, found = reading_room.query(paths, QUERY)
    except StorageError:
        if (paths.reading_room / reading_room.DATABASE).exists():
            raise
        columns, found = [], []
    states: dict[str, FeedState] = {}
    if paths.frontier.exists():
        with Frontier.open(paths.frontier) as frontier:
            states = {s.url: s for s in frontier.feed_states()}
    now = datetime.now(UTC)
    rows = (dict(zip(columns, row, strict=True)) for row in found)
    known = [_row(row, states.get(row["feed_url"]), now) for row in rows]
    return known or [_unpolled(f.url, f.publisher) for f in _listed(watch_dir)]


def _listed(watch_dir: Path | None) -> Any:
    from model.reading import load_watch

    return load_watch(watch_folder(watch_dir)).feeds


def _unpolled(url: str, publisher: str) -> dict[str, Any]:
    blank = dict.fromkeys(COLUMNS)
    return blank | {"feed": url, "publisher": publisher, "state": "never polled"}


def _row(row: dict[str, Any], polled: FeedState | None, now: datetime) -> dict[str, Any]:
    moved = polled is not None and polled.poll_url != row["feed_url"]
    named = state(row, now)
    return {
        "feed": row["feed_url"],
        "publisher": row["publisher"],
        "state": "moved" if moved and named == "working" else named,
        "last outcome": row["last_outcome"],
        "failures": row["failures"],
        "last new": row["last_new_at"],
        "next poll": polled.next_poll_at if polled else None,
        "new in 7 days": row["new_in_7_days"],
        "detail": f"now at {polled.poll_url}" if polled and moved else row["last_detail"],
        "expected per day": row["expected_per_day"],
    }


def state(row: dict[str, Any], now: datetime) -> str:
    """Name a feed's state: never polled, blocked, failing, parsing badly, nothing yet, silent or working."""
    if row["last_polled_at"] is None:
        return "never polled"
    if row["failures"]:
        return "blocked" if row["last_outcome"] in {"forbidden", "robots-disallowed", "tdm-reserved"} else "failing"
    if row["rejected_entries"] > row["new_entries"]:
        return "parsing badly"
    per_day = row["expected_per_day"] or row["new_in_7_days"] / 7
    if row["last_new_at"] is None or not per_day:
        return "working" if row["last_new_at"] is not None else "nothing yet"
    silent_days = (now - row["last_new_at"]).total_seconds() / 86_400
    return "silent" if silent_days > max(SILENT_DAYS, SILENT_GAPS / per_day) else "working"


@feeds.command("try", epilog="\b\nExample:\n  tensionwatch feeds try https://example.org/rss")
@click.argument("url")
@watch_option
def try_feed(url: str, watch_dir: Path | None) -> int:
    """Fetch and parse one feed without saving anything."""
    import asyncio

    from flows.steps.trying import try_feed as fetch_and_parse
    from model.reading import read_config

    found = asyncio.run(fetch_and_parse(url, read_config(watch_folder(watch_dir)).network))
    say(f"{found.fetched.outcome} {found.fetched.http_status or ''} {found.fetched.final_url} {found.fetched.detail}")
    if found.parsed is None:
        return 1
    rows = [(e.published_at, e.title, e.url) for e in found.parsed.entries[:20]]
    table(("published", "title", "url"), rows, title=found.parsed.title)
    say(f"{len(found.parsed.entries)} entries, {len(found.parsed.rejected)} rejected")
    return 0


@feeds.command(epilog="\b\nExample:\n  tensionwatch feeds discover https://example.org/")
@click.argument("url")
@watch_option
def discover(url: str, watch_dir: Path | None) -> int:
    """Look for the feeds of a site: what its page declares, what its robots.txt names, the usual places."""
    import asyncio

    from flows.steps.trying import discover_feeds
    from model.reading import read_config

    found = asyncio.run(discover_feeds(url, read_config(watch_folder(watch_dir)).network))
    table(("feed", "found by", "entries", "title"), [(f.url, f.basis, f.entries, f.title) for f in found])
    say(f"{len(found)} feeds" if found else f"no feed found at {url}")
    return 0 if found else 1


@feeds.command("export", epilog="\b\nExample:\n  tensionwatch feeds export > feeds.opml")
@watch_option
def export_opml(watch_dir: Path | None) -> None:
    """Write the feeds of the watch as OPML, for a feed reader."""
    from extractors.opml import write_opml
    from model.reading import load_watch

    watch = load_watch(watch_folder(watch_dir))
    click.echo(write_opml(watch.feeds, watch.config.watch.name).decode())


@feeds.command("import", epilog="\b\nExample:\n  tensionwatch feeds import feeds.opml --watch my-watch")
@click.argument("file")
@watch_option
def import_opml(file: str, watch_dir: Path | None) -> None:
    """Add the feeds of an OPML FILE to feeds.csv of the watch; those it has already are left as they are."""
    import csv

    from extractors.opml import read_opml
    from flows.output import read_bytes
    from flows.workspace import BUNDLED, bundled_watch
    from model.errors import UsageError
    from model.reading import load_watch

    folder = watch_folder(watch_dir)
    if folder.resolve() == bundled_watch(BUNDLED).resolve():
        raise UsageError("the bundled watch is not for editing; `tensionwatch init my-watch`, then --watch my-watch")
    known = {feed.url for feed in load_watch(folder).feeds}
    new = [feed for feed in read_opml(read_bytes(file)) if feed.url not in known]
    path = folder / "feeds.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        columns = next(csv.reader(lines))
    with path.open("a", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        writer.writerows({c: getattr(feed, c) if getattr(feed, c) is not None else "" for c in columns} for feed in new)
    say(f"{len(new)} feeds added to {path}; complete country, language and ownership, then `tensionwatch check`")
