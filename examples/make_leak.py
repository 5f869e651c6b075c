"""Write examples/leak and examples/leak.truth.json again: ``python examples/make_leak.py [folder]``.

A fictional leak: every place, office, person and text is invented. Two runs give equal trees.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from leak_maker import oddities, offices, plain, township
from leak_maker.stories import stories
from leak_maker.tree import Tree


def make() -> Tree:
    """The whole leak, in memory."""
    tree = Tree()
    tree.add("READ FIRST.txt", plain.text(offices.paper("cover_en")))
    tree.add("说明.txt", plain.text(offices.paper("letter")))
    directive = offices.fill_prefecture(tree)
    offices.fill_county(tree)
    township.fill_office(tree)
    roster = township.fill_villages(tree)
    township.fill_mail(tree, directive, roster)
    township.fill_archives(tree, directive, roster)
    oddities.fill_names(tree, roster)
    oddities.fill_broken(tree)
    (bomb,) = [path for path in tree.files if path.endswith(b"/backup.zip")]
    tree.stories = stories(tree, directive, bomb)
    return tree


def main(folder: Path) -> None:
    """Write the tree below ``folder/leak`` and the truth beside it."""
    tree = make()
    tree.write(folder / "leak")
    tree.write_truth(folder / "leak.truth.json")
    print(f"{len(tree.files)} files, {sum(len(made.data) for made in tree.files.values()):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
