"""`backoffice worker`: a process that does the queued jobs, under a supervisor like the servers."""

import os
import select
import signal
import socket
from contextlib import ExitStack
from pathlib import Path

import structlog

from backoffice_api.app import bench_from, dispatcher_from
from backoffice_api.key_holding import KeyHolding
from backoffice_api.live.notifications import Notifier
from backoffice_api.opening import open_migrated
from backoffice_api.pulse import Pulse
from backoffice_api.serving import CLOSING_S
from backoffice_api.settings import Settings
from backoffice_api.supervisor import BEAT_S, Post, Supervisor
from backoffice_api.tasks.background import background_tasks
from backoffice_api.web import logs
from backoffice_api.worker import Worker

log = structlog.get_logger("backoffice_api.worker")


def work(settings: Settings) -> int:
    """Do queued jobs until told to end; how the program should end then, 0 for well."""
    logs.configure(settings)
    if not hasattr(os, "fork"):
        return run_worker(settings, None)

    def body(post: Post) -> int:
        # Read again, so that a process that replaces another knows of changes.
        return run_worker(Settings.from_environment(os.environ, Path(".env")), post)

    supervisor = Supervisor(
        body,
        silence_s=settings.silence_timeout_s,
        stop_s=settings.shutdown_timeout_s + CLOSING_S,
    )
    return supervisor.run()


def run_worker(settings: Settings, post: Post | None) -> int:
    """Be the process that works. Without a post, nobody replaces it when it falls silent."""
    logs.configure(settings)
    with ExitStack() as at_the_end:
        database = open_migrated(settings)
        at_the_end.callback(database.dispose)
        pulses = Pulse(), Pulse()
        tasks = background_tasks(settings, bench_from(settings, database))
        worker = Worker(database, tasks=tasks, pulse=pulses[0])
        dispatcher = dispatcher_from(settings, database, pulses[1])
        notifier = Notifier(database)
        holding = KeyHolding(database)
        if post is not None:
            for each in pulses:
                post.watch(each.is_well)
        told = _Told(post)
        if database.watch is not None:
            database.watch.start()
        dispatcher.start()
        notifier.start()
        holding.start()
        thread = worker.start()
        log.info("worker.started", database=database.dialect)
        told.wait()
        worker.stop()
        dispatcher.stop()
        notifier.stop()
        thread.join(settings.shutdown_timeout_s)
        dispatcher.join(settings.shutdown_timeout_s)
        holding.stop()
    return 0


class _Told:
    """Waits in the main thread for the word to end, and says meanwhile that the process is well.

    A signal writes a byte and does nothing else: whatever takes a lock in a handler may wait there
    for the very thread that it has interrupted.
    """

    def __init__(self, post: Post | None) -> None:
        self._post = post
        self._ear, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        for each in (signal.SIGTERM, signal.SIGINT) if post is None else (signal.SIGTERM,):
            signal.signal(each, lambda *_: None)
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)

    def wait(self) -> None:
        """Return when the process is to end."""
        listened: list[socket.socket | int] = [self._ear]
        if self._post is not None:
            listened.append(self._post.lifeline)
            self._post.say()
        while not (heard := select.select(listened, [], [], BEAT_S)[0]):
            if self._post is not None:
                self._post.say()
        if self._ear not in heard:
            log.error("worker.supervisor_lost")
