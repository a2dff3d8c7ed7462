"""The detector's settings. Every number carries its argument; what was measured stands in docs/detection.md."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Literal

from model.config import Detection

Method = Literal["exposure", "ears-c1", "ears-c2", "ears-c3"]

STRICT_EVIDENCE = 3.0  #: opens an alert: about one false alert in five or more series-years
DASHBOARD_EVIDENCE = 2.2  #: about one false alert a series-year: for a screen somebody looks at anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All that a test depends on beside the counts. Two runs with equal policies and counts give equal numbers."""

    method: Method = "exposure"
    evidence: float = STRICT_EVIDENCE  #: -log10 p that opens an alert
    keep_evidence: float = 1.3  #: an open alert stays open at p <= 0.05
    min_stories: int = 3
    min_publishers: int = 3
    few_publishers: int = 2  #: what is asked instead when the desk has fewer than `small_desk` publishers
    small_desk: int = 10
    min_ratio: float = 1.5

    windows: tuple[int, ...] = (1, 3, 7)  #: days; a jump shows in one, a slow rise in seven
    #: Days left out between a window and its baseline: half of a slow rise would otherwise stand in its own baseline.
    gaps: tuple[int, ...] = (0, 0, 7)
    #: How many times the expected an event is thought to be, and how likely each is: most are moderate, and a war in a
    #: subject nobody writes of multiplies nearly nothing by a hundred.
    sizes: tuple[float, ...] = (1.7, 3.5, 15.0)
    size_odds: tuple[float, ...] = (0.49, 0.49, 0.02)
    hours: tuple[int, ...] = (3, 6, 24)
    #: Looking every hour at overlapping windows gives 5-6 times the alarms of one look a day: p must be 6 times less.
    looks_a_day: float = 6.0

    # A quiet day's chance of a Bayes factor of b or more is about 10^-(evidence_at_one + evidence_a_decade x log10 b),
    # as fitted on quiet days (docs/detection.md); alerts.calibrate checks it on the corpus.
    evidence_at_one: float = 1.25
    evidence_a_decade: float = 1.21

    half_life_days: float = 28.0  #: 14 to 35 could not be told apart; four weeks see each weekday four times
    phi_half_life_days: float = 60.0  #: how wild a series is changes slower than how much it is told of
    weekday_prior: float = 20.0  #: stories that pull a weekday's factor to 1: little is known below a score
    omega_from: float = 2.0  #: Anscombe residual from which a day counts less in the baseline (Noufaily: 2.58)
    #: Stories that pull the season to none; with fewer in six weeks of last year the calendar says nothing.
    season_prior: float = 200.0
    season_days: int = 21  #: each side of the same day last year

    phi_prior: float = 2.5  #: over-dispersion before anything is known; an honest middle for news counts
    phi_prior_days: float = 40.0  #: days that prior weighs: it evens false alarms over levels
    residual_cap: float = 16.0  #: of a squared residual: one event must not teach the series to be wild
    #: Share of mean^2 in each window: moods of a day that no count of the past shows; they even out over days.
    extra_variance: tuple[float, ...] = (0.02, 0.012, 0.006)

    #: Share of false discoveries among what pages a person in a day. Only with levels: see alerts.multiplicity.
    false_discoveries: float = 0.1

    min_history_days: int = 3  #: before that there is nothing to compare with
    young_days: int = 14  #: until then one decade more evidence is asked
    young_penalty: float = 1.0
    admit_days: int = 14  #: a publisher is shadowed so long before either side counts it
    exposure_half_life_days: float = 28.0
    outage_share: float = 0.3  #: less than this share of the usual total is an outage, not calm

    close_after_days: int = 2
    cooldown_days: int = 3
    cooldown_penalty: float = 1.0
    new_level_days: int = 21  #: what has lasted three weeks is no longer news

    @classmethod
    def of(cls, detection: Detection, evidence: float | None = None) -> "Policy":
        """Make the policy of a watch's `[detection]`; `evidence` is the opening level where the watch names none."""
        return cls(
            method=detection.method,
            evidence=detection.evidence or evidence or STRICT_EVIDENCE,
            min_stories=detection.min_stories,
            min_publishers=detection.min_publishers,
            few_publishers=min(2, detection.min_publishers),
            min_ratio=detection.min_ratio,
        )

    def as_json(self) -> str:
        """Give every setting in a fixed order, so that equal policies have equal text."""
        return json.dumps(asdict(self), sort_keys=True)

    def rule_hash(self, rule: str = "") -> str:
        """Name this policy and the rule of one series by 16 hexadecimal digits."""
        return hashlib.sha256(f"{rule}\n{self.as_json()}".encode()).hexdigest()[:16]
