"""The code blocks of a Markdown page, in order, each with what stands in the way of running it."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGES = tuple(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if re.search(r"^```(python|sh|bash|console|csv|json|pycon)$", path.read_text(), re.MULTILINE)
)

_FENCE = re.compile(r"^```(\w*)$")
_MARK = re.compile(r"^<!-- (needs the full data|needs the network|runs in \.ci/run) -->$")


@dataclass(frozen=True)
class Block:
    """One fenced block; ``mark`` is what the line above it says, or None."""

    page: str
    line: int
    language: str
    text: str
    mark: str | None

    def commands(self) -> list[list[str]]:
        """The commands of a shell block, each as its words, comments left out."""
        lines = self.text.replace("\\\n", " ").splitlines()
        words = (shlex.split(line, comments=True) for line in lines)
        return [command for command in words if command]


def blocks_of(page: str) -> list[Block]:
    """Every fenced block of a page of the repository."""
    found, inside, mark = [], None, None
    for number, line in enumerate((ROOT / page).read_text().splitlines(), 1):
        fence = _FENCE.match(line)
        if inside is None and fence:
            inside, language, start = [], fence[1], number
        elif inside is not None and line == "```":
            found.append(Block(page, start, language, "\n".join(inside) + "\n", mark))
            inside = mark = None
        elif inside is not None:
            inside.append(line)
        elif line.strip():
            marked = _MARK.match(line)
            mark = marked[1] if marked else None
    assert inside is None, f"{page}: a block is not closed"
    return found
