"""The form of an operator, made from its contract row: sliders, choices, picture grids, boxes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xiutu import contract
from xiutu.contract import Parameter
from xiutu.operators.customize_stylization import PRESETS
from xiutu.web.assets import FOLDER, base
from xiutu.web.visit import Visit

__all__ = ["Choice", "Field", "fields"]

LABELS = {
    ("denoise", "option"): "Strength",
    "option": "Style",
    "type": "Kind of drawing",
    "mask_id": "Mask",
    "style_id": "Style",
    "style": "Picture with the style",
    "strength": "Strength",
    "detail": "Detail",
    "binarize": "Hardness",
    "boldness": "Boldness",
    "rectangle": "What to remove",
    "position": "Where the subject is",
    "method": "How the subject is found",
    "return_form": "Result",
    "refine_mask": "Smooth edge",
    "pdf_file_num": "Page",
}
"""What people call a parameter; its wire name is shown beside it."""

VALUES = {
    "cartoon": "Cartoon",
    "pencil": "Pencil",
    "color_pencil": "Coloured pencil",
    "warm": "Warm",
    "wave": "The great wave",
    "lavender": "Lavender",
    "mononoke": "Forest spirit",
    "scream": "The scream",
    "gothic": "Gothic",
    "anime": "Anime",
    "anime_mask": "Anime with a mask",
    "rgba": "Cut-out",
    "mask": "Black and white mask",
    "auto": "Automatically",
    "control": "In boxes I draw",
    "true": "Yes",
    "false": "No",
}

_PICTURES = {"option": "style", "mask_id": "mask", "style_id": "preset"}
_FIRST = {("denoise", "option"): 60, ("inpainting", "boldness"): 1}
"""Where a number begins for people: one that is required has no default, and who looks at a filled
hole likes it finished better than careful."""


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    picture: str = ""


@dataclass(frozen=True)
class Field:
    """``kind``: slider, choice, grid, boxes, number or picture. ``when``: shown only beside these."""

    name: str
    kind: str
    label: str
    help: str
    own: bool
    required: bool
    value: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: str = "1"
    choices: tuple[Choice, ...] = ()
    when: Mapping[str, Any] = field(default_factory=dict)


def fields(visit: Visit, operator: str) -> tuple[Field, ...]:
    """The fields of an operator in the order of its contract row."""
    row = contract.operator(operator)
    sources = {"image", "url", "pdf_file"}
    return tuple(_field(visit, row.id, p) for p in row.params if p.name not in sources)


def _field(visit: Visit, operator: str, row: Parameter) -> Field:
    choices = _choices(visit, row)
    default = _FIRST.get((operator, row.name), "" if row.default is None else row.default)
    numeric = row.minimum is not None and row.maximum is not None
    if row.type in ("list", "array[object]"):
        kind = "boxes"
    elif row.is_picture:
        kind = "picture"
    elif any(choice.picture for choice in choices):
        kind = "grid"
    elif row.enum:
        kind = "choice"
    else:
        kind = "slider" if numeric else "number"
    label = LABELS.get((operator, row.name)) or LABELS.get(row.name, row.name)
    return Field(
        name=row.name,
        kind=kind,
        label=visit.t(label),
        help=visit.t(row.meaning),
        own=row.own,
        required=row.required is True,
        value=str(default),
        minimum=None if row.minimum is None else float(row.minimum),
        maximum=None if row.maximum is None else float(row.maximum),
        step="0.05" if row.type == "float" else "1",
        choices=choices,
        when=row.effective_when or {},
    )


def _choices(visit: Visit, row: Parameter) -> tuple[Choice, ...]:
    kind = _PICTURES.get(row.name, "")
    if row.enum:
        return tuple(
            Choice(value, visit.t(VALUES.get(value, value)), _picture(kind, value))
            for value in row.enum
        )
    if not kind or row.type != "int" or row.minimum is None or row.maximum is None:
        return ()
    numbers = range(int(row.minimum), int(row.maximum) + 1)
    if not _picture(kind, str(numbers[0])):
        return ()
    labels = [preset.zh if visit.language == "zh" else preset.en for preset in PRESETS]
    return tuple(
        Choice(str(n), labels[n] if kind == "preset" else f"{n}", _picture(kind, str(n)))
        for n in numbers
    )


def _picture(kind: str, value: str) -> str:
    name = f"pictures/{kind}-{value}.jpg"
    return f"{base()}/{name}" if kind and (FOLDER / name).exists() else ""
