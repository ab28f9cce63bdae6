"""The commands `backoffice staff …`: what an operator does for people who cannot sign in."""

from datetime import UTC, datetime

import click

from backoffice_api.cli.imports import console, database_option, opened
from backoffice_api.domain.execute import execute
from backoffice_api.domain.identity.commands.factors import ResetSecondFactor, reset_second_factor
from backoffice_api.domain.identity.model.factors import NoSecondFactor
from backoffice_api.domain.identity.queries.staff import staff_by_email_keys
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta


@click.group("staff")
def staff_group() -> None:
    """Members of staff."""


@staff_group.command("reset-second-factor")
@click.argument("email")
@click.option("--reason", default="command line", show_default=True, help="Why, for the log.")
@database_option
def reset_command(email: str, reason: str, database_url: str | None) -> None:
    """Let the member of staff with the address EMAIL sign in with the password alone.

    For the last one who may give rights and has lost app and recovery codes; for others, whoever
    holds `access:write` does it. All sessions of theirs end, and the log tells of it.

    \b
    backoffice staff reset-second-factor ada@shop.example --reason 'lost phone, seen in person'
    """

    with opened(database_url) as (database, _):
        key = email_key(email)
        with database.reading.connect() as db:
            member = staff_by_email_keys(db, [key]).get(key)
        if member is None:
            raise click.ClickException("Nobody of the staff has this address.")
        command = ResetSecondFactor(id=member.id)
        meta, now = Meta(reason=reason), datetime.now(UTC)
        try:
            execute(database, reset_second_factor, command, caller=THE_SYSTEM, now=now, meta=meta)
        except NoSecondFactor as refusal:
            raise click.ClickException(str(refusal)) from None
    console.print(f"{member.name} signs in with the password alone, until a new one is set up.")
