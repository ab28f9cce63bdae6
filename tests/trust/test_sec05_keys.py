"""SEC-05, A12: keys of values at rest. What starts with which, and what a rotation does."""

import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Text, insert, literal, select, type_coerce

from backoffice_api.adapters.sealed_storage import (
    CHUNK_BYTES,
    HEAD_BYTES,
    SealedFolder,
    SealedStorage,
)
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.kernel import checks, sealed_rows, sealing
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.keys import keys
from backoffice_api.domain.kernel.sealing import CannotOpen, Keyring, key_of
from backoffice_api.encryption_keys import parse
from backoffice_api.key_holding import KeyHolding
from backoffice_api.key_rotation import rotate
from tests.cli.test_cli import Shell
from tests.databases import Copies
from tests.keyring import RING
from tests.killing import killed_at_each_step
from tests.serving import await_true

OLD = "old:g0pFH/jtrJ0ORWz7sb7Zhe6xKhZ2ZGo7hCAMtlcu6q4="
NEW = "new:smF6s3lQ9969yxfHVNDaFIe4jWlfI9mfyrCPiEpEI0c="
HOW = "Make one with `backoffice keys create --file backoffice.keys`"


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """As in a process that was given no keys yet."""
    sealing._in_use.clear()
    yield
    sealing.use(RING)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def once(sqlite_copies: Copies) -> Iterator[str]:
    """URL of a migrated SQLite database, for what changes nothing there."""
    url = sqlite_copies.migrated()
    yield url
    sqlite_copies.drop(url)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.dispose()


def put(url: str, ring: Keyring | None, *names: str) -> None:
    """Rows with values sealed by this ring, or as they are."""
    with opened(url) as database, database.writing.begin() as db:
        for name in names:
            value = f"value of {name}"
            stored = ring.seal("keys.value", value) if ring else value
            db.execute(insert(keys).values(name=name, value=literal(stored, Text)))


def stored(url: str) -> dict[str, str]:
    statement = select(keys.c.name, type_coerce(keys.c.value, Text))
    with opened(url) as database, database.reading.connect() as db:
        return {row[0]: row[1] for row in db.execute(statement)}


class TestAStartInProduction:
    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, f"Error: There is no key to seal values at rest with. {HOW}"),
            ({"encryption_keys_file": "missing.keys"}, "names cannot be read: No such file"),
            ({"encryption_keys_secret": f"a:{'QUFB' * 14}"}, "key a is not base64 of 32 bytes."),
            ({"encryption_keys_secret": "a:b"}, "has fewer than 46 characters"),
            ({"encryption_keys_secret": f"a:{'A' * 43}="}, "Encryption key a is no random key."),
            (
                {"encryption_keys_secret": "a:Y2hhbmdlbWUgY2hhbmdlbWUgY2hhbmdlbWUgY2hhbmc="},
                "Encryption key a is no random key.",
            ),
            ({"encryption_keys_secret": f"{OLD},{OLD}"}, "two encryption keys with the id old."),
            ({"encryption_keys_secret": OLD.upper()}, "Encryption key 1 cannot be read"),
            (
                {"encryption_keys_secret": OLD, "encryption_keys_file": "x"},
                "Set one of BACKOFFICE_ENCRYPTION_KEYS_SECRET and",
            ),
        ],
    )
    def test_is_refused_without_good_keys(
        self, shell: Shell, once: str, given: dict[str, str], said: str
    ) -> None:
        asked = shell(f"serve --database {once}", **given)

        assert asked.exit_code == 1
        assert said in asked.stderr
        assert not re.search(r"[A-Za-z0-9+/]{20,}=", asked.stderr)

    def test_is_refused_with_other_keys_than_the_database_was_sealed_with(
        self, shell: Shell, migrated_url: str
    ) -> None:
        assert (
            shell(f"keys list --database {migrated_url}", encryption_keys_secret=OLD).exit_code == 0
        )
        sealing._in_use.clear()

        other = shell(f"serve --database {migrated_url}", encryption_keys_secret=NEW)
        same_name = f"old:{NEW.partition(':')[2]}"
        changed = shell(f"serve --database {migrated_url}", encryption_keys_secret=same_name)

        assert (other.exit_code, changed.exit_code) == (1, 1)
        assert "sealed with keys that were not given: old. Add the missing one" in other.stderr
        assert "sealed with another key than the one given as old." in changed.stderr


class TestDevelopment:
    def test_makes_itself_a_key_beside_the_database_once(
        self, shell: Shell, sqlite_copies: Copies
    ) -> None:
        url = sqlite_copies.migrated()
        line = f"keys list --database {url}"
        first = shell(line, environment="development")
        sealing._in_use.clear()
        second = shell(line, environment="development")

        path = Path(f"{url.removeprefix('sqlite:///')}.keys")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert parse(path.read_text()).newest in first.stdout
        assert first.stdout == second.stdout
        sealing._in_use.clear()
        assert f"That of development is in {path}: set" in shell(line).stderr
        assert list(path.parent.glob(f"{path.name}.*")) == []


class TestKeysCreate:
    def test_prints_a_key_that_can_be_used(self, shell: Shell) -> None:
        one, two = (shell("keys create").stdout for _ in range(2))

        assert parse(one).newest != parse(two).newest
        assert parse(f"# remark\n{one}{two}").ids == (parse(one).newest, parse(two).newest)

    def test_puts_it_in_front_of_those_of_a_file(self, shell: Shell) -> None:
        first, second = (shell("keys create --file my.keys").stdout.strip() for _ in range(2))

        (path,) = Path().glob("*.keys")
        assert parse(path.read_text()).ids == (second, first)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


class TestARotation:
    def test_seals_all_with_the_newest_and_says_which_keys_can_go(
        self, shell: Shell, migrated_url: str
    ) -> None:
        put(migrated_url, parse(OLD), "a", "b")
        put(migrated_url, None, "c")
        shell(f"keys list --database {migrated_url}", encryption_keys_secret=OLD)
        mails = SealedFolder(Path("files"), "mail")
        with mails.writing("aa1") as writing:
            writing.write(b"From: a@example.com")
        sealing.use(parse(f"{NEW},{OLD}"))

        both = {"encryption_keys_secret": f"{NEW},{OLD}"}
        before = shell(f"keys list --database {migrated_url}", **both).stdout.split()
        done = shell(f"keys rotate --database {migrated_url}", **both)
        again = shell(f"keys rotate --database {migrated_url}", **both)
        alone = shell(f"keys list --database {migrated_url}", encryption_keys_secret=NEW)

        assert before == ["new", "seals", "0", "old", "opens", "3", "(not", "sealed)", "1"]
        assert (done.exit_code, done.stdout) == (0, "4 sealed with key new, 0 left.\n")
        assert "Nothing is sealed with key old any more" in done.stderr
        assert again.stdout == "0 sealed with key new, 0 left.\n"
        assert alone.stdout.split() == ["new", "seals", "4", "(not", "sealed)", "0"]
        ring = parse(NEW)
        opened = {
            name: ring.open("keys.value", each) for name, each in stored(migrated_url).items()
        }
        assert opened == {name: f"value of {name}" for name in "abc"}
        with mails.local("aa1") as path:
            assert path.read_bytes() == b"From: a@example.com"

    def test_keeps_the_key_of_a_process_that_runs(
        self, shell: Shell, migrated_url: str, opens: Callable[..., Database]
    ) -> None:
        database = opens(migrated_url)
        both = {"encryption_keys_secret": f"{NEW},{OLD}"}
        shell(f"keys list --database {migrated_url}", encryption_keys_secret=OLD)
        of_before = KeyHolding(database)
        of_before.start()
        await_true(lambda: holders(database) == ["old"], "it has said so")
        sealing.use(parse(f"{NEW},{OLD}"))

        early = shell(f"keys rotate --database {migrated_url}", **both)
        of_before.stop()
        done = shell(f"keys rotate --database {migrated_url}", **both)

        assert (early.exit_code, done.exit_code) == (1, 0)
        assert "still seals with key old: restart it" in early.stderr
        assert "key old is sealed" not in early.stderr
        assert "Nothing is sealed with key old any more" in done.stderr
        assert holders(database) == []

    def test_leaves_what_it_cannot_open_and_says_so(self, shell: Shell, migrated_url: str) -> None:
        put(migrated_url, parse(OLD), "lost")
        put(migrated_url, None, "plain")

        done = shell(f"keys rotate --database {migrated_url}", encryption_keys_secret=NEW)

        assert (done.exit_code, done.stdout.split()[0], done.stdout.split()[-2]) == (1, "1", "1")
        assert "sealed with key old cannot be opened" in done.stderr
        assert key_of(stored(migrated_url)["lost"]) == "old"

    def test_goes_on_where_it_was_killed(self, database_url: str) -> None:
        names = [f"k{number}" for number in range(7)]
        put(database_url, parse(OLD), *names[:4])
        put(database_url, None, *names[4:])
        ring = parse(NEW)

        seen = []
        for _ in killed_at_each_step(rotate_in_threes, database_url, every=4):
            left = [each for each in stored(database_url).values() if key_of(each) != ring.newest]
            seen.append(len(left))

        assert seen == sorted(seen, reverse=True)
        assert {7, 4} <= set(seen)
        values = [ring.open("keys.value", each) for each in stored(database_url).values()]
        assert sorted(values) == [f"value of {name}" for name in names]


def holders(database: Database) -> list[str]:
    with database.reading.connect() as db:
        return list(db.execute(select(sealed_rows.key_holders.c.key_id)).scalars())


def rotate_in_threes(url: str) -> None:
    sealing.use(parse(f"{NEW},{OLD}"))
    place = next(each for each in sealed_rows.places() if each.name == "keys.value")
    after = None
    with opened(url) as database:
        while True:
            with database.writing.begin() as db:
                step = sealed_rows.reseal(db, place, after, 3)
            if step.after is None:
                return
            after = step.after


class TestTheChecks:
    def test_find_what_is_not_sealed_and_what_cannot_be_opened(self, database: Database) -> None:
        ring = parse(NEW)
        sealing.use(ring)
        moved = ring.seal("webhook_secrets.secret", "moved")
        values = {
            "good": ring.seal("keys.value", "good"),
            "lost": parse(OLD).seal("keys.value", "lost"),
            "moved": moved,
            "plain": "plain",
        }
        with database.writing.begin() as db:
            for name, value in values.items():
                db.execute(insert(keys).values(name=name, value=literal(value, Text)))

        with database.reading.connect() as db:
            plain, closed = checks.verify(db, sealed_rows.checks())

        assert plain.rows == [{"value": "keys.value", "count": 1}]
        assert {row["name"]: row["key"] for row in closed.rows} == {"lost": "old", "moved": "new"}


class TestASealedFile:
    @pytest.fixture(autouse=True)
    def _keys(self, _alone: None) -> None:
        sealing.use(parse(OLD))

    @pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 200_000])
    def test_is_read_as_it_was_written(self, tmp_path: Path, size: int) -> None:
        content = (b"0123456789abcdef" * (size // 16 + 1))[:size]
        storage = SealedStorage(LocalFolder(tmp_path), "mail")
        with storage.writing("k1") as writing:
            for start in range(0, size, 50_000):
                writing.write(content[start : start + 50_000])

        with storage.local("k1") as path:
            assert path.read_bytes() == content
        assert not path.exists()
        assert (writing.size_bytes, storage.size("k1")) == (size, size)
        assert size < 16 or content[:16] not in next(tmp_path.glob("*/k1")).read_bytes()

    @pytest.mark.parametrize(
        "damage",
        [
            lambda raw: raw[: HEAD_BYTES + CHUNK_BYTES + 16],  # the last piece cut off
            lambda raw: raw[:HEAD_BYTES] + raw[HEAD_BYTES + CHUNK_BYTES + 16 :],  # the first one
            lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
            lambda raw: raw[:60] + bytes([raw[60] ^ 1]) + raw[61:],
            lambda raw: raw[:60] + b"\xff" + raw[61:],
        ],
    )
    def test_is_refused_if_it_was_changed(self, tmp_path: Path, damage) -> None:
        storage = SealedStorage(LocalFolder(tmp_path), "mail")
        with storage.writing("k1") as writing:
            writing.write(bytes(CHUNK_BYTES + 100))
        (file,) = tmp_path.glob("*/k1")
        file.write_bytes(damage(file.read_bytes()))

        with pytest.raises(CannotOpen), storage.local("k1"):
            pass

    def test_that_goes_or_is_damaged_does_not_stop_a_rotation(
        self, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = SealedFolder(tmp_path, "mail")
        with folder.writing("bad1") as writing:
            writing.write(b"text")
        (file,) = tmp_path.glob("mail/*/bad1")
        file.write_bytes(file.read_bytes()[:60] + b"\xff" * 10 + file.read_bytes()[70:])
        monkeypatch.setattr(SealedFolder, "files", lambda _: iter(["bad1", "gone1"]))

        done = rotate(database, {"mail": folder}, lambda *_: None)

        assert [each.place for each in done.left] == ["files/mail/bad1"]
        assert list(folder.keys_used()) == [None]

    def test_of_another_storage_or_name_is_not_opened(self, tmp_path: Path) -> None:
        with SealedStorage(LocalFolder(tmp_path), "mail").writing("k1") as writing:
            writing.write(b"text")

        with pytest.raises(CannotOpen), SealedStorage(LocalFolder(tmp_path), "x").local("k1"):
            pass

    def test_of_before_is_read_and_sealed_by_a_rotation(self, tmp_path: Path) -> None:
        with LocalFolder(tmp_path / "mail").writing("k1") as writing:
            writing.write(b"plain")
        folder = SealedFolder(tmp_path, "mail")

        with folder.local("k1") as path:
            assert (path.read_bytes(), folder.size("k1")) == (b"plain", 5)
        assert (folder.reseal("k1"), folder.reseal("k1"), folder.sealed_by("k1")) == (
            True,
            False,
            "old",
        )
        with folder.local("k1") as path:
            assert path.read_bytes() == b"plain"
        assert not folder.reseal("gone")
