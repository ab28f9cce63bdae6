"""Labels for goods that come back: bought once from a carrier, followed, given back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.domain.privacy.commands.pruning import prune_files
from backoffice_api.domain.returns.commands import shipping
from backoffice_api.domain.returns.commands.deciding import CancelReturn, cancel_return
from backoffice_api.domain.returns.queries import labels as on_labels
from backoffice_api.domain.returns.queries.shipments import shipments_by_returns
from backoffice_api.domain.shipping.model.carriers import CarrierKind
from backoffice_api.domain.shipping.model.shipments import LabelFormat
from backoffice_api.domain.shipping.tables import shipping_labels
from tests.bookkeeping.counting_house import opened, trial_balance
from tests.orders.shop import address
from tests.shipping.desk import Desk as Dispatch

BUY = """
mutation ($input: ReturnLabelBuyInput!) {
  returnLabelBuy(input: $input) {
    label { id number status return { number } }
    userErrors { code path }
  }
}
"""
SHOWN = """
query ($id: ID!) {
  return(id: $id) {
    status
    labels {
      status trackingNumber dropOffCode cost { amount } actions { name allowed }
      carrier { code } service { code } shipment { number tracking { state } }
    }
  }
}
"""
REPRINT = """
mutation ($id: ID!) {
  returnLabelReprint(id: $id, input: {format: ZPL}) { path label { number } userErrors { code } }
}
"""
VOID = "mutation ($id: ID!) { returnLabelVoid(id: $id) { label { status } userErrors { code } } }"
RESOLVE = """
mutation ($id: ID!) {
  returnLabelResolve(id: $id, input: {wasBought: true, trackingNumber: "X1"}) {
    label { status trackingNumber } userErrors { code }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Prune(Command):
    scope = None


def prune(uow, command):
    """What retention does about labels, long after they were bought."""
    return prune_files(uow, datetime.now(UTC) + timedelta(days=1), 10)[shipping_labels]


@pytest.fixture
def dispatch(desk, tmp_path):
    """Carriers, and a worker that speaks with them."""
    made = Dispatch.__new__(Dispatch)
    made.world, made.folder, made.hour = desk.world, tmp_path, datetime.now(UTC)
    made.storage = LabelFiles(LocalFolder(tmp_path / "labels"))
    made.carriers = KnownCarriers(tmp_path / "fake-carriers", None)
    return made


@pytest.fixture
def asked(desk):
    return sent_back(desk)


def sent_back(desk):
    """A return of a mug that went to an address."""
    return desk.request(desk.line(desk.bought(1, shipping_address=address())))


async def bought(desk, id, service, **more):
    given = {"returnId": ids.text("ret", id), "serviceId": ids.text("svc", service)}
    input = {**given, "weightG": 700, **more}
    return (await desk.world.graphql(BUY, input=input))["returnLabelBuy"]


def label(desk, id):
    return desk.world.read(on_labels.labels_by_returns, [id])[id][-1]


class TestReturnLabels:
    async def test_are_bought_once_and_followed(self, desk, dispatch):
        opened(desk.world)
        asked = sent_back(desk)
        service, carrier = dispatch.fake()
        (done, twice) = [await bought(desk, asked, service) for _ in range(2)]
        assert (done["label"]["status"], done["userErrors"]) == ("PENDING", [])
        assert twice["userErrors"] == [{"code": "RETURN_HAS_LABEL", "path": ["input", "returnId"]}]
        carrier.tell("sold", "ok")
        dispatch.work()
        dispatch.work()

        assert len(carrier.sold()) == 1
        shown = (await desk.world.graphql(SHOWN, id=ids.text("ret", asked)))["return"]
        number = label(desk, asked).tracking_number
        assert shown == {
            "status": "AWAITING_ITEMS",
            "labels": [
                {
                    "status": "LABELLED",
                    "trackingNumber": number,
                    "dropOffCode": f"DO-{number}",
                    "cost": {"amount": "5.00"},
                    "actions": [
                        {"name": "resolve", "allowed": False},
                        {"name": "void", "allowed": True},
                    ],
                    "carrier": {"code": "FAKE"},
                    "service": {"code": "parcel"},
                    "shipment": {"number": number, "tracking": {"state": "CREATED"}},
                }
            ],
        }
        balance = desk.world.read(trial_balance)
        assert (balance["freight_out"], balance["freight_not_billed"]) == (500, -500)
        file = desk.world.read(on_labels.files_by_labels, [label(desk, asked).id])
        zpl = next(each for of in file.values() for each in of if each.format is LabelFormat.ZPL)
        text = (dispatch.storage.read(zpl.key) or b"").decode()
        assert text.index("Rua Augusta 1") < text.index("Rua do Porto 7")
        again = await desk.world.graphql(REPRINT, id=ids.text("rlb", label(desk, asked).id))
        assert again["returnLabelReprint"]["path"].startswith("/labels/")
        assert desk.wrong() == []

    async def test_are_given_back_and_bought_anew(self, desk, dispatch, asked):
        service, carrier = dispatch.fake()
        carrier.tell("fail")
        await bought(desk, asked, service)
        dispatch.work()
        assert (label(desk, asked).status.value, label(desk, asked).attempts) == ("failed", 1)
        assert (await bought(desk, asked, service))["userErrors"] == []
        dispatch.work()
        first = label(desk, asked)
        done = await desk.world.graphql(VOID, id=ids.text("rlb", first.id))
        assert done["returnLabelVoid"]["label"] == {"status": "VOIDING"}
        dispatch.work()
        assert (await bought(desk, asked, service))["label"]["number"].endswith("-L2")
        dispatch.work()
        second = label(desk, asked)
        assert (first.attempts, second.status.value) == (2, "labelled")
        desk.world.run(prune, Prune())
        kept = desk.world.read(on_labels.files_by_labels, [first.id, second.id])
        assert (first.id in kept, second.id in kept) == (False, True)
        desk.world.run(cancel_return, CancelReturn(id=asked))
        dispatch.work()
        assert desk.world.run(prune, Prune()).value == len(kept[second.id])

        found = desk.world.read(on_labels.labels_by_returns, [asked])[asked]
        assert [each.status.value for each in found] == ["voided", "voided"]
        assert len(desk.world.read(shipments_by_returns, [asked])[asked]) == 2
        assert desk.wrong() == []

    async def test_are_kept_where_no_more_parcels_are_followed(
        self, desk, dispatch, asked, monkeypatch
    ):
        """The carrier has sold them: what is not noted would be paid for and never be used."""
        service, _ = dispatch.fake()
        monkeypatch.setattr(shipping, "PER_RETURN_MAX", 0)
        await bought(desk, asked, service)
        dispatch.work()

        found = label(desk, asked)
        assert (found.status.value, found.return_shipment_id) == ("labelled", None)
        assert desk.wrong() == []

    async def test_of_other_carriers_are_typed_or_our_own(self, desk, dispatch, asked):
        manual = dispatch.new_service(dispatch.new_carrier("MAN", CarrierKind.MANUAL), "any")
        missing = await bought(desk, asked, manual)
        assert [each["code"] for each in missing["userErrors"]] == ["TRACKING_NUMBER_NEEDED"]
        cost = {"amount": "3.20", "currency": "EUR"}
        await bought(desk, asked, manual, trackingNumber="M 77", cost=cost)
        dispatch.work()

        found = label(desk, asked)
        assert (
            found.status.value,
            found.tracking_number,
            found.cost_minor,
            found.drop_off_code,
        ) == (
            "labelled",
            "M 77",
            320,
            None,
        )
        nowhere = desk.request(desk.line(desk.bought(1)))
        refused = await bought(desk, nowhere, manual, trackingNumber="M 78")
        assert [each["code"] for each in refused["userErrors"]] == ["NO_SENDER_ADDRESS"]
