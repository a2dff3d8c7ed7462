"""The detector's promises, measured: `python tests/benchmarks/bench_detect.py [rates|speed|count] [--seeds 8]`.

rates   false alarms and detection over worlds of news_generator, with intervals, beside EARS, a ratio rule and an oracle
        that knows the true expected count; `--public FOLDER` adds the public benchmark of the same format
speed   10,000 series x 3 windows as of one day, beside R's farringtonFlexible as published for one test
count   counting and testing a corpus of a million articles, as every hour does
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
from alarm_score import STRATA, Score, score, wilson
from corpus_maker import AS_OF, fill
from news_generator import KINDS, Event, Floats, News, generate

from alerts.detect import evaluate
from alerts.ears import ears
from alerts.expected import panel_of
from alerts.floods import without_floods
from alerts.panel import Bools, Panel, days_between
from alerts.policy import DASHBOARD_EVIDENCE, STRICT_EVIDENCE, Policy
from alerts.replay import replay
from alerts.sheet import read_counts
from alerts.tail import upper_tail
from storage.corpus import MIGRATIONS
from storage.counts import read_counts as count_corpus

FIRST = date(2025, 1, 6)
FIRST_SEED = 2001  #: no setting was chosen on these worlds
R_FARRINGTON_MS = 8.0  #: a test, on the machine the design was measured on: surveillance 1.20.3
Alarms = Callable[[News], Bools]


def panel(news: News, *, dirty: bool = False) -> Panel:
    """Make a world a table as `tensionwatch detect` reads it: counts, totals, and publishers where they are dirty."""
    counts, totals = (news.dirty_counts, news.dirty_totals) if dirty else (news.counts, news.totals)
    known = np.ones(counts.shape, dtype=bool)
    kept = without_floods(counts, news.dirty_publishers, known) if dirty else counts
    return Panel(
        names=tuple(str(i) for i in range(len(counts))),
        days=days_between(FIRST, FIRST + timedelta(days=counts.shape[1] - 1)),
        counts=kept, exposure=totals, totals=totals, known=known, publishers=news.dirty_publishers if dirty else None,
    )  # fmt: skip


def ours(evidence: float, *, dirty: bool = False) -> Alarms:
    """Alarm as `tensionwatch detect --evidence E` does."""
    policy = Policy(evidence=evidence)
    return lambda news: replay(evaluate(panel(news, dirty=dirty), policy), policy).alarm


def ears_c2(z: float) -> Alarms:
    """EARS C2 on the share of stories, three standard deviations or more."""
    return lambda news: np.nan_to_num(ears(news.counts / news.totals, "ears-c2").score, posinf=0) >= z


def ratio_rule(times: float) -> Alarms:
    """EMM-like: today more than so many times the mean of the last fourteen days, three stories at least."""

    def alarms(news: News) -> Bools:
        before = np.full(news.counts.shape, np.inf)
        before[:, 14:] = np.lib.stride_tricks.sliding_window_view(news.counts, 14, axis=1)[:, :-1].mean(axis=2)
        found: Bools = (news.counts >= times * before) & (news.counts >= 3)
        return found

    return alarms


def oracle(evidence: float) -> Alarms:
    """The least of three tails with the true expected count and spread: what the best count test could know."""

    def alarms(news: News) -> Bools:
        least = np.ones(news.counts.shape)
        for window, spread in ((1, 0.0108), (3, 0.0067), (7, 0.0039)):
            seen, mean = _trailing(news.counts, window), _trailing(news.expected, window)
            variance = news.phi[:, None] * mean + spread * mean**2
            least = np.minimum(least, upper_tail(seen, mean, variance))
        return least <= 10**-evidence

    return alarms


def _trailing(values: Floats, days: int) -> Floats:
    sums = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    found = sums[:, 1:].copy()
    found[:, days:] -= sums[:, 1:-days]
    return found


def over(worlds: Iterable[News], alarms: Alarms) -> tuple[Score, list[float]]:
    """Pool a rule's score over worlds; give the rate of each world too."""
    total, rates = Score(), []
    for news in worlds:
        one = score(alarms(news), news.counts, news.events)
        rates.append(one.rate)
        total.add(one)
    return total, rates


def show(label: str, total: Score, rates: list[float]) -> None:
    """Print one line: the rate with its interval over worlds, levels, and what was found of each kind."""
    spread = 1.96 * float(np.std(rates, ddof=1)) / len(rates) ** 0.5 if len(rates) > 1 else float("nan")
    levels = total.false / total.quiet_years
    found = []
    for kind, size in sorted(KINDS):
        key = f"{kind} x{size:g}"
        low, high = wilson(sum(total.found[key]), len(total.found[key]))
        found.append(f"{key} {total.share(key):.3f} [{low:.2f},{high:.2f}]")
    print(
        f"{label:34s} false {total.rate:.3f} ±{spread:.2f}  levels {' '.join(f'{v:.2f}' for v in levels)}"
        f" (worst {levels.max() / total.rate:.2f} of mean)  {'  '.join(found)}",
        flush=True,
    )


def rates(seeds: int, public: Path | None) -> None:
    """Print the operating points of everybody on the same worlds."""
    names = ", ".join(f"{low:g}-{high:g}" for low, high in STRATA)
    print(f"false episodes a series-year by stories a day ({names}); share of events found with 95 % intervals")
    worlds = [generate(FIRST_SEED + i) for i in range(seeds)]
    clean, each = over(worlds, ours(DASHBOARD_EVIDENCE))
    show(f"ours --evidence {DASHBOARD_EVIDENCE:g}", clean, each)
    strict, each = over(worlds, ours(STRICT_EVIDENCE))
    show(f"ours (default, {STRICT_EVIDENCE:g})", strict, each)
    for evidence, base in ((DASHBOARD_EVIDENCE, clean), (STRICT_EVIDENCE, strict)):
        dirty, each = over(worlds, ours(evidence, dirty=True))
        show(f"ours --evidence {evidence:g}, dirty", dirty, each)
        print(f"{'':34s} {dirty.rate / base.rate:.2f} times the clean rate")
    for label, alarms in (
        ("EARS C2 of shares, z 3", ears_c2(3.0)), ("EARS C2 of shares, z 6", ears_c2(6.0)),
        ("x3 the mean of 14 days", ratio_rule(3.0)), ("oracle tails, 2.7", oracle(2.7)), ("oracle tails, 3.55", oracle(3.55)),
    ):  # fmt: skip
        show(label, *over(worlds, alarms))
    if public is not None:
        _public(public)


def _public(folder: Path) -> None:
    events = None
    for file in ("counts.csv", "counts_dirty.csv"):
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            found, _ = read_counts(lines, file)
        assert found is not None
        if events is None:
            events, counts = _truth(folder / "truth.csv", found), found.counts
        for evidence in (DASHBOARD_EVIDENCE, STRICT_EVIDENCE):
            policy = Policy(evidence=evidence)
            one = score(replay(evaluate(found, policy), policy).alarm, counts, events)
            show(f"public {file} {evidence:g}", one, [one.rate])


def _truth(file: Path, found: Panel) -> list[Event]:
    row = {name: i for i, name in enumerate(found.names)}
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            Event(
                series=row[r["series"]], kind=r["kind"], size=float(r["size"]),
                start=(date.fromisoformat(r["start"]) - found.days[0]).days,
                end=(date.fromisoformat(r["end"]) - found.days[0]).days,
            )
            for r in csv.DictReader(lines)
        ]  # fmt: skip


def speed() -> None:
    """Time one as-of-today evaluation of 10,000 series with eleven weeks of history."""
    rng = np.random.default_rng(1)
    series, days = 10_000, 77
    counts = rng.poisson(rng.uniform(0.2, 30, (series, 1)), (series, days)).astype(float)
    totals = np.full(counts.shape, 1000.0)
    given = Panel(
        names=tuple(str(i) for i in range(series)), days=days_between(FIRST, FIRST + timedelta(days=days - 1)),
        counts=counts, exposure=totals, totals=totals, known=np.ones(counts.shape, dtype=bool),
    )  # fmt: skip
    best = min(_cpu(lambda: evaluate(given, Policy(), last=1)) for _ in range(5))
    each = best / series / 3
    print(f"10,000 series x 3 windows as of one day: {best:.2f} s of one core, {each * 1e6:.0f} µs a test")
    print(f"R farringtonFlexible: {R_FARRINGTON_MS:g} ms a test, {R_FARRINGTON_MS / 1e3 / each:,.0f} times as long")


def count(articles: int) -> None:
    """Time the hourly evaluation of a corpus in which every article is young enough to matter."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for file in sorted(MIGRATIONS.glob("*.sql")):
        con.execute(file.read_text(encoding="utf-8"))
    fill(con, articles)
    for _ in range(3):
        start = time.perf_counter()
        counts = count_corpus(con, first_day=AS_OF.date() - timedelta(days=119), as_of=AS_OF, zone="Asia/Baku")
        counted = time.perf_counter()
        evaluate(panel_of(counts, Policy()), Policy(), last=31)
        done = time.perf_counter()
        print(
            f"{articles:,} articles, {len(counts.names)} series, {len(counts.publishers)} publishers: counted in"
            f" {counted - start:.2f} s, tested in {done - counted:.2f} s, together {done - start:.2f} s",
            flush=True,
        )


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("rates", "speed", "count", "all"), default="all")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--public", type=Path, help="folder with counts.csv, counts_dirty.csv and truth.csv")
    given = parser.parse_args()
    if given.what in {"speed", "all"}:
        speed()
    if given.what in {"count", "all"}:
        count(given.articles)
    if given.what in {"rates", "all"}:
        rates(given.seeds, given.public)


if __name__ == "__main__":
    sys.exit(main())
