"""Duplicates merged and taken apart again: everything goes over, exactly that goes back."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, select

from backoffice_api.domain.customers.commands.addresses import AddAddress, add_address
from backoffice_api.domain.customers.commands.consents import RecordConsents, record_consents
from backoffice_api.domain.customers.commands.contacts import AddContact, add_contact
from backoffice_api.domain.customers.commands.customers import (
    ArchiveCustomer,
    UpdateCustomer,
    archive_customer,
    update_customer,
)
from backoffice_api.domain.customers.commands.groups import (
    ChangeCustomerGroupMembers,
    CreateCustomerGroup,
    change_customer_group_members,
    create_customer_group,
)
from backoffice_api.domain.customers.commands.merging import (
    FollowMerges,
    ForgetMoves,
    MergeCustomers,
    UndoMerge,
    follow_merges,
    forget_moves,
    merge_customers,
    undo_merge,
)
from backoffice_api.domain.customers.commands.notes import AddCustomerNote, add_note
from backoffice_api.domain.customers.model.accounts import ContactDraft
from backoffice_api.domain.customers.model.consents import (
    ConsentChannel,
    ConsentDraft,
    ConsentSource,
    ConsentStatus,
    LegalBasis,
)
from backoffice_api.domain.customers.model.merging import (
    UNDO_WINDOW,
    LaterMerge,
    MergeTooLarge,
    SameCustomer,
    UndoWindowOver,
)
from backoffice_api.domain.customers.queries.consents import states_by_customers
from backoffice_api.domain.customers.queries.merging import OWN, is_one_per_customer, owned_tables
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.merging import moves
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.tables import metadata
from backoffice_api.domain.payments.commands.crediting import (
    AdjustStoreCredit,
    adjust_store_credit,
)
from backoffice_api.domain.payments.model.credits import InsufficientStoreCredit
from backoffice_api.domain.receivables.commands.credit import SetCreditLimit, set_credit_limit
from tests.customers.people import CPF, OTHER_CPF, SHOP, address, create, profile
from tests.databases import count_statements
from tests.returns.desk import Desk, euros
from tests.world import NOW, World, caller

MERGE = """
mutation ($id: ID!, $from: ID!, $meta: MutationMeta) {
  customerMerge(id: $id, input: {fromId: $from}, meta: $meta) {
    customerMerge {
      id status filled moved { tableName count } into { name } from { status mergedInto { id } }
    }
    userErrors { code path }
    effects { kind summary }
  }
}
"""
# What is kept of what happened, or is worked out anew. Versions grow both ways.
KEPT = {"events", "event_fields", "customer_merges", "customer_merge_moves", "customer_consents"}
KEPT |= {"store_credit_entries", "idempotency_keys", "jobs", "answers"}
GROWS = {"version", "updated_at"}


class Pair:
    """Ana, and the duplicate of her that Anna is, each with something of everything."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.desk = Desk(world)
        self.ana = self.desk.ana
        self.change(self.ana, tags=("vip",), tax_ids=(CPF,), external_ids=(SHOP,))
        self.anna = create(
            world,
            name="Anna",
            email="ana@example.com",
            phone="+5511912345678",
            tags=("vip", "b2c"),
            tax_ids=(OTHER_CPF,),
            external_ids=(ExternalId("shop", "99"), ExternalId("erp", "7")),
            addresses=(address(is_default_shipping=True),),
        )
        self.furnish()

    def furnish(self) -> None:
        world, anna = self.world, self.anna
        world.run(add_address, AddAddress(id=self.ana, address=address(is_default_shipping=True)))
        for id in (self.ana, anna):
            draft = ContactDraft(name="Bo", is_primary=True)
            world.run(add_contact, AddContact(id=id, contact=draft))
        world.run(add_note, AddCustomerNote(id=anna, body="Pays late."))
        both = world.run(create_customer_group, CreateCustomerGroup(code="a", name="A")).value
        only = world.run(create_customer_group, CreateCustomerGroup(code="b", name="B")).value
        for group, members in ((both, (self.ana, anna)), (only, (anna,))):
            command = ChangeCustomerGroupMembers(id=group, added_ids=members)
            world.run(change_customer_group_members, command)
        self.consent(self.ana, ConsentChannel.EMAIL, ConsentStatus.GRANTED, 5)
        self.consent(anna, ConsentChannel.EMAIL, ConsentStatus.WITHDRAWN, 2)
        self.consent(anna, ConsentChannel.SMS, ConsentStatus.GRANTED, 9)
        self.credit(self.ana, 500)
        self.credit(anna, 700)
        limit = SetCreditLimit(customer_id=anna, currency="EUR", limit=euros(9_000))
        world.run(set_credit_limit, limit)
        self.desk.back(self.desk.bought(2, customer_id=anna))
        self.desk.bought(1)

    def change(self, id: UUID, **values: Any) -> None:
        self.world.run(update_customer, UpdateCustomer(id=id, **values))

    def credit(self, id: UUID, minor: int) -> None:
        command = AdjustStoreCredit(customer_id=id, delta=euros(minor))
        self.world.run(adjust_store_credit, command)

    def consent(
        self, id: UUID, channel: ConsentChannel, status: ConsentStatus, days_ago: int
    ) -> None:
        said = ConsentDraft(
            channel=channel,
            status=status,
            source=ConsentSource.FORM,
            legal_basis=LegalBasis.CONSENT,
            text_version="1",
            given_at=NOW - timedelta(days=days_ago),
        )
        self.world.run(record_consents, RecordConsents(id=id, consents=(said,)))

    def merge(self, **meta: Any) -> UUID:
        command = MergeCustomers(id=self.ana, from_id=self.anna)
        id: UUID = self.world.run(merge_customers, command, **meta).value
        return id

    def undo(self, id: UUID, **options: Any) -> None:
        self.world.run(undo_merge, UndoMerge(id=id), **options)

    def whole(self) -> Mapping[str, Any]:
        """All rows of all tables that a merge must leave, or put back, as they were."""
        with self.world.database.reading.connect() as db:
            return {
                table.name: sorted(repr(row) for row in db.execute(select(*_columns(table))))
                for table in metadata.sorted_tables
                if table.name not in KEPT
            }

    def left(self) -> Mapping[str, int]:
        """How many rows of each table still name the duplicate."""
        with self.world.database.reading.connect() as db:
            counts = {
                str(column): db.execute(
                    select(func.count()).select_from(column.table).where(column == self.anna)
                ).scalar_one()
                for column in owned_tables()
            }
        return {name: count for name, count in counts.items() if count}


def _columns(table: Table) -> list[Any]:
    if table.name == "search_entries":
        return [table.c.subject_id, table.c.words]
    return [each for each in table.columns if each.name not in GROWS]


@pytest.fixture
def pair(world: World) -> Pair:
    return Pair(world)


class TestMerging:
    async def test_is_previewed_done_and_undone(self, pair: Pair) -> None:
        world = pair.world
        before = pair.whole()
        variables = {"id": ids.text("cus", pair.ana), "from": ids.text("cus", pair.anna)}

        preview = await world.graphql(
            "query ($id: ID!, $from: ID!) { customerMergePreview(intoId: $id, fromId: $from) {"
            " filled counts { tableName count } into { name } from { name } } }",
            **variables,
        )
        expected = {
            "customer_addresses": 1,
            "customer_contacts": 1,
            "customer_notes": 1,
            "customer_tax_ids": 1,
            "external_ids": 2,
            "orders": 1,
            "returns": 1,
        }
        shown = preview["customerMergePreview"]
        counts = {each["tableName"]: each["count"] for each in shown["counts"]}
        assert expected.items() <= counts.items()
        assert shown["filled"] == ["email", "phone"]
        tried = await world.graphql(MERGE, **variables, meta={"dryRun": True})
        effects = {each["kind"]: each["summary"] for each in tried["customerMerge"]["effects"]}
        assert "1 orders" in effects["customer.merged"]
        shown = tried["customerMerge"]["customerMerge"]["moved"]
        assert expected.items() <= {each["tableName"]: each["count"] for each in shown}.items()
        assert pair.whole() == before

        made = (await world.graphql(MERGE, **variables))["customerMerge"]
        merge = made["customerMerge"]
        moved = {each["tableName"]: each["count"] for each in merge["moved"]}
        assert expected.items() <= moved.items()
        assert (moved["store_credits"], moved["credit_limits"]) == (1, 1)
        assert merge["from"] == {"status": "MERGED", "mergedInto": {"id": merge["id"]}}
        assert pair.left() == {}
        assert pair.desk.wrong() == []

        undone = await world.graphql(
            "mutation ($id: ID!) { customerMergeUndo(id: $id) {"
            " customerMerge { status from { status } } userErrors { code } } }",
            id=merge["id"],
        )
        assert undone["customerMergeUndo"]["customerMerge"] == {
            "status": "UNDONE",
            "from": {"status": "ACTIVE"},
        }
        after = pair.whole()
        assert {name for name in after if after[name] != before[name]} == set()
        assert pair.desk.wrong() == []

    def test_lets_the_latest_of_both_count(self, pair: Pair) -> None:
        merge = pair.merge()
        ana = profile(pair.world, pair.ana)
        assert (ana.name, ana.email, ana.tags) == ("Ana", "ana@example.com", ("b2c", "vip"))
        assert {*ana.tax_ids} == {CPF, OTHER_CPF}
        assert ExternalId("shop", "99") in ana.external_ids
        assert pair.desk.balance() == 1_200
        # Two keys of one system do not stand in the way of other changes.
        pair.change(pair.ana, name="Ana Silva")

        pair.undo(merge)
        assert profile(pair.world, pair.ana).name == "Ana Silva"
        assert profile(pair.world, pair.ana).email is None
        assert profile(pair.world, pair.anna).tax_ids == (OTHER_CPF,)

    def test_writes_to_nobody_who_has_withdrawn_as_one_of_the_two(self, pair: Pair) -> None:
        pair.consent(pair.ana, ConsentChannel.EMAIL, ConsentStatus.GRANTED, 1)
        pair.consent(pair.ana, ConsentChannel.SMS, ConsentStatus.WITHDRAWN, 20)

        def said() -> dict[ConsentChannel, ConsentStatus]:
            states = pair.world.read(states_by_customers, [pair.ana])[pair.ana]
            return {each.channel: each.status for each in states}

        before = said()
        merge = pair.merge()
        assert {*said().values()} == {ConsentStatus.WITHDRAWN}
        assert pair.desk.wrong() == []
        pair.undo(merge)
        assert said() == before
        assert before[ConsentChannel.EMAIL] is ConsentStatus.GRANTED
        assert pair.desk.wrong() == []

    def test_keeps_what_came_since_where_it_came(self, pair: Pair) -> None:
        merge = pair.merge()
        new = pair.desk.bought(1)
        pair.undo(merge)
        with pair.world.database.reading.connect() as db:
            orders = metadata.tables["orders"]
            statement = select(orders.c.customer_id).where(orders.c.id == new)
            assert db.execute(statement).scalar_one() == pair.ana

    def test_lets_follow_what_came_to_the_duplicate_meanwhile(self, pair: Pair) -> None:
        merge = pair.merge()
        pair.world.run(add_note, AddCustomerNote(id=pair.anna, body="Called."))
        assert pair.left() == {"customer_notes.customer_id": 1}
        assert pair.world.run(follow_merges, FollowMerges()).value == 1
        assert pair.world.run(follow_merges, FollowMerges()).value == 0
        assert pair.left() == {}
        pair.undo(merge)
        assert pair.left()["customer_notes.customer_id"] == 2

    def test_forgets_what_undoing_needed_when_it_is_over(self, pair: Pair) -> None:
        pair.merge()
        assert pair.world.run(forget_moves, ForgetMoves()).value == 0
        later = NOW + UNDO_WINDOW + timedelta(days=1)
        assert pair.world.run(forget_moves, ForgetMoves(), now=later).value > 0
        with pair.world.database.reading.connect() as db:
            assert OTHER_CPF.value not in repr(db.execute(select(moves)).all())

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=5))
    def test_is_undone_in_any_depth(self, world: World, pairs: list[tuple[int, int]]) -> None:
        people = [create(world, name=f"P{number}", tags=(f"t{number}",)) for number in range(4)]
        for number, id in enumerate(people):
            world.run(add_note, AddCustomerNote(id=id, body=f"Of {number}."))

        def state() -> list[Any]:
            with world.database.reading.connect() as db:
                notes = metadata.tables["customer_notes"].c
                tags = metadata.tables["customer_tags"].c
                known = customers.c
                return [
                    sorted(map(tuple, db.execute(select(*columns).where(owner.in_(people)))))
                    for owner, columns in (
                        (notes.customer_id, (notes.id, notes.customer_id)),
                        (tags.customer_id, (tags.tag, tags.customer_id)),
                        (known.id, (known.id, known.status)),
                    )
                ]

        before, done = state(), []
        for into, other in pairs:
            command = MergeCustomers(id=people[into], from_id=people[other])
            with suppress(SameCustomer, InvalidTransition):
                done.append(world.run(merge_customers, command).value)
        for merge in reversed(done):
            world.run(undo_merge, UndoMerge(id=merge))
        assert state() == before

    def test_is_refused(self, pair: Pair) -> None:
        world = pair.world
        gone = create(world, name="Gone")
        world.run(archive_customer, ArchiveCustomer(id=gone))
        full = create(world, name="Full", tags=tuple(f"t{number}" for number in range(49)))

        def refused(into: UUID, other: UUID) -> type[DomainError]:
            with pytest.raises(DomainError) as refusal:
                world.run(merge_customers, MergeCustomers(id=into, from_id=other))
            return type(refusal.value)

        before = pair.whole()
        assert refused(pair.ana, pair.ana) is SameCustomer
        assert refused(pair.ana, gone) is InvalidTransition
        assert refused(gone, pair.ana) is InvalidTransition
        assert refused(full, pair.anna) is MergeTooLarge
        assert pair.whole() == before

        merge = pair.merge()
        with pytest.raises(UndoWindowOver):
            pair.undo(merge, now=NOW + UNDO_WINDOW + timedelta(seconds=1))
        pair.credit(pair.ana, -1_100)
        with pytest.raises(InsufficientStoreCredit):
            pair.undo(merge)
        pair.credit(pair.ana, 1_100)
        other = create(world, name="Other")
        last = world.run(merge_customers, MergeCustomers(id=other, from_id=pair.ana)).value
        with pytest.raises(LaterMerge):
            pair.undo(merge)
        pair.undo(last)
        pair.undo(merge)
        assert pair.desk.wrong() == []

    async def test_takes_a_right_of_its_own(self, pair: Pair) -> None:
        answer = await pair.world.ask(
            MERGE,
            id=ids.text("cus", pair.ana),
            **{"from": ids.text("cus", pair.anna)},
            caller=caller(Scope.CUSTOMERS_READ, Scope.CUSTOMERS_WRITE),
        )
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    def test_happens_once_for_two_at_the_same_time(self, pair: Pair) -> None:
        outcomes: list[str] = []

        def run(into: UUID, other: UUID) -> None:
            try:
                pair.world.run(merge_customers, MergeCustomers(id=into, from_id=other))
                outcomes.append("done")
            except DomainError as refusal:
                outcomes.append(refusal.code)

        ways = ((pair.ana, pair.anna), (pair.anna, pair.ana))
        threads = [Thread(target=run, args=way) for way in ways]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(outcomes) == ["INVALID_TRANSITION", "done"]
        assert pair.desk.wrong() == []

    def test_takes_as_many_statements_for_many_rows(self, pair: Pair) -> None:
        with count_statements(pair.world.database) as few:
            pair.undo(pair.merge())
        for number in range(4):
            pair.world.run(add_note, AddCustomerNote(id=pair.anna, body=f"Note {number}."))
        with count_statements(pair.world.database) as many:
            pair.undo(pair.merge())
        assert len(many) == len(few)


FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DOCS = (Path(__file__).parents[2] / "docs" / "customers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", FENCED.findall(DOCS))
async def test_the_documents_of_the_docs_can_be_asked(pair: Pair, document: str) -> None:
    given = {"customer": ids.text("cus", pair.ana)} if "$customer" in document else {}
    data = await pair.world.graphql(document, **given)
    assert all(data.values())


class TestTables:
    def test_that_name_a_customer_are_moved(self) -> None:
        """By the merge itself, or by their own context where a customer has one row at most."""
        naming = {
            (table.name, column.name)
            for table in metadata.tables.values()
            for column in table.columns
            for key in column.foreign_keys
            if key.column is customers.c.id
        }
        moved = {(column.table.name, column.name) for column in owned_tables()}
        single = {
            (name, column)
            for name, column in naming - moved
            if name not in OWN
            and is_one_per_customer(metadata.tables[name], metadata.tables[name].c[column])
        }
        assert single == {("store_credits", "customer_id"), ("credit_limits", "customer_id")}
        stays = {("privacy_erasures", "customer_id"), ("privacy_reads", "customer_id")}
        assert naming == moved | single | stays | {each for each in naming if each[0] in OWN}
        assert all("id" in column.table.c for column in owned_tables())
