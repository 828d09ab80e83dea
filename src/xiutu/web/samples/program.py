"""From a request to the text of a program."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from xiutu.web.samples.languages import DIRECT, SDK, Language
from xiutu.web.samples.literals import FILTERS
from xiutu.web.samples.request import Auth, File, Request
from xiutu.web.samples.sdk_methods import NAMED, SDK_METHODS

__all__ = ["Program", "program", "sdk_languages"]

ACTION = "ImageInpaintingRemoval"


@dataclass(frozen=True)
class Program:
    language: Language
    code: str


def sdk_languages(request: Request) -> tuple[str, ...]:
    """Languages whose vendor SDK can make this call: it sends a file, and knows the interface."""
    if request.interface == ACTION:
        return tuple(SDK["tencent"])
    if request.interface == "classification":
        return ("python",) if "image" in request.files_by_name else ()
    if "image" not in request.files_by_name or len(request.files) > 1:
        return ()
    return tuple(
        language
        for language in SDK["baidu"]
        if request.interface in SDK_METHODS[language]
        and all(name in request.values for name in NAMED.get((language, request.interface), ()))
    )


def program(language: str, request: Request, *, sdk: bool = False) -> Program:
    """The program in a language of ``DIRECT``, or with ``sdk`` in one of ``sdk_languages``.

    Raises ``KeyError`` for others and ``InvalidParameter`` for values no program text can hold.
    """
    vendor = "tencent" if request.interface == ACTION else "baidu"
    if sdk and language not in sdk_languages(request):
        raise KeyError(language)
    row = SDK[vendor][language] if sdk else DIRECT[language]
    name = f"{vendor}_sdk_{language}.j2" if sdk else f"{language}.j2"
    named = NAMED.get((language, request.interface), ())
    taken = {"image", *named}
    text = (
        _environment()
        .get_template(name)
        .render(
            r=request,
            token=request.auth is Auth.TOKEN,
            bce=request.auth is Auth.BCE,
            tc3=request.auth is Auth.TC3,
            method=SDK_METHODS.get(language, {}).get(request.interface, ""),
            named={name: request.values[name] for name in named if name in request.values},
            options={n: v for n, v in request.values.items() if n not in taken},
            run=row.run,
            needs=row.needs,
        )
    )
    return Program(row, text.rstrip("\n") + "\n")


def _is_file(value: object) -> bool:
    return isinstance(value, File)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("xiutu.web.samples", "templates"),
        autoescape=False,  # noqa: S701 - programs, not pages; the filters quote every value
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FILTERS)
    made.tests["file"] = _is_file
    return made
