"""What several explanations say."""

from xiutu.web.signatures.verdict import Check, Sentence

__all__ = [
    "MORE_THAN_THIS",
    "ONLY_THIS",
    "genuine_check",
    "host_differs",
    "key_check",
    "method_differs",
    "unknown_key",
]

ONLY_THIS = Sentence("Key and time are right: your canonical request alone differs, see the lines.")
MORE_THAN_THIS = Sentence(
    "Your canonical request does not lead to the signature sent: the Secret Key, the time or the key's "
    "derivation differ as well."
)


def host_differs(signed: bytes, sent: bytes) -> Sentence:
    return Sentence(
        "The host {signed} was signed, the server received {sent}: a proxy or the address changed it.",
        {"signed": signed.decode("latin-1"), "sent": sent.decode("latin-1")},
    )


def method_differs(signed: str, sent: str) -> Sentence:
    return Sentence(
        "The method {sent} was sent and {signed} signed.", {"sent": sent, "signed": signed}
    )


def unknown_key(key: str) -> Check:
    return Check(False, Sentence("No app of this account has the API Key {key}.", {"key": key}))


def key_check(app: str, active: bool) -> Check:
    if not active:
        return Check(
            False,
            Sentence("The API Key is that of the app {app}, which is switched off.", {"app": app}),
        )
    return Check(True, Sentence("The API Key is that of the app {app}.", {"app": app}))


def genuine_check(genuine: bool) -> Check:
    if genuine:
        return Check(True, Sentence("The signature is that of this request."))
    return Check(False, Sentence("The signature is not that of this request."))
