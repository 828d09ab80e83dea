"""``python -m scripts.docs [--check]``: write the generated pages, or say which are out of date."""

import argparse
import sys
from pathlib import Path

from scripts import coverage_page, errors_page, notices_page, operators_page, settings_page

ROOT = Path(__file__).parents[1]
NOTICES = ROOT / "THIRD_PARTY_NOTICES.md"
BEGIN, END = "<!-- status: generated -->", "<!-- end of status -->"


def pages() -> dict[Path, str]:
    """Every generated file with the text it should have.

    Without the notices: their indirect dependencies are those of the running environment and differ
    between Python versions and systems.
    """
    docs = ROOT / "docs"
    found = {
        docs / "operators.md": operators_page.render(),
        docs / "settings.md": settings_page.render(),
        docs / "errors.md": errors_page.render(),
        docs / "contract" / "coverage.md": coverage_page.render(ROOT),
    }
    for name, chinese in (("README.md", False), ("README.zh.md", True)):
        text = (ROOT / name).read_text("utf-8")
        if BEGIN not in text or END not in text:
            raise SystemExit(f"{name} has lost the marks of its status table")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        table = operators_page.status_table(chinese=chinese)
        found[ROOT / name] = f"{before}{BEGIN}\n{table}{END}{after}"
    return found


def main() -> int:
    """Exit code 1 when ``--check`` finds a stale page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when stale")
    check = parser.parse_args().check
    wanted = pages() if check else pages() | {NOTICES: notices_page.render(ROOT)}
    stale = [p for p in wanted if not p.exists() or p.read_text("utf-8") != wanted[p]]
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
