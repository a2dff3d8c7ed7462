"""Tell: changes of alerts ─ the articles behind them ─ one message for each event."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alerts import bulletin, render
from alerts.decide import AlertChange
from alerts.deliver import RANK
from alerts.every_rule import category_of
from alerts.sides import sides_told
from alerts.story import EvidenceArticle, SideTold, Summary, Voice
from alerts.summarise import summarise
from extractors.text import sentence_spans
from flows.version import CODE_VERSION
from flows.workspace import Workspace
from model.counts import Counts
from storage import sides
from storage.evidence import behind, open_stories

#: Windows of whole days look at no hours.
ALL_HOURS = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A change of an alert with the articles it rests on."""

    change: AlertChange
    articles: tuple[EvidenceArticle, ...]
    summary: Summary
    category: str

    def cited(self) -> list[dict[str, Any]]:
        """Give the rows of alert_articles: each article, with the sentence quoted where one was."""
        quotes = {story.article_id: (place, story.quote) for place, story in enumerate(self.summary.stories, 1)}
        return [
            {
                "alert_id": self.change.alert.alert_id,
                "article_id": article.article_id,
                "edition": article.edition,
                "story_id": article.story_id,
                "position": quotes.get(article.article_id, (0, ""))[0],
                "quote": quotes.get(article.article_id, (0, ""))[1],
            }
            for article in self.articles
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an alert tells. Of one event only the leading alert has a message; the others point to it."""

    alert_id: str
    series: str
    kind: str
    severity: str
    leads: bool
    wanted: bool  #: at least as severe as the watch wants to hear of
    text: str
    payload: str


def find(work: Workspace, con: Any, counts: Counts, change: AlertChange) -> Finding:
    """Read the articles behind an alert, on the connection that counted."""
    alert = change.alert
    last = (alert.updated_day - counts.first_day).days
    first = last + 1 - max(1, round(alert.window_days))
    hours = round(alert.window_days * 24) if alert.window_days < 1 else ALL_HOURS
    rows = behind(con, alert.series.removeprefix("novelty:"), first=first, last=last, hours=hours)
    articles = tuple(EvidenceArticle(**{**row, "concepts": tuple(row["concepts"])}) for row in rows)
    return Finding(
        change=change,
        articles=articles,
        summary=summarise(articles, sentence_spans, work.watch.config.alerts.top_stories),
        category=category_of(alert.series, counts.categories),
    )


def _sides(con: Any, finding: Finding, counts: Counts) -> tuple[SideTold, ...]:
    """Tell who led, who followed and who is silent, since the first article that the alert ever cited."""
    alert = finding.change.alert
    voices = [Voice(**row) for row in sides.voices(con, alert.alert_id, [a.article_id for a in finding.articles])]
    if not voices:
        return ()
    volumes = sides.volumes(
        con,
        [v.article_id for v in voices],
        first_at=voices[0].counted_at,
        last_at=max(alert.updated_at, voices[-1].counted_at),
        watermark=counts.watermark,
    )
    return sides_told(voices, volumes)


def tell(work: Workspace, con: Any, counts: Counts, findings: Sequence[Finding]) -> Mapping[str, Told]:
    """Write the messages of a pass, by alert_id. What was not told leaves no entry."""
    speaking = [f for f in findings if f.change.told]
    bare = [bulletin.Finding(f.change, frozenset(a.story_id for a in f.articles)) for f in speaking]
    changed = {f.change.alert.alert_id for f in findings}
    known = [
        stories
        for alert_id, series, stories in open_stories(con)
        if alert_id not in changed and bulletin.breadth(series) < bulletin.BREADTH["concept"]
    ]
    told: dict[str, Told] = {}
    for group in bulletin.bulletins(bare, known):
        others = [speaking[place] for place in group.others]
        leading = speaking[group.lead]
        summary = replace(leading.summary, by_side=_sides(con, leading, counts))
        lead = _lead(work, counts, replace(leading, summary=summary), others)
        told[lead.alert_id] = lead
        told |= {f.change.alert.alert_id: _follower(f, lead) for f in others}
    return told


def _lead(work: Workspace, counts: Counts, finding: Finding, others: Sequence[Finding]) -> Told:
    name, alert = work.watch.config.watch.name, finding.change.alert
    also = [f.change.alert for f in others]
    worst = max([alert, *also], key=lambda a: RANK[a.severity]).severity
    extra = {
        "category": finding.category,
        "code_version": CODE_VERSION,
        "watermark": counts.watermark,
        "also": [{"alert_id": a.alert_id, "series": a.series, "severity": a.severity} for a in also],
    }
    return Told(
        alert_id=alert.alert_id,
        series=alert.series,
        kind=finding.change.kind,
        severity=worst,
        leads=True,
        wanted=RANK[worst] >= RANK[work.watch.config.alerts.min_severity],
        text=render.text(finding.change, finding.summary, name, also),
        payload=render.payload(finding.change, finding.summary, name, also, extra),
    )


def _follower(finding: Finding, lead: Told) -> Told:
    alert = finding.change.alert
    return Told(
        alert_id=alert.alert_id,
        series=alert.series,
        kind=finding.change.kind,
        severity=alert.severity,
        leads=False,
        wanted=lead.wanted,
        text=lead.text,
        payload=json.dumps({"told_with": lead.alert_id}),
    )
