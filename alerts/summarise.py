"""From the articles behind an alert to what is worth telling: who reports it, since when, the top stories. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from alerts.story import EvidenceArticle, Summary, TopStory

# A sentence longer than this is cut at a word: chat clients fold messages beyond a few lines.
MAX_QUOTE = 280
Spans = Callable[[str], Sequence[tuple[int, int]]]


def summarise(articles: Sequence[EvidenceArticle], sentence_spans: Spans, top: int) -> Summary:
    """Summarise the articles of an alert. `sentence_spans` cuts a text into sentences, as offsets."""
    stories = _by_story(articles)
    sides = Counter(a.ownership or "unknown" for a in articles)
    return Summary(
        since=min((a.counted_at for a in articles), default=None),
        publishers=_ranked(Counter(publisher for publisher, _ in {(a.publisher, a.story_id) for a in articles})),
        languages=_ranked(Counter(a.language for a in articles)),
        sides=_ranked(sides),
        concepts=_ranked(Counter(c for members in stories.values() for c in {c for a in members for c in a.concepts})),
        stories=tuple(_tell(members, sentence_spans) for members in _rank_stories(stories)[:top]),
        articles=len(articles),
        one_sided=next(iter(sides)) if len(sides) == 1 and len(articles) > 1 else "",
    )


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _by_story(articles: Sequence[EvidenceArticle]) -> dict[int, list[EvidenceArticle]]:
    stories: dict[int, list[EvidenceArticle]] = defaultdict(list)
    for article in sorted(articles, key=lambda a: (a.counted_at, a.article_id)):
        stories[article.story_id].append(article)
    return stories


def _rank_stories(stories: dict[int, list[EvidenceArticle]]) -> list[list[EvidenceArticle]]:
    """Put stories told by most publishers first, then the tensest, then the newest: stable for equal ones."""

    def key(members: list[EvidenceArticle]) -> tuple[int, float, float, int]:
        weight = max(a.weight for a in members)
        return (-len({a.publisher for a in members}), -weight, -members[0].counted_at.timestamp(), members[0].story_id)

    return sorted(stories.values(), key=key)


def _tell(members: list[EvidenceArticle], sentence_spans: Spans) -> TopStory:
    first = members[0]
    return TopStory(
        story_id=first.story_id,
        article_id=first.article_id,
        edition=first.edition,
        title=first.title,
        url=first.url,
        publisher=first.publisher,
        publishers=len({a.publisher for a in members}),
        copies=len(members),
        first_at=first.counted_at,
        quote=quote(first, sentence_spans),
    )


def quote(article: EvidenceArticle, sentence_spans: Spans) -> str:
    """Quote the sentence of the text in which the mention stands, as the feed's rights allow; it is never rewritten."""
    if article.rights == "headline" or not article.text:
        return ""
    at = article.start if article.field == "text" else 0
    spans = sentence_spans(article.text)
    start, end = next(((s, e) for s, e in spans if s <= at < e), spans[0] if spans else (0, 0))
    return _shorten(article.text[start:end].strip())


def _shorten(text: str) -> str:
    if len(text) <= MAX_QUOTE:
        return text
    return text[:MAX_QUOTE].rsplit(maxsplit=1)[0] + " …"
