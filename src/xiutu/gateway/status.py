"""``GET /``: one static page that says what this server offers, until the console exists."""

from functools import cache
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from xiutu import contract
from xiutu.operators._registry import implemented
from xiutu.version import VERSION

__all__ = ["status_page"]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>xiutu</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem;
  color: #1d2330; background: #fafafa }}
h1 small {{ font-size: 1rem; color: #667 }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #dde }}
code {{ background: #eef; padding: 0 .25rem; border-radius: 3px; word-break: break-all }}
.on {{ color: #17733b }} .off {{ color: #99a }}
</style></head><body>
<h1>xiutu 修图 <small>{version}</small></h1>
<p>Self-hosted image enhancement and effects. This server speaks the vendor's protocol: point an
unmodified SDK at it, or POST to the paths below. · 自托管的图像增强与特效服务，兼容厂商 SDK。</p>
<p><a href="/livez">livez</a> · <a href="/readyz">readyz</a> · <a href="/metrics">metrics</a></p>
<table><thead><tr><th>Operator</th><th>接口</th><th>Path</th><th></th></tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""
_ROW = (
    '<tr><td>{en}</td><td>{zh}</td><td><code>{path}</code></td><td class="{css}">{text}</td></tr>'
)


async def status_page(request: Request) -> Response:
    """Operators with their paths and whether they are served here."""
    return HTMLResponse(_render(request.app.state.context.settings.operators_off))


@cache
def _render(switched_off: tuple[str, ...]) -> str:
    rows = []
    for row in contract.operators().values():
        served = row.id in implemented() and row.id not in switched_off
        rows.append(
            _ROW.format(
                en=escape(row.en),
                zh=escape(row.zh),
                path=escape(row.path),
                css="on" if served else "off",
                text="ready" if served else "not offered",
            )
        )
    return _PAGE.format(version=escape(VERSION), rows="\n".join(rows))
