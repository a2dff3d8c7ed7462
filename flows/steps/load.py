"""Load: what has landed becomes rows of the corpus and of the reading room. A new corpus starts from the seeds."""

from datetime import datetime

from extractors.stories import MinHashStories
from flows.steps.seed import land_abstracts
from flows.version import CODE_VERSION
from flows.workspace import Workspace
from storage import loader
from storage.loader import LoadReport


def load_landed(work: Workspace, now: datetime) -> LoadReport:
    """Load every landed batch. When somebody holds the corpus, everything waits and nothing is lost."""
    if not work.paths.corpus.exists():
        land_abstracts(work, now)
    rules = MinHashStories()
    return loader.load(work.paths, watch=work.watch, story_rules=rules, now=now, code_version=CODE_VERSION)
