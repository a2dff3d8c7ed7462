"""Who led, who followed, who is silent: the articles behind an alert by side. Pure.

The view `alert_sides` says the same in SQL of what is stored; a test holds the two together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.story import SideTold, Voice

#: Articles to be expected of a side before having none means silence: of a Poisson count with mean 3 nothing is seen
#: once in twenty (e^-3 = 0.0498).
SILENT_FROM = 3.0
_HOUR = timedelta(hours=1)


def sides_told(voices: Sequence[Voice], volumes: Mapping[str, int]) -> tuple[SideTold, ...]:
    """Tell of each side what it did: those heard in the order they came, then the others, most expected first.

    `voices` are the articles behind the alert, `volumes` how many articles about watched actors each side published
    since the first of them, those behind the alert included. What is expected of a side is its volume times the share
    that the articles behind the alert have of the other sides' volume.
    """
    heard: dict[str, list[Voice]] = defaultdict(list)
    for voice in sorted(voices, key=lambda v: (v.counted_at, v.article_id)):
        heard[voice.side].append(voice)
    if not heard:
        return ()
    first_at, total = min(v.counted_at for v in voices), sum(volumes.values())

    def expected(side: str) -> float | None:
        own, others = len(heard.get(side, ())), total - volumes[side]
        return volumes[side] * (len(voices) - own) / others if others else None

    spoke = [
        SideTold(
            side=side,
            role="led" if place == 0 else "followed",
            publisher=articles[0].publisher,
            first_at=articles[0].counted_at,
            lag_hours=(articles[0].counted_at - first_at) / _HOUR,
            articles=len(articles),
            publishers=len({a.publisher for a in articles}),
            volume=volumes[side],
            expected=expected(side),
        )
        for place, (side, articles) in enumerate(heard.items())
    ]
    mute = [_unheard(side, volume, expected(side) or 0.0) for side, volume in volumes.items() if side not in heard]
    return (*spoke, *sorted(mute, key=lambda s: (-(s.expected or 0.0), s.side)))


def _unheard(side: str, volume: int, expected: float) -> SideTold:
    return SideTold(
        side=side, role="silent" if expected >= SILENT_FROM else "few", publisher="", first_at=None, lag_hours=None,
        articles=0, publishers=0, volume=volume, expected=expected,
    )  # fmt: skip
