"""schemathesis in GraphQL mode: generated requests to every root field of a server with data.

    python -m bench.generated --examples 100
    python -m bench.generated --examples 1 --include createdAt

It is installed from the index into an environment of its own (`uvx`), where it keeps out of ours.
By itself it takes every answer with `errors` for a failure; `bench/generated_checks.py` says what
is one here. Ends as it does: with 1 where there was a failure.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from bench.furnished import furnished
from bench.server import HOST

VERSION = "4.32.5"


@click.command()
@click.option("--examples", default=100, show_default=True, help="Requests to each root field.")
@click.option("--include", default="", help="Only root fields whose name this pattern finds.")
@click.option("--seed", default=9, show_default=True)
@click.option("--minutes", type=float, help="End after so long.")
def main(examples: int, include: str, seed: int, minutes: float | None) -> None:
    """Let schemathesis ask a server on SQLite with one of everything in it."""
    with furnished("sqlite") as server, tempfile.TemporaryDirectory() as folder:
        asked = subprocess.run(
            [
                *("uvx", f"schemathesis@{VERSION}", "run", f"http://{HOST}:{server.port}/graphql"),
                *("--header", f"Authorization: Bearer {server.token}"),
                *("--checks", "tells_what_is_wrong", "--phases", "fuzzing"),
                *("--mode", "positive", "--max-examples", str(examples), "--seed", str(seed)),
                *("--suppress-health-check", "all", "--no-shrink", "--continue-on-failure"),
                *(("--include-name-regex", include) if include else ()),
                *(("--max-time", str(round(minutes * 60))) if minutes else ()),
            ],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parent),
                "SCHEMATHESIS_HOOKS": "generated_checks",
            },
        )
    sys.exit(asked.returncode)


if __name__ == "__main__":
    main()
