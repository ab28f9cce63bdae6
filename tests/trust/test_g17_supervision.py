"""G17: who falls silent is replaced, who dies is replaced, and all end well when they are told."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from backoffice_api.domain.kernel.database import open_database
from backoffice_api.pulse import SILENCE_S, Pulse
from backoffice_api.supervisor import Supervisor
from tests.databases import Copies
from tests.serving import Program, Server, await_true, graphql, new_token
from tests.thorough import THOROUGH, within
from tests.trust.attended import Small, attended

SILENCE_SOON_S = 1.5
# Each waits for seconds. A usual run does what is likeliest to break.
thorough = pytest.mark.skipif(not THOROUGH, reason="takes seconds")
# The goal is 30 s with the default of 20 s of silence.
REPLACED_WITHIN_S = SILENCE_SOON_S + within(5)


def assert_all_served(small: Small, count: int = 10) -> None:
    for _ in range(count):
        assert small.ask("/pid").status_code == 200


class TestSilentProcess:
    def test_that_spins_is_replaced_and_says_where_it_span(self, tmp_path: Path) -> None:
        with attended(tmp_path, silence_s=SILENCE_SOON_S) as small:
            before = small.pids()
            asking = small.begin("/spin")
            begun_s = time.monotonic()
            served = set()
            while not small.events("supervisor.process_silent"):
                # Whoever comes meanwhile is served by the other process.
                served.add(int(small.ask("/pid", timeout_s=REPLACED_WITHIN_S).text))
            await_true(lambda: len(small.pids() - before) == 1, "there is another in its place")
            took_s = time.monotonic() - begun_s
            asking.join()
            assert_all_served(small)
            silent = small.events("supervisor.process_silent")[0]

        assert took_s < REPLACED_WITHIN_S
        assert silent["pid"] in before
        assert before - {silent["pid"]} <= served
        assert "in spin_for_ever" in silent["stack"]

    @thorough
    def test_that_is_stopped_is_replaced(self, tmp_path: Path) -> None:
        with attended(tmp_path, silence_s=SILENCE_SOON_S) as small:
            stopped, other = sorted(small.pids())
            os.kill(stopped, signal.SIGSTOP)
            silent = small.await_event("supervisor.process_silent")
            await_true(lambda: len(small.pids() - {stopped}) == 2, "there is another in its place")
            is_other_there = other in small.pids()

        assert silent["pid"] == stopped
        assert is_other_there

    @thorough
    def test_is_not_taken_for_silent_when_all_were_stopped(self, tmp_path: Path) -> None:
        """As by Ctrl-Z, or on a machine that was put to sleep."""
        with attended(tmp_path, count=1, silence_s=SILENCE_SOON_S) as small:
            before = small.pids()
            assert small.process.pid is not None
            os.killpg(small.process.pid, signal.SIGSTOP)
            time.sleep(SILENCE_SOON_S + 0.5)
            os.kill(small.process.pid, signal.SIGCONT)
            time.sleep(0.3)
            os.killpg(small.process.pid, signal.SIGCONT)
            assert_all_served(small)
            after = small.pids()

        assert after == before

    @thorough
    def test_of_which_a_thread_is_silent_is_replaced(self, tmp_path: Path) -> None:
        with attended(tmp_path, count=1) as small:
            (before,) = small.pids()
            small.ask("/unwell")
            unwell = small.await_event("supervisor.process_unwell")
            small.await_event("supervisor.process_ended")
            await_true(lambda: small.pids() not in (set(), {before}), "there is another")
            assert_all_served(small, 1)

        assert unwell["pid"] == before


class TestDeadProcess:
    def test_is_replaced_and_waited_for_longer_each_time(self, tmp_path: Path) -> None:
        with attended(tmp_path) as small:
            small.dies.touch()
            os.kill(min(small.pids()), signal.SIGKILL)
            small.await_event("supervisor.process_ended", 3)
            assert_all_served(small)
            small.dies.unlink()
            await_true(lambda: len(small.pids()) == 2, "there are two again")
            ended = small.events("supervisor.process_ended")

        assert [each["code"] for each in ended[:3]] == [-signal.SIGKILL, 7, 7]
        first_s, second_s = (each["replaced_in_s"] for each in ended[1:3])
        assert 0 < first_s < second_s

    def test_that_cannot_be_replaced_now_leaves_nothing_behind(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fork() -> int:
            raise BlockingIOError("there is no memory")

        supervisor = Supervisor(lambda _: 0)
        monkeypatch.setattr(os, "fork", fork)
        try:
            open_before = os.listdir("/dev/fd")

            assert supervisor._forked(0) is None

            # It is tried every few seconds, and must still hear that it is to end.
            assert os.listdir("/dev/fd") == open_before
            assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
        finally:
            supervisor._ear.close()
            supervisor._bell.close()


class TestRenewal:
    def test_leaves_no_request_unanswered(self, tmp_path: Path) -> None:
        with attended(tmp_path) as small:
            before = small.pids()
            with small.under_way() as (pid, rest):
                small.signal(signal.SIGHUP)
                while len(small.events("supervisor.renewed")) < 2:
                    assert small.ask("/pid").status_code == 200
                answer = "".join(rest)
            await_true(lambda: len(small.pids()) == 2, "the old ones have ended")
            after = small.pids()

        assert not before & after
        assert pid in before
        assert answer == "done"

    @thorough
    def test_that_fails_keeps_what_there_was(self, tmp_path: Path) -> None:
        with attended(tmp_path) as small:
            before = small.pids()
            small.dies.touch()
            small.signal(signal.SIGHUP)
            small.await_event("supervisor.renewal_failed")
            assert_all_served(small)
            after = small.pids()

        assert after == before


class TestStop:
    def test_answers_what_is_under_way(self, tmp_path: Path) -> None:
        with attended(tmp_path) as small:
            with (
                small.client() as kept,
                small.under_way() as (_, rest),
            ):
                assert kept.get("/ready").text == "ready"
                assert small.process.pid is not None
                os.killpg(small.process.pid, signal.SIGINT)  # as Ctrl-C does
                await_true(lambda: is_unready(kept), "nothing new should be sent here")
                answer = "".join(rest)
            code = small.exit_code()

        assert answer == "done"
        assert code == 0

    @thorough
    def test_kills_what_hangs(self, tmp_path: Path) -> None:
        with attended(tmp_path, stop_s=1) as small:
            asking = small.begin("/spin")
            time.sleep(0.2)
            begun_s = time.monotonic()
            small.signal(signal.SIGTERM)
            code = small.exit_code()
            took_s = time.monotonic() - begun_s
            asking.join()
            killed = small.events("supervisor.process_does_not_end")

        assert code == 0
        assert len(killed) == 1
        assert took_s < within(5)

    @thorough
    def test_follows_the_death_of_the_supervisor(self, tmp_path: Path) -> None:
        with attended(tmp_path) as small:
            pids = small.pids()
            small.signal(signal.SIGKILL)
            small.exit_code()
            for each in pids:
                await_true(lambda each=each: not is_alive(each), "it has ended")  # type: ignore[misc]


def is_unready(client: httpx2.Client) -> bool:
    """Whether the process at the other end says so, or has hung up already."""
    with suppress(httpx2.TransportError):
        return client.get("/ready").status_code == 503
    return True


def is_alive(pid: int) -> bool:
    """Whether there is such a process that is not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class TestBackoffice:
    def test_is_back_soon_with_one_process_for_jobs(
        self, sqlite_copies: Copies, tmp_path: Path
    ) -> None:
        url = sqlite_copies.migrated()
        database = open_database(url)
        token = new_token(database)
        database.dispose()
        with Server(url, tmp_path / "log", workers=2, worker_in_process="true") as server:
            with server.client() as client:
                await_true(lambda: client.get("/readyz").status_code == 200, "it is ready")
            for each in children(server):
                os.kill(each, signal.SIGKILL)
            killed_s = time.monotonic()
            with server.client(token) as client:
                assert graphql(client, "{ __typename }").status_code == 200
            back_s = time.monotonic() - killed_s
            await_true(lambda: len(started(server)) == 4, "both are up again")
            server.terminate()
            assert server.exit_code() == 0

        have_jobs = started(server)
        assert (sorted(have_jobs[:2]), sorted(have_jobs[2:])) == ([False, True], [False, True])
        assert back_s < within(3)

    def test_replaces_a_worker_that_died(self, sqlite_copies: Copies, tmp_path: Path) -> None:
        settings = {"BACKOFFICE_DATABASE_URL": sqlite_copies.migrated()}
        with Program(["worker"], tmp_path / "log", settings) as program:
            for number in (1, 2):
                await_true(
                    lambda number=number: is_up(program, number),  # type: ignore[misc]
                    "it is at work",
                )
                (child,) = children(program)
                if number == 1:
                    os.kill(child, signal.SIGKILL)
            program.terminate()
            assert program.exit_code() == 0
        assert not is_alive(child)


def is_up(program: Program, number: int) -> bool:
    """Whether so many workers of the program have started, one after the other."""
    return program.log.read_text().count("worker.started") == number


def started(server: Server) -> list[bool]:
    """Whether each process that has started, in order, does jobs."""
    return [line["jobs"] for line in server.lines() if line["event"] == "server.started"]


def children(server: Program) -> list[int]:
    pid = server.process.pid
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


class TestPulse:
    def test_is_well_until_it_was_silent_for_too_long(self) -> None:
        now_s = 0.0
        pulse = Pulse(clock=lambda: now_s)
        assert (pulse.silent_s, pulse.is_well()) == (0.0, True)

        now_s = 5_000.0
        assert pulse.is_well()  # it has not begun

        pulse.beat()
        now_s += SILENCE_S
        assert (pulse.silent_s, pulse.is_well()) == (SILENCE_S, True)
        now_s += 1
        assert not pulse.is_well()

        pulse.rest()
        assert (pulse.silent_s, pulse.is_well()) == (0.0, True)
