"""What a reading commits to."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from unburnt.flow.chunks import Chunks
from unburnt.model.reading import Part


def test_the_head_of_a_part_commits_to_its_text(tmp_path: Path) -> None:
    chunks = Chunks(tmp_path)
    heads = [chunks.append(Part(ordinal=0, kind="text", label="", text=text)) for text in ("拘留", "居留")]
    assert [head.digest for head in heads] == [sha256(chunks[number]).hexdigest() for number in (1, 2)]
    assert heads[0].digest != heads[1].digest
    chunks.close()
