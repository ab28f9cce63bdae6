"""A2: it is said of every table where its rows belong, and of every command what it names."""

import dataclasses
import typing
from collections.abc import Iterator
from uuid import UUID

from backoffice_api.domain import aiming
from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.identity.model.limitable import LIMITABLE, MEASURED
from backoffice_api.domain.kernel.places import Own, Part, Place, Pointer
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.domain.placed_kinds import FREE_KINDS, KINDS
from backoffice_api.domain.places import CLOSED, PLACES
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.mutations import DECLARED
from backoffice_api.schema.nodes import KINDS as NODES

# They name something by an id that belongs nowhere, and are refused to whoever has bounds.
NAME_MORE = {("ProposeBankChange", "account_id"), ("RemapTracking", "after")}
# They move money out, or settings by which it moves: whoever has a limit does not run them.
UNMEASURED = {
    *("AcceptDispute", "ResolveDispute"),
    *("RemoveDunningStep", "SetCreditLimit", "SetDunningStep", "SetPayoutTerms"),
    *("RemoveMatchTolerance", "SetMatchTolerance", "VoidBill", "WaiveBillMatch"),
    *("ApproveBankChange", "RejectBankChange", "SetApprovalLimit", "SetSeries"),
    "DelegateApprovals",
}


def commands() -> dict[str, type[Command]]:
    mutations = schema._schema.mutation_type
    assert mutations is not None
    declared = (
        field.extensions["strawberry-definition"].metadata[DECLARED].command
        for field in mutations.fields.values()
    )
    return {each.__name__: each for each in declared}


def ids_in(kind: typing.Any, name: str, seen: frozenset[type]) -> Iterator[str]:
    """The names of the fields under which a command holds ids."""
    if kind is UUID:
        yield name
    for each in typing.get_args(kind):
        yield from ids_in(each, name, seen)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind not in seen:
        hints = typing.get_type_hints(kind)
        for each in dataclasses.fields(kind):
            yield from ids_in(hints[each.name], each.name, seen | {kind})


class TestTables:
    def test_are_all_declared(self) -> None:
        """One that is new is closed to bounded callers, until domain/places.py says otherwise."""
        placed, free = set(PLACES.placed), PLACES.free
        assert set(metadata.tables) - placed - free - CLOSED == set()
        assert (placed | free | CLOSED) - set(metadata.tables) == set()
        assert not placed & free
        assert not (placed | free) & CLOSED

    def test_have_the_columns_that_lead_to_their_places(self) -> None:
        for name, placing in PLACES.placed.items():
            columns = metadata.tables[name].c
            match placing:
                case Place(scope=scope, ways=ways):
                    assert ways.keys() <= LIMITABLE[scope], name
                    for dimension, each in ways.items():
                        for way in each.split("|"):
                            column, _, table = way.removesuffix("?").partition(">")
                            assert not column or column in columns, (name, way)
                            if table:
                                there = PLACES.placed[table]
                                assert isinstance(there, Place), (name, way)
                                assert there.ways[dimension], (name, way)
                case Pointer(kind, id) | Own(kind, id):
                    assert {kind, id} <= set(columns.keys()), name
                case Part(column, of):
                    assert column in columns, name
                    assert of in PLACES.placed, name

    def test_of_nodes_with_a_place_are_known_by_their_prefix(self) -> None:
        tables = {
            prefix: getattr(getattr(kind.by_ids, "source", None), "name", None)
            for prefix, kind in NODES.items()
        }
        for prefix, table in KINDS.items():
            assert tables[prefix] == table
        for prefix, name in tables.items():
            placing = PLACES.placed.get(name or "")
            if isinstance(placing, Place) and (not placing.ways or any(placing.ways.values())):
                assert prefix in KINDS, (prefix, name)

    def test_of_other_nodes_are_seen_under_their_right(self) -> None:
        others = {prefix: kind.scope for prefix, kind in NODES.items() if prefix not in KINDS}
        # Events are about something else, comments and views for their readers.
        assert {prefix: others.pop(prefix) for prefix in ("evt", "cmt", "viw")}
        assert others == FREE_KINDS


class TestCommands:
    def test_name_only_what_is_known(self) -> None:
        unknown = set()
        for name, command in commands().items():
            if command.scope not in LIMITABLE:
                continue
            for each in ids_in(command, "", frozenset()):
                own = f"{name}.{each}"
                is_known = {each, own} & (aiming._NAMED.keys() | aiming._OF_NOTHING)
                if not is_known and not (each == "id" and command.table is not None):
                    unknown.add((name, each))
        assert unknown == NAME_MORE

    def test_that_move_money_measure_it(self) -> None:
        unmeasured = {
            name
            for name, command in commands().items()
            if command.scope in MEASURED and command.measures is None
        }
        assert unmeasured == UNMEASURED
