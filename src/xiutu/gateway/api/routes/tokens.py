"""Tokens of this API: administrators' and accounts'."""

from fastapi import APIRouter

from xiutu.gateway.api.access import ADMIN_ONLY, Admin, Anyone, Number, Own, PlatformOf
from xiutu.gateway.api.inputs import Input, Moment, Name
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.views.accounts import IssuedTokenView, TokenView
from xiutu.gateway.api.views.base import Page
from xiutu.platform.management.models import IssuedToken

router = APIRouter(tags=["tokens"])


class NewToken(Input):
    """Without `expires_at` it is good until it is revoked."""

    name: Name
    expires_at: Moment | None = None


@router.get("/me")
def show_me(caller: Anyone) -> TokenView:
    """The token that asks."""
    return TokenView.model_validate(caller)


@router.get("/tokens", dependencies=[ADMIN_ONLY])
def list_tokens(platform: PlatformOf, paging: Paging) -> Page[TokenView]:
    """Every token, revoked ones too, oldest first."""
    return cut(platform.api_tokens.all(), paging, lambda token: token.id, TokenView)


@router.post("/tokens", status_code=201)
def create_admin_token(body: NewToken, caller: Admin, platform: PlatformOf) -> IssuedTokenView:
    """Make a token of an administrator."""
    with platform.actions.recording(caller.actor, "token.create", role="admin") as note:
        made = platform.api_tokens.create(body.name, expires_at=body.expires_at, actor=caller.actor)
        note.target = str(made.token.id)
    return _issued(made)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(token_id: Number, caller: Admin, platform: PlatformOf) -> None:
    """Refuse any token from now on."""
    with platform.actions.recording(caller.actor, "token.revoke", target=token_id):
        platform.api_tokens.revoke(token_id)


@router.get("/accounts/{account}/tokens")
def list_account_tokens(account: Own, platform: PlatformOf, paging: Paging) -> Page[TokenView]:
    """The account's tokens, revoked ones too, oldest first."""
    return cut(platform.api_tokens.all(account.name), paging, lambda token: token.id, TokenView)


@router.post("/accounts/{account}/tokens", status_code=201)
def create_account_token(
    body: NewToken, account: Own, caller: Anyone, platform: PlatformOf
) -> IssuedTokenView:
    """Make a token that sees this account only."""
    with platform.actions.recording(
        caller.actor, "token.create", account=account.name, role="account"
    ) as note:
        made = platform.api_tokens.create(
            body.name, account=account.name, expires_at=body.expires_at, actor=caller.actor
        )
        note.target = str(made.token.id)
    return _issued(made)


@router.delete("/accounts/{account}/tokens/{token_id}", status_code=204)
def revoke_account_token(
    token_id: Number, account: Own, caller: Anyone, platform: PlatformOf
) -> None:
    """Refuse a token of this account from now on."""
    with platform.actions.recording(
        caller.actor, "token.revoke", account=account.name, target=token_id
    ):
        platform.api_tokens.revoke(token_id, account=account.name)


def _issued(made: IssuedToken) -> IssuedTokenView:
    shown = TokenView.model_validate(made.token).model_dump(exclude={"role"})
    return IssuedTokenView(**shown, token=made.secret)
