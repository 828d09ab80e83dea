"""Code blocks of Markdown pages, and the marks that say which of them are run."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TWINS = {
    "README.md": "README.zh.md",
    "docs/index.md": "docs/index.zh.md",
    "docs/guide.md": "docs/guide.zh.md",
    "docs/sdk.md": "docs/sdk.zh.md",
    "docs/metering.md": "docs/metering.zh.md",
    "docs/tencent.md": "docs/tencent.zh.md",
    "docs/classify.md": "docs/classify.zh.md",
    "docs/performance.md": "docs/performance.zh.md",
}
_BLOCK = re.compile(
    r"(?:<!-- run: (?P<run>[\w-]+) -->\n)?```(?P<language>\w+)\n(?P<code>.*?)```", re.S
)


@dataclass(frozen=True)
class Block:
    """``run``: how the tests run it, empty where they do not."""

    page: str
    number: int
    run: str
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}-{self.number}-{self.run}"


def blocks(page: str) -> list[Block]:
    """Every code block of a page in order."""
    found = _BLOCK.finditer((ROOT / page).read_text("utf-8"))
    return [
        Block(page, number, match["run"] or "", match["language"], match["code"])
        for number, match in enumerate(found, 1)
    ]


def marked(run: str) -> list[Block]:
    """Blocks of the English pages that are run this way; their twins are compared with them."""
    return [block for page in TWINS for block in blocks(page) if block.run == run]
