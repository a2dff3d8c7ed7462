"""Twenty years of dated event lines, replayed: `python tests/benchmarks/backtest_streams.py STREAM.jsonl.gz`.

The events are frozen in streams_events.csv. The rule that made them was written down before the first backtest and is
mechanical; `--freeze` applies it again:

    An event is the first day, after at least fourteen days without such a day, on which two or more lines name
    Azerbaijan or Nagorno-Karabakh. The three days known beforehand, 2020-07-12 (clashes at Tavush), 2020-09-27 (war) and
    2020-11-09 (ceasefire), are always in, and stand for days of the rule that are less than fourteen days from them.

The rule reads words, not the watch's lexicon, but it reads the same lines: it says what this chronicle noticed, not what
happened. Alerts that count are those of series about Azerbaijan: its relations, and any concept in a sentence that
names it.
"""

import argparse
import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from rich.progress import track

from alerts.backtest import Backtest, Told, backtest, compare, judged
from alerts.policy import DASHBOARD_EVIDENCE, STRICT_EVIDENCE, Policy
from extractors.mentions import Matcher
from extractors.relations import countries_of, series_of
from model.config import Series
from model.reading import load_watch
from model.watch import CalendarRow

HERE = Path(__file__).parent
EVENTS = HERE / "streams_events.csv"
WATCH = HERE.parent.parent / "watches" / "russia-azerbaijan"
NAMED = re.compile(r"azerbaijan|nagorno[- ]karabakh", re.IGNORECASE)
KNOWN = {
    date(2020, 7, 12): "Clashes at Tavush",
    date(2020, 9, 27): "War begins",
    date(2020, 11, 9): "Ceasefire",
}
APART = timedelta(days=14)
LINES = 2
ABOUT = Series(name="azerbaijan", actors=("azerbaijan",))


def lines(stream: Path) -> Iterator[dict[str, object]]:
    """Give the event lines in their order; headings repeat what stands below them."""
    with gzip.open(stream, "rt", encoding="utf-8") as rows:
        yield from (row for row in map(json.loads, rows) if row["kind"] == "event")


def freeze(stream: Path) -> None:
    """Apply the rule and write the events."""
    number: dict[date, int] = defaultdict(int)
    for row in lines(stream):
        if NAMED.search(str(row["text"])):
            number[date.fromisoformat(str(row["date"]))] += 1
    days = sorted(day for day, n in number.items() if n >= LINES)
    first = [day for i, day in enumerate(days) if i == 0 or day - days[i - 1] >= APART]
    kept = [day for day in first if all(abs(day - known) >= APART for known in KNOWN)]
    names = {day: f"Azerbaijan in {number[day]} lines" for day in kept} | KNOWN
    with EVENTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("date", "name"))
        writer.writerows((day.isoformat(), names[day]) for day in sorted(names))


def read_events() -> list[CalendarRow]:
    """Read the frozen events."""
    with EVENTS.open(encoding="utf-8", newline="") as file:
        return [CalendarRow(date=date.fromisoformat(r["date"]), name=r["name"]) for r in csv.DictReader(file)]


def told(stream: Path) -> list[Told]:
    """Match every line as an article of its first source."""
    watch = load_watch(WATCH)
    matcher = Matcher(watch.lexicon, watch.actors, watch.exclusions)
    countries = countries_of(watch.actors)
    found = []
    for i, row in enumerate(track(list(lines(stream)), description="match", transient=True)):
        matches = matcher.match("", str(row["text"]), "en")
        sources = row["sources"]
        publisher = str(sources[0]) if isinstance(sources, list) and sources else "unknown"
        series = series_of(matches, language="en", country="", ownership="", rules=(ABOUT,), countries=countries)
        about = tuple(s for s in series if s == ABOUT.name or (s.startswith("relation:") and "azerbaijan" in s))
        found.append(
            Told(day=date.fromisoformat(str(row["date"])), publisher=publisher, story=f"line {i}", series=about)
        )
    return found


def show(label: str, result: Backtest) -> None:
    """Print the figures, and every miss and false alert."""
    found, episodes = result.sensitivity, result.episodes
    rate, low, high = result.false_a_year
    print(
        f"{label}: {found.found} of {found.of} events found = {found.value:.2f}"
        f" [{found.interval[0]:.2f}, {found.interval[1]:.2f}]; {episodes.found} of {episodes.of} episodes belong to one,"
        f" precision {episodes.value:.2f} [{episodes.interval[0]:.2f}, {episodes.interval[1]:.2f}];"
        f" median lead {result.lead_days:g} days; false {rate:.2f} a year [{low:.2f}, {high:.2f}]"
    )
    for detected in result.events:
        alert = detected.alert
        how = "missed" if alert is None else f"{alert.severity}, {alert.series}, lead {detected.lead_days} days"
        print(f"  {detected.event.date} {detected.event.name}: {how}")
    for alert in result.false:
        print(
            f"  false: {alert.opened_day} {alert.series}, {alert.observed:g} stories where {alert.expected:.2f} expected"
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stream", type=Path)
    parser.add_argument("--freeze", action="store_true", help="write streams_events.csv again")
    given = parser.parse_args()
    if given.freeze:
        freeze(given.stream)
    events, articles = read_events(), told(given.stream)
    # A chronicle has one or two lines where newsrooms have dozens: two publishers, two stories.
    results = {
        evidence: backtest(articles, Policy(evidence=evidence, min_stories=2, min_publishers=2), events=events)
        for evidence in (STRICT_EVIDENCE, DASHBOARD_EVIDENCE)
    }
    for evidence, result in results.items():
        show(f"evidence {evidence:g}, all years", result)
        recent = [a for a in result.alerts if a.opened_day >= date(2019, 1, 1)]
        late = judged(recent, result.evaluations, [e for e in events if e.date >= date(2019, 1, 1)])
        print(f"  since 2019: {late.sensitivity.found} of {late.sensitivity.of} events, {len(late.false)} false alerts")
    shadow = compare(results[STRICT_EVIDENCE], results[DASHBOARD_EVIDENCE])
    print(
        f"shadow rule: at {DASHBOARD_EVIDENCE:g} instead of {STRICT_EVIDENCE:g}, {len(shadow.both)} alerts in both,"
        f" {len(shadow.only_live)} less, {len(shadow.only_candidate)} more"
    )


if __name__ == "__main__":
    sys.exit(main())
