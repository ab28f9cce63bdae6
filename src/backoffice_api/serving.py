"""`backoffice serve`: server processes that share one port, under a supervisor."""

import asyncio
import os
import signal
import socket
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import structlog
import uvicorn

from backoffice_api.app import create_app, keep_what_is_loaded
from backoffice_api.settings import Settings
from backoffice_api.supervisor import BEAT_S, FAILED, Post, Supervisor
from backoffice_api.web import logs
from backoffice_api.web.sockets import MESSAGE_BYTES_MAX

# Beside the time that requests have to end: for jobs to be put down, and connections closed.
CLOSING_S = 2.0
# A server that was killed may have left processes that are about to let go of the port.
_BIND_TIMEOUT_S = 2.0
_LINGER_S = 0.3
_BIND_AGAIN_S = 0.05
_APPLICATION = "backoffice_api.app:from_environment"

log = structlog.get_logger("backoffice_api.serving")


def serve(settings: Settings) -> int:
    """Serve until told to end; how the program should end then, 0 for well."""
    logs.configure(settings)
    if not hasattr(os, "fork"):
        return _serve_alone(settings)
    try:
        listener = _bound(settings)
    except OSError as failure:
        log.error("server.port_taken", host=settings.host, port=settings.port, error=str(failure))
        return FAILED

    def body(post: Post) -> int:
        # Read again, so that processes that replace others know of changes.
        return run_server(Settings.from_environment(os.environ, Path(".env")), listener, post)

    supervisor = Supervisor(
        body,
        count=settings.workers,
        silence_s=settings.silence_timeout_s,
        stop_s=settings.shutdown_timeout_s + CLOSING_S,
        on_stop=listener.close,
    )
    return supervisor.run()


def run_server(settings: Settings, listener: socket.socket, post: Post) -> int:
    """Be one of the server processes until told to end."""
    logs.configure(settings)
    # There are as many that do jobs as one would expect of one server, however many processes.
    has_jobs = settings.worker_in_process and post.place == 0
    application = create_app(replace(settings, worker_in_process=has_jobs), post)
    keep_what_is_loaded()
    Attended(configuration(application, settings), post).run([listener])
    return 0


def configuration(application: object, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves `application`."""
    return uvicorn.Config(
        application,  # type: ignore[arg-type]
        # Not where httptools could not be installed: h11 serves as well, only slower.
        http="backoffice_api.web.joined:JoinedWrites" if find_spec("httptools") else "h11",
        ws="backoffice_api.web.leaving:LeavingSockets",
        ws_max_size=MESSAGE_BYTES_MAX,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )


class Attended(uvicorn.Server):
    """A server whose event loop tells a supervisor that it turns."""

    def __init__(self, config: uvicorn.Config, post: Post) -> None:
        super().__init__(config)
        self._post = post
        self._beating: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._beating = asyncio.create_task(self._beat())
        asyncio.get_running_loop().add_reader(self._post.lifeline, self._lose_parent)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End well: whoever has connected just now may be about to ask, and is answered."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(_LINGER_S)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End when the supervisor says so. Ctrl-C reaches every process, and is for it to hear."""
        if sig == signal.SIGTERM:
            self._leave()

    def _lose_parent(self) -> None:
        asyncio.get_running_loop().remove_reader(self._post.lifeline)
        log.error("server.supervisor_lost")
        self._leave()

    def _leave(self) -> None:
        self._post.is_leaving = True
        self.should_exit = True

    async def _beat(self) -> None:
        while True:
            self._post.say()
            await asyncio.sleep(BEAT_S)


def _bound(settings: Settings) -> socket.socket:
    """A socket at the address of the settings; whoever is up first listens on it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    end_s = time.monotonic() + _BIND_TIMEOUT_S
    while True:
        listener = socket.socket(family)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError:
            listener.close()
            if time.monotonic() > end_s:
                raise
            time.sleep(_BIND_AGAIN_S)
        else:
            return listener


def _serve_alone(settings: Settings) -> int:
    """Where processes cannot be forked, one serves by itself."""
    # Once uvicorn has ended all that was under way it raises the signal again, for whoever handled
    # it before. To be asked to end, and to end well, is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = configuration(_APPLICATION, settings)
    config.factory = True
    uvicorn.Server(config).run()
    return 0
