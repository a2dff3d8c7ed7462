"""Explain an alert by counting and testing again what was known then; say why an article did not count."""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from alerts.evaluation_rows import to_evaluation_rows
from alerts.every_rule import evaluate_counts
from alerts.policy import Policy
from extractors.urls import article_id, canonical_url
from flows.workspace import Workspace
from model.errors import UsageError
from storage import reading_room
from storage.counts import read_counts
from storage.reach import reached_days

NUMBERS = ("observed", "expected", "variance", "ratio", "p", "evidence", "exposure")
TOLERANCE = 1e-9  #: relative; what is left is the order of additions

FIND = """
SELECT e.day, e.as_of, e.watermark, e.parameters, e.observed, e.expected, e.variance, e.ratio, e.p, e.evidence,
    e.exposure, a.summary, a.query, a.series, a.opened_at
FROM alerts AS a JOIN evaluations AS e ON e.series = a.series
WHERE a.alert_id = ? AND e.observed = a.observed AND e.evidence = a.evidence AND e.as_of >= a.opened_at
ORDER BY e.as_of LIMIT 1
"""


def explain_alert(work: Workspace, alert_id: str) -> dict[str, Any]:
    """Give an alert's numbers as stored and as found again from the corpus, and the articles it cites."""
    columns, rows = reading_room.query(work.paths, FIND, (alert_id,))
    if not rows:
        raise UsageError(
            f"alert {alert_id}: its evaluation is not in the reading room; `tensionwatch load` publishes it"
        )
    stored = dict(zip(columns, rows[0], strict=True))
    again = _again(work, stored)
    numbers = [
        {"number": name, "stored": stored[name], "again": again[name], "difference": again[name] - stored[name]}
        for name in again
    ]
    wrong = [n["number"] for n in numbers if abs(n["difference"]) > TOLERANCE * max(1.0, abs(n["stored"]))]
    _, cited = reading_room.query(work.paths, stored["query"])
    return {
        "summary": stored["summary"],
        "numbers": numbers,
        "articles": [{"counted_at": r[1], "publisher": r[2], "story": r[4], "title": r[5]} for r in cited],
        "query": stored["query"],
        "reproduced": not wrong,
        "why": f"{', '.join(wrong)} differ; was the series, the lexicon or the zone changed since?" if wrong else "",
    }


def _again(work: Workspace, stored: dict[str, Any]) -> dict[str, float]:
    """Count and test one series-day as of its clock and watermark."""
    config = work.watch.config
    parameters = json.loads(stored["parameters"])
    policy = _policy(parameters)
    as_of = stored["as_of"].astimezone(UTC)
    with reading_room.connect(work.paths) as con:
        first = date.fromisoformat(parameters["first_day"])
        counts = read_counts(
            con,
            first_day=first,
            as_of=as_of,
            zone=parameters["zone"],
            rules=config.series,
            watermark=stored["watermark"],
        )
        reached = reached_days(con, counts)
    sides = {feed.publisher: feed.ownership for feed in work.watch.feeds}
    back = counts.days - 1 - (stored["day"] - counts.first_day).days
    cap = parameters["cap_per_publisher"]
    evaluations = evaluate_counts(counts, policy, cap=cap, sides=sides, reached=reached, last=back + 1)
    rows = to_evaluation_rows(evaluations, as_of=as_of, code_version="", watermark=counts.watermark, column=-1 - back)
    row = next((row for row in rows if row["series"] == stored["series"]), {})
    return {name: row.get(name, float("nan")) for name in NUMBERS}


def _policy(parameters: dict[str, Any]) -> Policy:
    """Read a policy back from what an evaluation kept. A setting that did not exist then has its default."""
    known = {field.name for field in fields(Policy)}
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in parameters.items() if k in known}
    return Policy(**values)


# --- why not

ENTRY = (
    "SELECT feed_url, title, first_seen_at, outcome, reason, article_id FROM entries WHERE canonical_url = ? OR url = ?"
)
ARTICLE = """
SELECT a.article_id, a.edition, a.title, a.publisher, a.counted_at, a.is_history, a.language, a.word_count, s.story_id,
    (SELECT count(*) FROM current_mentions AS m
        WHERE m.article_id = a.article_id AND m.edition = a.edition) AS mentions,
    (SELECT count(*) FROM current_mentions AS m
        WHERE m.article_id = a.article_id AND m.edition = a.edition AND m.weight = 0),
    (SELECT count(*) FROM current_actor_mentions AS n
        WHERE n.article_id = a.article_id AND n.edition = a.edition) AS actors
FROM articles AS a LEFT JOIN story_members AS s ON s.article_id = a.article_id
WHERE a.article_id = ? OR a.canonical_url = ? OR a.url = ?
ORDER BY a.edition
"""


def why_not(work: Workspace, url: str) -> Iterator[str]:
    """Say, line by line, what is known of a URL and what kept it from counting."""
    canonical = canonical_url(url)
    if canonical is None:
        raise UsageError(f"{url} is not an http(s) address")
    _, entries = reading_room.query(work.paths, ENTRY, (canonical, url))
    for feed_url, title, first_seen_at, outcome, reason, _ in entries:
        became = f"rejected: {reason}" if reason else outcome or "waits for its page to be fetched"
        yield f"entry    {feed_url} carried it first on {_at(first_seen_at)} as “{title}”: {became}"
    ids = {row[5] for row in entries if row[5] is not None} | {article_id(canonical)}
    found = [row for key in sorted(ids) for row in reading_room.query(work.paths, ARTICLE, (key, canonical, url))[1]]
    if not found:
        yield "article  none" if entries else "no feed of this watch has carried it, as of the last load"
    for row in {(r[0], r[1]): r for r in found}.values():
        yield from _article_lines(row)


def _article_lines(row: tuple[Any, ...]) -> Iterator[str]:
    key, edition, title, publisher, counted_at, is_history, language, words, story, mentions, void, actors = row
    yield f"article  {key} edition {edition}: “{title}”, {publisher}, {language}, {words} words"
    yield f"         counts at {_at(counted_at)}"
    if edition > 1:
        yield "         a later edition: only the first counts"
    if is_history:
        yield "         history: it arrived late, with its feed's first poll or as a seed, so it is baseline only"
    if story is not None and story != key:
        yield f"         a copy: it belongs to the story {story}, which counts once"
    if not mentions:
        yield f"         the lexicon found no mention in it ({actors} actors named)"
    elif mentions == void:
        yield f"         all its {mentions} mentions are negated, conditional or history, so they weigh nothing"
    else:
        counts = "it is in their baselines" if is_history else "it counts in their series"
        yield f"         {mentions} mentions, {actors} actors named: {counts}"


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
