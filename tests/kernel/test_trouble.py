import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.trouble import Trouble, classify

Opens = Callable[..., Database]


class TestClassify:
    @pytest.mark.parametrize(
        ("state", "trouble"),
        [
            ("40001", Trouble.RETRY),
            ("40P01", Trouble.RETRY),
            ("55P03", Trouble.LOCKED),
            ("57014", Trouble.UNAVAILABLE),
            ("57P01", Trouble.UNAVAILABLE),
            ("57P03", Trouble.UNAVAILABLE),
            ("53100", Trouble.UNAVAILABLE),
            ("53300", Trouble.UNAVAILABLE),
            ("08006", Trouble.UNAVAILABLE),
            ("25006", Trouble.UNAVAILABLE),
            ("23505", None),
            ("42P01", None),
            ("22003", None),
        ],
    )
    def test_goes_by_the_state_of_postgresql(self, state: str, trouble: Trouble | None) -> None:
        assert classify(psycopg.errors.lookup(state)()) is trouble

    def test_knows_a_deadlock(self, postgres_url: str, opens: Opens) -> None:
        database = opens(postgres_url, lock_timeout_s=30)
        with database.writing.begin() as db:
            db.execute(text("CREATE TABLE t AS SELECT n FROM generate_series(1, 2) n"))
        both_hold_one = threading.Barrier(2)
        update = text("UPDATE t SET n = n WHERE n = :n")

        def lock(first: int, second: int) -> Trouble | None:
            try:
                with database.writing.begin() as db:
                    db.execute(update, {"n": first})
                    both_hold_one.wait()
                    db.execute(update, {"n": second})
            except OperationalError as failure:
                return classify(failure)
            return None

        with ThreadPoolExecutor(2) as threads:
            troubles = set(threads.map(lock, (1, 2), (2, 1)))

        assert troubles == {None, Trouble.RETRY}

    @pytest.mark.parametrize(
        "bug",
        [ValueError("no"), sqlite3.ProgrammingError("closed"), psycopg.ProgrammingError("%")],
    )
    def test_has_nothing_to_say_about_bugs(self, bug: Exception) -> None:
        assert classify(bug) is None

    def test_knows_a_missing_folder(self, tmp_path: Path, opens: Opens) -> None:
        database = opens(f"sqlite:///{tmp_path}/gone/shop.db")
        (tmp_path / "gone").rmdir()

        with pytest.raises(OperationalError) as failure:
            database.reading.connect()

        assert classify(failure.value) is Trouble.UNAVAILABLE
