"""F12: a backup that is made while others write can be restored, and is what was there."""

import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, text

from backoffice_api.backups import folders, making, sealed_copy
from backoffice_api.backups.making import Order, backups_in, files_of, make, manifest_of
from backoffice_api.backups.manifest import MANIFEST, BackupError, Manifest
from backoffice_api.backups.restoring import Restored, Restoring, restore, verify_backup
from backoffice_api.cli.privacy import erased, reapply
from backoffice_api.domain.audit.checks import CHECKS as AUDIT
from backoffice_api.domain.audit.checks import kept_elsewhere
from backoffice_api.domain.audit.model.seals import Head
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.identity.tables import api_tokens
from backoffice_api.domain.kernel import log, sealing
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job, JobStatus, enqueue, jobs
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.sealing import KEY_BYTES, Keyring
from backoffice_api.domain.privacy.commands.erasing import EraseCustomer, erase_customer
from backoffice_api.migrate import behind, migrate
from backoffice_api.tasks.audit import seal_next
from tests.backups.dying import make_until
from tests.databases import BACKENDS, FIRST_REVISION, Copies
from tests.keyring import RING
from tests.killing import exit_code, new_event, start
from tests.postgres import _binaries
from tests.soundness import findings
from tests.thorough import THOROUGH
from tests.world import NOW, World

WRITERS = 8


@pytest.fixture(autouse=True)
def tools(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pg_dump` as new as the server of the tests."""
    path = f"{_binaries(tmp_path_factory.getbasetemp())}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)


@pytest.fixture
def shop(migrated_url: str, opens: Callable[..., Database]) -> World:
    return World(opens(migrated_url), None)  # type: ignore[arg-type]


@pytest.fixture
def target(copies: Copies) -> Iterator[str]:
    """URL of an empty database on the same server."""
    url = copies.empty()
    yield url
    copies.drop(url)


@pytest.fixture
def order(migrated_url: str, shop: World, tmp_path: Path) -> Order:
    files = tmp_path / "shop-files"
    for number in range(3):
        path = files / "media" / f"{number}{number}" / f"file{number}"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"content of a file" * (number + 1))
    (files / "media" / "half.part").write_bytes(b"half")
    return Order(
        url=migrated_url,
        files_folder=files,
        destination=tmp_path / "backups",
        now=NOW,
        erased=lambda: erased(shop.database),
    )


def customer(shop: World, name: str = "Ana") -> Any:
    command = CreateCustomer(draft=CustomerDraft(kind=CustomerKind.PERSON, name=name))
    return shop.run(create_customer, command, reason=f"told by {name} at the door").value


def restored(backup: Path, url: str, folder: Path, **more: Any) -> Restored:
    given: dict[str, Any] = {"unlock": lambda _: None, "reapply": reapply, **more}
    wanted = Restoring(backup=backup, url=url, files_folder=folder, now=NOW, **given)
    return restore(wanted, lambda _: None)


def verified(backup: Path, url: str) -> list[str]:
    def asked(manifest: Manifest) -> Sequence[Check]:
        return (*AUDIT, *([kept_elsewhere(Head.parse(manifest.head))] if manifest.head else []))

    found = verify_backup(backup, url, asked, lambda _: None, lambda _: None)
    return [each.check.id for each in found if not each.holds]


@contextmanager
def other_keys() -> Iterator[Keyring]:
    """Another key, and no other, is in use until the block ends."""
    ring = Keyring({"other": os.urandom(KEY_BYTES)})
    sealing.use(ring)
    try:
        yield ring
    finally:
        sealing.use(RING)


@contextmanager
def writing(shop: World) -> Iterator[None]:
    """Eight people who write all the time."""
    ending = threading.Event()

    def work(person: int) -> int:
        count = 0
        while not ending.is_set():
            customer(shop, f"C{person}")
            count += 1
        return count

    with ThreadPoolExecutor(WRITERS) as pool:
        people = [pool.submit(work, person) for person in range(WRITERS)]
        try:
            yield
        finally:
            ending.set()
        assert all(each.result() > 0 for each in people)


def rows(database: Database, table: Any) -> int:
    with database.fresh.connect() as db:
        count: int = db.execute(select(func.count()).select_from(table)).scalar_one()
        return count


class TestBackup:
    def test_while_eight_write_is_of_one_moment(
        self, shop: World, order: Order, target: str, opens: Callable[..., Database], tmp_path: Path
    ) -> None:
        for _ in range(5):
            customer(shop)
        shop.settle()
        seal_next(shop.database, None)
        if order.url.startswith("postgresql"):
            # As of a server that has counted further than the one on which it is restored.
            with shop.database.writing.begin() as db:
                db.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
                db.execute(text("UPDATE events SET horizon = horizon + 1000000000"))
                db.execute(text("ALTER TABLE events ENABLE TRIGGER USER"))
        with writing(shop):
            backup = make(order)
        after = rows(shop.database, customers)
        manifest = manifest_of(backup)

        done = restored(backup, target, tmp_path / "restored")

        database = opens(target)
        saved = manifest.tables["customers"].rows
        assert 5 <= saved <= after
        assert rows(database, customers) == saved
        # Whoever was saved was saved with the event that tells of it.
        assert rows(database, events) == manifest.tables["events"].rows == saved
        assert done.rows == sum(each.rows for each in manifest.tables.values())
        assert behind(database.writing) is None
        assert findings(database) == []
        with database.reading.connect() as db:
            assert len(log.feed(db, 0, 1_000, None).rows) == saved
        assert verified(backup, order.url) == []
        files = {
            each.relative_to(tmp_path / "restored").as_posix(): each.read_bytes()
            for each in (tmp_path / "restored").rglob("*")
            if each.is_file()
        }
        assert files == {
            f"media/{number}{number}/file{number}": b"content of a file" * (number + 1)
            for number in range(3)
        }


class TestRestoring:
    @pytest.fixture(params=BACKENDS if THOROUGH else ["sqlite"])
    def copies(self, request: pytest.FixtureRequest) -> Copies:
        """On PostgreSQL each of these takes seconds, in which its own tools are at work."""
        backend: Copies = request.getfixturevalue(
            "sqlite_copies" if request.param == "sqlite" else "postgres_copies"
        )
        return backend

    def test_is_refused_where_something_is(
        self, shop: World, order: Order, target: str, tmp_path: Path
    ) -> None:
        backup = make(order)
        restored(backup, target, tmp_path / "restored")
        with pytest.raises(BackupError, match="--replace"):
            restored(backup, target, tmp_path / "restored")

        assert restored(backup, target, tmp_path / "restored", replace=True).files == 3

    def test_that_fails_leaves_what_was_to_be_replaced(
        self, shop: World, order: Order, target: str, opens: Callable[..., Database], tmp_path: Path
    ) -> None:
        empty = make(order)
        customer(shop)
        restored(make(replace(order, now=NOW + timedelta(days=1))), target, tmp_path / "restored")

        def refuse(_: Database) -> None:
            raise BackupError("other keys")

        with pytest.raises(BackupError, match="other keys"):
            restored(empty, target, tmp_path / "restored", replace=True, unlock=refuse)
        database = opens(target)
        assert rows(database, customers) == 1
        with pytest.raises(BackupError, match="stop servers and workers"):
            restored(empty, target, tmp_path / "restored", replace=True)
        database.dispose()
        assert restored(empty, target, tmp_path / "restored", replace=True).files == 3
        assert rows(opens(target), customers) == 0

    @pytest.mark.skipif(not THOROUGH, reason="goes through all migrations")
    def test_is_restored_by_a_later_program(
        self,
        copies: Copies,
        order: Order,
        target: str,
        opens: Callable[..., Database],
        tmp_path: Path,
    ) -> None:
        """One whose tables are older: they are brought to its own."""
        url = copies.empty()
        migrate(url, FIRST_REVISION)
        backup = make(replace(order, url=url, erased=lambda: ()))
        copies.drop(url)

        assert manifest_of(backup).revision == FIRST_REVISION
        restored(backup, target, tmp_path / "restored")
        assert behind(opens(target).writing) is None

    def test_can_be_one_that_only_the_keys_open(
        self, shop: World, order: Order, target: str, opens: Callable[..., Database], tmp_path: Path
    ) -> None:
        customer(shop, "Zuleika")
        make(order)
        backup = make(replace(order, now=NOW + timedelta(days=1), sealed=True, keep=1))
        again = make(replace(order, now=NOW + timedelta(days=2), sealed=True))

        written = [each.read_bytes() for each in order.destination.rglob("*") if each.is_file()]
        assert len(list((order.destination / making.STORE).rglob("*.sealed"))) == 3
        assert not any(b"Zuleika" in each or b"content of a" in each for each in written)
        assert verified(again, target) == []
        with other_keys(), pytest.raises(BackupError, match="not among those given"):
            restored(backup, target, tmp_path / "restored")
        assert restored(backup, target, tmp_path / "restored").files == 3
        assert rows(opens(target), customers) == 1
        file = tmp_path / "restored" / "media" / "22" / "file2"
        assert file.read_bytes() == b"content of a file" * 3

        with other_keys() as newer:
            sealing.use(Keyring({**newer._keys, **RING._keys}))
            rotated = make(replace(order, now=NOW + timedelta(days=3), sealed=True))
            sealing.use(newer)
            assert list(folders.damaged(files_of(rotated), order.destination / making.STORE)) == []
        make(replace(order, now=NOW + timedelta(days=4), sealed=True))
        stored = min((order.destination / making.STORE).rglob("*.sealed"))
        stored.write_bytes(stored.read_bytes()[:-1])
        with pytest.raises(BackupError, match="changed or moved"):
            verified(again, target)

    def test_has_persons_erased_again(
        self, shop: World, order: Order, target: str, opens: Callable[..., Database], tmp_path: Path
    ) -> None:
        before, since, _ = (customer(shop, name) for name in ("Zuleika", "Iracema", "Ana"))
        shop.run(erase_customer, EraseCustomer(customer_id=before))
        shop.settle()
        seal_next(shop.database, None)
        backup = make(order)
        shop.run(erase_customer, EraseCustomer(customer_id=since))
        make(replace(order, now=NOW + timedelta(days=1)))

        assert restored(backup, target, tmp_path / "restored").erased == 1
        database = opens(target)
        with database.reading.connect() as db:
            told = select(events.c.reason).where(events.c.type == "customer.created")
            names = select(customers.c.name).order_by(customers.c.id)
            assert [name[:8] for name in db.execute(names).scalars()] == [
                "(erased)",
                "(erased)",
                "Ana",
            ]
            assert set(db.execute(told).scalars()) == {None, "told by Ana at the door"}
        assert findings(database) == []

    def test_erases_again_who_was_erased_while_it_was_made(
        self, shop: World, order: Order, target: str, tmp_path: Path
    ) -> None:
        since = customer(shop)

        def erase(words: str) -> None:
            if words == "files: 1":  # the database has been read
                shop.run(erase_customer, EraseCustomer(customer_id=since))

        backup = make(replace(order, say=erase))

        assert restored(backup, target, tmp_path / "restored").erased == 1

    def test_erases_whom_any_list_names(
        self, shop: World, order: Order, target: str, tmp_path: Path
    ) -> None:
        """Neither a database that knows of nobody nor an older list brings anybody back."""
        since = customer(shop)
        backup = make(order)
        shop.run(erase_customer, EraseCustomer(customer_id=since))
        make(replace(order, now=NOW + timedelta(days=1)))
        make(replace(order, now=NOW + timedelta(days=2), erased=lambda: ()))
        (tmp_path / "older").touch()

        done = restored(backup, target, tmp_path / "restored", erasures=tmp_path / "older")

        assert done.erased == 1

    def test_of_a_clone_has_files_of_its_own(
        self, order: Order, target: str, tmp_path: Path
    ) -> None:
        backup = make(order)
        with pytest.raises(BackupError, match="BACKOFFICE_FILES_FOLDER"):
            restored(backup, target, order.files_folder, as_clone=True)

    def test_lets_nothing_of_a_clone_go_out(
        self, shop: World, order: Order, target: str, opens: Callable[..., Database], tmp_path: Path
    ) -> None:
        token = CreateToken(name="partner", scopes=(Scope.ORDERS_READ,))
        shop.run(create_token, token)
        with shop.database.writing.begin() as db:
            enqueue(db, [Job("messages.send")], now=NOW, new_id=IdSource())
        backup = make(order)
        restored(backup, target, tmp_path / "restored", as_clone=True)

        with opens(target).reading.connect() as db:
            assert db.execute(select(jobs.c.status)).scalars().all() == [JobStatus.CANCELLED]
            assert None not in db.execute(select(api_tokens.c.revoked_at)).scalars().all()

    def test_keeps_so_many_and_copies_files_once(
        self, shop: World, order: Order, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for day in range(2):
            make(replace(order, now=NOW + timedelta(days=day)))
        (order.files_folder / "media" / "00" / "file0").unlink()
        (order.files_folder / "media" / "new").write_bytes(b"new")
        copied: list[Path] = []
        parts = sealed_copy.parts

        def note(path: Path, place: str | None = None) -> Iterator[bytes]:
            copied.append(path)
            return parts(path, place)

        monkeypatch.setattr(sealed_copy, "parts", note)
        last = make(replace(order, now=NOW + timedelta(days=2), keep=1))

        assert [path.name for path in copied] == ["new"]
        assert backups_in(order.destination) == [last]
        stored = {each.name for each in (order.destination / "files").glob("??/*")}
        assert stored == {each.sha256 for each in files_of(last)}
        assert len(stored) == 3


class TestDamage:
    copies = TestRestoring.copies

    def test_is_found(self, shop: World, order: Order, target: str, tmp_path: Path) -> None:
        backup = make(order)
        manifest = manifest_of(backup)
        fewer = {
            **manifest.tables,
            "events": msgspec.structs.replace(manifest.tables["events"], checksum="x"),
        }
        page = msgspec.json.encode(msgspec.structs.replace(manifest, tables=fewer))
        whole = (backup / MANIFEST).read_bytes()
        (backup / MANIFEST).write_bytes(page)
        with pytest.raises(BackupError, match=r"events has .* and had"):
            restored(backup, target, tmp_path / "restored")
        (backup / MANIFEST).write_bytes(whole)

        place = next((order.destination / "files").glob("??/*"))
        content = place.read_bytes()
        place.write_bytes(content[:-1])
        with pytest.raises(BackupError, match="missing or damaged"):
            verified(backup, order.url)
        place.write_bytes(content)

        dump = next(backup.glob("database.*"))
        with dump.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"?")
        with pytest.raises(BackupError, match="missing or damaged"):
            restored(backup, target, tmp_path / "restored", replace=True)
        with pytest.raises(BackupError, match="holds no backup"):
            restored(tmp_path, target, tmp_path / "restored")


class TestSqlite:
    @pytest.fixture
    def order(self, sqlite_copies: Copies, tmp_path: Path) -> Iterator[Order]:
        url = sqlite_copies.migrated()
        (tmp_path / "shop-files").mkdir()
        yield Order(
            url=url,
            files_folder=tmp_path / "shop-files",
            destination=tmp_path / "backups",
            now=NOW,
            erased=lambda: (),
        )
        sqlite_copies.drop(url)

    def test_that_is_killed_leaves_no_backup(self, order: Order) -> None:
        """At each of the steps of writing it; the next backup clears up."""
        for step in ("database", "files", "manifest"):
            reached = new_event()
            child = start(make_until, order.url, str(order.destination), step, reached)
            assert exit_code(child) == -9
            assert reached.is_set()
            assert backups_in(order.destination) == []
            assert any(order.destination.glob(".*.part"))

        backup = make(order)
        assert backups_in(order.destination) == [backup]
        assert not any(order.destination.glob(".*.part"))

    @pytest.mark.parametrize(
        "failure",
        [OSError(errno.ENOSPC, "No space left"), sqlite3.OperationalError("disk is full")],
        ids=["files", "database"],
    )
    def test_without_room_says_so_and_leaves_nothing(
        self, order: Order, monkeypatch: pytest.MonkeyPatch, failure: Exception
    ) -> None:
        def fail(*_: object) -> None:
            raise failure

        monkeypatch.setattr(making, "_save_files", fail)
        with pytest.raises(BackupError, match="The disk is full"):
            make(order)

        assert list(order.destination.glob("*T*")) == []
        assert list(order.destination.glob(".*.part")) == []

    def test_is_made_one_at_a_time(self, order: Order) -> None:
        nested: list[str] = []

        def again(words: str) -> None:
            with pytest.raises(BackupError, match="under way") as refused:
                make(replace(order, now=NOW + timedelta(days=1)))
            nested.append(str(refused.value))

        make(replace(order, say=again))
        assert nested != []

    def test_is_for_its_owner_alone(self, order: Order) -> None:
        (order.files_folder / "mail").write_bytes(b"From: ana@example.com")
        order.destination.mkdir(mode=0o755)
        make(order)

        made = list(order.destination.rglob("*"))
        assert len(made) > 6
        assert [each for each in made if each.stat().st_mode & 0o077] == []

    def test_has_files_of_folders_that_lie_elsewhere(self, order: Order, tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir()
        (tmp_path / "disk" / "photo").write_bytes(b"photo")
        (order.files_folder / "media").symlink_to(tmp_path / "disk")

        assert [each.path for each in files_of(make(order))] == ["media/photo"]

    def test_may_not_lie_among_what_it_saves(self, order: Order) -> None:
        with pytest.raises(BackupError, match="among the files"):
            make(replace(order, destination=order.files_folder / "backups"))

    def test_is_not_restored_into_another_kind(self, order: Order, tmp_path: Path) -> None:
        backup = make(order)
        with pytest.raises(BackupError, match="is of sqlite"):
            restored(backup, "postgresql://nobody@/nowhere", tmp_path / "restored")
