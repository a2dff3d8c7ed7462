"""A malformed watch gives one clear line for each problem, with file and line, and all of them at once."""

import shutil
from pathlib import Path

import pytest

from flows.workspace import BUNDLED, bundled_watch
from model.errors import ConfigurationError
from model.reading import lexicon_version, load_watch


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    """A small valid watch to break."""
    (tmp_path / "watch.toml").write_text('[watch]\nname = "small"\n\n[network]\ntimeout_s = 5\n')
    (tmp_path / "feeds.csv").write_text(
        "url,publisher,homepage,country,language,kind,ownership\n"
        "https://a.example/rss,A,https://a.example/,AZ,az,rss,state\n"
        "https://b.example/rss,B,https://b.example/,RU,ru,atom,private\n"
    )
    (tmp_path / "lexicon.csv").write_text(
        "concept_id,category,direction,weight,language,pattern,needs_actor,gloss\n"
        "war,military,escalation,3,en,war,yes,war\n"
        "war,military,escalation,3,ru,войн*,yes,war\n"
    )
    (tmp_path / "actors.csv").write_text(
        "actor_id,kind,name_en,language,pattern\nrussia,country,Russia,en,russia*\nbaku,place,Baku,en,baku\n"
    )
    return tmp_path


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_watch(folder)
    return [str(p) for p in caught.value.problems]


def test_a_small_watch_is_read(watch: Path) -> None:
    read = load_watch(watch)
    assert [f.publisher for f in read.feeds] == ["A", "B"]
    assert read.config.network.timeout_s == 5
    assert read.lexicon[1].needs_actor
    assert read.seeds == ()


def test_the_bundled_watch_has_no_problem() -> None:
    read = load_watch(bundled_watch(BUNDLED))
    assert len(read.feeds) >= 100
    assert len(read.seeds) == 5


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "watch.toml",
            "timeout_s",
            "timeout",
            "watch.toml:5: unknown key 'network.timeout'; did you mean 'timeout_s'?",
        ),
        ("watch.toml", "timeout_s = 5", "timeout_s = -5", "watch.toml:5: network.timeout_s: Input should be greater"),
        ("watch.toml", "[watch]", "[watch", "watch.toml: not TOML"),
        ("watch.toml", "[network]", "[netwrk]", "unknown key 'netwrk'; did you mean 'network'?"),
        ("feeds.csv", "kind", "kin", "feeds.csv:1: unknown column 'kin'; did you mean 'kind'?"),
        ("feeds.csv", ",rss,state", ",rsss,state", "feeds.csv:2: kind 'rsss'; did you mean 'rss'?"),
        ("feeds.csv", "https://b.example/rss", "ftp://b.example", "feeds.csv:3: url 'ftp://b.example' is not an http"),
        (
            "feeds.csv",
            "https://b.example/rss",
            "https://a.example/rss",
            "feeds.csv:3: https://a.example/rss stands there",
        ),
        ("feeds.csv", ",ru,atom,private", ",ru,atom", "feeds.csv:3: has another number of cells"),
        (
            "lexicon.csv",
            "escalation,3,en",
            "escalate,3,en",
            "lexicon.csv:2: direction 'escalate'; did you mean 'escalation'?",
        ),
        ("lexicon.csv", ",3,en", ",three,en", "lexicon.csv:2: weight 'three' is not a number"),
        ("lexicon.csv", "войн*", "во*йн", "lexicon.csv:3: pattern 'во*йн'"),
        ("lexicon.csv", ",3,ru", ",4,ru", "lexicon.csv:3: 'war' is ('military', 'escalation', 4.0) here but"),
        ("lexicon.csv", "ru,войн*", "rus,войн*", "lexicon.csv:3: language 'rus'; did you mean 'ru'?"),
        ("actors.csv", "place", "plaze", "actors.csv:3: kind 'plaze'; did you mean 'place'?"),
        ("actors.csv", "actor_id,", "actor,", "actors.csv:1: unknown column 'actor'; did you mean 'actor_id'?"),
    ],
)
def test_each_mistake_names_file_line_and_remedy(watch: Path, file: str, old: str, new: str, expected: str) -> None:
    path = watch / file
    path.write_text(path.read_text().replace(old, new, 1))
    found = problems(watch)
    assert any(line.startswith(expected) or expected in line for line in found), found


def test_all_problems_of_all_files_come_at_once(watch: Path) -> None:
    (watch / "feeds.csv").write_bytes("url,publisher\nhttps://é".encode("latin-1"))
    (watch / "actors.csv").unlink()
    (watch / "exclusions.csv").write_text("language,scope,pattern\nen,hide,cup final\n")
    (watch / "calendar.csv").write_text("date,name\n2026-13-01,nothing\n")
    found = "\n".join(problems(watch))
    for words in ("feeds.csv:2: not UTF-8", "actors.csv: missing", "exclusions.csv:2: scope 'hide'", "calendar.csv:2:"):
        assert words in found


def test_a_series_that_names_an_unknown_concept_is_a_problem(watch: Path) -> None:
    with (watch / "watch.toml").open("a") as file:
        file.write('\n[[series]]\nname = "x"\nconcepts = ["wars"]\nrelations = ["russia|bakku"]\n')
    found = problems(watch)
    assert "watch.toml: series 'x': no concept 'wars'; did you mean 'war'?" in found
    assert "watch.toml: series 'x': no actor 'bakku'; did you mean 'baku'?" in found


def test_quiet_hours_with_one_end_are_a_problem_of_their_line(watch: Path) -> None:
    before = (watch / "watch.toml").read_text().count("\n")
    with (watch / "watch.toml").open("a") as file:
        file.write(
            '[[alerts.channels]]\nname = "mail"\nurl_env = "MAIL"\nquiet_from = "23:00"\nquiet_to = "07:00"\n'
            '[[alerts.channels]]\nname = "chat"\nurl_env = "CHAT"\nquiet_from = "23:00"\n'
            '[[alerts.channels]]\nname = "pager"\nquiet_to = "07:00"\nurl_env = "PAGER"\n'
        )
    assert problems(watch) == [
        f"watch.toml:{before + 9}: channel 'chat': quiet_from without quiet_to; give both or neither",
        f"watch.toml:{before + 12}: channel 'pager': quiet_to without quiet_from; give both or neither",
    ]


def test_a_missing_folder_says_how_to_make_one(tmp_path: Path) -> None:
    assert "tensionwatch init" in problems(tmp_path / "nowhere")[0]


def test_the_lexicon_version_changes_with_any_pattern_file(
    watch: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = lexicon_version(watch)
    copy = tmp_path_factory.mktemp("copy") / "watch"
    shutil.copytree(watch, copy)
    assert lexicon_version(copy) == before
    with (copy / "actors.csv").open("a") as file:
        file.write("iran,country,Iran,en,iran\n")
    assert lexicon_version(copy) != before
