"""``xiutu certs DIR``."""

import json
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["certs"]


def certs(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write the files.")],
    host: Annotated[
        list[str] | None, typer.Option(help="A further host name or address, repeatable.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=3650, help="Life of the server certificate.")
    ] = 397,
    as_json: Annotated[bool, typer.Option("--json", help="Print the paths as JSON.")] = False,
) -> None:
    """Make a private CA and a server certificate for the vendors' host names.

    For networks that send these names to xiutu. Run it again to renew the server certificate; the CA stays.
    """
    from xiutu.cli.certificates import VENDOR_HOSTS, make_certificates

    try:
        files = make_certificates(folder, tuple(host or ()), days)
    except (OSError, ValueError) as error:
        typer.echo(f"xiutu certs: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps({name: str(path) for name, path in vars(files).items()}))
        return
    typer.echo(
        f"{files.ca}      for clients: trust this (NODE_EXTRA_CA_CERTS, keytool, curl --cacert)\n"
        f"{files.ca_key}      keep secret; only needed to renew\n"
        f"{files.chain}  for the server\n"
        f"{files.key}  for the server, keep secret\n"
        f"Next: xiutu serve --host 0.0.0.0 --port 443 --tls-cert {files.chain} --tls-key {files.key}\n"
        f"and let {' and '.join(VENDOR_HOSTS)} resolve to this machine (DNS or hosts file)."
    )
