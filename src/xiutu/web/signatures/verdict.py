"""What is found out about a request. Sentences are templates, so that pages can translate them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import product, zip_longest

__all__ = ["Check", "Line", "Sentence", "Step", "Verdict", "compared", "found"]


@dataclass(frozen=True)
class Sentence:
    """English text with places, and what is put there."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    ok: bool
    sentence: Sentence


@dataclass(frozen=True)
class Line:
    """A line of both canonical requests: ``side`` is ``same``, ``yours`` or ``server``."""

    side: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """``genuine``: the signature is right. ``accepted``: and everything else, too, at this moment.

    ``canonical`` and ``string_to_sign`` are the server's; empty where the request does not get so far.
    ``mistakes`` lead to exactly the signature that was sent. ``lines`` compare with a canonical request
    of the sender's.
    """

    scheme: str
    accepted: bool
    genuine: bool
    checks: tuple[Check, ...]
    canonical: str = ""
    string_to_sign: str = ""
    expected: str = ""
    given: str = ""
    mistakes: tuple[Sentence, ...] = ()
    lines: tuple[Line, ...] = ()


Step = tuple[Sentence | None, object]
"""One way to do a step of the computation; the right one comes first and is no mistake."""


def found(axes: Iterable[list[Step]], matches: Callable[..., bool]) -> tuple[Sentence, ...]:
    """The fewest mistakes (two at most) with which ``matches`` is true; none if nothing explains it."""
    for ways in sorted(product(*axes), key=lambda ways: sum(said is not None for said, _ in ways)):
        said = tuple(sentence for sentence, _ in ways if sentence is not None)
        if len(said) > 2:
            break
        if said and matches(*(value for _, value in ways)):
            return said
    return ()


def compared(theirs: str, servers: str) -> tuple[Line, ...]:
    """Line by line, in order."""
    left, right = theirs.replace("\r\n", "\n").split("\n"), servers.split("\n")
    lines: list[Line] = []
    for kind, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [Line("same", text) for text in right[k:m]]
            continue
        for yours, ours in zip_longest(left[i:j], right[k:m]):
            lines += [Line("yours", yours)] if yours is not None else []
            lines += [Line("server", ours)] if ours is not None else []
    return tuple(lines)
