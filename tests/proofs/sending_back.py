"""What the office needs of labels for goods that come back: one in each state."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import update

from backoffice_api.adapters.carriers.finding import KnownCarriers
from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.tables import order_lines
from backoffice_api.domain.returns.commands.label_settling import OF_RETURNS
from backoffice_api.domain.returns.commands.labels import BUY_JOB
from backoffice_api.domain.shipping.commands.purchases import DoubtPurchase
from backoffice_api.tasks.shipping import tasks_of
from tests.proofs.shipping import SENDER, run

if TYPE_CHECKING:
    from tests.proofs.office import Office

WANTED: Mapping[str, tuple[str, ...]] = {}

LINES = "query ($id: ID!) { order(by: {id: $id}) { lines { nodes { id } } } }"
ADDRESS = {"recipient": "Ana", "lines": ["Rua 2"], "city": "São Paulo", "country": "BR"}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _SendingBack(office).examples()


class _SendingBack:
    """A carrier of our own, and returns of orders that went to an address."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        code = f"back-{uuid4().hex[:6]}"
        given = {"code": code, "name": code, "kind": "TABLE_RATE", "currency": "EUR"}
        carrier = office._id("carrierCreate", "carrier", input={**given, "sender": SENDER})
        service = {"carrierId": carrier, "code": code, "name": code}
        days = {"transitDaysMin": 1, "transitDaysMax": 2}
        self.service = office._id("carrierServiceCreate", "service", input={**service, **days})

    def examples(self) -> dict[str, Any]:
        unclear = self._label()
        id = ids.parse("rlb", unclear)
        doubt = DoubtPurchase(id=id, key=f"{id.hex}1", trouble="No answer")
        run(self.office, OF_RETURNS.doubt, doubt)
        return {
            "ReturnLabelBuyInput.returnId": self._returned(),
            "ReturnLabelBuyInput.serviceId": self.service,
            "ReturnLabelBuyInput.weightG": 700,
            "returnLabelResolve.id": unclear,
            "returnLabelVoid.id": self._label(bought=True),
            "returnLabelReprint.id": self._label(bought=True),
        }

    def _label(self, *, bought: bool = False) -> str:
        given = {"returnId": self._returned(), "serviceId": self.service, "weightG": 700}
        id = self.office._id("returnLabelBuy", "label", input=given)
        if bought:
            folder = Path(mkdtemp())
            storage = LabelFiles(LocalFolder(folder / "labels"))
            tasks = tasks_of(self.office.database, KnownCarriers(folder, None), storage)
            tasks[BUY_JOB].work({"id": id}, lambda *_: True)
        return id

    def _returned(self) -> str:
        given = {
            "channel": {"code": "web"},
            "lines": [{"sku": "MUG", "quantity": 1}],
            "shippingAddress": ADDRESS,
            "place": True,
        }
        order = self.office._id("orderCreate", "order", input=given)
        found = self.office.ask(LINES, {"id": order}).json()["data"]["order"]["lines"]["nodes"]
        line = found[0]["id"]
        with self.office.database.writing.begin() as db:
            key: UUID = ids.parse("oln", line)
            db.execute(update(order_lines).where(order_lines.c.id == key).values(shipped=1))
        asked = {"lines": [{"orderLineId": line, "quantity": 1}]}
        id = self.office._id("returnRequest", "return", input=asked)
        self.office.do("returnApprove", id=id, input={})
        return id
