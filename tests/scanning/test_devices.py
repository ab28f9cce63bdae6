"""Devices are registered, retired and listed; tasks say what is open. On both databases."""

import pytest

from backoffice_api.domain.counts.commands.planning import PlanCount, plan_count
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.orders.commands.holds import HoldOrder, hold_order
from backoffice_api.domain.orders.model.holds import HoldKind
from backoffice_api.domain.scanning.commands.devices import (
    RegisterDevice,
    RestoreDevice,
    RetireDevice,
    register_device,
    restore_device,
    retire_device,
)
from backoffice_api.domain.scanning.queries.tasks import open_tasks
from backoffice_api.domain.transfers.commands.drafts import (
    CreateTransfer,
    ReadyTransfer,
    create_transfer,
    ready_transfer,
)
from backoffice_api.domain.transfers.commands.shipments import ShipTransfer, ship_transfer
from backoffice_api.domain.transfers.model import LineDraft
from tests.databases import count_statements
from tests.orders.shop import Shop, goods
from tests.plans import all_indexed
from tests.scanning.floor import scan
from tests.world import NOW, caller

REGISTER = """
mutation ($input: DeviceRegisterInput!) {
  deviceRegister(input: $input) {
    device { code name status version location { code } boundTo { kind id }
      actions { name allowed } timeline { nodes { type } } }
    userErrors { code path }
  }
}
"""
LISTED = """
{ devices(filter: {status: [ACTIVE]}, sort: {key: CODE, direction: ASC}) { nodes { code } }
  devicesCount { value } device(by: {code: "SCAN-1"}) { id code } }
"""
TASKS = "{ tasks { kind title quantity subject { ... on Order { number } } } }"


class TestRegisterDevice:
    async def test_binds_it_to_who_uses_it(self, floor):
        token = ids.text("tok", floor.token_id)
        input = {
            "code": "PHONE",
            "name": "Phone",
            "tokenId": token,
            "locationId": ids.text("loc", floor.south),
        }

        answer = await floor.world.graphql(REGISTER, input=input)

        assert answer["deviceRegister"] == {
            "device": {
                "code": "PHONE",
                "name": "Phone",
                "status": "ACTIVE",
                "version": 1,
                "location": {"code": "SOUTH"},
                "boundTo": {"kind": "TOKEN", "id": token},
                "actions": [
                    {"name": "scan", "allowed": True},
                    {"name": "retire", "allowed": True},
                    {"name": "restore", "allowed": False},
                ],
                "timeline": {"nodes": [{"type": "device.registered"}]},
            },
            "userErrors": [],
        }

    @pytest.mark.parametrize(
        ("wrong", "codes"),
        [
            ({"token_id": None}, ["BOUND_TO_NOBODY"]),
            ({"staff_id": "token"}, ["BOUND_TO_NOBODY"]),
            ({"token_id": "device"}, ["UNKNOWN_OWNER"]),
            ({"token_id": None, "staff_id": "token"}, ["UNKNOWN_OWNER"]),
            ({"location_id": "token"}, ["UNKNOWN_LOCATION"]),
            ({"code": "SCAN-1"}, ["DEVICE_CODE_TAKEN"]),
            ({"code": "", "name": ""}, ["INVALID_TEXT", "INVALID_TEXT"]),
        ],
    )
    def test_refuses(self, floor, wrong, codes):
        known = {"token": floor.token_id, "device": floor.device_id}
        given = {"code": "NEW", "name": "New", "token_id": floor.token_id, **wrong}
        given |= {
            key: known.get(value, value) for key, value in given.items() if key.endswith("_id")
        }

        refused = floor.refusals(lambda: floor.world.run(register_device, RegisterDevice(**given)))

        assert [each.code for each in refused] == codes


class TestRetireDevice:
    def test_takes_nothing_from_it_until_it_is_restored(self, floor):
        floor.world.run(retire_device, RetireDevice(id=floor.device_id))
        refused = floor.refusals(lambda: floor.send(scan(1)))
        assert [each.code for each in refused] == ["INVALID_TRANSITION"]

        floor.world.run(restore_device, RestoreDevice(id=floor.device_id))

        assert floor.said(scan(1)) == ["accepted"]
        assert [each for each in floor.events() if each.startswith("device")] == [
            "device.registered",
            "device.retired",
            "device.restored",
            "device.scans_taken",
        ]


class TestRights:
    @pytest.mark.parametrize(
        "document",
        [
            'mutation { deviceRegister(input: {code: "A", name: "A"}) { userErrors { code } } }',
            'mutation { deviceRetire(id: "x") { userErrors { code } } }',
            'mutation { deviceRestore(id: "x") { userErrors { code } } }',
            "{ devices { nodes { id } } }",
            "{ devicesCount { value } }",
            '{ device(by: {code: "SCAN-1"}) { id } }',
            "{ tasks { title } }",
        ],
    )
    async def test_are_those_of_stock(self, floor, document):
        somebody = caller(*ALL_SCOPES - {Scope.STOCK_READ, Scope.STOCK_WRITE})

        answer = await floor.world.ask(document, caller=somebody)

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]


class TestLists:
    async def test_show_devices(self, floor):
        floor.register("A", token_id=floor.token_id)
        gone = floor.register("B", token_id=floor.token_id)
        floor.world.run(retire_device, RetireDevice(id=gone))

        assert await floor.world.graphql(LISTED) == {
            "devices": {"nodes": [{"code": "A"}, {"code": "SCAN-1"}]},
            "devicesCount": {"value": 3},
            "device": {"id": floor.shown_device, "code": "SCAN-1"},
        }


class TestTasks:
    async def test_are_orders_to_pick_oldest_first(self, world):
        shop = Shop(world)
        shop.variant("CUP", 20)
        shop.create(goods("CUP"))
        shop.place(goods("CUP", 3))
        held = shop.place(goods("CUP"))
        shop.place(goods("CUP", 2), goods("CUP", 2))
        world.run(hold_order, HoldOrder(id=held, kind=HoldKind.OTHER))

        answer = await world.graphql(TASKS)

        assert answer["tasks"] == [
            {"kind": "PICK", "title": "W-1", "quantity": 3, "subject": {"number": "W-1"}},
            {"kind": "PICK", "title": "W-3", "quantity": 4, "subject": {"number": "W-3"}},
        ]

    async def test_are_transfers_and_counts(self, floor):
        floor.put(floor.mug, 9)
        made = []
        for reference in ("T-1", "T-2", "T-3"):
            command = CreateTransfer(
                from_location_id=floor.north,
                to_location_id=floor.south,
                lines=(LineDraft(variant_id=floor.mug, quantity=2),),
                reference=reference,
            )
            made.append(floor.world.run(create_transfer, command).value)
        for id in made[:2]:
            floor.world.run(ready_transfer, ReadyTransfer(id=id))
        floor.world.run(ship_transfer, ShipTransfer(id=made[1]))
        floor.world.run(plan_count, PlanCount(location_id=floor.north, name="North"))

        answer = await floor.world.graphql("{ tasks { kind title quantity subject { id } } }")

        # All of one moment, so by their ids: those of counts come first.
        assert [(each["kind"], each["title"], each["quantity"]) for each in answer["tasks"]] == [
            ("COUNT", "North", None),
            ("SEND", "T-1", None),
            ("RECEIVE", "T-2", None),
        ]

    async def test_are_those_that_the_caller_may_see(self, floor):
        answer = await floor.world.ask("{ tasks { title } }", caller=caller(Scope.STOCK_READ))

        assert answer["data"] == {"tasks": []}

    def test_take_one_statement_for_each_kind_through_an_index(self, floor):
        database = floor.world.database
        with (
            all_indexed(database.reading, sorts=True),
            count_statements(database) as statements,
        ):
            floor.world.read(lambda db: open_tasks(db, NOW, may=lambda scope: True))

        assert len([each for each in statements if each.startswith("SELECT")]) == 8
