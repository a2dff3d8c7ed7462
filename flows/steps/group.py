"""Group texts that stand in no corpus into stories, with the rules of the loader."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from extractors.dates import parse_date
from extractors.language import language_of
from extractors.stories import MinHashStories, signature
from model.records import StoryText

#: Texts without a date are all of one moment: each may be a copy of each.
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


def stories_of(lines: Sequence[dict[str, Any]]) -> list[Any]:
    """Give each line's story: the `id` of the story's first line by time, ties in the order given.

    Lines hold `id`, `title`, `text`, `published_at`.
    """
    texts = [_story_text(number, line) for number, line in enumerate(lines)]
    in_time = sorted(texts, key=lambda t: (t.seen_at, t.article_id))
    found = {m.article_id: m.story_id for m in MinHashStories().assign(in_time, ())}
    return [lines[found[number]].get("id", found[number]) for number in range(len(lines))]


def _story_text(number: int, line: dict[str, Any]) -> StoryText:
    text = str(line.get("text") or "")
    return StoryText(
        article_id=number,
        publisher=str(line.get("publisher") or ""),
        language=language_of(text),
        title=str(line.get("title") or ""),
        seen_at=parse_date(str(line.get("published_at") or "")) or UNDATED,
        signature=signature(text),
    )
