"""Result links: good for an hour, for whoever has one, for nobody else."""

from pathlib import Path

from tests.gateway.tencent.house import House, code, values
from xiutu.gateway.tencent.results import LIFETIME_S, results_of


def test_an_hour_and_not_longer(tmp_path: Path) -> None:
    """R-241: 3600 s, 403 afterwards, and then the file goes."""
    with House(tmp_path) as house:
        link = house.tc3(values(RspImgType="url"))["ResultImage"]
        assert LIFETIME_S == 3600
        for seconds in (0, 3590):
            house.advance(seconds)
            answer = house.ask("GET", link)
            assert answer.status_code == 200 and answer.content.startswith(b"\x89PNG")
            assert answer.headers["content-type"] == "image/png"
            assert answer.headers["cache-control"].startswith("private, max-age=")
        assert results_of(house.context).sweep() == 0
        house.advance(11)
        assert house.ask("GET", link).status_code == 403
        assert [*(tmp_path / "blobs" / "results").iterdir()]
        assert results_of(house.context).sweep() == 1
        assert not [*(tmp_path / "blobs" / "results").iterdir()]
        assert house.ask("GET", link).status_code == 403


def test_neither_forged_nor_listed(house: House) -> None:
    """R-241: every change of name or signature, another's signature, none at all."""
    first, second = (house.tc3(values(RspImgType="url"))["ResultImage"] for _ in range(2))
    address, _, signature = first.partition("?signature=")
    folder, _, name = address.rpartition("/")
    later = f"{int(name[:10]) + 3600}{name[10:]}"
    for forged in (
        address,
        f"{address}?signature=",
        f"{address}?signature={second.partition('=')[2]}",
        f"{address}?signature={signature[:-1]}{'0' if signature[-1] != '0' else '1'}",
        f"{folder}/{later}?signature={signature}",
        f"{folder}/{name.replace('.png', '.jpg')}?signature={signature}",
        f"{folder}/..%2F..%2Fsecret.key?signature={signature}",
        f"{folder}/{name}%00?signature={signature}",
    ):
        answer = house.ask("GET", forged)
        assert answer.status_code == 403 or answer.json()["error_code"] == 3, forged
    for listing in (folder, f"{folder}/"):
        assert house.ask("GET", listing).json()["error_code"] == 3
    assert house.ask("GET", first).status_code == 200


def test_survives_a_restart(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        link = house.tc3(values(RspImgType="url"))["ResultImage"]
    with House(tmp_path) as house:
        assert house.ask("GET", link).status_code == 200
        (tmp_path / "blobs" / "results" / link.rpartition("/")[2].partition("?")[0]).unlink()
        assert house.ask("GET", link).status_code == 404


def test_address_behind_a_proxy(tmp_path: Path) -> None:
    """PUBLIC_URL wins over what the request says; a folder of it is kept."""
    with House(tmp_path, public_url="https://pictures.example.com/xiutu/") as house:
        link = house.tc3(values(RspImgType="url"))["ResultImage"]
    assert link.startswith("https://pictures.example.com/xiutu/results/")


def test_another_store(tmp_path: Path) -> None:
    """BLOBS_URL: the link is this server's own wherever the picture is."""
    with House(tmp_path / "data", blobs_url=f"file://{tmp_path}/else%20where") as house:
        link = house.tc3(values(RspImgType="url"))["ResultImage"]
        assert house.ask("GET", link).status_code == 200
    assert len([*(tmp_path / "else where" / "results").iterdir()]) == 1
    assert not (tmp_path / "data" / "blobs").exists()


def test_nothing_is_kept_for_base64(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        assert code(house.tc3(values())) == ""
    assert not (tmp_path / "blobs").exists()
