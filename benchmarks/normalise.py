"""How fast text is normalised, in MB of UTF-8 a CPU-second: ``python benchmarks/normalise.py``. Budget: 30."""

from __future__ import annotations

import time

from _texts import documents

from unburnt.search.normalise import normalise


def main() -> None:
    """Print MB/s for each language and for the mixture, the median of five runs."""
    by_language: dict[str, list[str]] = {}
    for lang, text in documents(20_000):
        by_language.setdefault(lang, []).append(text)
    sets = {lang: "\n".join(texts) for lang, texts in by_language.items()}
    pieces = {name: [text[start:start + 20_000] for start in range(0, len(text), 20_000)] for name, text in sets.items()}
    pieces["mixed parts, one language each"] = [piece for one in pieces.values() for piece in one]
    blend = "\n".join(text for _, text in documents(20_000))
    pieces["all languages in every part"] = [blend[start:start + 20_000] for start in range(0, len(blend), 20_000)]
    for name, parts in pieces.items():
        size = sum(len(part.encode()) for part in parts) / 1e6
        runs = []
        for _ in range(5):
            began = time.process_time()
            for part in parts:
                normalise(part)
            runs.append(size / (time.process_time() - began))
        print(f"{name:<32} {sorted(runs)[2]:7.1f} MB/s ({size:.1f} MB)")


if __name__ == "__main__":
    main()
