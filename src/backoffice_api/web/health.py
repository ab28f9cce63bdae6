"""Two questions that a supervisor asks: does the process live, and can it do its work?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = structlog.get_logger("backoffice_api.health")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found. `detail` is public: words and numbers of ours, no exception's text."""

    ok: bool
    detail: str = ""


Check = Callable[[], Awaitable[CheckResult]]


class Health:
    """Answers `/healthz` (the process is up; nothing else is asked) and `/readyz`.

    `checks` says what must hold to be ready, by name. Each has `timeout_s` seconds. One that hangs
    is not begun a second time: probes share it until it ends, so that they cannot pile up on a
    database that does not answer.
    """

    def __init__(self, checks: Mapping[str, Check], *, timeout_s: float = 2.0) -> None:
        self._checks = dict(checks)
        self._timeout_s = timeout_s
        self._running: dict[str, asyncio.Task[CheckResult]] = {}

    def routes(self) -> list[Route]:
        """`/healthz` and `/readyz`, neither of which asks for a token."""
        return [Route("/healthz", self.healthz), Route("/readyz", self.readyz)]

    async def healthz(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """200 where every check holds, else 503; the body says which does not, either way."""
        names = sorted(self._checks)
        tasks = [self._task(name) for name in names]
        if tasks:
            await asyncio.wait(tasks, timeout=self._timeout_s)
        results = {name: self._result(task) for name, task in zip(names, tasks, strict=True)}
        ready = all(result.ok for result in results.values())
        return JSONResponse(
            {
                "status": "ready" if ready else "unavailable",
                "checks": {
                    name: {"ok": result.ok} | ({"detail": result.detail} if result.detail else {})
                    for name, result in results.items()
                },
            },
            status_code=200 if ready else 503,
        )

    def _task(self, name: str) -> asyncio.Task[CheckResult]:
        running = self._running.get(name)
        if running is None or running.done():
            running = self._running[name] = asyncio.create_task(self._run(name))
        return running

    async def _run(self, name: str) -> CheckResult:
        try:
            return await self._checks[name]()
        except Exception:  # a check may fail in any way, and a probe must be answered
            log.warning("health check failed", check=name, exc_info=True)
            return CheckResult(False, "failed; the log says why")

    def _result(self, task: asyncio.Task[CheckResult]) -> CheckResult:
        if task.done():
            return task.result()
        return CheckResult(False, f"no answer within {self._timeout_s:g} s")
