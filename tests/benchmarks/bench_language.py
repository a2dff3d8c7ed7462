"""Tell the language of the watch's bench sentences: accuracy and CPU time, whole sentences and their first four words.

python tests/benchmarks/bench_language.py
"""

import time

from extractors.language import language_of
from watch_rows import rows

ROUNDS = 20


def main() -> None:
    """Print a table."""
    sentences = [(row["language"], row["sentence"]) for row in rows("bench.csv")]
    cases = {
        "sentence": sentences,
        "first four words": [(lang, " ".join(text.split()[:4])) for lang, text in sentences],
    }
    for name, texts in cases.items():
        right = sum(language_of(text) == language for language, text in texts)
        began = time.process_time()
        for _ in range(ROUNDS):
            for _, text in texts:
                language_of(text)
        spent = (time.process_time() - began) / ROUNDS / len(texts)
        print(f"{name:18} {len(texts)} texts, right {right / len(texts):.4f}, {spent * 1e6:.1f} microseconds each")


if __name__ == "__main__":
    main()
