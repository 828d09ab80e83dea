"""The routes of the management API, a file for each subject."""

from fastapi import APIRouter

from xiutu.gateway.api.routes import (
    accounts,
    apps,
    bills,
    classify,
    classify_datasets,
    prices,
    quota,
    records,
    shop,
    styles,
    tickets,
    tokens,
    usage,
    wallet,
)

__all__ = ["ROUTERS"]

ROUTERS: tuple[APIRouter, ...] = (
    tokens.router,
    prices.router,
    styles.router,
    accounts.router,
    apps.router,
    wallet.router,
    quota.router,
    shop.router,
    bills.router,
    usage.router,
    classify_datasets.router,
    classify.router,
    tickets.router,
    records.router,
)
