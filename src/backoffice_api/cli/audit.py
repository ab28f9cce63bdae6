"""The commands `backoffice audit …`: the head of the log, to be kept where no one reaches it."""

from datetime import UTC, datetime

import click

from backoffice_api.cli.imports import console, database_option, opened
from backoffice_api.domain.audit import queries
from backoffice_api.domain.audit.model.seals import keys_of
from backoffice_api.tasks.audit import seal_next


@click.group("audit")
def audit_group() -> None:
    """The seals of the log of events."""


@audit_group.command("head")
@database_option
def head_command(database_url: str | None) -> None:
    """Print the newest seal: its number, the last event that it holds, its hash.

    Keep the line elsewhere. `backoffice verify --head 'LINE'` finds out whether anything before it
    was changed, cut off or made anew since.

    \b
    backoffice audit head >> heads.txt
    """

    with opened(database_url) as (database, _), database.fresh.connect() as db:
        head = queries.head(db)
    if head is None:
        raise click.ClickException("Nothing is sealed yet.")
    click.echo(str(head))


@audit_group.command("seal")
@database_option
def seal_command(database_url: str | None) -> None:
    """Seal now what the worker would seal within half a minute, and print the head.

    \b
    backoffice audit seal
    """

    with opened(database_url) as (database, settings):
        key = next(iter(keys_of(settings.audit_secret)), None)
        while seal_next(database, key, lambda: datetime.now(UTC)):
            console.print(".", end="")
        with database.fresh.connect() as db:
            head = queries.head(db)
    click.echo(str(head) if head else "")
