"""Read a watch folder: TOML and CSV text to records, reporting every problem at once with file and line."""

import csv
import difflib
import hashlib
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from model.config import WatchConfig
from model.errors import ConfigurationError, Problem
from model.records import Feed
from model.watch import (
    ACTOR_KINDS,
    DIRECTIONS,
    FEED_KINDS,
    LANGUAGES,
    RIGHTS,
    SCOPES,
    ActorRow,
    CalendarRow,
    ExclusionRow,
    LexiconRow,
    Seed,
    SeedRow,
    Watch,
)

Row = TypeVar("Row")

PATTERN_FILES = ("lexicon.csv", "actors.csv", "exclusions.csv")


@dataclass
class Report:
    """The problems found so far; reading goes on after each."""

    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, list[int]] = field(default_factory=dict)  #: file -> line of each of its rows

    def add(self, file: str, message: str, line: int | None = None) -> None:
        """Keep one problem."""
        self.problems.append(Problem(file=file, line=line, message=message))


def load_watch(folder: Path) -> Watch:
    """Read and check a whole watch folder.

    Raises ConfigurationError with every problem of every file.
    """
    report = Report()
    if not folder.is_dir():
        _no_folder(folder, report)
        raise ConfigurationError(report.problems)
    config = _read_config(folder, report)
    watch = Watch(
        folder=folder,
        config=config or WatchConfig.model_validate({"watch": {"name": folder.name}}),
        feeds=_read_feeds(folder, report),
        lexicon=_read_table(folder, "lexicon.csv", LEXICON, report),
        actors=_read_table(folder, "actors.csv", ACTORS, report),
        exclusions=_read_table(folder, "exclusions.csv", EXCLUSIONS, report, optional=True),
        calendar=_read_table(folder, "calendar.csv", CALENDAR, report, optional=True),
        seeds=_read_seeds(folder, report),
        lexicon_version=lexicon_version(folder),
    )
    _check_across(watch, report)
    if report.problems:
        raise ConfigurationError(sorted(report.problems, key=lambda p: (p.file, p.line or 0)))
    return watch


def read_config(folder: Path) -> WatchConfig:
    """Read watch.toml alone, for commands that need no patterns. Raises ConfigurationError."""
    report = Report()
    if not folder.is_dir():
        _no_folder(folder, report)
    config = None if report.problems else _read_config(folder, report)
    if config is None or report.problems:
        raise ConfigurationError(report.problems)
    return config


def lexicon_version(folder: Path) -> str:
    """Hash the pattern files: 12 hexadecimal digits that change when what they match can change."""
    digest = hashlib.sha256()
    for name in PATTERN_FILES:
        path = folder / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:12]


def nearest(word: str, known: Sequence[str]) -> str:
    """Suggest the known word nearest to a wrong one, or list them all when none is near."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"


def _no_folder(folder: Path, report: Report) -> None:
    report.add(str(folder), "no such folder; `tensionwatch init DIR` makes a watch to start from")


# --- watch.toml


def _read_config(folder: Path, report: Report) -> WatchConfig | None:
    text = _read_text(folder, "watch.toml", report)
    if text is None:
        return None
    try:
        config = WatchConfig.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        report.add("watch.toml", f"not TOML: {error}")
        return None
    except ValidationError as error:
        for item in error.errors():
            report.add("watch.toml", _config_message(item), _line_of(text, item["loc"]))
        return None
    _check_zones(config, report)
    return config


def _config_message(item: Any) -> str:
    key = ".".join(str(part) for part in item["loc"])
    if item["type"] != "extra_forbidden":
        return f"{key}: {item['msg']}, not {item['input']!r}"
    return f"unknown key {key!r}; {nearest(str(item['loc'][-1]), _known_keys(item['loc'][:-1]))}"


def _known_keys(where: tuple[str | int, ...]) -> list[str]:
    """List the keys of the section at a location of watch.toml."""
    model: Any = WatchConfig
    for part in where:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            model = next((a for a in getattr(annotation, "__args__", ()) if hasattr(a, "model_fields")), annotation)
    return list(model.model_fields)


def _line_of(text: str, where: tuple[str | int, ...]) -> int | None:
    """Find the line of a key: the first that starts with it after its section's heading."""
    section = ".".join(str(p) for p in where[:-1] if isinstance(p, str))
    nth = next((p for p in where if isinstance(p, int)), 0)
    key, seen, inside = str(where[-1]), -1, not section
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if words.startswith("["):
            seen += words.strip("[]") == section
            inside = words.strip("[]") == section and (seen == nth or not words.startswith("[["))
            if words.strip("[]").split(".")[-1] == key:
                return number
        elif inside and words.split("=")[0].strip() == key:
            return number
    return None


def _check_zones(config: WatchConfig, report: Report) -> None:
    zones = [
        ("detection.zone", config.detection.zone),
        *((f"channel {c.name}", c.zone) for c in config.alerts.channels),
    ]
    for key, zone in zones:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            report.add("watch.toml", f"{key}: no time zone {zone!r}; names look like Europe/Berlin or Asia/Baku")


# --- the CSV files


@dataclass(frozen=True)
class Table(Generic[Row]):
    """How one CSV file becomes records: its columns, and what makes a row of a line or raises ValueError."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    row: Callable[[dict[str, str]], Row]


def _one_of(value: str, known: Sequence[str], column: str) -> str:
    if value not in known:
        raise ValueError(f"{column} {value!r}; {nearest(value, known)}")
    return value


def _needed(line: dict[str, str], column: str) -> str:
    if not line[column]:
        raise ValueError(f"{column} is empty")
    return line[column]


def _number(value: str, column: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"{column} {value!r} is not a number") from None


def _pattern(line: dict[str, str]) -> str:
    pattern = _needed(line, "pattern")
    if not any(c.isalnum() for c in pattern):
        raise ValueError(f"pattern {pattern!r} has no letter or digit")
    if any("*" in word[:-1] for word in re.split(r"[\s|()~]+", pattern)):
        raise ValueError(f"pattern {pattern!r}: `*` stands only at the end of a word, or alone for any one word")
    return pattern


def _yes_no(value: str, column: str) -> bool:
    return _one_of(value or "no", ("yes", "no"), column) == "yes"


def _lexicon_row(line: dict[str, str]) -> LexiconRow:
    weight = _number(line["weight"], "weight")
    if not 0 < weight <= 10:
        raise ValueError(f"weight {line['weight']} is not between 0 and 10; direction carries the sign")
    return LexiconRow(
        concept_id=_needed(line, "concept_id"),
        category=_needed(line, "category"),
        direction=_one_of(line["direction"], DIRECTIONS, "direction"),
        weight=weight,
        language=_one_of(line["language"], LANGUAGES, "language"),
        pattern=_pattern(line),
        needs_actor=_yes_no(line["needs_actor"], "needs_actor"),
        gloss=line.get("gloss", ""),
        source=line.get("source", ""),
    )


def _actor_row(line: dict[str, str]) -> ActorRow:
    return ActorRow(
        actor_id=_needed(line, "actor_id"),
        kind=_one_of(line["kind"], ACTOR_KINDS, "kind"),
        name_en=_needed(line, "name_en"),
        language=_one_of(line["language"], LANGUAGES, "language"),
        pattern=_pattern(line),
        wikidata_id=line.get("wikidata_id", ""),
        country=line.get("country", ""),
    )


def _exclusion_row(line: dict[str, str]) -> ExclusionRow:
    return ExclusionRow(
        language=_one_of(line["language"], LANGUAGES, "language"),
        scope=_one_of(line["scope"], SCOPES, "scope"),
        pattern=_pattern(line),
    )


def _calendar_row(line: dict[str, str]) -> CalendarRow:
    try:
        return CalendarRow(date=date.fromisoformat(line["date"]), name=_needed(line, "name"))
    except ValueError as error:
        raise ValueError(f"{error}; dates look like 2026-09-27") from None


def _feed_row(line: dict[str, str]) -> Feed:
    parts = urlsplit(line["url"])
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"url {line['url']!r} is not an http(s) address")
    expected = line.get("expected_per_day", "")
    return Feed(
        url=line["url"],
        publisher=_needed(line, "publisher"),
        homepage=line["homepage"],
        country=line["country"],
        language=line["language"],
        kind=_one_of(line["kind"], FEED_KINDS, "kind"),
        ownership=line["ownership"],
        rights=_one_of(line.get("rights") or "excerpt", RIGHTS, "rights"),
        expected_per_day=_number(expected, "expected_per_day") if expected else None,
        evidence=line.get("evidence", ""),
        confidence=line.get("confidence", ""),
    )


def _seed_row(line: dict[str, str]) -> SeedRow:
    sha256 = line["sha256"].lower()
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError(f"sha256 {line['sha256']!r} is not 64 hexadecimal digits")
    return SeedRow(**{**line, "sha256": sha256, "url": _needed(line, "url"), "title": _needed(line, "title")})


FEEDS = Table(
    ("url", "publisher", "homepage", "country", "language", "kind", "ownership"),
    ("rights", "expected_per_day", "evidence", "confidence"),
    _feed_row,
)
LEXICON = Table(
    ("concept_id", "category", "direction", "weight", "language", "pattern", "needs_actor", "gloss"),
    ("source",),
    _lexicon_row,
)
ACTORS = Table(("actor_id", "kind", "name_en", "language", "pattern"), ("wikidata_id", "country"), _actor_row)
EXCLUSIONS = Table(("language", "scope", "pattern"), (), _exclusion_row)
CALENDAR = Table(("date", "name"), (), _calendar_row)
SEEDS = Table(
    (
        "file",
        "title",
        "author",
        "publisher",
        "url",
        "published_range",
        "date_basis",
        "language",
        "sha256",
    ),
    (),
    _seed_row,
)


def _read_table(
    folder: Path, name: str, table: Table[Row], report: Report, *, optional: bool = False
) -> tuple[Row, ...]:
    if optional and not (folder / name).exists():
        return ()
    text = _read_text(folder, name, report)
    return () if text is None else _parse_table(text, name, table, report)


def _parse_table(text: str, name: str, table: Table[Row], report: Report) -> tuple[Row, ...]:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    rows: list[Row] = []
    try:
        if not _check_header(reader.fieldnames or (), name, table, report):
            return ()
        for line in reader:
            row = _parse_line(line, name, table, report, reader.line_num)
            if row is not None:
                rows.append(row)
                report.lines.setdefault(name, []).append(reader.line_num)
    except csv.Error as error:
        report.add(name, f"not CSV: {error}", reader.line_num)
    return tuple(rows)


def _check_header(header: Sequence[str], name: str, table: Table[Any], report: Report) -> bool:
    known = table.required + table.optional
    unknown = [c for c in header if c not in known]
    missing = [c for c in table.required if c not in header]
    for column in unknown:
        report.add(name, f"unknown column {column!r}; {nearest(column, known)}", 1)
    if missing:
        report.add(name, f"missing column{'s' * (len(missing) > 1)} {', '.join(missing)}", 1)
    return not (unknown or missing)


def _parse_line(line: dict[str, Any], name: str, table: Table[Row], report: Report, number: int) -> Row | None:
    if None in line or None in line.values():
        report.add(name, "has another number of cells than the heading; quote cells that hold a comma", number)
        return None
    try:
        return table.row({key: value.strip() for key, value in line.items()})
    except ValueError as error:
        report.add(name, str(error), number)
        return None


def _read_text(folder: Path, name: str, report: Report) -> str | None:
    try:
        return (folder / name).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        report.add(name, f"missing in {folder}; `tensionwatch init DIR` makes a whole watch")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        report.add(name, "not UTF-8; save it as UTF-8", line)
    except OSError as error:
        report.add(name, f"cannot be read: {error.strerror}")
    return None


def _read_feeds(folder: Path, report: Report) -> tuple[Feed, ...]:
    feeds = _read_table(folder, "feeds.csv", FEEDS, report)
    if not feeds and not any(p.file == "feeds.csv" for p in report.problems):
        report.add("feeds.csv", "has no feeds")
    seen: set[str] = set()
    for feed, line in zip(feeds, report.lines.get("feeds.csv", ()), strict=True):
        if feed.url in seen:
            report.add("feeds.csv", f"{feed.url} stands there twice", line)
        seen.add(feed.url)
    return feeds


def _read_seeds(folder: Path, report: Report) -> tuple[Seed, ...]:
    """Read seeds/seeds.csv and the abstracts it names. A watch without seeds starts empty."""
    if not (folder / "seeds").exists():
        return ()
    rows = _read_table(folder, "seeds/seeds.csv", SEEDS, report)
    seeds = []
    for row in rows:
        text = _read_text(folder, f"seeds/{row.file}", report)
        if text is not None:
            seeds.append(Seed(row=row, abstract=text.strip()))
    return tuple(seeds)


# --- what must agree between files


def _check_across(watch: Watch, report: Report) -> None:
    _check_constant(watch, report)
    concepts = {r.concept_id for r in watch.lexicon}
    categories = {r.category for r in watch.lexicon}
    actors = {r.actor_id for r in watch.actors}
    for series in watch.config.series:
        for words, known, what in (
            (series.concepts + series.not_concepts, concepts, "concept"),
            (series.categories + series.not_categories, categories, "category"),
            (series.actors + series.not_actors, actors, "actor"),
            (tuple(a for r in series.relations for a in r.split("|")), actors, "actor"),
        ):
            for word in words:
                if known and word not in known:
                    report.add("watch.toml", f"series {series.name!r}: no {what} {word!r}; {_near(word, known)}")
    for row, line in zip(watch.actors, report.lines.get("actors.csv", ()), strict=True):
        if row.country and row.country not in actors:
            message = f"actor {row.actor_id!r}: no actor {row.country!r}; {_near(row.country, actors)}"
            report.add("actors.csv", message, line)


def _near(word: str, known: set[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"did you mean {close[0]!r}?" if close else "it stands in no pattern file"


def _check_constant(watch: Watch, report: Report) -> None:
    """A concept has one category, direction and weight in all its rows; an actor one kind and country."""
    concepts = [(r.concept_id, (r.category, r.direction, r.weight)) for r in watch.lexicon]
    actors = [(r.actor_id, (r.kind, r.country)) for r in watch.actors]
    for name, said in (("lexicon.csv", concepts), ("actors.csv", actors)):
        first: dict[str, tuple[object, ...]] = {}
        for (identity, values), line in zip(said, report.lines.get(name, ()), strict=True):
            if first.setdefault(identity, values) != values:
                report.add(name, f"{identity!r} is {values} here but {first[identity]} in an earlier line", line)
