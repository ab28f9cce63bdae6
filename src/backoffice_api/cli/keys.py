"""The commands `backoffice keys …`: the keys that values at rest are sealed with."""

from pathlib import Path

import click

from backoffice_api.adapters.sealed_storage import SEALED_FOLDERS, SealedFolder
from backoffice_api.cli.imports import console, database_option, opened
from backoffice_api.domain.kernel import sealed_rows
from backoffice_api.domain.kernel.sealing import keyring
from backoffice_api.encryption_keys import new_key, put_in_front
from backoffice_api.key_rotation import rotate
from backoffice_api.settings import Settings

_EXIT_NOT_DONE = 1
_LEFT_SHOWN_MAX = 10


@click.group("keys")
def keys_group() -> None:
    """The keys that secrets and the most personal values are sealed with."""


@keys_group.command("create")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file, in front of the keys that are there, and print only its id.",
)
def create_command(file: Path | None) -> None:
    """Print a new key, alone, on stdout: its id and 32 random bytes in base64.

    It goes in front of the others, in BACKOFFICE_ENCRYPTION_KEYS_SECRET or in the file that
    BACKOFFICE_ENCRYPTION_KEYS_FILE names. Keep a copy apart from the database: who loses the keys
    loses what they seal.

    \b
    backoffice keys create
    backoffice keys create --file backoffice.keys
    """

    key = new_key()
    if file is None:
        click.echo(key)
        return
    put_in_front(file, key)
    click.echo(key.partition(":")[0])


@keys_group.command("list")
@database_option
def list_command(database_url: str | None) -> None:
    """Print the keys, newest first, and how many values and files each has sealed.

    The last line counts what is not sealed yet: what was there before there were keys.

    \b
    backoffice keys list
    """

    with opened(database_url, patient=True) as (database, settings):
        with database.reading.connect() as db:
            counts = dict(sealed_rows.counts(db))
        for folder in folders(settings).values():
            for used in folder.keys_used():
                counts[used or ""] = counts.get(used or "", 0) + 1
        ring = keyring()
    for id in (*ring.ids, *sorted(set(counts) - {*ring.ids, ""})):
        said = "seals" if id == ring.newest else "opens" if id in ring.ids else "not given"
        click.echo(f"{id:<33}{said:<11}{counts.get(id, 0)}")
    click.echo(f"{'(not sealed)':<44}{counts.get('', 0)}")


@keys_group.command("rotate")
@database_option
def rotate_command(database_url: str | None) -> None:
    """Seal everything with the newest key, and what was never sealed for the first time.

    Servers may go on meanwhile; all must have the new key in front before. It goes in batches:
    safe to interrupt, and to repeat. When it ends well, the older keys can be taken away.

    Exit code 1: something could not be opened and was left as it is, or a process that runs still
    seals with an older key.

    \b
    backoffice keys rotate
    """

    def say(place: str, count: int) -> None:
        if count:
            console.print(f"{place}: {count}")

    with opened(database_url, patient=True) as (database, settings):
        done = rotate(database, folders(settings), say)
    for fault in done.left[:_LEFT_SHOWN_MAX]:
        click.echo(str(fault), err=True)
    for id in done.forgotten:
        console.print(f"Nothing is sealed with key {id} any more: it can be taken away.")
    click.echo(f"{done.total} sealed with key {keyring().newest}, {len(done.left)} left.")
    for id in done.held:
        click.echo(
            f"A process that runs still seals with key {id}: restart it with the newest one in "
            "front, and rotate again.",
            err=True,
        )
    if done.left or done.held:
        raise SystemExit(_EXIT_NOT_DONE)


def folders(settings: Settings) -> dict[str, SealedFolder]:
    """The folders whose files are sealed, by their names."""
    return {name: SealedFolder(Path(settings.files_folder), name) for name in SEALED_FOLDERS}
