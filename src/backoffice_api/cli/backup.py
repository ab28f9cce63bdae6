"""The commands `backoffice backup …` and `backoffice restore`."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from backoffice_api.backups.making import Order, make
from backoffice_api.backups.manifest import BackupError, Manifest
from backoffice_api.backups.restoring import Restoring, restore, verify_backup
from backoffice_api.cli.imports import console, database_option, opened, settings_with
from backoffice_api.cli.privacy import erased, reapply
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.audit.checks import kept_elsewhere, signed
from backoffice_api.domain.audit.model.seals import Head, key_id, keys_of
from backoffice_api.domain.kernel import sealing
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.sealing import keyring
from backoffice_api.encryption_keys import ring_from, use_keys

_SAID_EVERY_S = 5.0

_FOLDER = click.Path(file_okay=False, path_type=Path)
_BACKUP = click.Path(exists=True, file_okay=False, path_type=Path)


class _Spoken:
    """Says how far it is, now and then."""

    def __init__(self) -> None:
        self._said_at = time.monotonic()

    def __call__(self, words: str) -> None:
        if time.monotonic() - self._said_at >= _SAID_EVERY_S:
            self._said_at = time.monotonic()
            console.print(words)


class _MakesByItself(click.Group):
    """`backup FOLDER` makes one: the word `make` may be left out."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self.commands:
            args = ["make", *args]
        return super().resolve_command(ctx, args)


@click.group("backup", cls=_MakesByItself, context_settings={"ignore_unknown_options": True})
def backup_group() -> None:
    """Save the database and the files while serving, and prove that they can be restored.

    \b
    backoffice backup /srv/backups --keep 14
    backoffice backup verify /srv/backups/20261123T071200000000Z
    """


@backup_group.command("make")
@click.argument("folder", type=_FOLDER)
@click.option("--keep", type=click.IntRange(1, 10_000), help="Remove all but the newest so many.")
@click.option("--sealed", is_flag=True, help="So that only who has the keys can read it.")
@database_option
def make_command(folder: Path, keep: int | None, sealed: bool, database_url: str | None) -> None:
    """Save the database and the files into FOLDER, and print the folder of the backup.

    Nobody has to stop. Of the files only those are copied that no earlier backup has. PostgreSQL
    needs `pg_dump` of at least its own version. With --sealed the database and the files are
    sealed with the newest encryption key: keep the keys for as long as the backups.

    \b
    backoffice backup /srv/backups
    backoffice backup make /srv/backups --keep 14 --sealed
    """

    with opened(database_url) as (database, settings):
        order = Order(
            url=settings.database_url,
            files_folder=Path(settings.files_folder),
            destination=folder,
            now=datetime.now(UTC),
            erased=lambda: erased(database),
            keep=keep,
            key_ids=[
                *keyring().ids,
                *(f"audit:{key_id(each)}" for each in keys_of(settings.audit_secret)),
            ],
            sealed=sealed,
            say=_Spoken(),
        )
        try:
            click.echo(make(order))
        except BackupError as fault:
            raise click.ClickException(str(fault)) from None


@backup_group.command("verify")
@click.argument("backup", type=_BACKUP)
@database_option
def verify_command(backup: Path, database_url: str | None) -> None:
    """Restore BACKUP into a database that goes away again, and verify it there.

    Rows and checksums are compared with those that were saved, every stored sum is recomputed,
    and the log is checked. Exit with 1 if anything differs. A backup of PostgreSQL needs the right
    to make a database.

    \b
    backoffice backup verify /srv/backups/20261123T071200000000Z
    """

    settings = settings_with(database_url)
    sealing.use(ring_from(settings))

    def asked(manifest: Manifest) -> Sequence[Check]:
        more = []
        if keys := keys_of(settings.audit_secret):
            more.append(signed(keys))
        if manifest.head is not None:
            more.append(kept_elsewhere(Head.parse(manifest.head)))
        return (*CHECKS, *more)

    broken = 0
    try:
        for finding in verify_backup(
            backup, settings.database_url, asked, partial(use_keys, settings), _Spoken()
        ):
            for row in finding.rows:
                shown = " ".join(f"{name}={value}" for name, value in row.items())
                click.echo(f"{finding.check.id} {shown}")
            broken += not finding.holds
    except BackupError as fault:
        raise click.ClickException(str(fault)) from None
    if broken:
        console.print(f"{broken} checks are [red]BROKEN[/red].")
        raise SystemExit(1)
    console.print("The backup is whole: it was restored, and everything holds.")


@click.command("restore")
@click.argument("backup", type=_BACKUP)
@database_option
@click.option("--replace", is_flag=True, help="Remove what is in the database now.")
@click.option("--as-clone", is_flag=True, help="For trying: let nothing of it go out.")
@click.option(
    "--erasures",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Who was erased since, of `backoffice privacy list`, besides the list beside the backup.",
)
def restore_command(
    backup: Path, database_url: str | None, replace: bool, as_clone: bool, erasures: Path | None
) -> None:
    """Put BACKUP back: its database, its files, and again erased who was erased since.

    Servers and workers must have been stopped. The database is brought to the revision of this
    program. All
    sessions end, tokens stay. With --as-clone webhooks are paused, queued work and messages are
    given up, tokens are revoked.

    \b
    backoffice restore /srv/backups/20261123T071200000000Z --database sqlite:///shop.db
    """

    settings = settings_with(database_url)
    sealing.use(ring_from(settings))
    wanted = Restoring(
        backup=backup,
        url=settings.database_url,
        files_folder=Path(settings.files_folder),
        now=datetime.now(UTC),
        unlock=partial(use_keys, settings),
        reapply=reapply,
        replace=replace,
        as_clone=as_clone,
        erasures=erasures,
    )
    try:
        done = restore(wanted, _Spoken())
    except BackupError as fault:
        raise click.ClickException(str(fault)) from None
    console.print(
        f"Restored {done.rows} rows and {done.files} files, at revision {done.revision}; "
        f"{done.erased} persons erased again."
    )
