import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from backoffice_api.web.health import Check, CheckResult, Health

NO_REQUEST = Request({"type": "http"})


async def _fine() -> CheckResult:
    return CheckResult(True)


async def _behind() -> CheckResult:
    return CheckResult(False, "2 migrations behind")


async def _broken() -> CheckResult:
    raise RuntimeError("cannot reach postgresql://shop:canary@db/shop")


def client(checks: Mapping[str, Check]) -> TestClient:
    return TestClient(Starlette(routes=Health(checks).routes()))


async def ready(health: Health) -> tuple[int, Any]:
    answer = await health.readyz(NO_REQUEST)
    return answer.status_code, json.loads(bytes(answer.body))


class TestHealthz:
    def test_asks_nothing_but_the_process(self) -> None:
        answer = client({"database": _broken}).get("/healthz")

        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


class TestReadyz:
    def test_is_ready_when_every_check_holds(self) -> None:
        answer = client({"queue": _fine, "database": _fine}).get("/readyz")

        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ready",
            "checks": {"database": {"ok": True}, "queue": {"ok": True}},
        }

    def test_is_ready_when_there_is_nothing_to_check(self) -> None:
        answer = client({}).get("/readyz")

        assert (answer.status_code, answer.json()) == (200, {"status": "ready", "checks": {}})

    def test_names_the_check_that_does_not_hold(self) -> None:
        answer = client({"database": _fine, "migrations": _behind}).get("/readyz")

        assert answer.status_code == 503
        assert answer.json() == {
            "status": "unavailable",
            "checks": {
                "database": {"ok": True},
                "migrations": {"ok": False, "detail": "2 migrations behind"},
            },
        }

    def test_says_nothing_of_an_exception_but_in_the_log(self) -> None:
        with capture_logs() as written:
            answer = client({"database": _broken}).get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["checks"] == {
            "database": {"ok": False, "detail": "failed; the log says why"}
        }
        assert [(line["event"], line["check"], line["exc_info"]) for line in written] == [
            ("health check failed", "database", True)
        ]

    async def test_does_not_wait_for_a_check_that_hangs(self) -> None:
        release = asyncio.Event()

        async def hanging() -> CheckResult:
            await release.wait()
            return CheckResult(True)

        health = Health({"database": hanging, "queue": _fine}, timeout_s=0.01)

        assert await ready(health) == (
            503,
            {
                "status": "unavailable",
                "checks": {
                    "database": {"ok": False, "detail": "no answer within 0.01 s"},
                    "queue": {"ok": True},
                },
            },
        )
        release.set()
        assert (await ready(health))[0] == 200

    async def test_begins_a_check_that_hangs_only_once(self) -> None:
        release = asyncio.Event()
        begun = 0

        async def hanging() -> CheckResult:
            nonlocal begun
            begun += 1
            await release.wait()
            return CheckResult(True)

        health = Health({"database": hanging}, timeout_s=0.01)

        answers = [*await asyncio.gather(ready(health), ready(health)), await ready(health)]
        assert [status for status, _body in answers] == [503, 503, 503]
        assert begun == 1

        release.set()
        await ready(health)
        await ready(health)
        assert begun == 2

    @pytest.mark.parametrize("method", ["POST", "DELETE"])
    def test_is_only_for_asking(self, method: str) -> None:
        assert client({}).request(method, "/readyz").status_code == 405
