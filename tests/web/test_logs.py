import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from backoffice_api.settings import Settings
from backoffice_api.web import logs

TOKEN = "bo_pKsT3v9QxR7mN2aZ5cW8yB4dF6gH1jLk0uE-iOqV_x"


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    before = logs.about.set({})
    yield
    logs.about.reset(before)
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def configured(log_format: str = "json", log_level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    environ = {"BACKOFFICE_LOG_FORMAT": log_format, "BACKOFFICE_LOG_LEVEL": log_level}
    logs.configure(Settings.from_environment(environ), stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(message: str) -> None:
    raise RuntimeError(message)


class TestConfigure:
    def test_writes_one_json_object_a_line(self) -> None:
        stream = configured()

        structlog.get_logger().info("job done", job_id="job_1", attempts=2)

        (line,) = lines(stream)
        written = datetime.fromisoformat(line.pop("timestamp"))
        assert written.utcoffset() == timedelta(0)
        assert line == {"event": "job done", "level": "info", "job_id": "job_1", "attempts": 2}

    def test_adds_what_is_bound_to_the_request(self) -> None:
        stream = configured()

        logs.about.set({"request_id": "req-1", "actor_id": "stf_1", "path": "/"})
        structlog.get_logger().info("stock adjusted", path="elsewhere")
        logging.getLogger("library").warning("slow")

        assert [(line["request_id"], line["actor_id"]) for line in lines(stream)] == [
            ("req-1", "stf_1"),
            ("req-1", "stf_1"),
        ]

    def test_takes_in_the_lines_of_libraries(self) -> None:
        stream = configured()

        logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)

        (line,) = lines(stream)
        del line["timestamp"]
        assert line == {
            "event": "Started server process [7]",
            "level": "info",
            "logger": "uvicorn.error",
        }

    def test_silences_the_request_lines_of_uvicorn(self) -> None:
        stream = configured()

        logging.getLogger("uvicorn.access").info("GET /graphql?token=x")

        assert stream.getvalue() == ""

    def test_leaves_out_what_is_below_the_level(self) -> None:
        stream = configured(log_level="warning")

        structlog.get_logger().info("a")
        logging.getLogger("library").info("b")
        structlog.get_logger().warning("c")
        logging.getLogger("library").error("d")

        assert [(line["event"], line["level"]) for line in lines(stream)] == [
            ("c", "warning"),
            ("d", "error"),
        ]

    def test_may_be_called_again(self) -> None:
        first = configured()
        second = configured()

        structlog.get_logger().info("a")
        logging.getLogger("library").info("b")

        assert first.getvalue() == ""
        assert [line["event"] for line in lines(second)] == ["a", "b"]


@pytest.mark.parametrize("log_format", ["json", "console"])
class TestLines:
    def test_hold_no_secret(self, log_format: str) -> None:
        stream = configured(log_format)
        log = structlog.get_logger()

        log.info("signed in", password="canary", headers={"Authorization": "Bearer canary"})
        log.info("input", input={"idempotencyKey": "canary", "customer": {"email": "canary"}})
        log.info(f"token {TOKEN} used")
        log.info("connecting", url="postgresql://shop:canary@db/shop")
        logging.getLogger("library").warning("GET %s password=%s", f"/x?t={TOKEN}", "canary")
        log.bind(session_id="canary").info("bound")

        assert stream.getvalue().count("\n") == 6
        assert "canary" not in stream.getvalue()
        assert TOKEN not in stream.getvalue()

    def test_hold_no_secret_of_an_exception(self, log_format: str) -> None:
        stream = configured(log_format)

        try:
            fail(f"cannot reach postgresql://shop:canary@db/shop with {TOKEN}")
        except RuntimeError:
            structlog.get_logger().exception("failed")
            logging.getLogger("library").exception("failed too")

        assert (
            stream.getvalue().count("RuntimeError: cannot reach postgresql://shop:***@db/shop") == 2
        )
        assert "canary" not in stream.getvalue()
        assert TOKEN not in stream.getvalue()

    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\x85", "\u2028", "\x1b[1A\x1b[2K\n"])
    def test_cannot_be_forged_by_a_value(self, log_format: str, ending: str) -> None:
        stream = configured(log_format)
        forged = f"x{ending}2026-11-22T00:00:00Z [info     ] forged"

        structlog.get_logger().info(forged, path=forged, **{forged: forged})
        logging.getLogger("library").warning(forged)

        assert len(stream.getvalue().splitlines()) == 2
        assert "\x1b" not in stream.getvalue()

    def test_cannot_be_forged_by_an_exception(self, log_format: str) -> None:
        stream = configured(log_format)

        try:
            fail("x\n2026-11-22T00:00:00Z [info     ] forged")
        except RuntimeError:
            structlog.get_logger().exception("failed")

        written = stream.getvalue().splitlines()
        events = [line for line in written if line and not line.startswith("    | ")]
        assert len(events) == 1

    def test_take_any_value(self, log_format: str) -> None:
        stream = configured(log_format)

        structlog.get_logger().info("odd", surrogate="\ud800", large=10**5000, nan=float("nan"))

        assert stream.getvalue().count("\n") == 1
        assert "\\ud800" in stream.getvalue()
        assert "(integer of 16610 bits)" in stream.getvalue()
