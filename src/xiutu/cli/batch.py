"""Which files a ``xiutu run`` works on and where each result goes."""

import glob
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Item", "NoInputs", "plan"]

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"})
_JPEG = frozenset({".jpg", ".jpeg"})


class NoInputs(ValueError):
    """Nothing to do, or one file is named as the place of many results."""


@dataclass(frozen=True)
class Item:
    """One input file and the path of its result."""

    source: Path
    target: Path

    def field_target(self, field: str) -> Path:
        """Where one of several results goes: ``photo.scoremap.png``."""
        return self.target.with_name(f"{self.target.stem}.{field}.png")

    @property
    def finished(self) -> bool:
        """Results are renamed into place when complete, so being there is being finished."""
        stem = glob.escape(self.target.stem)
        return self.target.exists() or any(self.target.parent.glob(f"{stem}.*.png"))


def plan(inputs: list[str], out: Path) -> list[Item]:
    """Expand files, folders (with their tree kept) and globs.

    ``out`` is a file for a single input when it has a picture's suffix and is no folder; otherwise a
    folder. Two inputs never share a target. Raises ``NoInputs``.
    """
    found = list(dict.fromkeys(pair for text in inputs for pair in _expand(text)))
    if not found:
        raise NoInputs("no pictures in " + ", ".join(inputs))
    if out.suffix.lower() in PICTURE_SUFFIXES and not out.is_dir():
        if len(found) > 1 or Path(inputs[0]).is_dir():
            raise NoInputs(f"{out} is one file, {len(found)} inputs need a folder")
        return [Item(found[0][0], out)]
    inside = out.resolve()
    items: list[Item] = []
    taken: set[Path] = set()
    for source, relative in found:
        if inside in source.resolve().parents:
            continue  # the output folder lies below an input folder: these are earlier results
        suffix = relative.suffix if relative.suffix.lower() in _JPEG else ".png"
        target = out / relative.with_suffix(suffix)
        if target in taken:  # a.png beside a.bmp
            target = out / relative.with_name(relative.name + suffix)
        taken.add(target)
        items.append(Item(source, target))
    if not items:
        raise NoInputs(f"every input lies in the output folder {out}")
    return items


def _expand(text: str) -> list[tuple[Path, Path]]:
    """(file, path below the output folder) of one argument."""
    path = Path(text)
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and _is_picture(p))
        return [(p, p.relative_to(path)) for p in files]
    if path.is_file():
        return [(path, Path(path.name))]
    matches = sorted(Path(name) for name in glob.glob(text, recursive=True))
    files = [p for p in matches if p.is_file() and _is_picture(p)]
    if not files:
        raise NoInputs(f"no such file, folder or pattern: {text}")
    return [(p, Path(p.name)) for p in files]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith(".")
