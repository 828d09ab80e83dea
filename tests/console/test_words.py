"""Every word of the console is there in Chinese, with the same placeholders."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import xiutu.web
from tests.console.house import House
from xiutu import contract, errors
from xiutu.errors import XiutuError
from xiutu.web.content import explained, sdks
from xiutu.web.fields import LABELS, VALUES
from xiutu.web.i18n import chinese, translate
from xiutu.web.pages.tickets import TOPICS

FOLDER = Path(xiutu.web.__file__).parent
_IN_TEMPLATES = re.compile(r"""\b_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def in_templates() -> Iterator[str]:
    for path in FOLDER.rglob("*.html"):
        for found in _IN_TEMPLATES.finditer(path.read_text("utf-8")):
            yield ast.literal_eval(found[1])


def in_pages() -> Iterator[str]:
    """Texts given to ``visit.t``, and the values of tables of advice by code."""
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "t":
                if node.args and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)
            elif isinstance(node, ast.Dict) and node.keys:
                codes = [k.value for k in node.keys if isinstance(k, ast.Constant)]
                if codes and all(isinstance(code, int) for code in codes):
                    texts = [v.value for v in node.values if isinstance(v, ast.Constant)]
                    yield from (text for text in texts if isinstance(text, str))


def in_tables() -> Iterator[str]:
    yield from LABELS.values()
    yield from VALUES.values()
    yield from (text for topic in TOPICS.values() for text in topic if text)
    for sdk in sdks().values():
        yield from (text for pair in sdk.get("questions", []) for text in pair)


def in_contract() -> Iterator[str]:
    for row in contract.operators().values():
        yield row.purpose
        yield from (p.meaning for p in row.params if p.name not in ("image", "url", "pdf_file"))


def publics(kind: type[XiutuError]) -> Iterator[str]:
    yield kind.public
    for child in kind.__subclasses__():
        yield from publics(child)


def test_nothing_is_missing_in_chinese() -> None:
    used = {*in_templates(), *in_pages(), *in_tables(), *in_contract()}
    assert len(used) > 500
    assert sorted(used - chinese().keys()) == []


def test_placeholders_are_the_same() -> None:
    for english, text in chinese().items():
        assert sorted(re.findall(r"{\w+}", english)) == sorted(re.findall(r"{\w+}", text)), english


def test_errors_of_people_are_in_chinese() -> None:
    own = set(publics(errors.PlatformError)) | set(publics(errors.PictureError))
    known = [text for text in own if text in chinese()]
    assert len(known) > 20


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_error_code_is_explained(language: str) -> None:
    for code in contract.error_codes():
        told = explained(code, language)
        assert told.cause and told.remedy
        if language == "zh":
            assert re.search("[一-鿿]", told.cause + told.remedy)


def test_unknown_words_stay_english() -> None:
    assert translate("zh", "no such words {n}", n=3) == "no such words 3"


def test_chinese_pages_have_no_english_left_in_navigation(house: House) -> None:
    visitor = house.visit(house.acme)
    visitor.get("/language/zh?next=/console/")
    page = visitor.page("/")
    for word in ("体验", "应用", "用量", "资源", "财务", "工单", "文档"):
        assert f">{word}</a>" in page
