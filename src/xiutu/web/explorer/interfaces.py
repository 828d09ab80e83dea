"""Every interface of this server as people build requests to it: inputs, ways to prove who calls."""

from dataclasses import dataclass

from xiutu import contract
from xiutu.contract import Operator, Parameter
from xiutu.contract.services import CUSTOM_CLASSIFICATION, TENCENT_INPAINTING
from xiutu.gateway.tencent.action import ACTION
from xiutu.web.samples import Auth
from xiutu.web.visit import Visit

__all__ = ["CLASSIFICATION", "TENCENT", "Input", "Interface", "find", "offered"]

TENCENT = "tencent"
CLASSIFICATION = "classification"
_CLASSIFY_PATH = "/rpc/2.0/ai_custom/v1/classification/"
_FILES = {"image", "style", "pdf_file"}
_FIRST = {
    ("inpainting", "rectangle"): '[{"left": 60, "top": 60, "width": 80, "height": 60}]',
    ("denoise", "option"): "60",
    ("customize_stylization", "style_id"): "0",
    ("style_trans", "option"): "cartoon",
    ("segment", "method"): "auto",
}


@dataclass(frozen=True)
class Input:
    """``kind``: file, text, number, choice or json. ``value`` is what it begins with; "" is not sent.
    ``sample`` of a file: ``picture``, ``mask`` (drawn to its size) or "" where there is none."""

    name: str
    kind: str
    required: bool
    help: str = ""
    value: str = ""
    choices: tuple[str, ...] = ()
    own: bool = False
    sample: str = ""


@dataclass(frozen=True)
class Interface:
    """``id`` is its part of the page's address, ``service`` what an app must have ticked, ``name`` what
    programs call it. ``saves``: members of the answer that are pictures."""

    id: str
    service: str
    name: str
    title: str
    path: str
    as_json: bool
    auths: tuple[Auth, ...]
    inputs: tuple[Input, ...]
    saves: tuple[tuple[str, str], ...]
    services: tuple[str, ...] = ()

    @property
    def tencent(self) -> bool:
        return self.id == TENCENT


def offered(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Id and title of every interface, in the order of the documents."""
    zh = visit.language == "zh"
    rows = [(row.id, row.zh if zh else row.en) for row in contract.operators().values()]
    for key, service in ((CLASSIFICATION, CUSTOM_CLASSIFICATION), (TENCENT, TENCENT_INPAINTING)):
        rows.append((key, service.zh if zh else service.en))
    return tuple(rows)


def find(visit: Visit, name: str) -> Interface | None:
    """None: there is no such interface."""
    title = dict(offered(visit)).get(name, "")
    if name == TENCENT:
        return _tencent(visit, title)
    if name == CLASSIFICATION:
        return _classification(visit, title)
    row = contract.operators().get(name)
    return None if row is None else _operator(visit, row, title)


def _operator(visit: Visit, row: Operator, title: str) -> Interface:
    several = len(row.response.picture_fields) > 1
    kind = "png" if several or row.id == "segment" else "jpg"
    return Interface(
        id=row.id,
        service=row.id,
        name=row.id,
        title=title,
        path=row.path,
        as_json=row.content_type == "application/json",
        auths=(Auth.TOKEN, Auth.BCE),
        inputs=tuple(_input(visit, row.id, parameter) for parameter in row.params),
        saves=tuple(
            (n, f"{n if several else 'result'}.{kind}") for n in row.response.picture_fields
        ),
    )


def _input(visit: Visit, operator: str, row: Parameter) -> Input:
    kind = "text"
    if row.name in _FILES:
        kind = "file"
    elif row.enum:
        kind = "choice"
    elif row.type in ("int", "float"):
        kind = "number"
    elif row.type in ("list", "array[object]"):
        kind = "json"
    return Input(
        name=row.name,
        kind=kind,
        required=row.required is True,
        help=visit.t(row.meaning),
        value="picture" if row.name == "image" else _FIRST.get((operator, row.name), ""),
        choices=row.enum or (),
        own=row.own,
        sample="" if row.name == "pdf_file" else "picture",
    )


def _classification(visit: Visit, title: str) -> Interface:
    own = {app.app_id for app in visit.platform.apps.all(visit.account_name)}
    names = tuple(
        service.name
        for service in visit.context.classifiers.services.all()
        if service.running and (service.apps is None or service.apps & own)
    )
    inputs = (
        Input(
            "image",
            "file",
            True,
            visit.t("Base64 of the picture, without a head."),
            "picture",
            sample="picture",
        ),
        Input("url", "text", False, visit.t("Address of a picture; sent with input_type=url.")),
        Input(
            "top_num", "number", False, visit.t("How many classes are answered; 6 without it."), "5"
        ),
    )
    return Interface(
        id=CLASSIFICATION,
        service=CUSTOM_CLASSIFICATION.id,
        name="classification",
        title=title,
        path=_CLASSIFY_PATH,
        as_json=True,
        auths=(Auth.TOKEN, Auth.BCE),
        inputs=inputs,
        saves=(),
        services=names,
    )


def _tencent(visit: Visit, title: str) -> Interface:
    t = visit.t
    inputs = (
        Input(
            "InputImage",
            "file",
            False,
            t("Base64 of the picture; one of InputImage and InputUrl."),
            "picture",
            sample="picture",
        ),
        Input("InputUrl", "text", False, t("Address of the picture; wins over InputImage.")),
        Input(
            "Mask",
            "file",
            False,
            t("Base64 of a grey picture of the same size: white goes, black stays."),
            "picture",
            sample="mask",
        ),
        Input("MaskUrl", "text", False, t("Address of the mask; wins over Mask.")),
        Input(
            "RspImgType",
            "choice",
            False,
            t("The result as base64, or as an address that is good for an hour."),
            "",
            ("base64", "url"),
        ),
        Input("LogoAdd", "number", False, t("1 marks the result as made by AI, 0 does not."), "0"),
        Input("LogoParam", "json", False, t("The mark: LogoUrl or LogoImage, and LogoRect.")),
        Input(
            "DryRun",
            "choice",
            False,
            t("Check only: answers DryRunOperation where all is well."),
            "",
            ("true", "false"),
        ),
    )
    return Interface(
        id=TENCENT,
        service=TENCENT_INPAINTING.id,
        name=ACTION,
        title=title,
        path="/",
        as_json=True,
        auths=(Auth.TC3,),
        inputs=inputs,
        saves=(("ResultImage", "result.jpg"),),
    )
