"""Where labelled pictures come from: a folder for each class, a zip of such, or a CSV of paths.

Every source gives one item after the other and reads a picture only when it is asked for, so that the
memory an import takes does not depend on how many there are.
"""

import csv
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xiutu.errors import BadDataset

__all__ = ["Item", "from_csv", "from_folder", "from_zip", "open_source"]

ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff"})
LARGEST_FILE = 48 * 1024 * 1024
"""Bytes of one picture."""

LARGEST_ZIP = 64 * 1024**3
MOST_MEMBERS = 1_000_000
MOST_RATIO = 200
"""A member that unpacks to more than this many times its size is a bomb: pictures do not shrink."""


@dataclass(frozen=True)
class Item:
    """One picture to come. ``read`` raises ``BadDataset`` or ``OSError`` when it cannot be had."""

    label: str
    source: str
    read: Callable[[], bytes]


def open_source(path: Path) -> Iterator[Item]:
    """By what ``path`` is. Raises ``BadDataset`` when it is nothing to import from."""
    if path.is_dir():
        return from_folder(path)
    if not path.is_file():
        raise BadDataset(f"{path} does not exist")
    if path.suffix.lower() == ".csv":
        return from_csv(path)
    if zipfile.is_zipfile(path):
        return from_zip(path)
    raise BadDataset(f"{path} is neither a folder, a zip file nor a .csv file")


def from_folder(root: Path) -> Iterator[Item]:
    """``root/CLASS/**/picture``: the folder right below ``root`` is the class."""
    classes = sorted(path for path in root.iterdir() if path.is_dir() and _visible(path.name))
    if not classes:
        raise BadDataset(f"{root} has no folders: a folder for each class is due")
    for folder in classes:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(root)
            if path.suffix.lower() in ENDINGS and all(map(_visible, inside.parts)):
                yield Item(folder.name, inside.as_posix(), lambda path=path: _read(path))  # type: ignore[misc]


def from_csv(table: Path) -> Iterator[Item]:
    """Rows ``path,label``; paths are relative to the file and stay below its folder.

    A head ``path,label`` (in any order) is understood. Raises ``BadDataset`` for a row without both.
    """
    root = table.parent.resolve()
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            order = (0, 1)
            for number, row in enumerate(csv.reader(stream), 1):
                cells = [cell.strip() for cell in row]
                if not any(cells):
                    continue
                if number == 1 and sorted(cells[:2]) == ["label", "path"]:
                    order = (cells.index("path"), cells.index("label"))
                    continue
                if len(cells) < 2 or not cells[0] or not cells[1]:
                    raise BadDataset(f"{table.name}, line {number}: path,label is due")
                path = (root / cells[order[0]]).resolve()
                if not path.is_relative_to(root):
                    raise BadDataset(f"{table.name}, line {number}: the path leaves the folder")
                yield Item(cells[order[1]], cells[order[0]], lambda path=path: _read(path))  # type: ignore[misc]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadDataset(f"{table.name} is no CSV in UTF-8: {error}") from None


def from_zip(file: Path) -> Iterator[Item]:
    """A zip with a folder for each class, or with one folder that holds those.

    Nothing is unpacked to disk. Raises ``BadDataset`` for paths that leave the archive, links,
    encrypted members and bombs: an archive with one of these is refused as a whole.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_archive(members)
            named = [(member, PurePosixPath(member.filename)) for member in members]
            wanted = [
                (member, path)
                for member, path in named
                if path.suffix.lower() in ENDINGS and all(map(_visible, path.parts))
            ]
            tops = {path.parts[0] for _, path in wanted}
            depth = 1 if len(tops) == 1 and all(len(path.parts) > 2 for _, path in wanted) else 0
            for member, path in wanted:
                parts = path.parts[depth:]
                if len(parts) < 2:
                    raise BadDataset(f"{path} lies in no folder: a folder for each class is due")
                yield Item(parts[0], str(path), lambda m=member: _unpacked(archive, m))  # type: ignore[misc]
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise BadDataset(f"{file.name} is no usable zip file: {error}") from None


def _check_archive(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise BadDataset(f"more than {MOST_MEMBERS} files in the zip")
    if sum(member.file_size for member in members) > LARGEST_ZIP:
        raise BadDataset("the zip unpacks to more than 64 GB")
    for member in members:
        name = member.filename
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise BadDataset(f"the zip holds a path that leaves it: {name!r}")
        if member.flag_bits & 1:
            raise BadDataset("the zip is encrypted")
        if (member.external_attr >> 16) & 0o170000 == 0o120000:
            raise BadDataset(f"the zip holds a link: {name!r}")
        if (
            member.file_size > max(1, member.compress_size) * MOST_RATIO
            and member.file_size > 1 << 20
        ):
            raise BadDataset(f"the zip holds a decompression bomb: {name!r}")


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > LARGEST_FILE:
        raise BadDataset(f"larger than {LARGEST_FILE >> 20} MB")
    try:
        with archive.open(member) as stream:
            data = stream.read(LARGEST_FILE + 1)  # the directory may lie about the size
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadDataset(f"damaged in the zip: {error}") from None
    if len(data) > LARGEST_FILE:
        raise BadDataset(f"larger than {LARGEST_FILE >> 20} MB")
    return data


def _read(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_FILE:
        raise BadDataset(f"larger than {LARGEST_FILE >> 20} MB")
    return path.read_bytes()


def _visible(name: str) -> bool:
    return not name.startswith((".", "__MACOSX"))
