"""Read a watch folder: TOML and CSV text to records, reporting every problem at once with file and line."""

import csv
import difflib
import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from model.config import WatchConfig
from model.errors import ConfigurationError, Problem
from model.records import Feed
from model.tables import ACTORS, CALENDAR, EXCLUSIONS, FEEDS, LEXICON, SEEDS, Row, Table, nearest
from model.watch import (
    Seed,
    Watch,
)

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
    _check_quiet_hours(config, text, report)
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


def _check_quiet_hours(config: WatchConfig, text: str, report: Report) -> None:
    """One end of the quiet hours without the other would mean none, which is not what its writer meant."""
    for number, channel in enumerate(config.alerts.channels):
        ends = {"quiet_from": channel.quiet_from, "quiet_to": channel.quiet_to}
        given = [key for key, value in ends.items() if value is not None]
        if len(given) == 1:
            [other] = ends.keys() - given
            line = _line_of(text, ("alerts", "channels", number, given[0]))
            report.add(
                "watch.toml", f"channel {channel.name!r}: {given[0]} without {other}; give both or neither", line
            )


# --- the CSV files


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
