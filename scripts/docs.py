"""``python -m scripts.docs [--check]``: write the generated pages, or say which are out of date."""

import argparse
import sys
from pathlib import Path

from scripts import coverage_page, errors_page, operators_page, settings_page

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- status: generated -->", "<!-- end of status -->"


def pages() -> dict[Path, str]:
    """Every generated file with the text it should have."""
    docs = ROOT / "docs"
    table = operators_page.status_table()
    found = {
        docs / "operators.md": operators_page.render(),
        docs / "settings.md": settings_page.render(),
        docs / "errors.md": errors_page.render(),
        docs / "contract" / "coverage.md": coverage_page.render(ROOT),
    }
    for name in ("README.md", "README.zh.md"):
        text = (ROOT / name).read_text()
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        found[ROOT / name] = f"{before}{BEGIN}\n{table}{END}{after}"
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when stale")
    check = parser.parse_args().check
    stale = [p for p, text in pages().items() if not p.exists() or p.read_text() != text]
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path])
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
