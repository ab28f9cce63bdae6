"""What an operation costs in the engine alone: compiled, and run by graphql-core.

    python -m bench.engine [--orders 2000] [--runs 200]

One process, no HTTP: from the text of the request to the bytes of the answer. Processor time is
that of the process, all threads together; that of PostgreSQL is not in it.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson

from backoffice_api.context import Context, Threads, as_request_error
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.pages import Cursors
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms, run
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from backoffice_api.schema.rules import rules_of
from bench.seed import fill
from tests.databases import PostgresCopies, SqliteCopies
from tests.run import new_run

DOCUMENTS = Path(__file__).parent / "documents"
_WARM_UP = 20
_CALLER = Caller(Actor(ActorKind.SYSTEM, None, "bench"), ALL_SCOPES)
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request takes, in milliseconds."""

    cpu_ms: float
    wall_ms: float


class Engine:
    """Answers requests as the server does between reading a body and sending one."""

    def __init__(self, database: Database, threads: Threads, compiler: Compiler | None) -> None:
        self._database = database
        self._threads = threads
        self._preparer = Preparer(schema._schema, rules_of(schema), _LIMITS)
        self._terms = Terms(
            limits=_LIMITS, on_bug=_fail, translate=as_request_error, compiler=compiler
        )

    async def ask(self, text: str, variables: dict[str, Any]) -> bytes:
        """The body of the answer."""
        context = Context(self._database, self._threads, _CALLER, Cursors(b"bench"), "bench")
        prepared = self._preparer.prepare(text, None)
        try:
            answer = await run(
                prepared,
                variables,
                context,
                scopes=_CALLER.scopes,
                reference="bench",
                terms=self._terms,
            )
        finally:
            await context.close()
        assert "errors" not in answer, answer["errors"]
        return orjson.dumps(answer)

    async def measure(self, text: str, variables: dict[str, Any], runs: int) -> Cost:
        """The mean over so many runs, after a warm-up."""
        for _ in range(_WARM_UP):
            await self.ask(text, variables)
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(runs):
            await self.ask(text, variables)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return Cost(cpu * 1_000 / runs, wall * 1_000 / runs)


def _fail(bug: Exception, _: str) -> None:
    raise bug


@contextmanager
def _urls() -> Iterator[Mapping[str, str]]:
    """An empty database on each backend."""
    with new_run() as folder:
        copies = {"sqlite": SqliteCopies(folder), "postgresql": PostgresCopies(folder)}
        yield {name: each.empty() for name, each in copies.items()}
        for each in copies.values():
            each.close()


async def _measure(database: Database, runs: int) -> Sequence[tuple[str, Cost, Cost]]:
    threads = Threads(database, pool_size=4)
    stock, compiled = (
        Engine(database, threads, compiler) for compiler in (None, Compiler(SchemaFields(schema)))
    )
    newest = orjson.loads(await compiled.ask("{ orders(first: 1) { nodes { id } } }", {}))
    given = {"id": newest["data"]["orders"]["nodes"][0]["id"]}
    found: list[tuple[str, Cost, Cost]] = []
    for file in sorted(DOCUMENTS.glob("*.graphql")):
        text = file.read_text()
        variables = given if "$id" in text else {}
        assert await stock.ask(text, variables) == await compiled.ask(text, variables), file.stem
        before = await stock.measure(text, variables, runs)
        found.append((file.stem, before, await compiled.measure(text, variables, runs)))
    threads.shutdown()
    return found


@click.command()
@click.option("--orders", default=2_000, help="Orders in the shop.")
@click.option("--runs", default=200, help="Requests of each kind.")
def main(orders: int, runs: int) -> None:
    """Print what each document costs on both databases."""
    click.echo("database    document               graphql-core          compiled     CPU")
    with _urls() as urls:
        for name, url in urls.items():
            fill(url, orders, lambda *_: None)
            database = open_database(url)
            for document, stock, compiled in asyncio.run(_measure(database, runs)):
                click.echo(
                    f"{name:<11} {document:<20}"
                    f"{stock.cpu_ms:8.2f} / {stock.wall_ms:6.2f} ms"
                    f"{compiled.cpu_ms:8.2f} / {compiled.wall_ms:6.2f} ms"
                    f"{stock.cpu_ms / compiled.cpu_ms:6.1f} x"
                )
            database.dispose()


if __name__ == "__main__":
    main()
