"""/livez, /readyz, /metrics, the way to the console, maintenance."""

from pathlib import Path

from tests.server import SMALL, RunningServer, checked, jpeg


def test_live_and_ready(server: RunningServer) -> None:
    assert server.client.get("/livez").text == "ok\n"
    answer = server.client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


def test_metrics_have_calls_queue_workers_memory(server: RunningServer) -> None:
    server.call("dehaze", image=jpeg())
    text = server.client.get("/metrics").text
    for name in (
        "xiutu_calls_total",
        "xiutu_call_seconds_bucket",
        "xiutu_step_seconds_bucket",
        "xiutu_queue_jobs",
        "xiutu_running_jobs",
        "xiutu_workers 2.0",
        'xiutu_worker_rss_bytes{worker="0"}',
        "xiutu_body_bytes",
    ):
        assert name in text
    assert server.metric("xiutu_body_bytes") == 0


def test_the_address_leads_to_the_console(server: RunningServer) -> None:
    answer = server.client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/console/")


def test_maintenance_and_switched_off_operators(tmp_path: Path) -> None:
    """R-123, R-134: error 2 in maintenance, 216102 for what is switched off."""
    with RunningServer(tmp_path / "a", **SMALL, XIUTU_MAINTENANCE="true") as server:
        answer = server.client.post("/rest/2.0/image-process/v1/dehaze")
        assert checked(answer) == {"error_code": 2, "error_msg": "Service temporarily unavailable"}
        assert server.client.get("/readyz").status_code == 503
    with RunningServer(
        tmp_path / "b", **SMALL, XIUTU_OPERATORS_OFF="dehaze", XIUTU_STRICT="true",
        XIUTU_TOKEN_ERROR_STATUS="200",
    ) as server:  # fmt: skip
        assert server.call("dehaze", image=jpeg())["error_code"] == 216102
        missing = {"error_code": 282003, "error_msg": "missing parameters: option"}
        assert server.call("style_trans", image=jpeg()) == missing
        refused = server.client.get("/oauth/2.0/token")
        assert (refused.status_code, "error" in refused.json()) == (200, True)
