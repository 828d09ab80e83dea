"""``xiutu ledger``: is the book-keeping right?"""

import typer

from xiutu.cli._options import Json
from xiutu.cli._platform import opened, print_view
from xiutu.gateway.api.views.records import LedgerReportView

__all__ = ["app"]

app = typer.Typer(help="The ledgers of money, quota and calls.", no_args_is_help=True)


@app.command("verify")
def verify(as_json: Json = False) -> None:
    """Replay every ledger and compare with what the accounts hold. Exit code 1 when it differs.

    May run beside a server: it reads one consistent state.
    """
    with opened() as platform:
        report = platform.billing.audit.verify()
    view = LedgerReportView.model_validate(report)
    if as_json:
        print_view(view, as_json)
    else:
        for problem in report.problems:
            typer.echo(problem)
        verdict = "clean" if report.clean else f"{len(report.problems)} problems"
        typer.echo(
            f"{verdict}: {report.accounts} accounts, {report.movements} movements of money, "
            f"{report.bills} bills, {report.calls} billed calls"
        )
    if not report.clean:
        raise typer.Exit(1)


@app.command("settle")
def settle() -> None:
    """Bill the hours that are over, now; a running server does it by itself at every full hour."""
    with opened() as platform:
        made = platform.billing.bills.settle()
    typer.echo(f"{len(made)} bills")
