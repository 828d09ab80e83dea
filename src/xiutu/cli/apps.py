"""``xiutu apps``: applications and their keys. Changes count at once, also on a running server."""

from typing import Annotated, Any

import typer

from xiutu.cli._platform import opened, print_fields, print_json, print_rows, recorded
from xiutu.contract.services import tickable_ids
from xiutu.platform.models import App, Credentials, UsageCount

__all__ = ["app"]

app = typer.Typer(
    help="Applications: a key pair each, and the operators it may call.", no_args_is_help=True
)
DEFAULT_ACCOUNT = "default"
Which = Annotated[str, typer.Argument(metavar="NAME|APP_ID", help="The application.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Operators = Annotated[
    str | None,
    typer.Option(
        metavar="A,B|all|none",
        help="Operators it may call, by commas. `all` includes operators of later versions.",
    ),
]
Account = Annotated[str, typer.Option(help="The account that owns it.")]
Within = Annotated[
    str | None, typer.Option("--account", help="Look in this account only (names may repeat).")
]
Description = Annotated[str | None, typer.Option(help="What the application is for.")]


@app.command("create")
def create_app(
    name: Annotated[str, typer.Argument(help="Name of the new application.")],
    *,
    operators: Operators = "all",
    account: Account = DEFAULT_ACCOUNT,
    description: Description = None,
    as_json: Json = False,
) -> None:
    """Make an application and print its keys.

    The key pair serves every interface: API Key and Secret Key, BCE access key pair, Tencent
    SecretId and SecretKey. With --json: {"app_id", "api_key", "secret_key", "account"}.
    """
    ticked = _operators(operators)
    with opened() as platform:
        if account == DEFAULT_ACCOUNT:
            platform.accounts.ensure_default()  # the server may not have been started yet
        with recorded(platform, "app.create", account=account, name=name, operators=ticked) as note:
            made = platform.apps.create(
                name, account=account, operators=ticked, description=description or ""
            )
            note.target = made.app.app_id
    _print_keys(made, as_json)


@app.command("list")
def list_apps(account: Within = None, as_json: Json = False) -> None:
    """Every application, without secret keys (`show` prints them)."""
    with opened() as platform:
        apps = platform.apps.all(account)
    if as_json:
        print_json([_fields(app) for app in apps])
        return
    print_rows(
        ("NAME", "APP ID", "API KEY", "ACCOUNT", "STATE", "OPERATORS"),
        [(a.name, a.app_id, a.api_key, a.account.name, _state(a), _ticked(a)) for a in apps],
    )


@app.command("show")
def show_app(which: Which, account: Within = None, as_json: Json = False) -> None:
    """One application: its keys, its operators, and how often it called each.

    With --json, "operators" null means all.
    """
    with opened() as platform:
        keys = platform.apps.keys(platform.apps.find(which, account).app_id)
        counts = platform.ledger.counts(app_id=keys.app.app_id)
    fields = _fields(keys.app)
    fields["secret_key"] = keys.secret_key
    if as_json:
        fields["usage"] = [_usage(count) for count in counts]
        print_json(fields)
        return
    fields["operators"] = _ticked(keys.app)
    print_fields(fields)
    if counts:
        typer.echo()
        print_rows(
            ("OPERATOR", "SUCCEEDED", "FAILED"),
            [(count.operator, count.succeeded, count.failed) for count in counts],
        )


@app.command("update")
def update_app(
    which: Which,
    *,
    operators: Operators = None,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    description: Description = None,
    enabled: Annotated[
        bool | None,
        typer.Option("--enable/--disable", help="A disabled one is refused until enabled again."),
    ] = None,
    account: Within = None,
    as_json: Json = False,
) -> None:
    """Change what is given and leave the rest. Counts from the next call on."""
    values: dict[str, Any] = {
        key: value
        for key, value in (("name", name), ("description", description), ("enabled", enabled))
        if value is not None
    }
    if operators is not None:
        values["operators"] = _operators(operators)
    if not values:
        raise typer.BadParameter("nothing to change was given")
    with opened() as platform:
        found = platform.apps.find(which, account)
        with recorded(
            platform, "app.update", account=found.account.name, target=found.app_id, **values
        ):
            changed = platform.apps.update(found.app_id, **values)
    if as_json:
        print_json(_fields(changed))
    else:
        print_fields(_fields(changed) | {"operators": _ticked(changed)})


@app.command("rotate")
def rotate_keys(which: Which, account: Within = None, as_json: Json = False) -> None:
    """Give a new Secret Key; the API Key stays. Revokes the old secret and every token at once.

    With --json: {"app_id", "api_key", "secret_key", "account"}.
    """
    with opened() as platform:
        found = platform.apps.find(which, account)
        with recorded(platform, "app.rotate", account=found.account.name, target=found.app_id):
            made = platform.apps.rotate(found.app_id)
    _print_keys(made, as_json)


@app.command("delete")
def delete_app(
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    account: Within = None,
) -> None:
    """Delete an application for good: its keys and tokens are refused from now on."""
    with opened() as platform:
        found = platform.apps.find(which, account)
        if not yes:
            typer.confirm(f"Delete {found.name} ({found.app_id}) for good?", abort=True)
        with recorded(platform, "app.delete", account=found.account.name, target=found.app_id):
            platform.apps.delete(found.app_id)
    typer.echo(f"deleted {found.name} ({found.app_id})")


def _operators(text: str | None) -> list[str] | None:
    if text is None or text.strip() == "all":
        return None
    if text.strip() in ("", "none"):
        return []
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in tickable_ids()]
    if unknown:
        raise typer.BadParameter(
            f"unknown operator {', '.join(unknown)}; choose from: {', '.join(tickable_ids())}",
            param_hint="--operators",
        )
    return names


def _fields(app: App) -> dict[str, Any]:
    return {
        "name": app.name,
        "app_id": app.app_id,
        "api_key": app.api_key,
        "account": app.account.name,
        "description": app.description,
        "operators": None if app.operators is None else sorted(app.operators),
        "state": _state(app),
        "key_generation": app.key_generation,
        "created_at": app.created_at.isoformat(timespec="seconds"),
        "updated_at": app.updated_at.isoformat(timespec="seconds"),
    }


def _usage(count: UsageCount) -> dict[str, Any]:
    return {"operator": count.operator, "succeeded": count.succeeded, "failed": count.failed}


def _state(app: App) -> str:
    return "enabled" if app.active else "disabled"


def _ticked(app: App) -> str:
    return "all" if app.operators is None else ", ".join(sorted(app.operators)) or "none"


def _print_keys(keys: Credentials, as_json: bool) -> None:
    fields = {
        "app_id": keys.app.app_id,
        "api_key": keys.api_key,
        "secret_key": keys.secret_key,
        "account": keys.app.account.name,
    }
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)
