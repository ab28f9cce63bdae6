"""What the office needs of owing: bills in every state that a mutation asks for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from tests.payables.accounting import OpenAccount, open_account
from tests.proofs import running
from tests.proofs.running import Running
from tests.serving import new_token

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "BillUpdateInput": ("note",),
    **running.WANTED,
}

RENT = {"amount": "40.00", "currency": "EUR"}
MADE = "{ done: %s { bill { id } userErrors { code path } } }"


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Owing(office).examples()


class _Owing:
    """Bills of 40.00 euros for rent, entered by somebody whom the office approves."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.clerk = new_token(office.database)
        input = {"code": "LANDLORD", "name": "Landlord", "currency": "EUR"}
        self.supplier = office._id("supplierCreate", "supplier", input=input)
        opened = execute(
            office.database,
            open_account,
            OpenAccount(),
            caller=THE_SYSTEM,
            now=datetime.now(UTC),
            meta=Meta(request_id="owing"),
        )
        self.account = ids.text("acc", opened.value)
        self.goods = self._ordered()
        self.count = 0

    def examples(self) -> Mapping[str, Any]:
        note = self._approved(kind="CREDIT_NOTE")
        tolerance = {"quantityBp": 100, "priceBp": 100}
        return {
            **Running(self.office, self._approved, self.supplier, self.clerk).examples(),
            "bill.id": self._approved(),
            "BillCreateInput.supplierId": self.supplier,
            "BillCreateInput.number": "NEW",
            "billUpdate.id": self._draft(),
            "billSubmit.id": self._draft(),
            "billMatch.id": self._off(),
            "billMatchWaive.id": self._off(),
            "billApprove.id": self._submitted(),
            "billReject.id": self._submitted(),
            "billReopen.id": self._rejected(),
            "billDispute.id": self._approved(),
            "billSetPixCode.id": self._approved(),
            "billDisputeResolve.id": self._disputed(),
            "billVoid.id": self._approved(),
            "billCreditNoteApply.id": note,
            "BillCreditNoteApplyInput.billId": self._approved(),
            "billCreditReverse.id": self._credit(),
            "billPaymentRecord.id": self._approved(),
            "billPaymentReverse.id": self._payment(),
            "MatchToleranceSetInput.quantityBp": 200,
            "MatchToleranceSetInput.priceBp": 200,
            "matchToleranceRemove.id": self.office._id(
                "matchToleranceSet", "matchTolerance", input=tolerance
            ),
        }

    def _ordered(self) -> str:
        """Id of a line of a purchase order of which nothing has arrived."""
        place = {"code": "OWE", "name": "Owing"}
        input = {
            "supplierId": self.supplier,
            "locationId": self.office._id("locationCreate", "location", input=place),
            "lines": [{"sku": "MUG", "quantity": 10, "unitPrice": RENT}],
        }
        shown = "purchaseOrder { lines(first: 1) { nodes { id } } }"
        made = self.office.do("purchaseOrderCreate", shown, input=input)
        id: str = made["lines"]["nodes"][0]["id"]
        return id

    def _done(self, call: str) -> str:
        """Have a mutation done by the clerk. Id of the bill."""
        answer = self.office.ask(f"mutation {MADE % call}", token=self.clerk).json()
        assert "errors" not in answer, answer
        assert answer["data"]["done"]["userErrors"] == [], answer
        id: str = answer["data"]["done"]["bill"]["id"]
        return id

    def _draft(self, line: str | None = None, kind: str = "BILL") -> str:
        self.count += 1
        rent = f'{{accountId: "{self.account}", amount: {{amount: "40.00", currency: "EUR"}}}}'
        return self._done(
            f'billCreate(input: {{supplierId: "{self.supplier}", number: "B{self.count}", '
            f'issuedOn: "2025-01-01", allowSimilar: true, kind: {kind}, lines: [{line or rent}]}})'
        )

    def _submitted(self, line: str | None = None, kind: str = "BILL") -> str:
        return self._done(f'billSubmit(id: "{self._draft(line, kind)}")')

    def _off(self) -> str:
        """A bill for goods that have not arrived."""
        return self._submitted(f'{{orderLineId: "{self.goods}", quantity: 1}}')

    def _approved(self, kind: str = "BILL") -> str:
        id = self._submitted(kind=kind)
        self.office.do("billApprove", id=id)
        return id

    def _rejected(self) -> str:
        id = self._submitted()
        self.office.do("billReject", id=id, input={"reason": "No"})
        return id

    def _disputed(self) -> str:
        id = self._approved()
        self.office.do("billDispute", id=id, input={"reason": "Why?"})
        return id

    def _payment(self) -> str:
        shown = "bill { payments(first: 1) { nodes { id } } }"
        paid = self.office.do("billPaymentRecord", shown, id=self._approved(), input={})
        id: str = paid["payments"]["nodes"][0]["id"]
        return id

    def _credit(self) -> str:
        note, against = self._approved(kind="CREDIT_NOTE"), self._approved()
        shown = "bill { applications { id } }"
        applied = self.office.do("billCreditNoteApply", shown, id=note, input={"billId": against})
        id: str = applied["applications"][0]["id"]
        return id
