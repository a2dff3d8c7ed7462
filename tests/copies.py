"""Pairs of articles of which one is, or is not, a copy of the other, as syndication makes them; nothing of them is anybody's."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

LETTERS = {
    "en": "etaoinshrdlucmfwypvbgk", "ru": "оеаинтсрвлкмдпуяыьгзбчй", "az": "aəinrlmdesyubktşoçğz", "hy": "աենրիութկմսլտվյգդշ",
}  # fmt: skip
CREDITS = {
    "en": ("(Reuters) - ", "Source: AFP"), "ru": ("(ТАСС) - ", "Источник: Интерфакс"),
    "az": ("(APA) - ", "Mənbə: Azərtac"), "hy": ("(Արմենպրես) - ", "Աղբյուր՝ Արմենպրես"),
}  # fmt: skip
CHANGES = ("cut", "headline", "credit", "order", "edit", "all")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, their language, what was done to the second, and whether it is a copy still."""

    language: str
    change: str
    left: str
    right: str
    is_copy: bool


class Newsroom:
    """Writes articles of made-up words with the frequencies of a language (Zipf), about subjects with words of their own."""

    def __init__(self, language: str, rng: random.Random) -> None:
        self.language, self.rng = language, rng
        self.words = ["".join(rng.choices(LETTERS[language], k=rng.randint(2, 10))) for _ in range(6_000)]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))

    def sentence(self, subject: list[str]) -> str:
        length = self.rng.randint(8, 24)
        words = self.rng.choices(self.words, cum_weights=self.weights, k=length)
        words = [self.rng.choice(subject) if self.rng.random() < 0.25 else word for word in words]
        return " ".join(words).capitalize() + "."

    def article(self, subject: list[str], paragraphs: int) -> list[str]:
        return [" ".join(self.sentence(subject) for _ in range(self.rng.randint(1, 4))) for _ in range(paragraphs)]

    def subject(self) -> list[str]:
        return self.rng.sample(self.words, 25)


def _changed(change: str, paragraphs: list[str], room: Newsroom, subject: list[str]) -> list[str]:
    rng = room.rng
    copy = list(paragraphs)
    if change in {"order", "all"}:
        rng.shuffle(copy)
    if change in {"cut", "all"}:
        copy = copy[: max(2, round(len(copy) * rng.uniform(0.45, 0.9)))]
    if change in {"headline", "all"}:
        copy.insert(0, room.sentence(subject))
    if change in {"credit", "all"}:
        start, end = CREDITS[room.language]
        copy = [start + copy[0], *copy[1:], end]
    if change == "edit":
        words = "\n".join(copy).split(" ")
        for _ in range(len(words) // 40):
            words[rng.randrange(len(words))] = rng.choice(room.words)
        copy = " ".join(words).split("\n")
    return copy


def pairs(count: int, seed: int) -> Iterator[Pair]:
    """Give copies and, as many, texts that only share a subject, and of these every other one a quoted statement."""
    rng = random.Random(seed)
    rooms = {language: Newsroom(language, rng) for language in LETTERS}
    for number in range(count):
        language = list(rooms)[number % len(rooms)]
        room, change = rooms[language], CHANGES[number // len(rooms) % len(CHANGES)]
        subject = room.subject()
        original = room.article(subject, rng.randint(4, 12))
        yield Pair(language, change, "\n".join(original), "\n".join(_changed(change, original, room, subject)), True)
        other = room.article(subject, rng.randint(4, 12))
        quoted = original[1 : 1 + len(other) // 5] if number % 2 else []
        yield Pair(language, "same event", "\n".join(original), "\n".join([*other, *quoted]), False)
