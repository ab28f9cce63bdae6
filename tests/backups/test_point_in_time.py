"""What `docs/backups.md` has an operator of PostgreSQL do brings a server back to a moment."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgres import TEST_SETTINGS, Server, _made, await_answer, unprivileged
from tests.thorough import THOROUGH

PAGE = (Path(__file__).parent.parent.parent / "docs" / "backups.md").read_text(encoding="utf-8")
_, CONFIGURED, NIGHTLY, RECOVERED = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.M)
ARCHIVED_WITHIN_S = 20


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of its own that is configured as the page says."""
    folder = Path(tempfile.mkdtemp(prefix="backoffice-moment-"))
    folder.chmod(0o755)
    lifeline = folder / "lifeline"
    os.mkfifo(lifeline)
    lifeline.chmod(0o644)
    held = os.open(lifeline, os.O_RDWR)
    try:
        made = _made(folder / "server", lifeline, {"max_wal_senders": "4"})
        settings = {**TEST_SETTINGS, "max_wal_senders": "4", "unix_socket_directories": made.folder}
        lines = [f"{name} = '{value}'" for name, value in settings.items() if name != "wal_level"]
        told = CONFIGURED.replace("$ARCHIVE", str(made.folder / "archive"))
        with (made.folder / "data" / "postgresql.conf").open("a") as file:
            file.write("\n".join(lines) + "\n" + told)
        _shell(made, 'mkdir "$ARCHIVE"')
        made.start()
        yield made
        _shell(made, 'pg_ctl --pgdata="$DATA" --mode=immediate stop')
    finally:
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)


def _shell(server: Server, script: str, **more: str) -> None:
    environment = {
        "PATH": f"{server.binaries}{os.pathsep}{os.environ['PATH']}",
        "DATA": str(server.folder / "data"),
        "ARCHIVE": str(server.folder / "archive"),
        "BASE": str(server.folder / "base"),
        "SERVER": server.url,
        **more,
    }
    with (server.folder.parent / "said").open("ab") as said:
        subprocess.run(
            ["sh", "-eu", "-c", script],
            env=environment,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd="/",
            **unprivileged(),
        )


def _that_runs(server: Server, script: str) -> str:
    """Without the check of the base backup where that tool does not start, as in some wheels."""
    tool = server.binaries / "pg_verifybackup"
    runs = subprocess.run([tool, "--version"], capture_output=True, check=False).returncode == 0
    lines = script.splitlines(keepends=True)
    return "".join(line for line in lines if runs or not line.startswith(tool.name))


def _write(db: psycopg.Connection, number: int) -> str:
    """Note a number; the moment right after it."""
    db.execute("INSERT INTO noted VALUES (%s)", (number,))
    row = db.execute("SELECT clock_timestamp()::text").fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.skipif(not THOROUGH, reason="needs a server of its own, twice started")
class TestThePage:
    def test_goes_back_to_a_moment(self, server: Server) -> None:
        with psycopg.connect(server.url, autocommit=True) as db:
            db.execute("CREATE TABLE noted (number integer)")
            _write(db, 1)
            _shell(server, _that_runs(server, NIGHTLY))
            moment = _write(db, 2)
            _write(db, 3)
            (segment,) = db.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone() or ("",)
            deadline = time.monotonic() + ARCHIVED_WITHIN_S
            while not (server.folder / "archive" / segment).exists():
                assert time.monotonic() < deadline
                time.sleep(0.05)
        server.kill()
        (server.folder / "data").rename(server.folder / "lost")
        _shell(server, RECOVERED, MOMENT=moment)
        await_answer(server.url)

        with psycopg.connect(server.url) as db:
            numbers = db.execute("SELECT number FROM noted ORDER BY number").fetchall()
        assert numbers == [(1,), (2,)]
