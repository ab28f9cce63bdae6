"""What must hold for a server process to be sent requests."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from backoffice_api.context import Threads
from backoffice_api.domain.kernel import jobs
from backoffice_api.domain.kernel.database import Database
from backoffice_api.migrate import behind
from backoffice_api.pulse import Pulse
from backoffice_api.supervisor import Post
from backoffice_api.web.health import CheckResult, Health

QUEUE_LAG_MAX_S = 300


def health_of(
    database: Database, threads: Threads, pulses: Mapping[str, Pulse], post: Post | None
) -> Health:
    """Its database answers, others are up beside it, and what works beside requests is at work."""

    async def ask(question: Callable[[Connection], CheckResult]) -> CheckResult:
        def call() -> CheckResult:
            with database.reading.connect() as db:
                return question(db)

        try:
            return await asyncio.get_running_loop().run_in_executor(threads.reading, call)
        except SQLAlchemyError:
            return CheckResult(ok=False, detail="the database does not answer")

    async def answers() -> CheckResult:
        return await ask(_answers)

    async def is_migrated() -> CheckResult:
        lacking = await asyncio.to_thread(behind, database.reading)
        return CheckResult(ok=lacking is None, detail="migrations are missing" if lacking else "")

    async def queue_moves() -> CheckResult:
        return await ask(_queue_moves)

    async def threads_move() -> CheckResult:
        silent = [name for name, pulse in pulses.items() if not pulse.is_well()]
        return CheckResult(ok=not silent, detail=" and ".join(silent) + " silent" if silent else "")

    async def processes_are_up() -> CheckResult:
        trouble = post.trouble if post is not None else ""
        return CheckResult(ok=not trouble, detail=trouble)

    return Health(
        {
            "database": answers,
            "migrations": is_migrated,
            "processes": processes_are_up,
            "queue": queue_moves,
            "threads": threads_move,
        }
    )


def _answers(db: Connection) -> CheckResult:
    db.execute(text("SELECT 1"))
    return CheckResult(ok=True)


def _queue_moves(db: Connection) -> CheckResult:
    lag_s = jobs.lag_s(db, now=datetime.now(UTC))
    return CheckResult(ok=lag_s <= QUEUE_LAG_MAX_S, detail=f"oldest due job waits {lag_s:.0f} s")
