"""Fills a database, and shows how far it is."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from bench import seed
from bench.databases import Fill


def filling(orders: int, backend: str, console: Console) -> Fill:
    """Fills the empty database that it is given with a shop of so many orders."""

    def fill(url: str) -> None:
        words = TextColumn("{task.description}")
        with Progress(words, BarColumn(), MofNCompleteColumn(), console=console) as bars:
            tasks: dict[str, TaskID] = {}

            def progress(what: str, done: int, of: int) -> None:
                if what not in tasks:
                    tasks[what] = bars.add_task(f"{backend}: {what}", total=of)
                bars.update(tasks[what], completed=done)

            seed.fill(url, orders, progress)

    return fill
