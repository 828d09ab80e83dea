"""Which files a ``xiutu run`` works on and where each result goes."""

import glob
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

__all__ = ["Item", "NoInputs", "plan"]

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"})
_JPEG = frozenset({".jpg", ".jpeg"})


class NoInputs(ValueError):
    """Nothing to do, or one file is named as the place of many results."""


@dataclass(frozen=True)
class Item:
    """One input file and where its result goes.

    ``target``: the one picture of the answer; ``lossless``: the same where the target has a JPEG's name
    and the picture turns out to be a PNG (alpha); ``fields``: path by response field, for operators that
    answer several pictures.
    """

    source: Path
    target: Path
    lossless: Path
    fields: tuple[tuple[str, Path], ...] = ()

    @property
    def finished(self) -> bool:
        """Results are renamed into place when complete, so being there is being finished."""
        several = bool(self.fields) and all(path.exists() for _, path in self.fields)
        return several or self.target.exists() or self.lossless.exists()


def plan(
    inputs: list[str], out: Path, fields: tuple[str, ...] = (), also: Collection[str] = ()
) -> list[Item]:
    """Expand files, folders (with their tree kept) and globs.

    ``out`` is a file for a single input when it has a picture's suffix and is no folder; otherwise a
    folder. ``fields``: picture fields of the operator's answer. ``also``: suffixes of files that count as
    pictures here (``.pdf``). No two inputs share a path, and the same inputs get the same paths every
    time. Raises ``NoInputs``.
    """
    suffixes = PICTURE_SUFFIXES.union(also)
    found = list(dict.fromkeys(pair for text in inputs for pair in _expand(text, suffixes)))
    if not found:
        raise NoInputs("no pictures in " + ", ".join(inputs))
    if out.suffix.lower() in PICTURE_SUFFIXES and not out.is_dir():
        if len(found) > 1 or Path(inputs[0]).is_dir():
            raise NoInputs(f"{out} is one file, {len(found)} inputs need a folder")
        return [Item(found[0][0], out, _lossless(out, set()), _by_field(out, fields))]
    inside = out.resolve()
    # An output folder below an input folder holds earlier results.
    found = [(source, path) for source, path in found if inside not in source.resolve().parents]
    if not found:
        raise NoInputs(f"every input lies in the output folder {out}")
    taken: set[Path] = set()
    targets = [_claim(_names(out / path), fields, taken) for _, path in found]
    # Only now: a.jpg that becomes a PNG gives way to a.png, wherever that stands in the list.
    return [
        Item(source, target, _lossless(target, taken), _by_field(target, fields))
        for (source, _), target in zip(found, targets, strict=True)
    ]


def _names(wanted: Path) -> Iterator[Path]:
    """Names for a result, best first: a.png; for a.bmp beside it a.bmp.png; then a.bmp.2.png ..."""
    suffix = wanted.suffix if wanted.suffix.lower() in _JPEG else ".png"
    yield wanted.with_suffix(suffix)
    yield wanted.with_name(wanted.name + suffix)
    yield from (wanted.with_name(f"{wanted.name}.{number}{suffix}") for number in count(2))


def _claim(names: Iterator[Path], fields: tuple[str, ...], taken: set[Path]) -> Path:
    """The first name of which neither it nor its fields' files are taken."""
    for target in names:
        paths = {target, *(path for _, path in _by_field(target, fields))}
        if not paths & taken:
            taken |= paths
            return target
    raise AssertionError("names go on for ever")


def _lossless(target: Path, taken: set[Path]) -> Path:
    return target if target.suffix.lower() == ".png" else _claim(_pngs(target), (), taken)


def _pngs(target: Path) -> Iterator[Path]:
    yield target.with_suffix(".png")
    yield from _names(target.with_name(target.name + ".png"))


def _by_field(target: Path, fields: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """Where each of several pictures goes: ``photo.scoremap.png``. Nothing for a single one."""
    if len(fields) < 2:
        return ()
    return tuple((name, target.with_name(f"{target.stem}.{name}.png")) for name in fields)


def _expand(text: str, suffixes: Collection[str]) -> list[tuple[Path, Path]]:
    """(file, path below the output folder) of one argument."""
    path = Path(text)
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if _is_picture(p, suffixes))
        return [(p, p.relative_to(path)) for p in files]
    if path.is_file():
        return [(path, Path(path.name))]
    matches = sorted(Path(name) for name in glob.glob(text, recursive=True))
    files = [p for p in matches if _is_picture(p, suffixes)]
    if not files:
        raise NoInputs(f"no such file, folder or pattern: {text}")
    return [(p, Path(p.name)) for p in files]


def _is_picture(path: Path, suffixes: Collection[str]) -> bool:
    named = path.suffix.lower() in suffixes and not path.name.startswith(".")
    return named and path.is_file()
