"""The command `backoffice`: everything that an operator does, with examples in its help."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
import structlog
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from backoffice_api import __version__
from backoffice_api.app import preparer_from
from backoffice_api.cli.audit import audit_group
from backoffice_api.cli.backup import backup_group, restore_command
from backoffice_api.cli.bulk import export_group, import_commands
from backoffice_api.cli.explain import explain_command
from backoffice_api.cli.imports import import_group
from backoffice_api.cli.keys import keys_group
from backoffice_api.cli.privacy import privacy_group
from backoffice_api.cli.staff import staff_group
from backoffice_api.demo import fill
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.audit.checks import kept_elsewhere, signed
from backoffice_api.domain.audit.model.seals import Head, keys_of
from backoffice_api.domain.execute import execute
from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.identity.model.budgets import CAPACITY_MAX, CAPACITY_MIN
from backoffice_api.domain.kernel import checks
from backoffice_api.domain.kernel.database import Database, DatabaseUrlError
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.trouble import classify
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.dotenv import SettingsError
from backoffice_api.encryption_keys import KeysError
from backoffice_api.engine.trusted import TrustedDocumentsError
from backoffice_api.migrate import migrate
from backoffice_api.opening import DatabaseBehindError, open_migrated
from backoffice_api.redaction import without_secrets
from backoffice_api.resolvers.schema import schema
from backoffice_api.serving import serve
from backoffice_api.settings import Settings
from backoffice_api.working import work

R = TypeVar("R")

ALL = "*"
DEMO_DATABASE = "sqlite:///demo.db"

# What is said goes to stderr; stdout is for what a program may want to read.
console = Console(stderr=True, soft_wrap=True, highlight=False)


log = structlog.get_logger("backoffice_api.cli.program")

_FAULTS = (SettingsError, DatabaseUrlError, DatabaseBehindError, KeysError, TrustedDocumentsError)


class _Group(click.Group):
    """Ends with one clear sentence, not with a traceback, where the fault is not a bug."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _FAULTS as fault:
            raise click.ClickException(str(fault)) from None
        except SQLAlchemyError as failure:
            if classify(failure) is None:
                raise
            words = without_secrets(str(failure.__cause__ or failure))
            raise click.ClickException(f"The database cannot answer: {words}") from None


def _settings(**overrides: Any) -> Settings:
    """The settings, with those given on the command line in front."""
    given = {
        f"BACKOFFICE_{name.upper()}": str(value)
        for name, value in overrides.items()
        if value is not None
    }
    os.environ.update(given)
    return Settings.from_environment(os.environ, Path(".env"))


def _database_option(command: Callable[..., R]) -> Callable[..., R]:
    return click.option(
        "--database",
        "database_url",
        metavar="URL",
        help="Database to use instead of BACKOFFICE_DATABASE_URL.",
    )(command)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="backoffice")
def main() -> None:
    """A headless back office for e-commerce, as one GraphQL API.

    \b
    Try it:            backoffice demo
    Set it up:         backoffice migrate
                       backoffice token create --name admin --scope '*'
                       backoffice serve
    """


@main.command("demo")
@_database_option
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--orders", default=2_000, show_default=True, type=click.IntRange(0, 1_000_000))
@click.option("--no-serve", is_flag=True, help="Make the database and end.")
def demo_command(
    database_url: str | None, host: str | None, port: int | None, orders: int, no_serve: bool
) -> None:
    """Make a shop with products, stock, customers and orders, and serve it.

    The second time it serves what is there.

    \b
    backoffice demo
    backoffice demo --database sqlite:///elsewhere.db --port 9000
    """

    overrides: Mapping[str, Any] = {
        "database_url": database_url or os.environ.get("BACKOFFICE_DATABASE_URL") or DEMO_DATABASE,
        "environment": os.environ.get("BACKOFFICE_ENVIRONMENT") or "development",
        "host": host,
        "port": port,
    }
    settings = _settings(**overrides)
    migrate(settings.database_url)
    database = open_migrated(settings)
    try:
        fill(database, console, orders=orders)
        token = _create_token(database, "demo", ALL_SCOPES, None)
    finally:
        database.dispose()
    address = f"http://{settings.host}:{settings.port}/graphql"
    console.print(f"[bold]Admin token[/bold]  {token}")
    console.print(f"[bold]GraphiQL[/bold]     {address}#token={token}")
    if not no_serve:
        sys.exit(serve(settings))


@main.command("serve")
@_database_option
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Server processes.")
def serve_command(
    database_url: str | None, host: str | None, port: int | None, workers: int | None
) -> None:
    """Serve the API, and do the queued jobs beside it.

    A process that ends or falls silent is replaced. SIGHUP replaces them all, one after the other,
    with the settings as they are by then; SIGTERM ends them once they have answered.

    \b
    backoffice serve
    backoffice serve --host 0.0.0.0 --port 8000 --workers 2
    """

    settings = _settings(database_url=database_url, host=host, port=port, workers=workers)
    preparer_from(settings)
    open_migrated(settings).dispose()
    sys.exit(serve(settings))


@main.command("worker")
@_database_option
def worker_command(database_url: str | None) -> None:
    """Do queued jobs until stopped. Any number of workers may run.

    A process that ends or falls silent is replaced, as those of `serve` are, and by the same
    signals.

    \b
    backoffice worker
    """

    settings = _settings(database_url=database_url)
    open_migrated(settings).dispose()
    sys.exit(work(settings))


@main.command("migrate")
@_database_option
def migrate_command(database_url: str | None) -> None:
    """Bring the database to the revision of this program. Safe to repeat and to interrupt.

    \b
    backoffice migrate
    backoffice migrate --database postgresql://user@host/shop
    """

    revision = migrate(_settings(database_url=database_url).database_url)
    console.print(f"The database is at revision {revision}.")


@main.command("verify")
@_database_option
@click.option("--head", metavar="LINE", help="Of `backoffice audit head`, kept elsewhere.")
def verify_command(database_url: str | None, head: str | None) -> None:
    """Recompute every stored sum and status; exit with 1 and show the first rows that differ.

    \b
    backoffice verify
    backoffice verify --head "$(tail -n 1 heads.txt)"
    """

    # Every row of every table is looked at: that takes as long as it takes.
    settings = replace(_settings(database_url=database_url), statement_timeout_s=0)
    database = open_migrated(settings)
    broken = 0
    try:
        with database.reading.connect() as db:
            for finding in checks.verify(db, (*CHECKS, *_audit_checks(settings, head))):
                check = finding.check
                mark = "[green]holds[/green]" if finding.holds else "[red]BROKEN[/red]"
                console.print(f"{check.id:<5} {mark}  {check.says}")
                for row in finding.rows:
                    click.echo(f"{check.id} " + " ".join(f"{k}={v}" for k, v in row.items()))
                broken += not finding.holds
    finally:
        database.dispose()
    if broken:
        raise SystemExit(1)


def _audit_checks(settings: Settings, head: str | None) -> list[checks.Check]:
    """What can be asked of the log only with what does not lie in the database."""
    asked = []
    if keys := keys_of(settings.audit_secret):
        asked.append(signed(keys))
    if head is not None:
        try:
            asked.append(kept_elsewhere(Head.parse(head)))
        except ValueError:
            raise click.BadParameter("It is a line of `backoffice audit head`.") from None
    return asked


@main.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@_database_option
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([*sorted(scope.value for scope in ALL_SCOPES), ALL]),
    metavar="SCOPE",
    help="A right; may be given several times. '*' is all of them.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Expires after so many days.")
@click.option(
    "--budget",
    type=click.IntRange(CAPACITY_MIN, CAPACITY_MAX),
    help="Cost that it may spend at once; not given: what everybody has.",
)
def token_create(
    database_url: str | None,
    name: str,
    scopes: tuple[str, ...],
    days: int | None,
    budget: int | None,
) -> None:
    """Make an API token and print it, alone, on stdout. It is shown this once.

    \b
    backoffice token create --scope orders:read --scope products:read
    TOKEN=$(backoffice token create --name admin --scope '*')
    """

    wanted = ALL_SCOPES if ALL in scopes else frozenset(map(Scope, scopes))
    database = open_migrated(_settings(database_url=database_url))
    try:
        lasting = timedelta(days=days) if days else None
        click.echo(_create_token(database, name, wanted, lasting, budget))
    finally:
        database.dispose()


@main.command("schema")
def schema_command() -> None:
    """Print the GraphQL schema.

    \b
    backoffice schema > schema.graphql
    """

    click.echo(schema.as_str())


main.add_command(explain_command)
for _command in import_commands():
    import_group.add_command(_command)
main.add_command(import_group)
main.add_command(export_group)
main.add_command(keys_group)
main.add_command(privacy_group)
main.add_command(staff_group)
main.add_command(audit_group)
main.add_command(backup_group)
main.add_command(restore_command)


def _create_token(
    database: Database,
    name: str,
    scopes: frozenset[Scope],
    lasting: timedelta | None,
    budget: int | None = None,
) -> str:
    """Make an API token with any right, as the system. What it is, which is shown this once."""
    now = datetime.now(UTC)
    command = CreateToken(
        name=name,
        scopes=tuple(sorted(scopes)),
        expires_at=now + lasting if lasting else None,
        budget=budget,
    )
    made = execute(database, create_token, command, caller=THE_SYSTEM, now=now).value
    if made.secret is None:
        raise AssertionError("only an answer that is given again lacks the secret")
    return made.secret.reveal()


if __name__ == "__main__":
    sys.exit(main())
