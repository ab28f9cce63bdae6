"""pytest-alembic: its tests over the project's own migrations, on both databases.

    python -m bench.alembic_suite
    python -m bench.alembic_suite --database sqlite

It does not collect under the pytest of this project, so it is installed from the index with one
that it knows, into an environment of its own (`uv run --isolated`). Ends as that does.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests.databases import BACKENDS, PostgresCopies, SqliteCopies
from tests.run import new_run

VERSION = "0.12.1"
PYTEST = "8.4.2"
_ROOT = Path(__file__).resolve().parents[1]
_CONFTEST = """
import pytest
from backoffice_api.migrate import locate_migrations, migrating


@pytest.fixture
def alembic_config():
    return {{"script_location": str(locate_migrations()), "path_separator": "os"}}


@pytest.fixture
def alembic_engine():
    # A connection, as migrations of this project are given one: see `migrate.migrating`.
    with migrating({url!r}) as connection:
        yield connection
"""


@click.command()
@click.option("--database", "backends", type=click.Choice(BACKENDS), multiple=True)
def main(backends: tuple[str, ...]) -> None:
    """Have pytest-alembic judge the migrations; ends with 1 where it finds fault."""
    codes = []
    with new_run() as run:
        for backend in backends or BACKENDS:
            click.echo(f"{backend}:")
            copies = SqliteCopies(run) if backend == "sqlite" else PostgresCopies(run)
            codes.append(_judged(copies.empty()))
            copies.close()
    sys.exit(max(codes))


def _judged(url: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "conftest.py").write_text(_CONFTEST.format(url=url))
        Path(folder, "test_migrations.py").write_text("from pytest_alembic.tests import *\n")
        command = (
            *("uv", "run", "--quiet", "--isolated", "--no-dev", "--project", str(_ROOT)),
            *("--with", f"pytest=={PYTEST}", "--with", f"pytest-alembic=={VERSION}"),
            *(
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "--durations=4",
                "--rootdir",
                folder,
                folder,
            ),
        )
        return subprocess.run(command, cwd=folder).returncode


if __name__ == "__main__":
    main()
