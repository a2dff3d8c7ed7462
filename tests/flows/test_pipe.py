"""The pipe as a user runs it: real processes, real HTTP on loopback, real files."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.flows.conftest import Run, accounting
from tests.flows.site import Answer, Site

HELD = """
import duckdb, sys, time
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def query(tensionwatch: Run, sql: str) -> list[dict[str, object]]:
    return rows(tensionwatch("sql", sql, "--format", "jsonl"))


def test_a_pass_accounts_for_every_item_and_the_next_one_finds_nothing_new(
    site: Site, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    items = site.articles(12)
    site.answers["/pdf"] = Answer(b"%PDF-1.7 not a page", headers={"Content-Type": "application/pdf"})
    broken = [("a document", site.url + "/pdf", None), ("no link at all", "", None), ("gone", site.url + "/gone", None)]
    add_feed(site.rss("/rss", [*items, *broken]))
    first = accounting(tensionwatch("collect", "--json"))["collect"]
    entries, pages = first["entries"], first["pages"]
    assert entries["in_feeds"] == entries["new"] + entries["duplicate"] + entries["rejected"] == 15
    assert entries["reasons"] == {"no-link": 1}
    assert pages["fetched"] == pages["article"] + pages["duplicate"] + pages["rejected"] + pages["deferred"] == 14
    assert pages["reasons"] == {"not-html": 1, "not-found": 1}
    assert accounting(tensionwatch("load", "--json"))["load"]["articles"] == 12 + 5
    second = accounting(tensionwatch("collect", "--all", "--json"))["collect"]
    assert second["feeds"]["outcomes"] == {"not-modified": 1}
    assert second["pages"]["fetched"] == 0
    tensionwatch("load")
    kept = query(tensionwatch, "SELECT outcome, reason, count(*) AS n FROM entries GROUP BY ALL ORDER BY ALL")
    assert [tuple(row.values()) for row in kept] == [
        ("article", "", 12),
        ("rejected", "no-link", 1),
        ("rejected", "not-found", 1),
        ("rejected", "not-html", 1),
    ]
    polls = query(tensionwatch, "SELECT outcome, new, duplicate, rejected FROM feed_fetches ORDER BY fetched_at")
    assert [tuple(row.values()) for row in polls] == [("ok", 14, 0, 1), ("not-modified", 0, 0, 0)]


def test_a_new_corpus_holds_five_seeds_and_their_mentions_before_the_first_poll(tensionwatch: Run) -> None:
    assert tensionwatch("load").returncode == 0
    assert query(tensionwatch, "SELECT origin, count(*) AS n FROM articles GROUP BY 1") == [{"origin": "seed", "n": 5}]
    with_mentions = query(tensionwatch, "SELECT count(DISTINCT article_id) AS n FROM mentions")
    assert with_mentions == [{"n": 5}]


def test_full_texts_replace_the_abstracts_of_the_seeds(shared: Path, tensionwatch: Run) -> None:
    done = tensionwatch("seed", str(shared / "seeds"))
    assert "5 of 5 seeds are full texts" in done.stderr
    found = query(
        tensionwatch,
        "SELECT a.origin, count(*) AS n, min(a.word_count) AS least, count(DISTINCT m.article_id) AS mentioned"
        " FROM articles AS a LEFT JOIN (SELECT DISTINCT article_id FROM mentions) AS m USING (article_id) GROUP BY 1",
    )
    assert found[0] | {"least": 0} == {"origin": "seed", "n": 5, "least": 0, "mentioned": 5}
    assert int(str(found[0]["least"])) > 300
    assert "Oreshnik" not in str(query(tensionwatch, "SELECT text FROM article_texts"))
    again = tensionwatch("seed", str(shared / "seeds"))
    assert again.returncode == 0
    assert query(tensionwatch, "SELECT count(*) AS n FROM articles") == [{"n": 5}]


BAD_FEEDS = {
    "html": (Answer(b"<html><body>Welcome</body></html>", headers={"Content-Type": "text/html"}), "not-a-feed"),
    "empty": (Answer(b"", headers={"Content-Type": "application/rss+xml"}), "empty-body"),
    "500": (Answer(b"oops", 500), "server-error"),
    "slow": (Answer(b"slow", delay_s=3), "timeout"),
    "403": (Answer(b"no", 403), "forbidden"),
}


def test_each_bad_feed_is_one_clear_line_and_the_rest_goes_on(
    site: Site, watch: Path, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    text = (watch / "watch.toml").read_text().replace("timeout_s = 20.0", "timeout_s = 1.0")
    (watch / "watch.toml").write_text(text)
    for name, (answer, _) in BAD_FEEDS.items():
        site.answers[f"/{name}"] = answer
        add_feed(f"{site.url}/{name}", name)
    add_feed(site.rss("/rss", site.articles(2)))
    done = tensionwatch("collect")
    assert done.returncode == 1  # something new needs a person
    lines = [line for line in done.stdout.splitlines() if line.startswith("feed ")]
    assert len(lines) == len(BAD_FEEDS)
    for name, (_, outcome) in BAD_FEEDS.items():
        assert len([line for line in lines if f"{site.url}/{name}: {outcome}" in line]) == 1, (name, lines)
    assert "2 articles" in done.stdout
    assert "Traceback" not in done.stderr
    assert tensionwatch("collect", "--all").returncode == 0  # they failed before: nothing new


@pytest.mark.slow  # each of the three loads waits five seconds for the corpus
def test_a_corpus_that_somebody_holds_delays_the_load_and_loses_nothing(
    site: Site, watch: Path, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    add_feed(site.rss("/rss", site.articles(3)))
    assert tensionwatch("collect").returncode == tensionwatch("load").returncode == 0
    corpus = watch / "corpus.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", HELD, str(corpus)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdin
    assert holder.stdout.readline() == "held\n"
    try:
        for part in range(1, 4):
            site.rss("/rss", site.articles(3, start=3 * part))
            assert accounting(tensionwatch("collect", "--all", "--json"))["collect"]["pages"]["article"] == 3
            loaded = tensionwatch("load")
            assert loaded.returncode == 0, loaded.stderr
            assert "safe in landing/" in loaded.stdout
            assert query(tensionwatch, "SELECT count(*) AS n FROM articles WHERE origin = 'feed'") == [{"n": 3}]
        assert len(list((watch / "landing").glob("*.batch"))) >= 3
    finally:
        holder.communicate("go\n", timeout=20)
    assert accounting(tensionwatch("load", "--json"))["load"]["articles"] == 9
    assert query(tensionwatch, "SELECT count(*) AS n FROM articles WHERE origin = 'feed'") == [{"n": 12}]
    assert not list((watch / "landing").glob("*.batch"))


def test_a_retitled_entry_updates_and_a_changed_text_of_another_url_is_no_duplicate(
    site: Site, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    (title, link, at), *_ = site.articles(1)
    add_feed(site.rss("/rss", [(title, link, at)]))
    tensionwatch("collect")
    site.rss("/rss", [("Another headline", link, at + timedelta(minutes=5))])
    second = accounting(tensionwatch("collect", "--all", "--json"))["collect"]
    assert second["entries"] == {"in_feeds": 1, "new": 0, "duplicate": 1, "rejected": 0, "reasons": {}}
    tensionwatch("load")
    assert query(tensionwatch, "SELECT title FROM entries") == [{"title": "Another headline"}]


@pytest.mark.slow
def test_a_young_article_that_is_corrected_becomes_a_second_edition_and_counts_once(
    site: Site, watch: Path, tensionwatch: Run, add_feed: Callable[..., None]
) -> None:
    [(_, first, at)] = site.articles(1)
    add_feed(site.rss("/rss", [("old", first, at)]))
    tensionwatch("collect", "--jobs", "0")
    items = site.articles(2, start=1)
    site.rss("/rss", [("old", first, at), *items])
    tensionwatch("collect", "--all", "--jobs", "0")
    site.page("/a/1", "Corrected", "Baku did not summon the ambassador, the ministry said in a correction. " * 8)
    with contextlib.closing(sqlite3.connect(watch / "frontier.sqlite")) as con:  # seven hours pass
        earlier = "strftime('%Y-%m-%dT%H:%M:%f', {0}, '-7 hours') || substr({0}, 24)"
        for table, column in (("entries", "first_seen_at"), ("articles", "first_seen_at"), ("articles", "fetched_at")):
            con.execute(f"UPDATE {table} SET {column} = {earlier.format(column)}")
        con.commit()
    done = accounting(tensionwatch("collect", "--json", "--jobs", "0"))["collect"]
    assert done["young"] == {"looked_at_again": 2, "changed": 1}  # the feed's first poll is history: left alone
    assert done["pages"]["fetched"] == done["pages"]["article"] == 0
    again = accounting(tensionwatch("collect", "--json", "--jobs", "0"))["collect"]
    assert again["young"] == {"looked_at_again": 0, "changed": 0}
    assert accounting(tensionwatch("load", "--json"))["load"]["editions"] == 1
    found = query(tensionwatch, "SELECT edition, title FROM articles WHERE url LIKE '%/a/1' ORDER BY 1")
    assert [row["edition"] for row in found] == [1, 2]


def test_the_reading_room_cannot_be_written(tensionwatch: Run) -> None:
    tensionwatch("load")
    for sql in ("DELETE FROM articles", "CREATE TABLE x (i INTEGER)", "COPY articles TO '/tmp/stolen.csv'"):
        done = tensionwatch("sql", sql)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert "nowhere" in tensionwatch("sql", "SELECT * FROM nowhere").stderr


def test_parts_of_the_pipe_work_alone(tensionwatch: Run, tmp_path: Path) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(
        "<rss version='2.0'><channel><title>F</title><item><title>A &amp; B</title>"
        "<link>https://example.org/a</link></item><item><title>No link</title></item></channel></rss>"
    )
    parsed = json.loads(tensionwatch("parse-feed", str(feed)).stdout)
    assert [e["title"] for e in parsed["entries"]] == ["A & B"]
    assert [r["reason"] for r in parsed["rejected"]] == ["no-link"]
    line = json.dumps({"id": 7, "title": "Baku summons Russian ambassador", "text": "Russia and Azerbaijan quarrel."})
    matched = json.loads(tensionwatch("match", text=line + "\n").stdout)
    assert matched["id"] == 7
    mention = matched["mentions"][0]
    assert (
        mention["surface"] == "Baku summons Russian ambassador"[mention["start"] : mention["end"]] or mention["field"]
    )
    broken = tensionwatch("match", text="{not json}\n")
    assert broken.returncode == 2
    assert "standard input:1: not JSON" in broken.stderr


def test_detect_reads_counts_and_writes_alarms(tensionwatch: Run, tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC).date()
    lines = ["series,date,count,total,publishers"]
    lines += [f"war,{start + timedelta(days=d)},{4 + d % 3},200,4" for d in range(60)]
    lines += [f"war,{start + timedelta(days=60)},60,210,14", "war,not-a-date,1,2,3"]
    counts = tmp_path / "counts.csv"
    counts.write_text("\n".join(lines) + "\n")
    done = tensionwatch("detect", str(counts))
    assert done.returncode == 0, done.stderr
    alarms = done.stdout.splitlines()
    assert alarms[0] == "series,date,observed,expected,ratio,window,p,evidence,severity"
    assert [a.split(",")[1] for a in alarms[1:]] == ["2026-03-02"]
    assert f"{counts}:63:" in done.stderr
