"""A private CA and a server certificate for the vendors' host names.

The CA carries name constraints: even when its key leaks it can vouch for these names only.
"""

import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["VENDOR_HOSTS", "Files", "make_certificates"]

VENDOR_HOSTS = ("aip.baidubce.com", "aiart.tencentcloudapi.com")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_CA_DAYS = 3650
_SKEW = timedelta(hours=1)  # clients whose clock is a little behind


@dataclass(frozen=True)
class Files:
    """What a folder holds: ``ca`` for clients to trust, ``chain`` and ``key`` for the server."""

    ca: Path
    ca_key: Path
    chain: Path
    key: Path

    @classmethod
    def within(cls, folder: Path) -> "Files":
        names = ("ca.pem", "ca.key", "server.pem", "server.key")
        return cls(*(folder / name for name in names))


def make_certificates(folder: Path, extra_hosts: tuple[str, ...] = (), days: int = 397) -> Files:
    """Write CA (kept when it is there already) and a fresh server certificate into ``folder``.

    ``days``: life of the server certificate; 397 is the longest that browsers take. Raises
    ``ValueError`` for a host the existing CA is not allowed to vouch for, and for half a CA.
    """
    files = Files.within(folder)
    _check_whole(files)
    folder.mkdir(parents=True, exist_ok=True)
    hosts = tuple(dict.fromkeys((*VENDOR_HOSTS, *_LOCAL, *extra_hosts)))
    if files.ca.exists():
        ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
        loaded = serialization.load_pem_private_key(files.ca_key.read_bytes(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{files.ca_key} was not made by xiutu")
        ca_key = loaded
    else:
        ca_key = ec.generate_private_key(ec.SECP256R1())
        ca = _authority(ca_key, hosts)
        _write_key(files.ca_key, ca_key)
        files.ca.write_bytes(_pem(ca))
    _check_allowed(ca, hosts)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _server(key, ca, ca_key, hosts, days)
    _write_key(files.key, key)
    files.chain.write_bytes(_pem(leaf) + _pem(ca))
    return files


def _check_whole(files: Files) -> None:
    """A new CA would be one that no client trusts yet: never made unasked beside half of an old one."""
    for there, absent in ((files.ca, files.ca_key), (files.ca_key, files.ca)):
        if there.exists() and not absent.exists():
            raise ValueError(
                f"{there} is there without {absent.name}: bring {absent.name} back to renew the server "
                "certificate, or use a new folder for a new CA"
            )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subtree(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_network(host))
    except ValueError:
        return x509.DNSName(host)


def _check_allowed(ca: x509.Certificate, hosts: tuple[str, ...]) -> None:
    allowed = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    refused = [host for host in hosts if _subtree(host) not in (allowed or [])]
    if refused:
        raise ValueError(
            f"the CA in this folder may not vouch for {', '.join(refused)}: use a new folder"
        )


def _authority(key: ec.EllipticCurvePrivateKey, hosts: tuple[str, ...]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "xiutu private CA")])
    constraints = x509.NameConstraints([_subtree(host) for host in hosts], None)
    return (
        _builder(name, name, key, _CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _server(
    key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    hosts: tuple[str, ...],
    days: int,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "xiutu server")])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return (
        _builder(name, ca.subject, key, days)
        .add_extension(
            x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Readable by the owner only, from the first moment on."""
    data = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
