"""The shape of watch.toml, checked by pydantic. Every bound carries its argument."""

from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["watch", "alert", "high", "critical"]


class Section(BaseModel):
    """A table of watch.toml: unknown keys are errors, values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class About(Section):
    """`[watch]`."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    description: str = ""


class Schedule(Section):
    """`[schedule]`: bounds between which each feed's interval follows its own tempo."""

    # Five minutes is the shortest that publishers' ttl values commonly ask for; a day is the longest a news feed of
    # 20 items can be left alone before items may scroll off.
    min_interval_s: Annotated[int, Field(ge=60)] = 300
    max_interval_s: Annotated[int, Field(ge=300)] = 86_400
    run_every_s: Annotated[int, Field(ge=60)] = 600  #: how often the flow ticks
    max_pages: Annotated[int, Field(ge=1)] = 3_000  #: pages of one run; the rest stays pending


class Network(Section):
    """`[network]`: who we say we are and how gently we ask."""

    user_agent: Annotated[str, Field(min_length=1)] = "tensionwatch/0.1 (+news monitoring)"
    contact: str = ""
    per_host_gap_s: Annotated[float, Field(ge=0)] = 2.0
    timeout_s: Annotated[float, Field(gt=0)] = 20.0
    # The largest honest page of 1,300 measured was 5 MB; feeds of 10 MB exist.
    max_bytes: Annotated[int, Field(ge=10_000)] = 15_000_000
    max_connections: Annotated[int, Field(ge=1)] = 32
    allow_private_addresses: bool = False


class Storage(Section):
    """`[storage]`: where things lie. Empty: beside the corpus."""

    corpus: str = "corpus.duckdb"
    frontier: str = ""
    landing: str = ""
    reading_room: str = ""


class Detection(Section):
    """`[detection]`: the detector's settings. Figures behind the defaults: docs/detection.md."""

    method: Literal["exposure", "ears-c1", "ears-c2", "ears-c3"] = "exposure"
    zone: str = "UTC"  #: the zone of a counting day
    evidence: Annotated[float, Field(gt=0)] | None = (
        None  #: -log10 p that opens an alert; None: follows from the budget
    )
    max_alerts_per_month: Annotated[float, Field(gt=0)] | None = None  #: the alarm budget
    min_stories: Annotated[int, Field(ge=1)] = 3
    min_publishers: Annotated[int, Field(ge=1)] = 3
    min_ratio: Annotated[float, Field(ge=1)] = 1.5
    cap_per_publisher: Annotated[int, Field(ge=1)] = 3  #: stories of one publisher that count in a day


class Series(Section):
    """`[[series]]`: what is counted together. Lists are OR within, AND between; `not_` lists exclude."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    description: str = ""
    concepts: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()  #: pairs written `a-b` or `a|b`
    sides: tuple[str, ...] = ()  #: ownership or country of the publisher
    languages: tuple[str, ...] = ()
    not_concepts: tuple[str, ...] = ()
    not_categories: tuple[str, ...] = ()
    not_actors: tuple[str, ...] = ()
    same_sentence: bool = True  #: actors must stand in the sentence of the concept
    min_weight: float = 0.0  #: least sum of |weight| of the matching mentions of an article


class Channel(Section):
    """`[[alerts.channels]]`: one place alerts go to. Its address is a secret and comes from the environment."""

    name: Annotated[str, Field(min_length=1)]
    url_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]  #: environment variable with an Apprise or webhook URL
    min_severity: Severity = "alert"
    categories: tuple[str, ...] = ()  #: empty: all
    quiet_from: time | None = None  #: both ends or neither; `model.reading` says so
    quiet_to: time | None = None
    zone: str = "UTC"


class Alerts(Section):
    """`[alerts]`."""

    min_severity: Severity = "watch"
    top_stories: Annotated[int, Field(ge=1, le=50)] = 5
    channels: tuple[Channel, ...] = ()


class WatchConfig(Section):
    """The whole of watch.toml."""

    watch: About
    schedule: Schedule = Schedule()
    network: Network = Network()
    storage: Storage = Storage()
    detection: Detection = Detection()
    series: tuple[Series, ...] = ()
    alerts: Alerts = Alerts()


class Paths(BaseModel):
    """Where the files of one corpus lie, absolute."""

    model_config = ConfigDict(frozen=True)

    corpus: Path
    frontier: Path
    landing: Path
    reading_room: Path

    @classmethod
    def of(cls, storage: Storage, corpus: Path) -> "Paths":
        """Resolve the paths of `[storage]`; what is empty lies beside the corpus."""
        corpus = corpus.expanduser().resolve()
        beside = corpus.parent

        def place(text: str, default: str) -> Path:
            return (beside / Path(text or default).expanduser()).resolve()

        return cls(
            corpus=corpus,
            frontier=place(storage.frontier, "frontier.sqlite"),
            landing=place(storage.landing, "landing"),
            reading_room=place(storage.reading_room, "reading-room"),
        )
