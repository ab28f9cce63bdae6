"""F5: PostgreSQL fails over to a synchronous standby while 16 clients write.

    python -m bench.failover --binaries /usr/lib/postgresql/15/bin

The primary is killed, the standby promoted, and the way to the database led there. What clients
were answered before must be on the standby, once.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from backoffice_api.domain.kernel.database import open_database
from backoffice_api.migrate import migrate
from bench.kills import CLIENTS, Crowd
from tests.postgres import await_answer, unprivileged
from tests.serving import Server
from tests.trust.persistence import assert_done_once, open_market
from tests.trust.proxy import Proxy

_BEFORE = _AFTER = 200
_PRIMARY = {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "synchronous_standby_names": "*",
    "synchronous_commit": "on",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One server of PostgreSQL, with its data and its socket in `folder`."""

    binaries: Path
    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run one of its programs."""
        command = (self.binaries / program, *arguments)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **unprivileged())

    @contextmanager
    def started(self, **settings: str) -> Iterator[None]:
        """It runs until the block ends, or it is killed."""
        options = [f"-c{name}={value}" for name, value in settings.items()]
        server = (self.binaries / "postgres", "-D", self.folder / "data", "-k", self.folder)
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*server, "-clisten_addresses=", "-cmax_connections=100", *options],
                stdout=log,
                stderr=log,
                **unprivileged(),
            )
        try:
            await_answer(self.url)
            yield
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def kill(self) -> None:
        """End it as a failure of its machine would."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)


def _new(binaries: Path, folder: Path) -> Cluster:
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    return Cluster(binaries, folder)


def fail_over(binaries: Path, folder: Path) -> tuple[float, int]:
    """After how many seconds clients were answered again, and how many were answered in all."""
    primary, standby = _new(binaries, folder / "a"), _new(binaries, folder / "b")
    primary.run("initdb", "-D", primary.folder / "data", "-U", "postgres", "--auth=trust")
    with primary.started(**{**_PRIMARY, "synchronous_standby_names": ""}):
        migrate(primary.url)
        target = ("-D", standby.folder / "data", "-R", "-X", "stream", "-c", "fast")
        primary.run("pg_basebackup", "-h", primary.folder, "-U", "postgres", *target)
    with (
        primary.started(**_PRIMARY),
        standby.started(hot_standby="on"),
        open_market(primary.url) as (market, _, token),
        Proxy(primary.url) as proxy,
        Server(proxy.url, folder / "log", log_level="error") as server,
        ThreadPoolExecutor(CLIENTS) as threads,
    ):
        crowd = Crowd(server, token, market)
        writing = [threads.submit(crowd.write, f"client-{each}") for each in range(CLIENTS)]
        try:
            crowd.await_answers(_BEFORE)
            primary.kill()
            begun_s = time.monotonic()
            proxy.refuse()
            standby.run("pg_ctl", "promote", "-w", "-D", standby.folder / "data")
            proxy.lead_to(standby.url)
            proxy.work()
            crowd.await_answers(1)
            back_s = time.monotonic() - begun_s
            crowd.await_answers(_AFTER)
        finally:
            crowd.go_home()
        for each in writing:
            each.result()
        database = open_database(standby.url)
        assert_done_once(database, lambda: server.client(token), crowd.came)
        database.dispose()
        return back_s, len(crowd.came)


@click.command()
@click.option(
    "--binaries",
    type=click.Path(path_type=Path, exists=True),
    default=Path("/usr/lib/postgresql/15/bin"),
    show_default=True,
)
def main(binaries: Path) -> None:
    """Fail over once, and say how clients came out of it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        back_s, count = fail_over(binaries, Path(folder))
    Console().print(f"Answered again after {back_s:.2f} s; {count} done once, none lost.")


if __name__ == "__main__":
    main()
