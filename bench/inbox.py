"""`python -m bench.inbox`: the inbox of those who answer tickets, with a million tickets in it.

A tenth of the tickets is live and due at some time, the others are closed. What is asked for is the
first page of 50 by risk, which is by what is due next: of all, of one team, of one person. It goes
over HTTP to a server in a process of its own, one request at a time.
"""

import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import click
import orjson
from rich.console import Console
from rich.table import Table

from backoffice_api.domain.identity.model.staff import StaffStatus
from backoffice_api.domain.identity.tables import staff
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.bulk import insert_columns
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.tickets.model.words import (
    TicketAssignment,
    TicketPriority,
    TicketSource,
    TicketStatus,
    TicketTeamStatus,
)
from backoffice_api.domain.tickets.tables import ticket_teams, tickets
from backoffice_api.migrate import migrate
from bench.databases import BACKENDS, CACHE, locked, name_of, shelf
from bench.load import Load, send
from bench.server import HOST, new_token, serving

TEAMS, PEOPLE = 12, 60
_PART = 20_000
_LIVE_EVERY = 10
_START = datetime(2025, 1, 1, tzinfo=UTC)
_LIVE = (
    TicketStatus.NEW,
    TicketStatus.OPEN,
    TicketStatus.PENDING_CUSTOMER,
    TicketStatus.PENDING_INTERNAL,
)

_INBOX = """query Inbox($filter: TicketFilter) {
  tickets(filter: $filter, sort: { key: DUE_AT, direction: ASC }, first: 50) {
    nodes {
      id number status priority subject lastMessageAt snoozedUntil
      team { id name }
      assignee { id name }
      due { nextDueAt firstResponseDueAt nextResponseDueAt resolutionDueAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

console = Console(stderr=True)


def _people(database: Database) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """Ids of teams and of staff."""
    new_id, now = IdSource(), datetime.now(UTC)
    common = {"version": 1, "created_at": now, "updated_at": now}
    teams = [
        {
            "id": new_id(),
            "name": f"Team {number}",
            "status": TicketTeamStatus.ACTIVE,
            "assignment": TicketAssignment.BY_HAND,
            "is_default": False,
            "close_after_days": 7,
            "reopen_within_days": 30,
            **common,
        }
        for number in range(TEAMS)
    ]
    people = [
        {
            "id": new_id(),
            "name": f"Agent {number}",
            "email": f"agent{number}@example.com",
            "email_key": f"agent{number}@example.com",
            "scopes": [],
            "status": StaffStatus.ACTIVE,
            **common,
        }
        for number in range(PEOPLE)
    ]
    with database.writing.begin() as db:
        db.execute(ticket_teams.insert(), teams)
        db.execute(staff.insert(), people)
    return [each["id"] for each in teams], [each["id"] for each in people]


def fill(url: str, count: int) -> None:
    """Make an empty database an office with so many tickets."""
    migrate(url)
    database = open_database(url, statement_timeout_s=0)
    chance = Random(7)
    teams, people = _people(database)
    for start in range(0, count, _PART):
        rows = [_ticket(number, teams, people, chance) for number in range(start, start + _PART)]
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        with database.writing.begin() as db:
            insert_columns(db, tickets, columns)
        console.print(f"{start + _PART:,} tickets", end="\r")
    database.dispose()


_new_id = IdSource()


def _ticket(
    number: int, teams: Sequence[UUID], people: Sequence[UUID], chance: Random
) -> dict[str, Any]:
    is_live = number % _LIVE_EVERY == 0
    opened_at = _START + timedelta(seconds=number * 30)
    due_at = opened_at + timedelta(minutes=chance.randrange(20_000)) if is_live else None
    return {
        "id": _new_id(),
        "version": 1,
        "created_at": opened_at,
        "updated_at": opened_at,
        "number": f"T-{number:06}",
        "serial": number,
        "subject": f"Where is parcel {chance.randrange(10**6)}?",
        "status": chance.choice(_LIVE) if is_live else TicketStatus.CLOSED,
        "priority": chance.choice(list(TicketPriority)),
        "source": TicketSource.EMAIL,
        "team_id": chance.choice(teams),
        "assignee_id": chance.choice(people),
        "resolved_at": None if is_live else opened_at,
        "closed_at": None if is_live else opened_at,
        "last_message_at": opened_at,
        "reopened_count": 0,
        "first_response_due_at": due_at,
        "next_due_at": due_at,
    }


def _screens(url: str) -> Sequence[tuple[str, dict[str, Any]]]:
    """Which inboxes are asked for, with their filters."""
    database = open_database(url)
    with database.reading.connect() as db:
        team = db.execute(ticket_teams.select().limit(1)).one().id
        person = db.execute(staff.select().where(staff.c.name == "Agent 7")).one().id
    database.dispose()
    waiting = {"status": ["NEW", "OPEN"], "isSnoozed": False}
    return (
        ("of all", waiting),
        ("of one team", {**waiting, "teamId": {"eq": ids.text("tem", team)}}),
        ("of one person", {**waiting, "assigneeId": {"eq": ids.text("stf", person)}}),
    )


@click.command()
@click.option("--tickets", "count", default=1_000_000, show_default=True)
@click.option("--database", "backends", multiple=True, type=click.Choice(BACKENDS))
@click.option("--seconds", default=5.0, show_default=True)
@click.option("--postgres-url", help="A server to use instead of one of our own.")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False), default=CACHE / "inbox")
def main(
    count: int, backends: Sequence[str], seconds: float, postgres_url: str | None, cache: Path
) -> None:
    """Ask for the inbox by risk, one request at a time."""
    # Ended by a signal, it still ends the servers that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    table = Table("Database", "Inbox", "p50 ms", "p99 ms", "Requests/s")
    with locked(cache):
        for backend in backends or BACKENDS:
            with (
                shelf(backend, cache, postgres_url) as kept,
                kept.copy(name_of(count), lambda url: fill(url, count)) as url,
                serving(url, cache, new_token(url, cache)) as server,
            ):
                for name, given in _screens(url):
                    body = orjson.dumps({"query": _INBOX, "variables": {"filter": given}})
                    load = Load(
                        host=HOST,
                        port=server.port,
                        token=server.token,
                        bodies=[body],
                        proof=b'"hasNextPage":true',
                        connections=1,
                        seconds=seconds,
                    )
                    send(load)  # it does not count: plans, caches, statistics
                    found = send(load)
                    p50, p99 = found.percentile_ms(0.5), found.percentile_ms(0.99)
                    rate = f"{found.per_second:,.0f}"
                    table.add_row(backend, name, f"{p50:.1f}", f"{p99:.1f}", rate)
    Console().print(table)


if __name__ == "__main__":
    main()
