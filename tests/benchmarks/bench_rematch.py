"""How long rematching stored articles takes, beside the bare matching of the same texts in one process.

    python tests/benchmarks/bench_rematch.py [--articles 100000]

Texts have some 2,500 characters: sentences of the watch's bench in eight languages among made-up words, about as many
actors and mentions as an article that touches the subject. The second run has nothing to do.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from bench_match import LANGUAGES
from corpus_maker import AS_OF, fill

from extractors.mentions import Matcher
from flows.steps.load import load_landed
from flows.workspace import BUNDLED, Workspace, bundled_watch, open_workspace
from storage.corpus import MIGRATIONS, open_corpus
from storage.counts import read_counts
from watch_rows import rows

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHARACTERS = 2_500
BATCH = 100  #: articles of a load
OUTLINE = 2_000  #: different texts; each article's own number stands at its end


def texts() -> list[tuple[str, str]]:
    """Write texts of all languages, the same in every run: four bench sentences each, the rest made-up words."""
    rng, made = random.Random(7), []
    for language in LANGUAGES:
        bench = [row["sentence"] for row in rows("bench.csv") if row["language"] == language]
        letters = [letter for letter in "".join(bench).lower() if letter.isalpha()]
        words = ["".join(rng.choices(letters, k=rng.randint(2, 10))) for _ in range(3_000)]
        for _ in range(OUTLINE // len(LANGUAGES)):
            sentences = rng.sample(bench, 4)
            while sum(map(len, sentences)) < CHARACTERS:
                sentences.append(" ".join(rng.choices(words, k=rng.randint(8, 20))).capitalize() + ".")
            rng.shuffle(sentences)
            made.append((language, "\n".join(" ".join(sentences[i : i + 4]) for i in range(0, len(sentences), 4))))
    return made


def store(con: duckdb.DuckDBPyConnection, articles: int, made: list[tuple[str, str]]) -> None:
    """Fill a corpus as loads of BATCH articles would have, matched with another lexicon."""
    fill(con, articles)
    con.register("made", pa.table({"language": [m[0] for m in made], "text": [m[1] for m in made]}))
    con.execute(
        f"""CREATE TEMP TABLE loads AS SELECT article_id, 1 + (row_number() OVER (ORDER BY first_seen_at) - 1) // {BATCH} AS load
        FROM articles"""
    )
    con.execute("CREATE TEMP TABLE numbered AS SELECT *, row_number() OVER () - 1 AS number FROM made")
    con.execute(
        f"""UPDATE articles AS a SET batch_id = l.load, language = n.language, lexicon_version = 'before'
        FROM loads AS l, numbered AS n WHERE l.article_id = a.article_id AND n.number = a.article_id % {len(made)}"""
    )
    for table in ("mentions", "story_members"):
        con.execute(f"UPDATE {table} AS t SET batch_id = l.load FROM loads AS l WHERE l.article_id = t.article_id")
    con.execute(
        f"""INSERT INTO article_texts SELECT a.article_id, 1, n.text || ' ' || a.article_id, a.batch_id
        FROM articles AS a JOIN numbered AS n ON n.number = a.article_id % {len(made)} ORDER BY a.batch_id"""
    )
    con.execute("DELETE FROM batches")
    con.execute(
        """INSERT INTO batches BY NAME SELECT batch_id, 'b' || batch_id AS name, 'collect' AS kind, $1 AS landed_at,
        $1 AS loaded_at, count(*) AS articles, 0 AS editions, 0 AS duplicates, 0 AS forgotten, 0 AS entries,
        0 AS feed_fetches, 0 AS mentions, 'bench' AS code_version FROM articles GROUP BY batch_id ORDER BY batch_id""",
        [NOW],
    )


def fill_corpus(work: Workspace, articles: int, made: list[tuple[str, str]]) -> None:
    """Store the articles and publish the reading room."""
    with open_corpus(work.paths.corpus, NOW) as con:
        store(con, articles, made)
    load_landed(work, NOW)


def bare(work: Workspace, made: list[tuple[str, str]]) -> float:
    """CPU seconds of matching each text once in this process, where each was matched before: phrases compile when met."""
    matcher = Matcher(work.watch.lexicon, work.watch.actors, work.watch.exclusions)
    began = 0.0
    for _ in range(2):
        began = time.process_time()
        for language, text in made:
            matcher.match("", text, language)
    return time.process_time() - began


def command(corpus: Path, jobs: int) -> tuple[dict[str, Any], float, float, int]:
    """Run the command as one types it: its accounting, wall and CPU seconds, and its own greatest MB."""
    arguments = [
        "rematch",
        "--corpus",
        str(corpus),
        "--watch",
        str(bundled_watch(BUNDLED)),
        "--jobs",
        str(jobs),
        "--json",
    ]
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = 0
    with subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            peak = max(peak, greatest_size(process.pid))
            time.sleep(0.2)
        assert process.stdout is not None
        report = json.load(process.stdout)
    wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    return report, wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak


def greatest_size(process: int) -> int:
    """MB a running process had at most, as Linux keeps it; 0 elsewhere and when it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def counted(articles: int) -> tuple[float, float]:
    """Seconds of counting a corpus in memory as every pass does: never rematched, and with every article rematched."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        for file in sorted(MIGRATIONS.glob("*.sql")):
            con.execute(file.read_text(encoding="utf-8"))
        fill(con, articles)
        never = count(con)
        con.execute("INSERT INTO rematches SELECT article_id, edition, 'new', tension, 2 FROM articles")
        con.execute("INSERT INTO mentions SELECT * REPLACE (2 AS batch_id) FROM mentions")
        con.execute("INSERT INTO batches SELECT * REPLACE (2 AS batch_id) FROM batches")
        return never, count(con)


def count(con: duckdb.DuckDBPyConnection) -> float:
    """Seconds of the quickest of three counts."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        read_counts(con, first_day=AS_OF.date() - timedelta(days=119), as_of=AS_OF, zone="Asia/Baku")
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--fill", type=Path, help="only make the corpus there")
    options = parser.parse_args()
    made = texts()
    if options.fill:
        fill_corpus(open_workspace(bundled_watch(BUNDLED), options.fill / "corpus.duckdb"), options.articles, made)
        return
    with tempfile.TemporaryDirectory() as name:
        work = open_workspace(bundled_watch(BUNDLED), Path(name) / "corpus.duckdb")
        # Elsewhere: a process inherits the greatest size of whoever starts it.
        subprocess.run([sys.executable, __file__, "--articles", str(options.articles), "--fill", name], check=True)
        before = work.paths.corpus.stat().st_size
        report, wall, cpu, peak = command(work.paths.corpus, options.jobs)
        after = work.paths.corpus.stat().st_size
        again, idle, _, _ = command(work.paths.corpus, options.jobs)
    least = bare(work, made) * options.articles / len(made)
    characters = sum(len(text) for _, text in made) / len(made)
    print(f"{options.articles:,} stored articles of {characters:,.0f} characters, {options.jobs} processes")
    print(
        f"rematched {report['rematched']:,}, left {report['left']}, in {wall:.0f} s: {report['rematched'] / wall:,.0f} articles/s"
    )
    print(f"CPU {cpu:.0f} s; bare matching of the same texts {least:.0f} s; ratio {cpu / least:.2f}")
    print(f"corpus {before >> 20} MB, then {after >> 20} MB; its first process {peak} MB at most")
    never, all_of_them = counted(options.articles * 10)
    print(f"counting {options.articles * 10:,} articles: {never:.2f} s, all rematched {all_of_them:.2f} s")
    print(f"again, with nothing to do: {again['pending']} pending, {idle:.1f} s")
    sys.exit(report["rematched"] != options.articles or again["pending"] != 0)


if __name__ == "__main__":
    main()
