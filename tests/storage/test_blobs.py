"""The same tests on a folder, on a folder through the object store's library, and on an S3 server."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xiutu.storage.blobs import BadBlobKey, Blobs, BlobsUnavailable, FolderBlobs, open_blobs
from xiutu.storage.object_blobs import ObjectBlobs

NODE_MODULES = Path(__file__).parents[1] / "sdk" / "node" / "node_modules"
_S3 = """
const [directory] = process.argv.slice(1);
const configureBuckets = [{name: 'pictures'}];
const server = new (require('s3rver'))({port: 0, silent: true, directory, configureBuckets});
server.run().then(({port}) => console.log(port));
"""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an S3 server (npm s3rver), which checks signatures; bucket ``pictures``."""
    process = subprocess.Popen(
        ["node", "--no-deprecation", "-e", _S3, str(tmp_path_factory.mktemp("s3"))],
        env={**os.environ, "NODE_PATH": str(NODE_MODULES)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    assert port, "the S3 server did not start"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)
    process.stdout.close()


@pytest.fixture(params=["folder", "objects", "s3"])
def blobs(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Blobs]:
    if request.param == "folder":
        yield FolderBlobs(tmp_path / "made with the first")
    elif request.param == "s3":
        settings = {
            "AWS_ACCESS_KEY_ID": "S3RVER",
            "AWS_SECRET_ACCESS_KEY": "S3RVER",
            "AWS_ENDPOINT": request.getfixturevalue("s3"),
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        yield open_blobs(f"s3://pictures/{tmp_path.name.replace('_', '-')}", tmp_path)
    else:
        (tmp_path / "objects").mkdir()
        yield ObjectBlobs((tmp_path / "objects").as_uri())


def test_what_was_put_is_there(blobs: Blobs) -> None:
    assert blobs.get("results/a-1.png") is None
    blobs.put("results/a-1.png", b"one")
    blobs.put("results/a-2.png", b"")
    blobs.put("results/a-1.png", b"two")
    assert blobs.get("results/a-1.png") == b"two"
    assert blobs.get("results/a-2.png") == b""
    assert blobs.get("results/a-3.png") is None


def test_deleting(blobs: Blobs) -> None:
    blobs.put("results/a.png", b"one")
    blobs.delete("results/a.png")
    blobs.delete("results/a.png")
    assert blobs.get("results/a.png") is None


def test_listing(blobs: Blobs) -> None:
    assert [*blobs.keys("results")] == []
    names = ["results/a.png", "results/b/c.png", "results2/d.png"]
    for name in names:
        blobs.put(name, b"x")
    assert sorted(blobs.keys("results")) == names[:2]


@pytest.mark.parametrize("key", ["", "/a", "../a", "a/../b", "a//b", "A", "a.b.c", ".a", "a/", "ä"])
def test_keys_that_are_none(blobs: Blobs, key: str) -> None:
    for use in (blobs.get, blobs.delete, lambda k: blobs.put(k, b""), lambda k: [*blobs.keys(k)]):
        with pytest.raises(BadBlobKey):
            use(key)


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    blobs = FolderBlobs(tmp_path / "file")
    with pytest.raises(BlobsUnavailable):
        blobs.put("a", b"x")
    with pytest.raises(BlobsUnavailable):
        blobs.get("a")


def test_remains_of_a_killed_process_go(tmp_path: Path) -> None:
    fresh, old = tmp_path / "PART-1", tmp_path / "results" / "PART-2"
    old.parent.mkdir()
    for path in (fresh, old):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    assert [*FolderBlobs(tmp_path).keys("results")] == []
    assert fresh.exists() and not old.exists()


def test_which_store(tmp_path: Path) -> None:
    assert isinstance(open_blobs(None, tmp_path), FolderBlobs)
    here = open_blobs(f"file://{tmp_path}/with%20blank", tmp_path)
    here.put("a", b"x")
    assert (tmp_path / "with blank" / "a").read_bytes() == b"x"
    assert isinstance(open_blobs("memory:///", tmp_path), ObjectBlobs)
    for url in ("nonsense://x", "pictures"):
        with pytest.raises(BlobsUnavailable):
            open_blobs(url, tmp_path)


def test_without_the_library(tmp_path: Path) -> None:
    """One clear sentence; a folder needs nothing."""
    code = (
        "import sys; sys.modules['obstore'] = None\n"
        "from pathlib import Path\nfrom xiutu.storage.blobs import open_blobs\n"
        f"open_blobs(None, Path({str(tmp_path)!r})).put('a', b'x')\n"
        "open_blobs('s3://bucket/prefix', Path('.'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'xiutu[blobs]'" in done.stderr.splitlines()[-1]
    assert (tmp_path / "a").read_bytes() == b"x"
