"""The command `backoffice`, called as a shell calls it, but for the process."""

import os
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update

from backoffice_api import __version__
from backoffice_api.cli.program import main
from backoffice_api.context import Threads
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.execute import execute
from backoffice_api.domain.identity.commands.staff import CreateStaff, create_staff
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.queries.factors import has_second_factor
from backoffice_api.domain.identity.tables import second_factors
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.orders.tables import orders
from backoffice_api.domain.products.tables import products
from backoffice_api.domain.stock.tables import levels
from tests.orders.shop import Shop
from tests.thorough import usually_on
from tests.world import World

ROOT = Path(__file__).parents[2]
SECRET = "canary-of-the-tests"
SENTENCE = "a sentence that nobody guesses"


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """The words of every command."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


class Shell:
    """Calls the command in an empty folder and an environment without settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, line: str, **settings: str) -> Result:
        clean = {key: value for key, value in os.environ.items() if "BACKOFFICE" not in key}
        given = {f"BACKOFFICE_{name.upper()}": value for name, value in settings.items()}
        with mock.patch.dict(os.environ, {**clean, **given}, clear=True):
            return CliRunner().invoke(main, shlex.split(line), prog_name="backoffice")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path)


@pytest.fixture
def url(migrated_url: str) -> str:
    """URL of a new database that is migrated: the test runs once on each backend."""
    return migrated_url


class TestHelp:
    @pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
    def test_has_an_example_of_each_command(self, shell: Shell, path: tuple[str, ...]) -> None:
        asked = shell(f"{' '.join(path)} --help")

        assert asked.exit_code == 0
        _usage, *rest = asked.stdout.splitlines()
        example = re.compile(rf"(^ +|\()backoffice {' '.join(path)}\b")
        assert any(example.search(line) for line in rest), asked.stdout

    def test_names_every_command(self, shell: Shell) -> None:
        asked = shell("-h")

        for path in commands(main):
            assert re.search(rf"^  {path[0]}  +\S", asked.stdout, re.MULTILINE), path

    def test_is_pointed_to_after_a_wrong_call(self, shell: Shell) -> None:
        asked = shell("demonstrate")

        assert asked.exit_code == 2
        assert asked.stdout == ""
        assert "No such command 'demonstrate'" in asked.stderr
        assert "Try 'backoffice --help' for help." in asked.stderr

    def test_tells_the_version(self, shell: Shell) -> None:
        assert shell("--version").stdout == f"backoffice, version {__version__}\n"


class TestSchema:
    def test_is_printed_as_it_is_committed(self, shell: Shell) -> None:
        asked = shell("schema")

        assert (asked.exit_code, asked.stderr) == (0, "")
        assert asked.stdout == (ROOT / "schema.graphql").read_text()


class TestServe:
    def test_does_not_begin_with_documents_that_are_wrong(self, shell: Shell) -> None:
        (shell.folder / "wrong.graphql").write_text("{ unknown }")

        asked = shell("serve", trusted_documents="wrong.graphql")

        assert asked.exit_code == 1
        assert asked.stderr == (
            "Error: The trusted documents cannot be used:\n"
            "wrong.graphql: Cannot query field 'unknown' on type 'Query'. (1:3)\n"
        )


class TestExplain:
    def test_tells_cost_and_scopes_and_shows_what_is_run(self, shell: Shell) -> None:
        asked = shell(f"explain {ROOT / 'operations' / 'OrderPage.graphql'}")

        assert (asked.exit_code, asked.stderr) == (0, "")
        head = asked.stdout.splitlines()[:3]
        assert head[0] == "# query OrderPage"
        assert re.fullmatch(r"# cost: \d+ of 20000", head[1])
        assert head[2].startswith("# scopes: customers:read, events:read, orders:read, ")
        # The main function, and those for the three ways to find an order.
        assert asked.stdout.count("\ndef answer(run):") == 1
        assert asked.stdout.count("\ndef load(run, keys):") == 3
        compile(asked.stdout, "explained", "exec")

    def test_takes_variables(self, shell: Shell) -> None:
        shell.folder.joinpath("list.graphql").write_text(
            "query List($n: Int!) { orders(first: $n) { nodes { id } } } mutation M { nothing }"
        )
        assert "Cannot query field 'nothing'" in shell("explain list.graphql").stderr
        shell.folder.joinpath("list.graphql").write_text(
            "query List($n: Int!, $id: Boolean!) {"
            " orders(first: $n) { nodes { id @include(if: $id) number } } }"
        )

        given = shell("""explain list.graphql --variables '{"n": 7, "id": true}'""")
        too_many = shell("""explain list.graphql --variables '{"n": 251, "id": true}'""")
        no_json = shell("explain list.graphql --variables 7")
        without = shell("explain list.graphql")

        assert "# cost: 8 of 20000" in given.stdout
        assert "'id':" in given.stdout
        assert (too_many.exit_code, no_json.exit_code) == (1, 2)
        assert "# left to graphql-core for wrong directives" in without.stdout

    def test_names_what_is_left_to_graphql_core(self, shell: Shell) -> None:
        shell.folder.joinpath("types.graphql").write_text("{ __schema { types { name } } }")

        asked = shell("explain types.graphql --dialect postgresql")

        assert asked.stdout.endswith("# left to graphql-core for Query.__schema\n")


class TestTokenCreate:
    def test_prints_the_token_alone(
        self, shell: Shell, url: str, opens: Callable[..., Database]
    ) -> None:
        options = "--name till --scope orders:read --days 7 --budget 5000"
        made = shell(f"token create {options}", database_url=url)

        assert (made.exit_code, made.stderr) == (0, "")
        assert re.fullmatch(r"bo_[A-Za-z0-9_-]{40,}\n", made.stdout)
        with opens(url).reading.connect() as db:
            bearer = queries.authenticate(db, Secret(made.stdout.strip()), datetime.now(UTC))
        assert bearer is not None
        assert bearer.caller.actor.name == "till"
        assert bearer.caller.scopes == frozenset({Scope.ORDERS_READ})
        assert bearer.budget == 5_000

    def test_gives_every_right_for_a_star(
        self, shell: Shell, url: str, opens: Callable[..., Database]
    ) -> None:
        made = shell(f"token create --scope '*' --database '{url}'")

        with opens(url).reading.connect() as db:
            bearer = queries.authenticate(db, Secret(made.stdout.strip()), datetime.now(UTC))
        assert bearer is not None
        assert bearer.caller.scopes == ALL_SCOPES

    @pytest.mark.parametrize(
        ("options", "fault"),
        [
            ("", "Missing option '--scope'"),
            ("--scope orders:all", "'orders:all' is not one of"),
            ("--scope '*' --days 0", "0 is not in the range"),
            ("--scope '*' --budget 999", "999 is not in the range"),
        ],
    )
    def test_refuses_what_it_does_not_know(self, shell: Shell, options: str, fault: str) -> None:
        asked = shell(f"token create {options}")

        assert (asked.exit_code, asked.stdout) == (2, "")
        assert fault in asked.stderr
        assert list(shell.folder.iterdir()) == []


class TestStaffResetSecondFactor:
    def test_lets_somebody_in_with_the_password_alone(
        self, shell: Shell, url: str, opens: Callable[..., Database]
    ) -> None:
        given = CreateStaff(name="Ada", email="ada@shop.example", password=Secret(SENTENCE))
        now = datetime.now(UTC)
        database = opens(url)
        id = execute(database, create_staff, given, caller=THE_SYSTEM, now=now).value
        seed = {"secret": "A" * 32, "last_step": 0, "misses": 100, "codes_left": 0}
        row = {"staff_id": id, "enrolled_at": now, "confirmed_at": now, **seed}
        with database.writing.begin() as db:
            db.execute(second_factors.insert().values(row))
        ask = "staff reset-second-factor"

        done = shell(f"{ask} ADA@shop.example --reason 'lost phone'", database_url=url)
        again = shell(f"{ask} ada@shop.example", database_url=url)
        nobody = shell(f"{ask} eve@shop.example", database_url=url)

        assert [each.exit_code for each in (done, again, nobody)] == [0, 1, 1]
        assert "This account has no second factor." in again.stderr
        assert "Nobody of the staff has this address." in nobody.stderr
        with database.reading.connect() as db:
            assert not has_second_factor(db, id)


class TestMigrate:
    def test_says_where_the_database_is_then(self, shell: Shell, empty_database_url: str) -> None:
        first = shell("migrate", database_url=empty_database_url)
        second = shell(f"migrate --database '{empty_database_url}'")

        assert (first.exit_code, second.exit_code) == (0, 0)
        assert re.fullmatch(r"The database is at revision \w+\.\n", first.stderr)
        assert second.stderr == first.stderr
        assert first.stdout == second.stdout == ""

    def test_makes_the_default_database(self, shell: Shell) -> None:
        assert shell("migrate").exit_code == 0

        assert (shell.folder / "backoffice.db").is_file()

    def test_reads_the_file_of_settings(self, shell: Shell) -> None:
        (shell.folder / ".env").write_text("BACKOFFICE_DATABASE_URL=sqlite:///folder/named.db\n")

        assert shell("migrate").exit_code == 0

        assert (shell.folder / "folder" / "named.db").is_file()


NEED_TABLES = (
    "serve",
    "worker",
    "verify",
    "token create --scope '*'",
    "export orders",
    "import online-retail sales.csv",
)


class TestDatabaseThatIsBehind:
    @pytest.mark.parametrize("line", NEED_TABLES)
    def test_is_refused_with_the_command_that_helps(
        self, shell: Shell, empty_database_url: str, line: str
    ) -> None:
        (shell.folder / "sales.csv").touch()
        asked = shell(line, database_url=empty_database_url)

        assert (asked.exit_code, asked.stdout) == (1, "")
        assert asked.stderr.startswith("Error: The database is empty, not at ")
        assert asked.stderr.endswith("Run: backoffice migrate\n")


class TestFaults:
    """One sentence on stderr, exit code 1, no traceback, and no secret."""

    @pytest.mark.parametrize(
        ("line", "settings", "sentence"),
        [
            ("serve", {"pool_size": SECRET}, "BACKOFFICE_POOL_SIZE cannot be used. Expected: "),
            ("verify", {"database_url": f"mysql://me:{SECRET}@host/shop"}, "DATABASE_URL cannot"),
            ("migrate", {"database_url": f"sqlite:///shop.db?key={SECRET}"}, "names a file"),
            (
                "verify",
                {"database_url": f"postgresql://me:{SECRET}@host:port/shop"},
                "URL cannot be read",
            ),
            (
                "migrate",
                {"database_url": f"postgresql://me:{SECRET}@127.0.0.1:1/shop"},
                "The database cannot answer: ",
            ),
            (
                "worker",
                {"database_url": f"postgresql://me:{SECRET}@127.0.0.1:1/shop"},
                "The database cannot answer: ",
            ),
        ],
    )
    def test_are_told_in_a_sentence(
        self, shell: Shell, line: str, settings: dict[str, str], sentence: str
    ) -> None:
        asked = shell(line, **settings)

        assert (asked.exit_code, asked.stdout) == (1, "")
        assert asked.stderr.startswith("Error: ")
        assert sentence in asked.stderr
        assert "Traceback" not in asked.stderr
        assert SECRET not in asked.stderr

    def test_of_the_file_of_settings_name_the_line(self, shell: Shell) -> None:
        (shell.folder / ".env").write_text(f"# mine\nexport {SECRET}\nBACKOFFICE_POOL=1\n")

        asked = shell("migrate")

        assert asked.exit_code == 1
        assert ".env line 2 is not KEY=VALUE." in asked.stderr
        assert SECRET not in asked.stderr
        assert not (shell.folder / "backoffice.db").exists()


class TestVerify:
    @pytest.fixture
    def stocked(self, url: str, opens: Callable[..., Database]) -> Database:
        """A shop with five mugs in one place."""
        database = opens(url)
        threads = Threads(database, pool_size=1)
        Shop(World(database, threads)).variant("MUG", 5)
        threads.shutdown()
        return database

    def test_is_content_with_what_the_commands_wrote(
        self, shell: Shell, url: str, stocked: Database
    ) -> None:
        asked = shell("verify", database_url=url)

        assert (asked.exit_code, asked.stdout) == (0, "")
        lines = asked.stderr.splitlines()
        assert len(lines) == len(CHECKS)
        assert all(re.match(r"[\w-]+ +holds  \S", line) for line in lines)

    def test_shows_the_rows_that_somebody_changed(
        self, shell: Shell, url: str, stocked: Database
    ) -> None:
        with stocked.writing.begin() as db:
            db.execute(update(levels).values(on_hand=6))

        asked = shell("verify", database_url=url)

        assert asked.exit_code == 1
        (row, *others) = asked.stdout.splitlines()
        assert re.fullmatch(r"S1 variant_id=\S+ location_id=\S+ bucket=\S+ on_hand=6 moved=5", row)
        assert re.search(r"^S1 +BROKEN  ", asked.stderr, re.MULTILINE)
        assert asked.stderr.count("BROKEN") == len({line.split()[0] for line in [row, *others]})


class TestDemo:
    @pytest.mark.timeout(300)
    @usually_on("sqlite")
    def test_is_made_once(
        self, shell: Shell, empty_database_url: str, opens: Callable[..., Database]
    ) -> None:
        line = "demo --no-serve --orders 60"
        first = shell(line, database_url=empty_database_url)
        second = shell(line, database_url=empty_database_url)
        checked = shell("verify", database_url=empty_database_url)

        assert (first.exit_code, second.exit_code, checked.exit_code) == (0, 0, 0)
        with opens(empty_database_url).reading.connect() as db:
            counts = [
                db.execute(select(func.count()).select_from(each)).scalar()
                for each in (products, customers, orders)
            ]
        assert counts == [220, 500, 60]
        # Not to a terminal: one plain line for each part, no bars and no colours.
        assert first.stdout == ""
        *parts, token, page = first.stderr.splitlines()
        assert parts == [
            "Places: 1",
            "Products: 220",
            "Customers: 500",
            "Past orders: 15",
            "Books: 1",
            "Purchases: 24",
            "Orders: 45",
            "Payments: 26",
            "Shipments: 26",
            "Returns: 7",
            "Bills: 8",
            "Tickets: 9",
            "Product reviews: 13",
        ]
        assert re.fullmatch(r"Admin token  bo_\S+", token)
        secret = token.split()[-1]
        assert page == f"GraphiQL     http://127.0.0.1:8000/graphql#token={secret}"
        again = second.stderr.splitlines()
        assert again[0] == "The shop is there already."
        assert [each.split()[0] for each in again[1:]] == ["Admin", "GraphiQL"]
