"""Whose key a request names, and with which secrets it may have been signed by mistake."""

from dataclasses import dataclass

from xiutu.web.signatures.verdict import Sentence, Step

__all__ = ["Keyring", "Pair"]

_MOST_PAIRS = 200  # every one multiplies what has to be tried


@dataclass(frozen=True)
class Pair:
    app: str
    api_key: str
    secret_key: str
    active: bool = True


@dataclass(frozen=True)
class Keyring:
    """The key pairs of one account; nothing is ever computed with others'."""

    pairs: tuple[Pair, ...]

    def of(self, api_key: str) -> Pair | None:
        return next((pair for pair in self.pairs if pair.api_key == api_key), None)

    def secrets(self, right: Pair) -> list[Step]:
        """The right secret first, then what is put in its place by mistake."""
        steps: list[Step] = [(None, right.secret_key)]
        steps += [
            (
                Sentence("The Secret Key is that of another app, {app}.", {"app": p.app}),
                p.secret_key,
            )
            for p in self.pairs[:_MOST_PAIRS]
            if p is not right
        ]
        steps += [
            (Sentence("The API Key was used in place of the Secret Key."), right.api_key),
            (Sentence("The Secret Key has a line end behind it."), right.secret_key + "\n"),
            (Sentence("The Secret Key has a blank behind it."), right.secret_key + " "),
            (Sentence("The Secret Key has a blank before it."), " " + right.secret_key),
        ]
        return steps
