"""Match texts in eight languages: ours with all rules, the same rules on pyahocorasick, and the bare engines, in one run.

    python tests/benchmarks/bench_match.py [SHARED] [--documents 20]

Real pages are those of SHARED, a folder with `data/pages/*.tar.xz` (default: ../shared), whose language the watch
reads: mostly English, a few of them of its subject. The other documents are made, so many for each language: some 4,000
characters, five of the watch's bench sentences among forty of made-up words, which gives them as many actors and
mentions as an article has that is all about the subject. CPU time; MB are those of UTF-8.
"""

import argparse
import gc
import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ahocorasick

from extractors.articles import extract_article
from extractors.language import language_of
from extractors.mentions import Matcher
from extractors.resolve import Automaton
from shared_material import SHARED, real_pages
from watch_rows import actor_rows, exclusion_rows, lexicon_rows, matcher_of_watch, rows

LANGUAGES = ("en", "ru", "az", "tr", "uk", "hy", "ka", "fa")
Documents = list[tuple[str, str]]
Search = Callable[[str, str], object]


def documents(count: int) -> Documents:
    """Write documents from bench sentences, the same in every run."""
    rng, made = random.Random(7), []
    for language in LANGUAGES:
        bench = [row["sentence"] for row in rows("bench.csv") if row["language"] == language]
        letters = [letter for letter in "".join(bench).lower() if letter.isalpha()]
        words = ["".join(rng.choices(letters, k=rng.randint(2, 10))) for _ in range(3_000)]
        for _ in range(count):
            others = (" ".join(rng.choices(words, k=rng.randint(8, 20))).capitalize() + "." for _ in range(40))
            sentences = [*rng.sample(bench, 5), *others]
            rng.shuffle(sentences)
            lines = (" ".join(sentences[start : start + 4]) for start in range(0, len(sentences), 4))
            made.append((language, "\n".join(lines)))
    return made


def real_documents(shared: Path) -> Documents:
    """Give the texts of the real pages that are in a language of the watch."""
    texts = (extract_article(body, "https://example.org/", mode="fast").text for body in real_pages(shared))
    return [(language, text) for text in texts if text and (language := language_of(text)) in LANGUAGES]


class PeerEngine:
    """pyahocorasick in the place of ahocorasick_rs; it reads text, so a byte becomes the character of its number."""

    def __init__(self, keys: list[bytes]) -> None:
        self.automaton = ahocorasick.Automaton()
        for number, key in enumerate(keys):
            self.automaton.add_word(key.decode("latin-1"), (number, len(key)))
        self.automaton.make_automaton()

    def find_matches_as_indexes(self, text: bytes, *, overlapping: bool) -> Iterator[tuple[int, int, int]]:
        """Give the hits as ahocorasick_rs does."""
        assert overlapping
        for last, (number, length) in self.automaton.iter(text.decode("latin-1")):
            yield number, last - length + 1, last + 1


class PlainPeerEngine:
    """pyahocorasick as one uses it: it finds letters anywhere, and where words begin and end is looked at in Python."""

    def __init__(self, keys: list[bytes]) -> None:
        meant: dict[str, list[tuple[int, int, str]]] = {}
        for number, key in enumerate(keys):
            letters = key.decode("latin-1").strip("\0\1")
            meant.setdefault(letters, []).append((number, len(letters), key[1 + len(letters) :].decode("latin-1")))
        self.automaton = ahocorasick.Automaton()
        for letters, meanings in meant.items():
            self.automaton.add_word(letters, meanings)
        self.automaton.make_automaton()

    def find_matches_as_indexes(self, text: bytes, *, overlapping: bool) -> Iterator[tuple[int, int, int]]:
        """Give the hits as ahocorasick_rs does."""
        assert overlapping
        letters = text.decode("latin-1")
        for last, meanings in self.automaton.iter(letters):
            for number, length, end in meanings:
                start = last - length + 1
                if letters[start - 1] == "\0" and letters.startswith(end, last + 1):
                    yield number, start - 1, last + 1


def peer_matcher(engine: type[PeerEngine | PlainPeerEngine]) -> Matcher:
    """Give our matcher with a peer's engine."""
    matcher = Matcher(lexicon_rows(), actor_rows(), exclusion_rows())
    for language in LANGUAGES:
        automaton = automaton_of(language)
        automaton._automaton = engine(list(automaton._entries))  # type: ignore[assignment]
        matcher._automata[language] = automaton
    return matcher


def automaton_of(language: str) -> Automaton:
    """Give the watch's patterns of a language."""
    return Automaton(language, lexicon_rows(), actor_rows(), exclusion_rows())


def words_of(language: str) -> list[str]:
    """Give the letters by which one would look for each pattern: of a row of words those whose shortest is longest."""
    automaton = automaton_of(language)
    found = dict.fromkeys(word.letters for entry in automaton._entries.values() for word in entry.words)
    for part in automaton._phrases:
        firsts = ([form.split(" ")[0].rstrip("*") for form in forms] for forms in part.words)
        found |= dict.fromkeys(max(firsts, key=lambda letters: min(map(len, letters))))
    return [word for word in found if word]


def bare_peer() -> Callable[[str, str], int]:
    """Give a plain search with pyahocorasick: lower case and word starts, no phrases, contests, sentences, marks."""
    engines = {}
    for language in LANGUAGES:
        engine = engines[language] = ahocorasick.Automaton()
        for word in words_of(language):
            engine.add_word(word, len(word))
        engine.make_automaton()

    def search(language: str, text: str) -> int:
        text = text.lower()
        starts = (last - length + 1 for last, length in engines[language].iter(text))
        return sum(1 for start in starts if not start or not text[start - 1].isalnum())

    return search


def bare_re() -> Callable[[str, str], int]:
    """Give a search with one alternation of `re` for each language."""
    alternations = {}
    for language in LANGUAGES:
        longest_first = sorted(words_of(language), key=len, reverse=True)
        alternations[language] = re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + ")")
    return lambda language, text: sum(1 for _ in alternations[language].finditer(text.lower()))


def rates_of(searches: dict[str, Search], made: Documents, rounds: int) -> dict[str, float]:
    """Give MB a second of CPU, the best of some rounds in which the searches take turns; the first also compiles."""
    megabytes = sum(len(text.encode()) for _, text in made) / 1e6
    best = dict.fromkeys(searches, 0.0)
    for _ in range(rounds):
        for name, search in searches.items():
            began = time.process_time()
            for language, text in made:
                search(language, text)
            best[name] = max(best[name], megabytes / (time.process_time() - began))
    return best


def compare(name: str, searches: dict[str, Search], ours: Matcher, made: Documents, rounds: int) -> None:
    """Print a table of rates, each beside ours."""
    megabytes = sum(len(text.encode()) for _, text in made) / 1e6
    found = [ours.match("", text, language) for language, text in made]
    mentions, actors = (sum(len(getattr(one, kind)) for one in found) / len(made) for kind in ("mentions", "actors"))
    print(f"{len(made)} {name}, {megabytes:.2f} MB; each: {mentions:.1f} mentions, {actors:.1f} actors")
    rates = rates_of(searches, made, rounds)
    for search, value in rates.items():
        print(f"  {search:32} {value:7.2f} MB/s  ours is {rates['ours, all rules'] / value:6.2f} times it")


def main() -> None:
    """Print a table for the real pages and one for the documents that are made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--documents", type=int, default=20, help="documents to make for each language")
    given = parser.parse_args()
    made, real = documents(given.documents), real_documents(given.shared)
    patterns = len(rows("lexicon.csv")) + len(rows("actors.csv")) + len(rows("exclusions.csv"))
    print(f"{patterns} patterns")
    ours, plain_peer, peer = matcher_of_watch(), peer_matcher(PlainPeerEngine), peer_matcher(PeerEngine)
    searches: dict[str, Search] = {
        "ours, all rules": lambda language, text: ours.match("", text, language),
        "all rules on pyahocorasick": lambda language, text: plain_peer.match("", text, language),
        "all rules on it with our keys": lambda language, text: peer.match("", text, language),
        "pyahocorasick, no rules": bare_peer(),
    }
    gc.collect()
    gc.freeze()  # as the processes that match do
    if real:
        compare("real pages", searches, ours, real, 6)
    else:
        print(f"no real pages: {given.shared} holds no data/pages/*.tar.xz")
    # `re` only here: on the real pages it would take minutes.
    compare("made documents", {**searches, "re alternation, no rules": bare_re()}, ours, made, 15)
    for language in LANGUAGES:
        own = [one for one in made if one[0] == language]
        print(f"  {language} {rates_of({language: searches['ours, all rules']}, own, 15)[language]:6.2f} MB/s")


if __name__ == "__main__":
    main()
