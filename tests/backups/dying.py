"""A process that makes a backup and dies in the middle of it, as `kill -9` leaves it."""

import os
import signal
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from unittest import mock

from backoffice_api.backups import making
from backoffice_api.backups.making import Order, make


def make_until(url: str, destination: str, step: str, reached: Event) -> None:
    """Make a backup until it has come to this step: the database, the files or the manifest."""

    def die(*_: object) -> None:
        reached.set()
        os.kill(os.getpid(), signal.SIGKILL)

    order = Order(
        url=url,
        files_folder=Path(destination).parent / "shop-files",
        destination=Path(destination),
        now=datetime(2025, 3, 1, tzinfo=UTC),
        erased=lambda: (),
    )
    if step == "database":
        order = replace(order, say=die)
    else:
        name = {"files": "_save_files", "manifest": "sha256_of"}[step]
        mock.patch.object(making, name, die).start()
    make(order)
