"""Who may do what: dependencies of routes.

``Anyone``: every token. ``Own``: an account, for its own tokens and administrators; another account's
token gets the 404 of an account that is not there. ``Managed``: an account, for administrators.
"""

from typing import Annotated

from fastapi import Depends, Path, Request

from xiutu.classify.datasets import Examine
from xiutu.classify.facade import Classifiers
from xiutu.errors import AccountNotFound, AdminOnly
from xiutu.gateway.api.guard import caller_of
from xiutu.platform.facade import Platform
from xiutu.platform.management.models import ApiToken
from xiutu.platform.models import Account

__all__ = [
    "ADMIN_ONLY",
    "Admin",
    "Anyone",
    "ClassifiersOf",
    "ExamineOf",
    "Managed",
    "Number",
    "Own",
    "PlatformOf",
]


def _platform(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


def _caller(request: Request) -> ApiToken:
    return caller_of(request)


def _classifiers(request: Request) -> Classifiers:
    found: Classifiers = request.app.state.classifiers
    return found


def _examine(request: Request) -> Examine:
    found: Examine = request.app.state.examine
    return found


PlatformOf = Annotated[Platform, Depends(_platform)]
ClassifiersOf = Annotated[Classifiers, Depends(_classifiers)]
ExamineOf = Annotated[Examine, Depends(_examine)]
"""Decodes an uploaded picture, in a worker."""
Anyone = Annotated[ApiToken, Depends(_caller)]
Number = Annotated[int, Path(ge=1, le=2**53 - 1)]
"""A row's number in a path; larger ones do not survive JavaScript."""

_Name = Annotated[str, Path(description="Name of the account, or its number.", max_length=64)]


def _admin(caller: Anyone) -> ApiToken:
    if not caller.admin:
        raise AdminOnly
    return caller


Admin = Annotated[ApiToken, Depends(_admin)]
ADMIN_ONLY = Depends(_admin)
"""For routes that need not know which administrator asks."""


def _own(account: _Name, caller: Anyone, platform: PlatformOf) -> Account:
    missing = AccountNotFound(f"no account {account!r}")
    try:
        found = platform.accounts.find(account)
    except AccountNotFound:
        raise missing from None
    if caller.account_id not in (None, found.id):
        raise missing
    return found


def _managed(account: _Name, caller: Admin, platform: PlatformOf) -> Account:
    return _own(account, caller, platform)


Own = Annotated[Account, Depends(_own)]
Managed = Annotated[Account, Depends(_managed)]
