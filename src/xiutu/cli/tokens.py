"""``xiutu tokens``: tokens of the management API."""

from typing import Annotated

import typer

from xiutu.cli._options import Json, moment
from xiutu.cli._platform import actor, opened, print_view, print_views, recorded
from xiutu.gateway.api.views.accounts import IssuedTokenView, TokenView

__all__ = ["app"]

app = typer.Typer(
    help="Tokens of the management API (/api/v1): an administrator's, or one account's.",
    no_args_is_help=True,
)
OfAccount = Annotated[str | None, typer.Option("--account", help="The account it is for.")]


@app.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    *,
    admin: Annotated[bool, typer.Option("--admin", help="For everything.")] = False,
    account: OfAccount = None,
    expires: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="Moment or day; else until revoked.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it. It cannot be printed again: only its digest is kept."""
    if admin == (account is not None):
        raise typer.BadParameter("either --admin or --account NAME")
    role = "admin" if admin else "account"
    with (
        opened() as platform,
        recorded(platform, "token.create", account=account, role=role) as note,
    ):
        made = platform.api_tokens.create(
            name, account=account, expires_at=moment(expires), actor=actor()
        )
        note.target = str(made.token.id)
    fields = TokenView.model_validate(made.token).model_dump(exclude={"role"})
    print_view(IssuedTokenView(**fields, token=made.secret), as_json)


@app.command("list")
def list_tokens(account: OfAccount = None, as_json: Json = False) -> None:
    """Every token, revoked ones too."""
    with opened() as platform:
        found = platform.api_tokens.all(account)
    columns = ("id", "name", "role", "account", "created_at", "expires_at", "revoked_at")
    print_views([TokenView.model_validate(token) for token in found], columns, as_json)


@app.command("revoke")
def revoke_token(token_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Refuse a token from now on."""
    with opened() as platform, recorded(platform, "token.revoke", target=token_id):
        revoked = platform.api_tokens.revoke(token_id)
    typer.echo(f"revoked {revoked.name} ({revoked.id})")
