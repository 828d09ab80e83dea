"""The presets of ``customize_stylization`` (A-24): numbers that mean the same for ever."""

from fastapi import APIRouter

from xiutu.gateway.api.views.base import View
from xiutu.operators.customize_stylization import PRESETS

router = APIRouter(tags=["styles"])


class StyleView(View):
    """``id`` is what a call gives as ``style_id``; names in English and Chinese."""

    id: int
    key: str
    en: str
    zh: str


@router.get("/styles")
def list_styles() -> list[StyleView]:
    """The 30 looks a call of customize_stylization can name by `style_id`."""
    return [StyleView.model_validate(preset) for preset in PRESETS]
