"""Imports that are killed at any step and run again. On both databases."""

import os
import signal
from pathlib import Path

import pytest

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.importing import sales as importing
from backoffice_api.importing.sales import import_file
from tests import killing
from tests.integrations.sheets import row, sheet, state
from tests.soundness import broken

ROWS = (
    row(),
    row("536366", "71053", "LANTERN", price="3.395", customer=""),
    row("536367", "22633", "damaged", -4, price="0.0", customer=""),
    row("C536368", "22632", "HAND WARMER", -1),
    row("536369", "22633", "HAND WARMER", 2, customer="12345.0"),
    row("rubbish"),
    row("536370", "71053", "LANTERN", 2),
)


def run_import(url: str, path: str) -> None:
    """What a child does: batches of two invoices, so that there are three."""
    importing.BATCH_DOCUMENTS_MAX = 2
    database = open_database(url, pool_size=1)
    import_file(database, Path(path))
    database.dispose()


def killed_in(url: str, path: str, batch: int) -> None:
    """Dies after so many batches, from the outside as it were."""
    importing.BATCH_DOCUMENTS_MAX = 2
    seen: list[object] = []

    def count(progress: object) -> None:
        seen.append(progress)
        if len(seen) == batch:
            os.kill(os.getpid(), signal.SIGKILL)

    import_file(open_database(url, pool_size=1), Path(path), progress=count)


@pytest.fixture
def file(tmp_path):
    return sheet(tmp_path, *ROWS)


@pytest.fixture
def whole(copies, file):
    """The state after an import that nobody disturbed."""
    url = copies.fresh()
    assert killing.exit_code(killing.start(run_import, url, str(file))) == 0
    found = state_of(url)
    copies.drop(url)
    return found


def state_of(url):
    database = open_database(url, pool_size=1)
    try:
        assert broken(database, CHECKS) == []
        return state(database)
    finally:
        database.dispose()


class TestAnInterruptedImport:
    def test_holds_whole_batches_wherever_it_was_killed(self, database_url, file, whole):
        orders = set()
        steps = killing.killed_at_each_step(run_import, database_url, str(file), every=7)
        for _ in steps:
            found = state_of(database_url)
            counted = found["runs"][0][3]["rows_imported"] if found["runs"] else 0
            assert counted == sum(rows for *_, rows in found["documents"])
            orders.add(len(found["orders"]))

        assert orders == {0, 2}
        assert state_of(database_url) == whole

    @pytest.mark.parametrize("batch", [1, 2])
    def test_ends_in_the_same_state_when_run_again(self, database_url, file, whole, batch):
        ended = killing.exit_code(killing.start(killed_in, database_url, str(file), batch))
        assert ended == -signal.SIGKILL
        assert state_of(database_url)["runs"][0][:2] == ("running", batch)

        assert killing.exit_code(killing.start(run_import, database_url, str(file))) == 0

        assert state_of(database_url) == whole
