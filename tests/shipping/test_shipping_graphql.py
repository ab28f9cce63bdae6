"""Shipping over GraphQL: from a carrier to a manifest and its invoice."""

from typing import Any
from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from tests.databases import count_statements
from tests.shipping.desk import Desk
from tests.world import caller

SENDER = '{name: "Shop", lines: ["Rua 1"], city: "Santos", country: "BR"}'
EUR = "currency: EUR"


async def do(desk: Desk, text: str, **given: Any) -> Any:
    """A mutation that is not refused: what it answers under `done`."""
    kinds = {"id": "ID!", "parcel": "ID!", "service": "ID!", "carrier": "ID!", "place": "ID!"}
    declared = ", ".join(f"${name}: {kinds[name]}" for name in given)
    head = f"mutation ({declared})" if declared else "mutation"
    data = await desk.world.graphql(f"{head} {{ done: {text} }}", **given)
    assert data["done"]["userErrors"] == []
    return data["done"]


ERRORS = "userErrors { code path message }"


async def carrier(desk: Desk) -> tuple[str, str]:
    """A carrier and its service, with a table."""
    made = await do(
        desk,
        f'carrierCreate(input: {{code: "TAB", name: "Table", kind: TABLE_RATE, {EUR}, '
        f"sender: {SENDER}}}) {{ carrier {{ id sender {{ city }} }} {ERRORS} }}",
    )
    id = made["carrier"]["id"]
    made = await do(
        desk,
        'carrierServiceCreate(input: {carrierId: $carrier, code: "eco", name: "Eco", '
        "transitDaysMin: 2, transitDaysMax: 4, collectsCash: true, volumetricDivisor: 5000, "
        'surcharges: [{kind: FUEL, label: "Fuel", amount: {amount: "0.00", currency: "EUR"}, '
        f"shareBps: 1000}}]}}) {{ service {{ id surcharges {{ label shareBps }} }} {ERRORS} }}",
        carrier=id,
    )
    service = made["service"]["id"]
    await do(
        desk,
        'rateTableCreate(input: {serviceId: $service, name: "All", validFrom: "2020-01-01", '
        'zones: [{code: "BR", country: "BR"}], rows: [{zone: "BR", upToG: 2000, price: '
        f'{{amount: "4.00", currency: "EUR"}}}}]}}) {{ rateTable {{ id rows {{ zone upToG }} }} '
        f"{ERRORS} }}",
        service=service,
    )
    return id, service


class TestTheWayOfAParcel:
    async def test_from_a_quote_to_an_invoice(self, desk: Desk) -> None:
        carrier_id, service = await carrier(desk)
        _, (parcel,) = desk.pack(800)
        quote = await do(
            desk,
            f"rateQuoteCreate(input: {{parcelId: $parcel, {EUR}}}) {{ quote {{ status candidates "
            "{ position isBest total { amount } lines { kind amount { amount } } promisedOn "
            f"refusals service {{ code }} }} }} {ERRORS} }}",
            parcel=ids.text("pcl", parcel),
        )
        assert quote["quote"]["status"] == "READY"
        best, other = quote["quote"]["candidates"]
        assert (best["service"]["code"], best["isBest"]) == ("eco", True)
        assert best["total"]["amount"] == "4.40"
        assert [each["kind"] for each in best["lines"]] == ["WEIGHT", "FUEL"]
        assert other["total"]["amount"] == "5.00"

        made = await do(
            desk,
            "shipmentCreate(input: {serviceId: $service, parcels: [{parcelId: $parcel}]}) "
            f"{{ shipments {{ id status quoted {{ amount }} destination {{ city }} }} {ERRORS} }}",
            service=service,
            parcel=ids.text("pcl", parcel),
        )
        (shipment,) = made["shipments"]
        assert shipment["quoted"]["amount"] == "4.40"
        assert shipment["destination"]["city"] == "São Paulo"
        id = shipment["id"]
        bought = await do(
            desk, f"labelBuy(id: $id, input: {{}}) {{ shipment {{ status }} {ERRORS} }}", id=id
        )
        assert bought["shipment"]["status"] == "PENDING"
        desk.work()
        link = await do(
            desk,
            f"labelReprint(id: $id, input: {{format: ZPL}}) {{ path shipment {{ status labels "
            f"{{ format }} }} {ERRORS} }}",
            id=id,
        )
        assert link["path"].startswith("/labels/")
        assert link["shipment"]["status"] == "LABELLED"
        assert {each["format"] for each in link["shipment"]["labels"]} == {"PDF", "ZPL"}

        manifest = await do(
            desk,
            f"manifestCreate(input: {{carrierId: $carrier}}) {{ manifest {{ id number pieces "
            f"shipments {{ nodes {{ id }} }} }} {ERRORS} }}",
            carrier=carrier_id,
        )
        assert manifest["manifest"]["number"] == "TAB-1"
        assert manifest["manifest"]["shipments"]["nodes"] == [{"id": id}]
        await do(
            desk,
            f"manifestClose(id: $id) {{ manifest {{ status }} {ERRORS} }}",
            id=manifest["manifest"]["id"],
        )
        desk.work()
        charges = await do(
            desk,
            'freightChargesRecord(input: {carrierId: $carrier, invoice: "I-1", charges: '
            f'[{{trackingNumber: "{desk.shipment(UUID(id[4:])).tracking_number}", amount: '
            f'{{amount: "5.00", currency: "EUR"}}}}]}}) {{ charges {{ id status variance '
            f"{{ amount }} shipment {{ id status }} }} {ERRORS} }}",
            carrier=carrier_id,
        )
        (charge,) = charges["charges"]
        assert (charge["status"], charge["variance"]["amount"]) == ("DIFFERS", "0.60")
        assert charge["shipment"] == {"id": id, "status": "HANDED_OVER"}
        disputed = await do(
            desk,
            f"freightChargeDispute(id: $id) {{ charge {{ status }} {ERRORS} }}",
            id=charge["id"],
        )
        assert disputed["charge"]["status"] == "DISPUTED"
        assert desk.broken() == []

    async def test_is_shown_with_its_order(self, desk: Desk) -> None:
        id = desk.labelled()
        order = ids.text("ord", desk.shipment(id).order_id)

        data = await desk.world.graphql(
            "query ($id: ID!) { order(by: {id: $id}) { shipments { nodes { id trackingNumber "
            "timeline { nodes { type } } } } } }",
            id=order,
        )

        (shown,) = data["order"]["shipments"]["nodes"]
        assert shown["id"] == ids.text("shm", id)
        assert [each["type"] for each in shown["timeline"]["nodes"]] == [
            "shipment.label_bought",
            "shipment.carrier_called",
            "shipment.label_ordered",
            "shipment.created",
        ]

    async def test_is_shown_with_its_parcel_and_fulfillment(self, desk: Desk) -> None:
        id = desk.labelled()
        found = desk.shipment(id)

        data = await desk.world.graphql(
            "query ($parcel: ID!, $fulfillment: ID!) { parcel: node(id: $parcel) { ... on Parcel "
            "{ shipment { id parcel { id } } } } fulfillment: node(id: $fulfillment) { ... on "
            "Fulfillment { status shipments { nodes { id fulfillment { id } } } } } }",
            parcel=ids.text("pcl", found.parcel_id),
            fulfillment=ids.text("ful", found.fulfillment_id),
        )

        shipment, parcel = ids.text("shm", id), ids.text("pcl", found.parcel_id)
        fulfillment = ids.text("ful", found.fulfillment_id)
        assert data["parcel"]["shipment"] == {"id": shipment, "parcel": {"id": parcel}}
        assert data["fulfillment"] == {
            "status": "READY",
            "shipments": {"nodes": [{"id": shipment, "fulfillment": {"id": fulfillment}}]},
        }


LIST = """{ shipments(filter: {status: [LABELLED]}) { nodes {
  id number status quoted { amount } cost { amount } destination { city postalCode }
  carrier { code sender { city } } service { code figures { late } surcharges { label } }
  order { number } labels { format } charges { nodes { id } } } } shipmentsCount { value } }"""


class TestShipments:
    async def test_takes_the_same_statements_for_many(self, desk: Desk) -> None:
        desk.labelled()
        with count_statements(desk.world.database) as few:
            await desk.world.graphql(LIST)
        for _ in range(2):
            desk.labelled()

        with count_statements(desk.world.database) as many:
            data = await desk.world.graphql(LIST)

        assert len(data["shipments"]["nodes"]) == 3
        assert len(many) == len(few)

    async def test_shows_no_costs_and_no_addresses_without_the_right(self, desk: Desk) -> None:
        desk.labelled()
        some = caller(Scope.SHIPPING_READ)
        for field in ("cost { amount }", "destination { city }", "phone"):
            answer = await desk.world.ask(f"{{ shipments {{ nodes {{ {field} }} }} }}", caller=some)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

        answer = await desk.world.ask("{ shipments { nodes { number status } } }", caller=some)
        assert "errors" not in answer

    async def test_log_holds_no_address(self, desk: Desk) -> None:
        id = desk.ship()

        (created,) = desk.shop.log(id)

        changes = {each["path"]: each["after"] for each in created.changes}
        assert changes["recipient"] == "(personal)"
        assert changes["address_lines"] == "(personal)"
        assert changes["postal_code"] == "(personal)"


@pytest.mark.parametrize(
    "text",
    [
        'carrierArchive(id: "ctr_00000000000000000000000000000001")',
        'manifestCreate(input: {carrierId: "ctr_00000000000000000000000000000001"})',
    ],
)
async def test_changes_need_the_right_to_write(desk: Desk, text: str) -> None:
    answer = await desk.world.ask(
        f"mutation {{ {text} {{ {ERRORS} }} }}", caller=caller(Scope.SHIPPING_READ)
    )

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
