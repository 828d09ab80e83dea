"""Programs that call this server: one template for each language, filled from one description."""

from xiutu.web.samples.languages import DIRECT, LANGUAGES, SDK, Language
from xiutu.web.samples.program import Program, program, sdk_languages
from xiutu.web.samples.request import KEY, SECRET, Auth, File, Json, Request

__all__ = [
    "DIRECT",
    "KEY",
    "LANGUAGES",
    "SDK",
    "SECRET",
    "Auth",
    "File",
    "Json",
    "Language",
    "Program",
    "Request",
    "program",
    "sdk_languages",
]
