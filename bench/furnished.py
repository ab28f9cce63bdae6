"""A server on this machine whose database has one of everything in it."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backoffice_api.domain.kernel.database import open_database
from bench.server import HOST, PROGRAM, Server, environment_for, free_port, running
from tests.databases import PostgresCopies, SqliteCopies
from tests.keyring import KEYS
from tests.proofs.office import open_office
from tests.run import new_run


@contextmanager
def furnished(backend: str) -> Iterator[Server]:
    """It answers until the block ends, tells its schema, and refuses nothing for its price."""
    with new_run() as run, tempfile.TemporaryDirectory() as folder:
        copies = SqliteCopies(run) if backend == "sqlite" else PostgresCopies(run)
        url = copies.migrated()
        database = open_database(url)
        with open_office(url, database) as office:
            token = office.token
        database.dispose()
        port = free_port()
        settings = {
            **environment_for(url),
            "BACKOFFICE_ENCRYPTION_KEYS_SECRET": KEYS,
            "BACKOFFICE_HOST": HOST,
            "BACKOFFICE_PORT": str(port),
            "BACKOFFICE_LOG_LEVEL": "error",
            "BACKOFFICE_INTROSPECTION": "true",
            "BACKOFFICE_BUDGET_CAPACITY": "0",
        }
        command = (sys.executable, "-m", *PROGRAM, "serve")
        with running(command, settings, Path(folder) / "server.log", port, token) as server:
            yield server
        copies.close()
