"""What the office needs of collecting: receivables, payouts, steps of dunning and write-offs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "PayoutImportInput": ("lines",),
}

CHARGE = {
    "kind": "CHARGE",
    "sku": "POST",
    "title": "Postage",
    "quantity": 1,
    "unitPrice": {"amount": "40.00", "currency": "EUR"},
}
ONE = {"amount": "1.00", "currency": "EUR"}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    customer = office._id("customerCreate", "customer", input={"name": "Debtor"})
    disputed = _receivable(office, customer)
    office.do("receivableDispute", id=disputed, input={})
    written_off = office._id(
        "receivableWriteOff",
        "writeOff",
        id=_receivable(office, customer),
        input={"reason": "SMALL"},
    )
    fee = {"kind": "CHARGE", "reference": "none", "gross": ONE, "net": ONE}
    line = {**fee, "fee": {"amount": "0.00", "currency": "EUR"}}
    payout = office._id(
        "payoutImport",
        "payout",
        input={
            "provider": "known",
            "reference": "po_1",
            "amount": ONE,
            "arrivesOn": "2025-03-01",
            "lines": [line],
        },
    )
    step = office._id(
        "dunningStepSet", "step", input={"number": 2, "daysAfterDue": 9, "kind": "REMINDER"}
    )
    _receivable(office, customer, due_on="2025-01-01")
    limit = {"customerId": customer, "currency": "EUR", "limit": "100.00"}
    office.do("creditLimitSet", input=limit)
    return {
        "receivable.id": disputed,
        "receivableDispute.id": _receivable(office, customer),
        "receivableEndDispute.id": disputed,
        "receivableWriteOff.id": _receivable(office, customer),
        "writeOff.id": written_off,
        "payout.id": payout,
        "payoutMatch.id": payout,
        "PayoutImportInput.provider": "known",
        "PayoutImportInput.reference": "po_2",
        "PayoutImportInput.amount": ONE,
        "PayoutImportInput.lines": [line],
        "PayoutTermsSetInput.provider": "known",
        "dunningStepRemove.id": step,
        "DunningStepSetInput.number": 1,
        "DunningStepSetInput.daysAfterDue": 3,
        "CreditLimitSetInput.customerId": customer,
        "DunningRunInput.customerId": customer,
    }


def _receivable(office: "Office", customer: str, due_on: str = "2999-01-01") -> str:
    input = {
        "channel": {"code": "web"},
        "lines": [CHARGE],
        "place": True,
        "customerId": customer,
    }
    order = office._id("orderCreate", "order", input=input)
    due = {"orderId": order, "method": "TERMS", "dueOn": due_on}
    office.do("paymentCreate", input=due)
    answer = office.ask(
        "query ($id: ID!) { order(by: {id: $id}) { receivables { id } } }", {"id": order}
    ).json()
    id: str = answer["data"]["order"]["receivables"][0]["id"]
    return id
