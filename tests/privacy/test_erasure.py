"""Nothing of a person is left, wherever it was."""

from collections.abc import Callable
from pathlib import Path

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.privacy.commands.erasing import EraseCustomer, erase_customer
from tests.privacy.planting import TOKEN, found, lawless, plant, take_constraints_away
from tests.world import CLERK, NOW


class TestErasure:
    def test_leaves_no_value_in_any_table(
        self, database_url: str, opens: Callable[..., Database]
    ) -> None:
        database = opens(database_url)
        take_constraints_away(database)
        with lawless(database) as db:
            customer_id = plant(db)
        with database.reading.connect() as db:
            planted = found(db)

        command = EraseCustomer(customer_id=customer_id)
        execute(database, erase_customer, command, caller=CLERK, now=NOW)

        assert len(planted) > 100
        with database.reading.connect() as db:
            left = found(db)
        assert left == []
        if database.dialect == "sqlite":
            file = Path(str(database.writing.url.database))
            with database.writing.connect() as db:
                driver = db.connection.driver_connection
                assert driver is not None
                driver.execute("INSERT INTO search_fts(search_fts) VALUES('rebuild')")
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            assert TOKEN.encode() not in file.read_bytes().lower()
