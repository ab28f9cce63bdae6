"""C1, C2, C4, C5, C6 and F14: races against two servers of one database, in many rounds.

python -m bench.races --rounds 50
"""

import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.kills import databases
from tests.trust.races import RACES, arena


@click.command()
@click.option("--rounds", default=50, show_default=True, type=click.IntRange(1))
@click.option("--only", help="Races whose name has this in it.", default="")
def main(rounds: int, only: str) -> None:
    """Run every race so often on SQLite and PostgreSQL; the first that comes out wrong ends it."""
    console = Console()
    table = Table("Database", "Race", "Rounds", "s a round", "Stale edits refused")
    with databases() as kinds:
        for name, copies in kinds.items():
            with (
                tempfile.TemporaryDirectory() as folder,
                arena(copies.migrated(), Path(folder)) as ground,
            ):
                for says, race in RACES.items():
                    if only not in says:
                        continue
                    begun_s = time.monotonic()
                    stale = sum(race(ground, number) or 0 for number in range(rounds))
                    each_s = (time.monotonic() - begun_s) / rounds
                    table.add_row(name, says, str(rounds), f"{each_s:.2f}", str(stale or ""))
                    console.print(f"{name}: {says}, {each_s:.2f} s a round")
                ground.assert_sound()
    console.print(table)


if __name__ == "__main__":
    main()
