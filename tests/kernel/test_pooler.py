"""Behind PgBouncer in transaction mode, each transaction may be another connection's."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from backoffice_api.context import Threads
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.raw import keyed_rows
from backoffice_api.domain.kernel.statements import together
from backoffice_api.domain.stock.queries import locations_by_ids
from tests.postgres import await_answer, unprivileged
from tests.stock.depot import Depot
from tests.world import World

CLIENTS, ROUNDS, PORT = 8, 12, 6432
CONFIGURATION = """
[databases]
* = host={server} user=postgres
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 3
logfile = {folder}/log
pidfile = {folder}/pid
"""


@pytest.fixture
def pooled_url(postgres_url: str) -> Iterator[str]:
    """URL of the database through three connections, which all clients share."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not on this machine")
    url = make_url(postgres_url)
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # the pooler refuses to be root
        configuration = Path(folder) / "ini"
        configuration.write_text(
            CONFIGURATION.format(server=url.query["host"], port=PORT, folder=folder)
        )
        pooler = subprocess.Popen([program, "-q", configuration], **unprivileged())
        pooled = url.set(query={"host": folder, "port": str(PORT)})
        found = pooled.render_as_string(hide_password=False)
        try:
            await_answer(found)
            yield found
        finally:
            pooler.terminate()
            pooler.wait(10)


class TestPooler:
    def test_takes_writers_and_readers_of_raw_rows(
        self, pooled_url: str, opens: Callable[..., Database]
    ) -> None:
        database = opens(pooled_url, pool_size=CLIENTS, prepared_statements=False)
        threads = Threads(database, pool_size=1)
        depot = Depot(World(database, threads))
        readers = [keyed_rows(locations_by_ids, names, "postgresql") for names in (("code",), ())]

        def work(client: int) -> list[list[str]]:
            seen = []
            for number in range(ROUNDS):
                id = depot.location(f"L-{client}-{number}")
                for reader in readers:
                    with database.reading.connect() as db:
                        seen.append(
                            [str(row[-1]) for row in together(db, reader.question([id.bytes]))[0]]
                        )
            return seen

        with ThreadPoolExecutor(CLIENTS) as clients:
            seen = list(clients.map(work, range(CLIENTS)))

        codes = [found[0] for each in seen for found in each[::2]]
        assert sorted(codes) == sorted(f"L-{c}-{n}" for c in range(CLIENTS) for n in range(ROUNDS))
        threads.shutdown()

    def test_keeps_readers_from_writing_and_statements_short(
        self, pooled_url: str, opens: Callable[..., Database]
    ) -> None:
        database = opens(pooled_url, prepared_statements=False, statement_timeout_s=0.2)

        with database.reading.connect() as db:
            shown = db.execute(text("SHOW transaction_read_only")).scalar_one()
        with pytest.raises(DBAPIError, match="statement timeout"), database.writing.begin() as db:
            db.execute(text("SELECT pg_sleep(5)"))

        assert shown == "on"
