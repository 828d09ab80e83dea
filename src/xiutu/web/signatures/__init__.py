"""Why a signature is refused: the server's own canonical request, and which part of the sender's differs."""

from xiutu.web.signatures.explain import explain
from xiutu.web.signatures.pasted import Pasted, Unreadable, read
from xiutu.web.signatures.verdict import Check, Line, Sentence, Verdict

__all__ = ["Check", "Line", "Pasted", "Sentence", "Unreadable", "Verdict", "explain", "read"]
