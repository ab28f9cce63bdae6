"""F9: the disk of an SQLite database is full. Reading goes on, and writing once there is room.

What the connections do then is in `tests/kernel/test_database.py`, without a disk of its own.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import httpx2
import pytest

from backoffice_api.domain.all_checks import CHECKS
from tests.databases import Copies
from tests.market import Wish, everything_written
from tests.serving import Server, graphql
from tests.soundness import broken
from tests.trust.persistence import assert_unavailable, open_market

# A few orders fit into it.
ROOM_BYTES = 300_000
READ = "{ orders(first: 1) { nodes { id } } }"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 40 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=40m", "backoffice-test", folder)
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield folder
    subprocess.run(("umount", "-l", folder), check=True)


def fill(folder: Path, but_bytes: int) -> Path:
    """A file that leaves just so much room."""
    filler = folder / "filler"
    free = shutil.disk_usage(folder).free
    filler.write_bytes(b"\0" * max(0, free - but_bytes))
    return filler


def ask(client: httpx2.Client, wish: Wish) -> httpx2.Response:
    return graphql(client, wish.document, key=wish.key, **wish.variables)


def test_full_disk_stops_writing_until_there_is_room(
    sqlite_copies: Copies, small_disk: Path, tmp_path: Path
) -> None:
    template = sqlite_copies.migrated()
    file = small_disk / "shop.db"
    shutil.copy(template.removeprefix("sqlite:///"), file)
    sqlite_copies.drop(template)
    url = f"sqlite:///{file}"
    with open_market(url) as (market, database, token):
        wishes = market.wishes("full")
        with Server(url, tmp_path / "log") as server, server.client(token) as client:
            filler = fill(small_disk, ROOM_BYTES)
            done = []
            for _ in count():
                wish = next(wishes)
                answer = ask(client, wish)
                if answer.status_code != 200:
                    break
                done.append(wish)
            refused = [answer, *(ask(client, next(wishes)) for _ in range(3))]
            read = graphql(client, READ)
            filler.unlink()
            healed = ask(client, wish)
            done.append(wish)
            assert healed.json()["data"], healed.text

        for each in refused:
            assert_unavailable(each)
        assert read.status_code == 200
        assert read.json()["data"]["orders"]["nodes"]
        assert everything_written(database) == sorted(each.key for each in done)
        assert broken(database, CHECKS) == []
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
