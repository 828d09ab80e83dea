"""Custom models in the console: data sets, a training, its evaluation, a service and a photo to try it.

R-219 by pages. The training runs in this process; everything else goes through the pages.
"""

import base64
import io
import re
import zipfile
from collections.abc import Iterator

import httpx2
import pytest

from tests.classify.shapes import CLASSES, archive, drawn
from tests.console.house import House, Visitor

SHAPES = "形状 & <shapes>"


@pytest.fixture(scope="module")
def root(house: House) -> Visitor:
    return house.administrator("acme")


def upload(visitor: Visitor, path: str, data: bytes, **query: str) -> httpx2.Response:
    headers = {"x-form-token": visitor.token, "content-type": "application/octet-stream"}
    return visitor.http.post(f"/console{path}", params=query, content=data, headers=headers)


@pytest.fixture(scope="module")
def shapes(house: House, root: Visitor) -> str:
    """Address of a data set of 18 drawn pictures in 3 classes."""
    answer = root.post("/models", {"name": SHAPES})
    path = answer.headers["location"].removeprefix("/console")
    assert re.fullmatch(r"/models/sets/\d+", path)
    done = upload(root, f"{path}/archive", archive(6))
    assert done.status_code == 201, done.text
    assert (done.json()["added"], done.json()["unusable"]) == (18, [])
    return str(path)


@pytest.fixture(scope="module")
def model(house: House, root: Visitor, shapes: str) -> Iterator[str]:
    """Address of a model trained on it, started by the page."""
    # A leaf that is held out goes to the stripes: the evaluation must find that.
    held = ids(root.page(shapes), "leaf", "held out")[0]
    root.done(f"{shapes}/move", {"ids": held, "label": "stripes"})
    path = root.post(f"{shapes}/train").headers["location"].removeprefix("/console")
    waiting = root.get(f"{path}/state").json()
    assert waiting == {
        "state": "queued", "over": False, "progress": 0.0, "step": "Waiting for its turn",
    }  # fmt: skip
    assert "Waiting for its turn" in root.page(path) and 'id="training"' in root.page(path)
    house.context.classifiers.jobs.work(int(path.rsplit("/", 1)[1]))
    ready = root.get(f"{path}/state").json()
    assert (ready["state"], ready["over"], ready["progress"]) == ("ready", True, 1.0)
    yield str(path)


def ids(page: str, label: str, said: str = "") -> list[str]:
    """Numbers of the pictures shown in a class, whose thumbnails say something."""
    section = page.split(f'data-label="{label}"')[1].split("</section>", maxsplit=1)[0]
    rows = [row for row in section.split("</li>") if said in row]
    return re.findall(r'name="ids" value="(\d+)"', "".join(rows))


def test_pictures_come_in_and_show(root: Visitor, shapes: str) -> None:
    answer = upload(root, f"{shapes}/upload", drawn("leaf", 70), label="leaf", source="<x>.jpg")
    assert answer.status_code == 201 and answer.json()["added"] == 1
    again = upload(root, f"{shapes}/upload", drawn("leaf", 70), label="leaf", source="x.jpg")
    assert again.json()["present"] == 1
    broken = upload(root, f"{shapes}/upload", drawn("leaf", 71)[:300], label="leaf", source="y.jpg")
    assert [row[0] for row in broken.json()["unusable"]] == ["y.jpg"]
    assert upload(root, f"{shapes}/archive", b"no zip").status_code == 422
    page = root.page(shapes)
    assert "形状 &amp; &lt;shapes&gt;" in page and "&lt;x&gt;.jpg" in page and SHAPES not in page
    assert "19 pictures in 3 classes" in page
    assert len(ids(page, "leaf")) == 7
    number = ids(page, "leaf")[0]
    small = root.get(f"{shapes}/pictures/{number}")
    assert small.headers["content-type"] == "image/jpeg" and small.content[:2] == b"\xff\xd8"
    assert root.get(f"{shapes}/pictures/999999").status_code == 404
    assert len(ids(root.page(f"{shapes}?label=leaf"), "leaf")) == 7
    root.done(f"{shapes}/remove", {"ids": ids(page, "leaf")[-1]})
    assert "18 pictures in 3 classes" in root.page(shapes)


def test_uploads_need_the_page(house: House, root: Visitor, shapes: str) -> None:
    def status(visitor: Visitor, token: str) -> int:
        answer = visitor.http.post(
            f"/console{shapes}/upload?label=leaf",
            content=drawn("leaf", 80),
            headers={"x-form-token": token},
        )
        return answer.status_code

    assert status(root, "") == 403
    owner = house.visit(house.acme)
    assert status(owner, owner.token) == 403, "data sets belong to the installation"
    assert status(Visitor(house, None), "") == 401
    assert "18 pictures" in root.page(shapes)


def test_moving_renaming_and_the_check(root: Visitor) -> None:
    path = root.post("/models", {"name": "few"}).headers["location"].removeprefix("/console")
    assert "There must be at least 2 classes." in root.page(path)
    for number in range(5):
        upload(root, f"{path}/upload", drawn("circle", number), label="circle")
    upload(root, f"{path}/upload", drawn("leaf", 1), label="leaf")
    page = root.page(path)
    assert "Each class needs 5 pictures: leaf" in page
    assert re.search(r'id="train" disabled', page)
    assert "leaf (1)" in root.refused(f"{path}/train")
    assert "tick pictures first" in root.refused(f"{path}/move", {"label": "leaf"})
    moved = ids(page, "circle")[:2]
    page = root.done(f"{path}/move", {"ids": moved, "label": "leaf"})
    assert (len(ids(page, "circle")), len(ids(page, "leaf"))) == (3, 3)
    page = root.done(f"{path}/rename", {"old": "leaf", "new": "circle"})
    assert len(ids(page, "circle")) == 6 and 'data-label="leaf"' not in page
    assert "a data set" in root.refused("/models", {"name": "few"})
    root.done(f"{path}/delete")
    assert root.get(path).status_code == 404


def test_what_a_model_is_worth(root: Visitor, model: str) -> None:
    page = root.page(model)
    accuracy = re.search(r'id="accuracy">([\d.]+) %', page)
    assert accuracy and 50 < float(accuracy[1]) <= 100
    matrix = page.split('id="confusion"')[1].split("</table>")[0]
    assert sum(int(n) for n in re.findall(r'<td class="(?:hit|miss)[^>]*>(\d+)', matrix)) >= 3
    for kind in CLASSES:
        assert f'<th scope="row">{kind}</th>' in page
    wrong = page.count("taken for") - page.count("what it was taken for")
    assert wrong and "stripes, taken for leaf" in page
    for number in range(wrong):
        assert root.get(f"{model}/mistakes/{number}").content[:2] == b"\xff\xd8"
    assert root.get(f"{model}/mistakes/{wrong}").status_code == 404
    exported = root.get(f"{model}/export").content
    assert "model.onnx" in zipfile.ZipFile(io.BytesIO(exported)).namelist()


def attempt(visitor: Visitor, path: str, app: str, data: bytes) -> httpx2.Response:
    image = base64.b64encode(data).decode()
    return visitor.http.post(
        f"/console{path}/try?app={app}",
        json={"image": image, "top_num": 2},
        headers={"x-form-token": visitor.token},
    )


def test_publish_try_stop_and_roll_back(house: House, root: Visitor, model: str) -> None:
    path, app = "/models/services/console-shapes", house.acme.app.app_id
    assert "an API name has" in root.refused(f"{model}/publish", {"name": "no name"})
    page = root.done(f"{model}/publish", {"name": "console-shapes"})
    assert "/rpc/2.0/ai_custom/v1/classification/console-shapes" in page
    answer = attempt(root, path, app, drawn("leaf", 300)).json()
    assert answer["results"][0]["name"] == "leaf" and len(answer["results"]) == 2
    (entry, *_) = house.platform.ledger.recent(app_id=app)
    assert (entry.api, entry.credential, entry.operator, entry.code) == (
        "console", "session", "classification/console-shapes", 0,
    )  # fmt: skip
    other = attempt(root, path, house.beta.app.app_id, drawn("leaf", 300))
    assert other.status_code == 404, "an app of another account than the one looked at"
    assert attempt(root, path, app, b"no picture").json()["error_code"] == 336005
    root.done(f"{model}/publish", {"name": "console-shapes", "open_set": "on"})
    assert house.context.classifiers.services.get("console-shapes").version == 2
    root.done(f"{path}/rollback", {"version": "1"})
    assert house.context.classifiers.services.get("console-shapes").version == 1
    root.done(f"{path}/permit", {"app": house.beta.app.app_id})
    assert attempt(root, path, app, drawn("leaf", 300)).json()["error_code"] == 6
    page = root.done(f"{path}/permit", {"app": [app, house.beta.app.app_id]})
    assert "app of acme, app of beta" in page
    assert "results" in attempt(root, path, app, drawn("leaf", 300)).json()
    root.done(f"{path}/permit", {"all": "on"})
    root.done(f"{path}/stop")
    assert attempt(root, path, app, drawn("leaf", 300)).json()["error_code"] == 336100
    root.done(f"{path}/start")
    assert "is used by service" in root.refused(f"{model}/delete", {"_back": f"/console{model}"})
    assert "console-shapes" in root.page("/models")
    root.done(f"{path}/delete")
    assert root.get(path).status_code == 404


def test_a_waiting_training_is_stopped(root: Visitor, shapes: str) -> None:
    path = root.post(f"{shapes}/train").headers["location"].removeprefix("/console")
    assert "Cancelled" in root.done(f"{path}/cancel")
    root.done(f"{path}/delete")
    assert root.get(path).status_code == 404


def test_in_chinese_and_only_for_administrators(house: House, root: Visitor, shapes: str) -> None:
    root.get("/language/zh?next=/console/")
    assert "训练模型" in root.page(shapes) and "定制模型" in root.page("/models")
    root.get("/language/en?next=/console/")
    owner = house.visit(house.acme)
    assert "/console/models" not in owner.page("/")
    for path in ("/models", shapes):
        answer = owner.get(path)
        assert answer.status_code == 403 and "shapes" not in answer.text.replace(path, "")
