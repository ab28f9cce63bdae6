"""What the office needs of decisions on orders: approvals, holds and reviews."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.reviews.commands.assessing import AssessOrder, assess_order
from tests.serving import new_token

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {"ApprovalDelegateInput": ("fromStaffId",)}

PLACE = """
mutation ($channel: ID!) {
  done: orderCreate(input: {
    channel: {id: $channel}, place: true
    lines: [{kind: CHARGE, sku: "POST", title: "Postage", quantity: 1,
             unitPrice: {amount: "4.50", currency: "EUR"}}]
  }) { order { id approvals(first: 1) { nodes { id } } } userErrors { code path } }
}
"""
PASSWORD = "a sentence that nobody guesses"


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return {**_approvals(office), **_holds(office), **_reviews(office)}


def _place(office: "Office", channel: str, token: str | None = None) -> Mapping[str, Any]:
    answer = office.ask(PLACE, {"channel": channel}, token).json()
    assert "errors" not in answer, answer
    assert answer["data"]["done"]["userErrors"] == [], answer
    order: Mapping[str, Any] = answer["data"]["done"]["order"]
    return order


def _channel(office: "Office", code: str) -> str:
    return office._id("channelCreate", "channel", input={"code": code, "name": code, **_EUROS})


_EUROS = {"currency": "EUR"}


def _approvals(office: "Office") -> dict[str, Any]:
    channel = _channel(office, "asks")
    limit = {"amount": "0", "currency": "EUR"}
    rule = office._id(
        "approvalRuleSet", "rule", input={"kind": "ORDER", "limit": limit, "channelId": channel}
    )
    # Somebody else places what the office approves.
    order = _place(office, channel, new_token(office.database))
    request = order["approvals"]["nodes"][0]["id"]
    people = [
        office._id(
            "staffCreate",
            "staff",
            input={"name": name, "email": f"{name}@example.com", "password": PASSWORD},
        )
        for name in ("away", "deputy")
    ]
    far = {"endsAt": "2999-01-01T00:00:00Z"}
    given = {"fromStaffId": people[0], "toStaffId": people[1], **far}
    delegation = office._id("approvalDelegate", "delegation", input=given)
    return {
        "approval.id": request,
        **{f"approval{verb}.id": request for verb in ("Grant", "Decline", "Withdraw")},
        "approvalRuleRemove.id": rule,
        "ApprovalsDecideInput.ids": [request],
        "ApprovalDelegateInput.fromStaffId": people[0],
        "ApprovalDelegateInput.toStaffId": people[1],
        "ApprovalDelegateInput.endsAt": far["endsAt"],
        "approvalDelegationEnd.id": delegation,
    }


def _holds(office: "Office") -> dict[str, Any]:
    order = _place(office, _channel(office, "held"))["id"]
    held = office.do("orderHold", "order { holds { id } }", id=order, input={})
    return {
        "orderHoldAssign.id": order,
        "OrderHoldAssignInput.holdId": held["holds"][0]["id"],
    }


def _reviews(office: "Office") -> dict[str, Any]:
    channel = _channel(office, "judged")
    office.do("reviewPolicySet", input={"channelId": channel})
    waiting, decided = (_judged(office, channel) for _ in range(2))
    office.do("reviewAccept", id=decided, input={})
    return {
        "review.id": waiting,
        **{f"review{verb}.id": waiting for verb in ("Accept", "Reject", "Assign", "Note")},
        "reviewRecordOutcome.id": decided,
        "ReviewPolicySetInput.channelId": channel,
        "RiskRuleSetInput.score": 10,
    }


def _judged(office: "Office", channel: str) -> str:
    """A review that waits for a person: nobody can be reached about its order."""
    order = ids.parse("ord", _place(office, channel)["id"])
    command, now = AssessOrder(order_id=order), datetime.now(UTC)
    made = execute(office.database, assess_order, command, caller=THE_SYSTEM, now=now).value
    assert made
    return ids.text("rev", made)
