"""The house rules that a machine can keep: who may know whom, how large, how named."""

import ast
import gc
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import backoffice_api
from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.errors import (
    Denied,
    DomainError,
    Invalid,
    Missing,
    Refused,
    SeveralFaults,
)
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.schema.nodes import KINDS
from tests.discovery import subclasses
from tests.together import named, together

ROOT = Path(backoffice_api.__file__).parent
REPOSITORY = Path(__file__).parent.parent
FILES = sorted(ROOT.rglob("*.py"))
LINES_MAX = 400

# The borders where whatever goes wrong is written down and answered; nobody else catches it all.
CATCH_ALL = {
    "domain/kernel/watch.py",
    "engine/compiler.py",
    "live/hub.py",
    "tasks/risk.py",
    "tasks/taxes.py",
    "supervisor.py",
    "web/access_log.py",
    "web/bearers.py",
    "web/border.py",
    "web/graphql.py",
    "web/health.py",
    "web/metrics.py",
    "web/operations.py",
    "web/shared_budget.py",
    "web/sockets.py",
    "web/streams.py",
    "webhooks_out/dispatcher.py",
    "worker.py",
}

# Where the hour, chance and the environment come in.
OUTSIDE = {
    "domain/execute.py",
    "domain/kernel/database.py",
    "domain/kernel/ids.py",
    "domain/kernel/watch.py",
}
CHANCE = {
    "date.today",
    "datetime.now",
    "datetime.utcnow",
    "os.environ",
    "random.choice",
    "random.random",
    "time.monotonic",
    "time.time",
    "time.time_ns",
    "uuid.uuid4",
}

# What events are told of that cannot be read by an id.
WITHOUT_NODE = {"imp"}


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    """All nodes of all files, that of the file first: a million, and nothing of it is garbage."""
    gc.disable()
    try:
        trees = [(str(file.relative_to(ROOT)), ast.parse(file.read_text())) for file in FILES]
        return [(name, node) for name, tree in trees for node in ast.walk(tree)]
    finally:
        gc.enable()


@pytest.fixture(scope="module", autouse=True)
def forget_nodes() -> Iterator[None]:
    """Keep no search for garbage busy with them after the tests here."""
    yield
    nodes.cache_clear()


def names_of(node: ast.expr | None) -> set[str]:
    """The names in the `except` clause of a handler."""
    if node is None:
        return {"everything"}
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


class TestContracts:
    def test_of_rooms_and_contexts_hold(self) -> None:
        tool = Path(sys.executable).parent / "lint-imports"
        checked = subprocess.run(
            [tool, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )

        assert checked.returncode == 0, checked.stdout[-3_000:]


class TestFiles:
    def test_are_at_most_400_lines(self) -> None:
        sizes = {str(each.relative_to(ROOT)): each.read_text().count("\n") for each in FILES}

        assert {name: size for name, size in sizes.items() if size > LINES_MAX} == {}

    def test_have_functions_that_fit_a_screen(self) -> None:
        long = {
            f"{name}:{node.name}": node.end_lineno - node.lineno + 1
            for name, node in nodes()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno is not None
            and node.end_lineno - node.lineno >= 60
        }

        assert long == {}

    def test_say_what_they_are(self) -> None:
        files = [(name, node) for name, node in nodes() if isinstance(node, ast.Module)]
        silent = [name for name, file in files if not ast.get_docstring(file)]

        assert len(files) == len(FILES)
        assert [name for name in silent if (ROOT / name).read_text()] == []

    def test_catch_everything_only_at_the_borders(self) -> None:
        found = {
            name
            for name, node in nodes()
            if isinstance(node, ast.ExceptHandler)
            and names_of(node.type) & {"everything", "Exception", "BaseException"}
        }

        assert found - CATCH_ALL == set()

    def test_take_types_at_their_word(self) -> None:
        found = [
            (name, node.lineno)
            for name, node in nodes()
            if isinstance(node, ast.ImportFrom)
            and node.module == "typing"
            and {each.name for each in node.names} & {"cast", "TYPE_CHECKING"}
        ]

        assert found == []

    def test_leave_nothing_to_be_done(self) -> None:
        marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

        assert [str(each) for each in FILES if marks.search(each.read_text())] == []

    def test_of_the_domain_ask_no_clock_and_no_dice(self) -> None:
        asked = {
            (name, f"{node.value.id}.{node.attr}")
            for name, node in nodes()
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and name.startswith("domain/")
            and name not in OUTSIDE
            and f"{node.value.id}.{node.attr}" in CHANCE
        }

        assert asked == set()

    def test_are_named_by_things(self) -> None:
        vague = {"utils", "util", "helpers", "helper", "services", "managers", "common", "misc"}

        assert [str(each) for each in FILES if {*each.parts, each.stem} & vague] == []


REFUSALS = subclasses(DomainError)


class TestRefusals:
    def test_have_codes_of_their_own(self) -> None:
        codes = Counter(each.code for each in REFUSALS)

        assert {code: count for code, count in codes.items() if count > 1} == {}

    @together("refusal", named(REFUSALS))
    def test_say_when_they_are_raised(self, refusal: type[DomainError]) -> None:
        own = refusal.__dict__.get("__doc__") or ""

        # A dataclass without a docstring gets its signature for one.
        assert own
        assert not own.startswith(f"{refusal.__name__}(")

    @together(
        "refusal",
        named([each for each in REFUSALS if each not in (Invalid, Missing, Refused, Denied)]),
    )
    def test_are_of_one_kind_and_tell_their_facts(self, refusal: type[DomainError]) -> None:
        assert issubclass(refusal, Invalid | Missing | Refused | Denied | SeveralFaults)
        assert is_dataclass(refusal)
        names = {each.name for each in fields(refusal)}
        assert names & {"code", "path", "message"} == set()
        asked = {
            re.split(r"[.\[]", name)[0]
            for _, name, _, _ in Formatter().parse(refusal.message)
            if name is not None
        }
        assert asked <= names | set(dir(refusal))


EVENTS = [each for each in subclasses(Event) if "type" in each.__dict__]


class TestEvents:
    def test_have_types_of_their_own(self) -> None:
        types = Counter(each.type for each in EVENTS)

        assert {name: count for name, count in types.items() if count > 1} == {}

    @together("event", named(EVENTS))
    def test_are_told_of_a_node_in_one_sentence(self, event: type[Event]) -> None:
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", event.type)
        assert event.subject in KINDS.keys() | WITHOUT_NODE
        assert is_dataclass(event)
        names = [each.name for each in fields(event)]
        assert names[:2] == ["id", "version"]
        asked = {
            re.split(r"[.\[]", name)[0]
            for _, name, _, _ in Formatter().parse(event.summary)
            if name is not None
        }
        assert asked <= set(names)
        assert event.summary.endswith(".")


COMMANDS = subclasses(Command)


class TestCommands:
    @together("command", named(COMMANDS))
    def test_are_frozen_words_with_a_right(self, command: type[Command]) -> None:
        assert is_dataclass(command)
        assert command.__dataclass_params__.frozen
        assert all(each.kw_only for each in fields(command))
        assert hasattr(command, "scope")

    @together("command", named(COMMANDS))
    def test_on_one_record_can_be_held_to_its_version(self, command: type[Command]) -> None:
        has_id = "id" in {each.name for each in fields(command)}  # type: ignore[arg-type]

        assert has_id is (command.table is not None)
        if command.table is not None:
            assert "version" in command.table.c

    def test_have_names_of_their_own(self) -> None:
        names = Counter(each.__name__ for each in COMMANDS)

        assert {name: count for name, count in names.items() if count > 1} == {}


class TestChecks:
    def test_have_ids_of_their_own(self) -> None:
        ids = Counter(each.id for each in CHECKS)

        assert {id: count for id, count in ids.items() if count > 1} == {}

    @together("check", {each.id: each for each in CHECKS})
    def test_are_named_and_say_what_holds(self, check: Check) -> None:
        assert re.fullmatch(r"[A-Z]+-?\d+(-[a-z]+)*", check.id)
        assert check.says.endswith(".")
