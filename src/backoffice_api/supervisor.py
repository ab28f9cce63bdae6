"""Keeps processes at work: as many as were asked for, each of which says that it lives (ADR 0048).

The parent has imported the program and does nothing but watch. It has no threads, no connections
and no event loop, so that its children can be forks of it: they are at work in a fraction of the
seconds that the import takes, and share its memory. A child says twice a second that it is well.
One that is silent for too long is killed, and one that has ended is replaced.
"""

import faulthandler
import gc
import mmap
import os
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

import structlog

BEAT_S = 0.5
# How long a child may take until it says for the first time that it is well.
START_TIMEOUT_S = 60.0
# One that lives for less has died at once: whoever follows it waits, longer each time.
YOUNG_S = 1.0
PAUSE_S = 0.25
PAUSE_MAX_S = 3.0
# A silent process is first asked where it stands, and given so long to write it down.
_STACK_S = 0.5
_TICK_S = 0.25
# The parent itself was stopped when it looks again later than this: nobody was silent for that.
_AWAY_S = 1.0
_STACK_BYTES_MAX = 20_000
_WELL, _UNWELL = b".", b"!"
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
FAILED = 1

log = structlog.get_logger("backoffice_api.supervisor")


class _Board:
    """What the parent tells all its children: one byte of memory that they share."""

    _STARTING, _COMPLETE, _STOPPING = b"\0", b"\1", b"\2"

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    @property
    def is_complete(self) -> bool:
        return self._memory[:1] == self._COMPLETE

    @property
    def is_stopping(self) -> bool:
        return self._memory[:1] == self._STOPPING

    def note_complete(self) -> None:
        self._memory[:1] = self._COMPLETE

    def note_stopping(self) -> None:
        self._memory[:1] = self._STOPPING


class Post:
    """The place that a process holds beside others: what it hears of them, and says of itself."""

    def __init__(self, place: int, board: _Board, voice: int, lifeline: int) -> None:
        self.place = place
        self.lifeline = lifeline  # can be read, and is at its end, once the parent is dead
        self.is_leaving = False
        self._board = board
        self._voice = voice
        self._watched: list[Callable[[], bool]] = []

    @property
    def trouble(self) -> str:
        """Why nothing new should be sent here; empty where all is well."""
        if self.is_leaving or self._board.is_stopping:
            return "stopping"
        return "" if self._board.is_complete else "not all processes are up"

    def watch(self, is_well: Callable[[], bool]) -> None:
        """Have the process replaced as soon as `is_well` is no longer true."""
        self._watched.append(is_well)

    def say(self) -> None:
        """Tell the parent how this process is: at the beginning, and then every `BEAT_S`."""
        word = _WELL if all(is_well() for is_well in self._watched) else _UNWELL
        # A parent that is stopped does not listen, and one that is dead never will again.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self._voice, word)


@dataclass(slots=True, eq=False)
class _Child:
    """A process as the parent knows it. `voice` is where it is heard."""

    place: int
    pid: int
    voice: int
    stack: IO[bytes]
    begun_s: float
    heard_s: float
    is_ready: bool = False
    is_unwell: bool = False
    asked_s: float | None = None  # when it was asked where it stands, since it was silent
    told_s: float | None = None  # when it was told to end

    def close(self) -> None:
        os.close(self.voice)
        self.stack.close()


class Supervisor:
    """Runs `body` in `count` processes until it is told to end by SIGTERM or SIGINT.

    SIGHUP replaces them one after the other: each when its successor is at work. `body` gets its
    post and answers how the process ends; it must end by itself on SIGTERM. `on_stop` is called in
    the parent when all are to end: to close what only the parent still holds open.
    """

    def __init__(
        self,
        body: Callable[[Post], int],
        *,
        count: int = 1,
        silence_s: float = 20.0,
        stop_s: float = 10.0,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._body = body
        self._count = count
        self._silence_s = silence_s
        self._stop_s = stop_s
        self._on_stop = on_stop
        self._board = _Board()
        self._held: dict[int, _Child] = {}
        self._leaving: list[_Child] = []
        self._successor: _Child | None = None
        self._to_renew: list[int] = []
        self._deaths = dict.fromkeys(range(count), 0)
        self._due_s = dict.fromkeys(range(count), 0.0)
        self._is_complete = self._is_stopping = False
        self._exit_code = 0
        self._lifeline, self._life = os.pipe()
        self._ear, self._bell = socket.socketpair()
        for each in (self._ear, self._bell):
            each.setblocking(False)

    def run(self) -> int:
        """Return how the program should end when all processes have ended: 0 for well."""
        gc.collect()
        gc.freeze()  # what is loaded stays, and stays shared with the children
        with self._hearing_signals():
            log.info("supervisor.started", processes=self._count)
            if threading.active_count() > 1:  # a lock that one of them holds is held for ever then
                log.warning("supervisor.has_threads", threads=threading.active_count())
            looked_s = time.monotonic()
            while not (self._is_stopping and not self._everybody()):
                now_s = time.monotonic()
                if now_s - looked_s > _AWAY_S:
                    for child in self._everybody():
                        child.heard_s = now_s
                looked_s = now_s
                self._look(now_s)
                self._wait()
            log.info("supervisor.stopped")
        return self._exit_code

    def _everybody(self) -> list[_Child]:
        return [*self._held.values(), *self._leaving, *filter(None, [self._successor])]

    def _look(self, now_s: float) -> None:
        for child in self._everybody():
            self._listen(child, now_s)
        self._bury(now_s)
        for child in self._everybody():
            self._judge(child, now_s)
        if self._is_stopping:
            return
        for place in range(self._count):
            if place not in self._held and now_s >= self._due_s[place]:
                self._due_s[place] = now_s + PAUSE_MAX_S
                if another := self._forked(place):
                    self._held[place] = another
        ready = sum(each.is_ready for each in self._held.values())
        if not self._is_complete and ready == self._count:
            self._is_complete = True
            self._board.note_complete()
            log.info("supervisor.all_up", processes=self._count)
        self._renew()

    def _wait(self) -> None:
        """Until something is heard, or for a tick."""
        poll = select.poll()
        poll.register(self._ear, select.POLLIN)
        if not self._is_complete:  # then the first words are waited for
            for child in self._everybody():
                poll.register(child.voice, select.POLLIN)
        poll.poll(_TICK_S * 1000)
        with suppress(BlockingIOError):
            for number in self._ear.recv(1_000):
                self._obey(signal.Signals(number))

    def _obey(self, told: signal.Signals) -> None:
        if told in (signal.SIGTERM, signal.SIGINT):
            self._stop(told.name)
        elif told is signal.SIGHUP and not self._is_stopping:
            log.info("supervisor.renewing")
            self._to_renew = list(range(self._count))

    def _stop(self, why: str) -> None:
        if self._is_stopping:
            return
        log.info("supervisor.stopping", reason=why)
        self._is_stopping = True
        self._board.note_stopping()
        self._on_stop()
        for child in self._everybody():
            self._tell_to_end(child)

    def _forked(self, place: int) -> _Child | None:
        try:
            return self._fork(place)
        except OSError as failure:  # there is no memory for it, or no number, for the moment
            log.error("supervisor.cannot_fork", error=str(failure))
            return None

    def _fork(self, place: int) -> _Child:
        sys.stdout.flush()
        sys.stderr.flush()
        stack = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with the child
        heard, voice = os.pipe()
        for each in (heard, voice):
            os.set_blocking(each, False)
        # A signal that comes before the child is itself would be taken for one to the parent.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                self._be_child(Post(place, self._board, voice, self._lifeline), heard, stack)
        except OSError:
            os.close(heard)
            stack.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            os.close(voice)
        return _Child(place, pid, heard, stack, begun_s=time.monotonic(), heard_s=time.monotonic())

    def _be_child(self, post: Post, heard: int, stack: IO[bytes]) -> None:
        """Never returns: what the parent would do next is not for the child."""
        code = FAILED
        try:
            signal.set_wakeup_fd(-1)
            for each in _SIGNALS:
                signal.signal(each, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: the parent decides
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            for file in (heard, self._life):
                os.close(file)
            for other in self._everybody():
                other.close()
            self._ear.close()
            self._bell.close()
            faulthandler.register(signal.SIGUSR1, file=stack, all_threads=True)
            code = self._body(post)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else FAILED
        except BaseException:
            log.exception("supervisor.process_failed", place=post.place)
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _listen(self, child: _Child, now_s: float) -> None:
        with suppress(BlockingIOError):
            if said := os.read(child.voice, 65_536):
                child.heard_s, child.is_ready = now_s, True
                child.is_unwell = said.endswith(_UNWELL)

    def _judge(self, child: _Child, now_s: float) -> None:
        """Ask a process to end that is not well, and kill one that is silent or does not end."""
        if child.told_s is not None:
            if now_s - child.told_s >= self._stop_s:
                log.error("supervisor.process_does_not_end", pid=child.pid, place=child.place)
                child.told_s = now_s  # in the case that even that takes time
                _send(child, signal.SIGKILL)
            return
        allowed_s = self._silence_s if child.is_ready else max(START_TIMEOUT_S, self._silence_s)
        silent_s = now_s - child.heard_s
        if child.asked_s is not None:
            if now_s - child.asked_s >= _STACK_S:
                log.error(
                    "supervisor.process_silent",
                    pid=child.pid,
                    place=child.place,
                    silent_s=round(silent_s, 1),
                    stack=_written(child.stack),
                )
                child.asked_s = now_s
                _send(child, signal.SIGKILL)
        elif silent_s > allowed_s:
            child.asked_s = now_s
            _send(child, signal.SIGUSR1)
        elif child.is_unwell:
            log.error("supervisor.process_unwell", pid=child.pid, place=child.place)
            self._tell_to_end(child)

    def _tell_to_end(self, child: _Child) -> None:
        if child.told_s is None:
            child.told_s = time.monotonic()
            _send(child, signal.SIGTERM)

    def _bury(self, now_s: float) -> None:
        for child in self._everybody():
            try:
                pid, status = os.waitpid(child.pid, os.WNOHANG)
            except ChildProcessError:  # somebody else has waited for it
                pid, status = child.pid, 0
            if pid == 0:
                continue
            child.close()
            if child in self._leaving:
                self._leaving.remove(child)
            elif child is self._successor:
                log.error("supervisor.renewal_failed", place=child.place)
                self._successor = None
                self._to_renew.clear()
            else:
                del self._held[child.place]
                if not self._is_stopping:
                    self._mourn(child, os.waitstatus_to_exitcode(status), now_s)

    def _mourn(self, child: _Child, code: int, now_s: float) -> None:
        """Say that a process has ended that nobody told to, and when another takes its place."""
        if not self._is_complete and not child.is_ready:
            # It was never any different: whoever has started the program should hear of it.
            log.error("supervisor.process_did_not_start", pid=child.pid, code=code)
            self._exit_code = FAILED
            self._stop("a process did not start")
            return
        is_young = not child.is_ready or now_s - child.begun_s < YOUNG_S
        deaths = self._deaths[child.place] = self._deaths[child.place] + 1 if is_young else 0
        pause_s = min(PAUSE_MAX_S, PAUSE_S * 2 ** (deaths - 1)) if deaths else 0.0
        self._due_s[child.place] = now_s + pause_s
        log.error(
            "supervisor.process_ended",
            pid=child.pid,
            place=child.place,
            code=code,
            lived_s=round(now_s - child.begun_s, 1),
            replaced_in_s=pause_s,
        )

    def _renew(self) -> None:
        """Go on with replacing processes, where that was asked for: one at a time."""
        if not self._to_renew or self._leaving:
            return
        place = self._to_renew[0]
        if self._successor is None:
            self._successor = self._forked(place)
        elif self._successor.is_ready:
            self._to_renew.pop(0)
            old = self._held.pop(place, None)
            self._held[place], self._successor = self._successor, None
            log.info("supervisor.renewed", place=place, pid=self._held[place].pid)
            if old is not None:
                self._leaving.append(old)
                self._tell_to_end(old)

    @contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        before = {each: signal.signal(each, lambda *_: None) for each in _SIGNALS}
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for each, handler in before.items():
                signal.signal(each, handler)


def _send(child: _Child, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(child.pid, what)


def _written(stack: IO[bytes]) -> str:
    """What a silent process has written of where each of its threads stands."""
    stack.seek(0)
    return stack.read(_STACK_BYTES_MAX).decode(errors="replace")
