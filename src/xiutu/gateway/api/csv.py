"""CSV files as answers."""

from collections.abc import Iterable

from starlette.responses import Response

__all__ = ["csv_answer"]


def csv_answer(name: str, lines: Iterable[str]) -> Response:
    """A file to save. The mark in front lets spreadsheets see that it is UTF-8."""
    body = "\ufeff" + "".join(lines)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(body.encode(), media_type="text/csv", headers=headers)
