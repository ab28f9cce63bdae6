"""Has the PostgreSQL side of any tests go through PgBouncer in transaction mode.

    python -m pytest -p tests.pooled -n0 tests/orders tests/stock tests/payments tests/execute

Every connection of the product goes through twenty of the pooler; what the tests themselves do to
databases goes past it. The limits of a connection then lie in each transaction, whose first
statement sets them (`SET LOCAL`): tests that watch statements are not told of that one.
`tests/kernel/test_pooler.py` is what every run of the suite has of this.
"""

import atexit
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import URL, Engine

from backoffice_api.domain.kernel import database
from tests.postgres import await_answer, unprivileged

PORT = 6433
# What nobody uses is kept for far less than the 5 s for which PostgreSQL waits until nobody is
# connected to a database that is to be copied.
CONFIGURATION = """
[databases]
* = host={server} user=postgres
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 1000
server_idle_timeout = 1
logfile = {folder}/log
pidfile = {folder}/pid
"""

_direct = database._postgresql
_poolers: dict[str, str] = {}


def _pooled(url: URL, limits: Any, *, prepared_statements: bool, read_only: bool) -> Engine:
    if url.query.get("port") == str(PORT):  # opened again by the URL of an open one
        return _direct(url, limits, prepared_statements=False, read_only=read_only)
    folder = _pooler(str(url.query["host"]))
    through = url.set(query={**url.query, "host": folder, "port": str(PORT)})
    return _direct(through, limits, prepared_statements=False, read_only=read_only)


def _pooler(server: str) -> str:
    """The folder of the socket of the pooler before this server; it runs until we end."""
    if server not in _poolers:
        program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
        assert program is not None, "PgBouncer is not on this machine"
        folder = TemporaryDirectory()
        atexit.register(folder.cleanup)
        Path(folder.name).chmod(0o777)  # the pooler refuses to be root
        configuration = Path(folder.name) / "ini"
        configuration.write_text(CONFIGURATION.format(server=server, port=PORT, folder=folder.name))
        pooler = subprocess.Popen([program, "-q", configuration], **unprivileged())
        atexit.register(pooler.wait, 10)
        atexit.register(pooler.terminate)
        await_answer(f"postgresql://postgres@/postgres?host={folder.name}&port={PORT}")
        _poolers[server] = folder.name
    return _poolers[server]


database._postgresql = _pooled
