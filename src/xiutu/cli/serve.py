"""``xiutu serve``: everything on one port."""

import os
import ssl
import sys
from pathlib import Path
from typing import Annotated

import typer

from xiutu.errors import XiutuError
from xiutu.settings import Settings, load
from xiutu.version import VERSION

__all__ = ["serve"]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes (setting WORKERS).", min=1)
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(help="Certificate chain (PEM).", exists=True, dir_okay=False)
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="Private key (PEM).", exists=True, dir_okay=False)
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder (setting DATA).")] = None,
) -> None:
    """Start the server. Ctrl-C finishes running work first."""
    if (tls_cert is None) != (tls_key is None):
        raise typer.BadParameter("--tls-cert and --tls-key belong together")
    if workers is not None:
        os.environ["XIUTU_WORKERS"] = str(workers)  # worker processes read the same settings
    if data is not None:
        os.environ["XIUTU_DATA"] = str(data)
    from xiutu.gateway.server import Server

    settings = load()
    try:
        # Certificates and the port are only opened by run().
        code = Server(settings, host, port, tls_cert, tls_key, announce=_announce).run()
    except ssl.SSLError as error:
        typer.echo(f"xiutu: cannot start: {tls_cert} with {tls_key}: {error}", err=True)
        raise typer.Exit(1) from None
    except (OSError, XiutuError) as error:
        typer.echo(f"xiutu: cannot start: {error}", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(code)


def _announce(settings: Settings, address: str, keys: dict[str, str] | None) -> None:
    """The lines a person wants to see once the port is open."""
    from xiutu.platform.console.users import ADMIN

    lines = [f"xiutu {VERSION} is ready: {address}", f"  data folder  {settings.data}"]
    if keys and "password" in keys:
        lines += [
            f"  Console: {address}/console/",
            f"    User        {ADMIN}",
            f"    Password    {keys['password']}      (shown this once; change it in the console)",
        ]
    if keys and "app_id" in keys:
        lines += [
            "  First start: application `default` was made. Its keys:",
            f"    App ID      {keys['app_id']}",
            f"    API Key     {keys['api_key']}",
            f"    Secret Key  {keys['secret_key']}",
        ]
    lines.append("  keys again: xiutu apps show default      stop: Ctrl-C")
    typer.echo("\n".join(lines), file=sys.stdout)
    sys.stdout.flush()
