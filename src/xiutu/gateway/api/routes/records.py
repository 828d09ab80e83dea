"""Notices, the record of actions, and whether the ledgers agree."""

from typing import Annotated

from fastapi import APIRouter, Query

from xiutu.gateway.api.access import ADMIN_ONLY, Own, PlatformOf
from xiutu.gateway.api.paging import Paging, newest
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.records import ActionView, LedgerReportView, NoticeView

router = APIRouter(tags=["records"])


@router.get("/accounts/{account}/notices")
def list_notices(
    account: Own,
    platform: PlatformOf,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> list[NoticeView]:
    """The latest notices, newest first."""
    found = platform.billing.notices.of(account.name, limit)
    return [NoticeView.model_validate(notice) for notice in found]


@router.get("/accounts/{account}/actions")
def list_account_actions(account: Own, platform: PlatformOf, paging: Paging) -> Page[ActionView]:
    """What was done to the account and by whom, newest first."""
    return newest(
        lambda before_id, limit: platform.actions.list(
            account=account.name, before_id=before_id, limit=limit
        ),
        paging,
        lambda action: action.id,
        ActionView,
    )


@router.get("/actions", dependencies=[ADMIN_ONLY])
def list_actions(platform: PlatformOf, paging: Paging) -> Page[ActionView]:
    """What was done by whom, newest first."""
    return newest(
        lambda before_id, limit: platform.actions.list(before_id=before_id, limit=limit),
        paging,
        lambda action: action.id,
        ActionView,
    )


@router.get("/ledger/verify", dependencies=[ADMIN_ONLY])
def verify_ledger(platform: PlatformOf) -> LedgerReportView:
    """Replay every ledger and compare with what the accounts hold. Minutes for millions of rows."""
    return LedgerReportView.model_validate(platform.billing.audit.verify())
