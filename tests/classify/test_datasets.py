"""Data sets: what comes in, what is refused, versions, and the split."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.classify.shapes import CLASSES, drawn, folders
from xiutu.classify.facade import Classifiers
from xiutu.classify.intake import Intake
from xiutu.classify.sources import Item, from_csv, from_zip
from xiutu.errors import BadDataset, DatasetNotFound, InvalidParameter, NameTaken


def item(label: str, source: str, data: bytes) -> Item:
    return Item(label, source, lambda: data)


def test_folder_of_class_folders(classifiers: Classifiers, tmp_path: Path) -> None:
    root = folders(tmp_path / "p", 6)
    (root / "circle/broken.jpg").write_bytes(drawn("circle", 0)[:300])
    (root / "circle/note.txt").write_text("not a picture")
    (root / "circle/.hidden.jpg").write_bytes(drawn("circle", 99))
    (root / "leaf/deep").mkdir()
    (root / "leaf/deep/one.jpg").write_bytes(drawn("leaf", 50))
    seen: list[int] = []
    outcome = classifiers.import_from("shapes", root, progress=seen.append)
    assert (outcome.added, outcome.present, outcome.version) == (19, 0, 1)
    assert [source for source, _ in outcome.unusable] == ["circle/broken.jpg"]
    assert seen[-1] == 20
    assert classifiers.datasets.get("shapes").classes == {"circle": 6, "leaf": 7, "stripes": 6}
    again = classifiers.import_from("shapes", root)
    assert (again.added, again.present) == (0, 19)


def test_zip(classifiers: Classifiers, tmp_path: Path) -> None:
    file = tmp_path / "shapes.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for kind in CLASSES:
            for number in range(2):
                archive.writestr(f"photos/{kind}/{number}.jpg", drawn(kind, number))
        archive.writestr("__MACOSX/photos/circle/._0.jpg", b"resource fork")
    assert classifiers.import_from("zipped", file).added == 6
    assert set(classifiers.datasets.get("zipped").classes) == set(CLASSES)


def _zip(write: Callable[[zipfile.ZipFile], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("circle/0.jpg", drawn("circle", 0))
            write(archive)
        return folder / "z.zip"

    return make


def _link(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("circle/link.jpg")
    entry.external_attr = 0o120777 << 16
    archive.writestr(entry, "/etc/passwd")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_zip(lambda a: a.writestr("../../evil.jpg", b"x")), "leaves"),
        (_zip(lambda a: a.writestr("/abs/evil.jpg", b"x")), "leaves"),
        (_zip(lambda a: a.writestr("c\\..\\..\\evil.jpg", b"x")), "leaves"),
        (_zip(lambda a: a.writestr("circle/bomb.jpg", bytes(30 << 20))), "bomb"),
        (_zip(_link), "link"),
        (_zip(lambda a: a.writestr("loose.jpg", b"x")), "no folder"),
    ],
)
def test_hostile_zip_is_refused_whole(
    classifiers: Classifiers, tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    file = make(tmp_path)
    with pytest.raises(BadDataset, match=words):
        classifiers.import_from("z", file)
    assert not (tmp_path / "evil.jpg").exists() and not (tmp_path.parent / "evil.jpg").exists()


def test_zip_that_lies_about_sizes(tmp_path: Path) -> None:
    file = tmp_path / "liar.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("circle/0.jpg", bytes(60 << 20))
    data = bytearray(file.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # uncompressed size in the directory
    file.write_bytes(data)
    for found in from_zip(file):
        with pytest.raises(BadDataset):
            found.read()


def test_csv(classifiers: Classifiers, tmp_path: Path) -> None:
    root = folders(tmp_path / "p", 2)
    rows = [f"{path.relative_to(root)},form {path.parent.name}" for path in root.rglob("*.jpg")]
    (root / "list.csv").write_text("path,label\n" + "\n".join(rows) + "\n\n", "utf-8-sig")
    assert classifiers.import_from("listed", root / "list.csv").added == 6
    assert "form leaf" in classifiers.datasets.get("listed").classes
    (root / "bad.csv").write_text("../../etc/passwd,x\n")
    with pytest.raises(BadDataset, match="leaves"):
        list(from_csv(root / "bad.csv"))
    (root / "short.csv").write_text("circle/0000.jpg\n")
    with pytest.raises(BadDataset, match="line 1"):
        list(from_csv(root / "short.csv"))


def test_the_same_file_in_two_classes_is_a_conflict(classifiers: Classifiers) -> None:
    classifiers.datasets.create("d")
    data = drawn("circle", 1)
    items = [item("a", "a/1.jpg", data), item("b", "b/1.jpg", data), item("a", "a/2.jpg", data)]
    outcome = classifiers.datasets.add("d", items)
    assert (outcome.added, outcome.present) == (1, 1)
    assert outcome.conflicts == [("b/1.jpg", "the same file is in class 'a'")]


def test_names(classifiers: Classifiers) -> None:
    classifiers.datasets.create("花卉")
    with pytest.raises(NameTaken):
        classifiers.datasets.create("花卉")
    for bad in ("", "a/b", "x" * 65, "a\nb"):
        with pytest.raises(InvalidParameter):
            classifiers.datasets.create(bad)
    with pytest.raises(DatasetNotFound):
        classifiers.datasets.get("none\0")


def test_versions_keep_what_was(classifiers: Classifiers, tmp_path: Path) -> None:
    sets = classifiers.datasets
    classifiers.import_from("v", folders(tmp_path / "p", 4))
    circles = sets.pictures("v", label="circle")
    assert sets.relabel("v", [row.id for row in circles[:3]], "disc") == 3
    assert sets.remove("v", [sets.pictures("v", label="leaf")[0].id]) == 1
    assert sets.rename_class("v", "stripes", "leaf") == 4
    assert sets.get("v").version == 4
    assert sets.get("v").classes == {"circle": 1, "disc": 3, "leaf": 7}
    by_version = [len(sets.pictures("v", version=n)) for n in range(5)]
    assert by_version == [0, 12, 12, 11, 11]
    assert {row.label for row in sets.pictures("v", version=1)} == set(CLASSES)
    moved = {row.digest: row.held_out for row in circles}
    assert all(moved[row.digest] is row.held_out for row in sets.pictures("v", label="disc"))
    with pytest.raises(InvalidParameter):
        sets.pictures("v", version=5)


def test_deleting_keeps_pictures_others_use(classifiers: Classifiers, tmp_path: Path) -> None:
    root = folders(tmp_path / "p", 2)
    classifiers.import_from("one", root)
    classifiers.import_from("two", root)
    digest = classifiers.datasets.pictures("one")[0].digest
    classifiers.datasets.delete("one")
    assert classifiers.files.picture(digest)
    classifiers.datasets.delete("two")
    with pytest.raises(BadDataset):
        classifiers.files.picture(digest)


def test_validation_names_what_is_odd(classifiers: Classifiers) -> None:
    classifiers.datasets.create("odd")
    twin = io.BytesIO()
    Image.open(io.BytesIO(drawn("leaf", 1))).save(twin, "JPEG", quality=70)
    items = [item("a", f"a/{n}.jpg", drawn("circle", n)) for n in range(12)]
    items += [item("b", "b/1.jpg", drawn("leaf", 1)), item("a", "a/twin.jpg", twin.getvalue())]
    items += [item("b", "b/tiny.jpg", drawn("leaf", 2, side=24))]
    classifiers.datasets.add("odd", items)
    report = classifiers.datasets.validate("odd")
    assert not report.usable and "b (2)" in report.problems[0]
    assert report.tiny == ["b/tiny.jpg"]
    assert ["b/1.jpg", "a/twin.jpg"] in report.duplicates
    assert report.mixed == [["b: b/1.jpg", "a: a/twin.jpg"]]
    assert report.imbalance == 6.5
    with pytest.raises(BadDataset, match="5 pictures"):
        classifiers.jobs.submit("odd")


def test_split_is_stratified_fixed_and_keeps_copies_together() -> None:
    def fill(intake: Intake, numbers: range) -> dict[int, bool]:
        held = {}
        for number in numbers:
            label = "ab"[number % 2]
            print_ = (number * 0x9E3779B97F4A7C15) & 0x7FFF_FFFF_FFFF_FFFF
            held[number], copy = intake.place(label, print_)
            assert not copy
            intake.add(str(number), label, print_, held[number])
        return held

    first = fill(Intake([]), range(100))
    longer = fill(Intake([]), range(400))
    assert all(longer[number] is held for number, held in first.items())
    for label in (0, 1):
        assert sum(held for number, held in longer.items() if number % 2 == label) == 40
    intake = Intake([("x", "a", 12345, True)])
    assert intake.place("a", 12345 ^ 0b101) == (True, True)


def test_thumbnails(classifiers: Classifiers, tmp_path: Path) -> None:
    classifiers.import_from("t", folders(tmp_path / "p", 3))
    found = classifiers.datasets.thumbnails("t", each=2, side=48)
    assert set(found) == set(CLASSES) and all(len(row) == 2 for row in found.values())
    with Image.open(io.BytesIO(found["leaf"][0])) as small:
        assert max(small.size) == 48


def test_ten_thousand_pictures_in_bounded_memory(tmp_path: Path) -> None:
    """Peak memory after 10 000 pictures is within 40 MB of that after 1 000."""
    done = subprocess.run(
        [sys.executable, "-c", _MANY, str(tmp_path)], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told["added"] == 10_000
    assert told["last"] - told["early"] < 40 * 1024  # kilobytes


_MANY = """
import io, json, resource, sys
from pathlib import Path
import numpy as np
from PIL import Image
from xiutu.classify.facade import Classifiers
from xiutu.classify.sources import Item
from xiutu.storage import Database

def items():
    random = np.random.default_rng(5)
    for number in range(10_000):
        coarse = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(coarse).resize((48, 48)).save(buffer, "BMP")
        data = buffer.getvalue()
        yield Item("ab"[number % 2], f"{number}.bmp", lambda data=data: data)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

told = {}
def progress(done):
    if done == 1000:
        told["early"] = peak()

root = Path(sys.argv[1])
with Classifiers(Database.open(root), root / "classify") as found:
    found.datasets.create("many")
    outcome = found.datasets.add("many", items(), progress=progress)
    assert sum(found.datasets.get("many").classes.values()) == outcome.added
print(json.dumps(told | {"added": outcome.added, "last": peak()}))
"""
