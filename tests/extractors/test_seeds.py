from pathlib import Path

import pytest

from extractors.mentions import Matcher
from extractors.pages import decode
from extractors.seeds import clean_seed, recognise
from extractors.text import word_count
from model.reading import load_watch
from model.watch import Watch

FOLDER = Path(__file__).resolve().parent.parent.parent / "watches" / "russia-azerbaijan"
BODY = "Baku recalled its envoy on Friday.\nMoscow called the step unfriendly.\nTalks will go on by video."


@pytest.fixture(scope="module")
def watch() -> Watch:
    return load_watch(FOLDER)


@pytest.fixture(scope="module")
def matcher(watch: Watch) -> Matcher:
    return Matcher(watch.lexicon, watch.actors, watch.exclusions)


def test_every_abstract_is_short_has_mentions_and_names_its_source(watch: Watch, matcher: Matcher) -> None:
    assert len(watch.seeds) == 5
    for seed in watch.seeds:
        assert 100 <= word_count(seed.abstract) <= 180, seed.row.file
        assert seed.row.url.startswith("https://")
        assert seed.row.date_basis
        matches = matcher.match(seed.row.title, seed.abstract, seed.row.language)
        assert len({mention.concept_id for mention in matches.mentions}) >= 3, seed.row.file
        assert {"russia", "azerbaijan"} <= {actor.actor_id for actor in matches.actors}, seed.row.file


def test_the_five_full_texts_are_recognised_and_cleaned(shared: Path, watch: Watch, matcher: Matcher) -> None:
    rows = [seed.row for seed in watch.seeds]
    files = sorted((shared / "seeds").glob("*.txt"))
    texts = {}
    for file in files:
        data = file.read_bytes()
        row = recognise(data, rows)
        assert row is not None, file.name
        title, texts[row.file] = clean_seed(data, ".txt", row.title)
        assert title == row.title
        assert title not in texts[row.file].split("\n")
        assert matcher.match(title, texts[row.file], "en").mentions
    assert len(texts) == 5
    together = "\n".join(texts.values())
    for residue in ("Oreshnik", "Venezuela", "Jan.2026", "14 Jan 2026", "Telegram", "Author`s", "Editor Dmitry", "*"):
        assert residue not in together
    for last in (
        "a new conflict.",
        "from the sidelines.",
        "side with NATO.",
        "Europe and the United States.",
        "consequential.",
    ):
        assert any(text.endswith(last) for text in texts.values()), last


def test_no_abstract_copies_a_sentence_of_its_text(shared: Path, watch: Watch) -> None:
    texts = [decode(file.read_bytes()).lower().split() for file in sorted((shared / "seeds").glob("*.txt"))]
    seen = {tuple(words[i : i + 6]) for words in texts for i in range(len(words) - 5)}
    for seed in watch.seeds:
        words = seed.abstract.lower().split()
        copied = [" ".join(run) for i in range(len(words) - 5) if (run := tuple(words[i : i + 6])) in seen]
        assert not copied, (seed.row.file, copied)


def test_a_sidebar_of_dated_headlines_is_cut_with_its_heading_and_the_clock() -> None:
    for heading in ("Latest news\nA storm in Oslo", "Latest newsA storm in Oslo", "Последние новости\nШторм в Осло"):
        saved = f"Envoy recalled\n\n{BODY}\n{heading}\n10.Jan.2026\nA vote in Rome\n09.Jan.2026\nA film in Cannes\n08.Jan.2026\n\n14 Jan 2026\n"
        assert clean_seed(saved.encode(), ".txt", "Envoy recalled") == ("Envoy recalled", BODY)


def test_bylines_ornaments_and_calls_go_and_the_last_sentence_stays() -> None:
    tail = "Follow us on Telegram channel, Facebook, RSS!\n\nAuthor`s name Jane Roe\n*\nEditor John Doe\n*"
    assert clean_seed(f"{BODY}\n{tail}".encode(), ".txt", "T")[1] == BODY
    assert clean_seed(f"{BODY}\nBy Jane Roe, head of a Company".encode(), ".txt", "T")[1] == BODY
    assert clean_seed(f"{BODY}\nАвтор: Иван Иванов\n2 марта 2026".encode(), ".txt", "T")[1] == BODY
    kept = f"{BODY}\nBy then nobody listened."
    assert clean_seed(kept.encode(), ".txt", "T")[1] == kept


def test_a_chronology_is_not_a_sidebar() -> None:
    text = "What happened:\n2 March 2026: the envoy left.\n3 March 2026: the border closed.\n4 March 2026: talks began."
    assert clean_seed(text.encode(), ".txt", "T")[1] == text


def test_a_title_that_is_said_twice_is_kept_apart_from_the_text() -> None:
    assert clean_seed(f"Envoy’s recall\nEnvoy's recall\n{BODY}".encode(), ".txt", "Envoy’s recall") == (
        "Envoy’s recall",
        BODY,
    )
    assert clean_seed(b"# Envoy recalled\n\nBaku **recalled** [its envoy](http://x.org) on Friday.", ".md") == (
        "Envoy recalled",
        "Baku recalled its envoy on Friday.",
    )


def test_a_saved_page_is_extracted() -> None:
    paragraphs = "".join(
        f"<p>{line} And a few more words so that this reads like prose in full.</p>" for line in BODY.split("\n")
    )
    html = f"<html><head><title>Envoy recalled</title></head><body><nav>Home News</nav><article><h1>Envoy recalled</h1>{paragraphs}</article></body></html>"
    title, text = clean_seed(html.encode(), ".html")
    assert title == "Envoy recalled"
    assert text.startswith("Baku recalled")
    assert "Home" not in text


def test_a_file_that_is_no_seed_is_not_recognised(watch: Watch) -> None:
    assert recognise(b"anything", [seed.row for seed in watch.seeds]) is None
    assert clean_seed(b"", ".txt", "T") == ("T", "")
