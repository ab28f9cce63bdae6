"""What can be asked and done with returns and their policies."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from inspect import Parameter
from typing import Annotated, Any

import strawberry

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids, money
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.commands import (
    deciding,
    inspecting,
    policies,
    receiving,
    refunding,
    requesting,
    resolving,
)
from backoffice_api.domain.returns.model import returnable
from backoffice_api.domain.returns.queries.returnable import returnable_lines
from backoffice_api.schema.connections import (
    Connection,
    Count,
    asked,
    counted,
    listed,
    parameter,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.money import MoneyInput
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.return_inputs import (
    ReturnApproveInput,
    ReturnAwaitItemsInput,
    ReturnCancelInput,
    ReturnDeclineInput,
    ReturnFilter,
    ReturnGoodwillInput,
    ReturnInspectInput,
    ReturnPolicyFilter,
    ReturnPolicySetInput,
    ReturnPolicySort,
    ReturnReceiveInput,
    ReturnRefundInput,
    ReturnRepairInput,
    ReturnRequestInput,
    ReturnSort,
    ReturnWaiveInput,
)
from backoffice_api.schema.returns import (
    READ,
    Return,
    ReturnableLine,
    ReturnPayload,
    ReturnPolicy,
    ReturnPolicyPayload,
)

_OrderId = Annotated[strawberry.ID, strawberry.argument(description="The order.")]


def _returnable(
    db: Any, context: Context, arguments: Mapping[str, Any]
) -> Sequence[returnable.ReturnableLine]:
    id = ids.parse("ord", arguments["order_id"])
    return returnable_lines(db, [id], datetime.now(UTC)).get(id, ())


@strawberry.type
class ReturnQuery:
    return_: Return | None = found_by_id(
        "ret",
        queries.returns_by_ids,
        "Its id.",
        "One return. Null if there is none.",
        scope=READ,
        name="return",
    )
    returns: Connection[Return] = listed(
        queries.return_list,
        "Returns, newest first.",
        scope=READ,
        filter=ReturnFilter,
        sort=ReturnSort,
    )
    returns_count: Count = counted(
        queries.return_list, "How many returns there are.", scope=READ, filter=ReturnFilter
    )
    returnable_lines: list[ReturnableLine] = asked(
        _returnable,
        [parameter("order_id", _OrderId, Parameter.empty)],
        "What of an order can come back now, and what its policies say to it.",
        scope=READ,
        weight=10,
    )
    return_policy: ReturnPolicy | None = found_by_id(
        "rpo",
        queries.policies_by_ids,
        "Its id.",
        "One return policy. Null if there is none.",
        scope=READ,
    )
    return_policies: Connection[ReturnPolicy] = listed(
        queries.policy_list,
        "Return policies, in the order in which they are tried.",
        scope=READ,
        filter=ReturnPolicyFilter,
        sort=ReturnPolicySort,
    )
    return_policies_count: Count = counted(
        queries.policy_list,
        "How many return policies there are.",
        scope=READ,
        filter=ReturnPolicyFilter,
    )


@strawberry.type
class ReturnMutation:
    @mutation(requesting.request_return, ReturnPayload)
    def return_request(input: ReturnRequestInput) -> requesting.RequestReturn:
        """Ask for goods to come back. Policies judge it at once; a dry run tells what they say."""
        return requesting.RequestReturn(
            lines=tuple(each.value() for each in input.lines),
            kind=input.kind,
            origin=input.origin,
            customer_id=given_id("cus", input.customer_id),
            currency=input.currency,
            location_id=given_id("loc", input.location_id),
            reference=input.reference,
            note=input.note,
        )

    @mutation(deciding.approve_return, ReturnPayload)
    def return_approve(id: strawberry.ID, input: ReturnApproveInput) -> deciding.ApproveReturn:
        """Let goods come back, whatever the policies say."""
        return deciding.ApproveReturn(id=ids.parse("ret", id), expires_at=input.expires_at)

    @mutation(deciding.decline_return, ReturnPayload)
    def return_decline(id: strawberry.ID, input: ReturnDeclineInput) -> deciding.DeclineReturn:
        """Say that goods may not come back, and by which rule."""
        return deciding.DeclineReturn(id=ids.parse("ret", id), rule=input.rule, note=input.note)

    @mutation(deciding.await_return, ReturnPayload)
    def return_await_items(id: strawberry.ID, input: ReturnAwaitItemsInput) -> deciding.AwaitReturn:
        """Note that the customer knows how to send the goods."""
        return deciding.AwaitReturn(id=ids.parse("ret", id), expires_at=input.expires_at)

    @mutation(deciding.send_off_return, ReturnPayload)
    def return_send_off(id: strawberry.ID) -> deciding.SendOffReturn:
        """Note that the goods are on their way back."""
        return deciding.SendOffReturn(id=ids.parse("ret", id))

    @mutation(deciding.cancel_return, ReturnPayload)
    def return_cancel(id: strawberry.ID, input: ReturnCancelInput) -> deciding.CancelReturn:
        """Call off what has not come; with nothing here, the return ends."""
        return deciding.CancelReturn(
            id=ids.parse("ret", id), lines=tuple(each.value() for each in input.lines)
        )

    @mutation(receiving.receive_return, ReturnPayload)
    def return_receive(id: strawberry.ID, input: ReturnReceiveInput) -> receiving.ReceiveReturn:
        """Count goods that came, by line or as they are scanned."""
        return receiving.ReceiveReturn(
            id=ids.parse("ret", id),
            lines=tuple(each.value() for each in input.lines),
            scans=tuple(each.value() for each in input.scans),
            location_id=given_id("loc", input.location_id),
        )

    @mutation(inspecting.inspect_return, ReturnPayload)
    def return_inspect(id: strawberry.ID, input: ReturnInspectInput) -> inspecting.InspectReturn:
        """Decide of goods that came where they go, and what the customer gets for them."""
        return inspecting.InspectReturn(
            id=ids.parse("ret", id), pieces=tuple(each.value() for each in input.pieces)
        )

    @mutation(inspecting.waive_return, ReturnPayload)
    def return_waive(id: strawberry.ID, input: ReturnWaiveInput) -> inspecting.WaiveReturn:
        """Say that pieces need not come back, and are paid back all the same."""
        return inspecting.WaiveReturn(
            id=ids.parse("ret", id), lines=tuple(each.value() for each in input.lines)
        )

    @mutation(inspecting.repair_return, ReturnPayload)
    def return_repair(id: strawberry.ID, input: ReturnRepairInput) -> inspecting.RepairReturn:
        """Note that pieces were mended and are back with their customer."""
        return inspecting.RepairReturn(
            id=ids.parse("ret", id), lines=tuple(each.value() for each in input.lines)
        )

    @mutation(refunding.refund_return, ReturnPayload)
    def return_refund(id: strawberry.ID, input: ReturnRefundInput) -> refunding.RefundReturn:
        """Pay pieces back that came, or need not come; never more than they are worth."""
        return refunding.RefundReturn(
            id=ids.parse("ret", id),
            lines=tuple(each.value() for each in input.lines),
            destination=input.destination,
            shipping=input.shipping,
            payments=tuple(each.value() for each in input.payments),
            note=input.note,
        )

    @mutation(refunding.give_goodwill, ReturnPayload)
    def return_goodwill(id: strawberry.ID, input: ReturnGoodwillInput) -> refunding.GiveGoodwill:
        """Give more than pieces are worth, with a reason that is kept."""
        return refunding.GiveGoodwill(
            id=ids.parse("ret", id),
            amount=input.amount.value(),
            note=input.note,
            order_id=given_id("ord", input.order_id),
            destination=input.destination,
        )

    @mutation(resolving.resolve_return, ReturnPayload)
    def return_resolve(id: strawberry.ID) -> resolving.ResolveReturn:
        """End a return of which everybody has got what was decided."""
        return resolving.ResolveReturn(id=ids.parse("ret", id))

    @mutation(resolving.reopen_return, ReturnPayload)
    def return_reopen(id: strawberry.ID) -> resolving.ReopenReturn:
        """Take a return up again that had ended."""
        return resolving.ReopenReturn(id=ids.parse("ret", id))

    @mutation(policies.set_return_policy, ReturnPolicyPayload)
    def return_policy_set(input: ReturnPolicySetInput) -> policies.SetReturnPolicy:
        """Make a return policy, or change the one with this code. What was judged stays judged."""
        limit = _limit(input.auto_approve, input.currency)
        return policies.SetReturnPolicy(
            code=input.code,
            currency=input.currency,
            preset=input.preset,
            name=input.name,
            priority=input.priority,
            channel_id=given_id("chn", input.channel_id),
            category_id=given_id("ctg", input.category_id),
            countries=None if input.countries is None else tuple(input.countries),
            window_days=input.window_days,
            window_start=input.window_start,
            conditions=tuple(input.conditions),
            excluded=input.excluded,
            fee_basis_points=input.fee_basis_points,
            refunds_shipping=input.refunds_shipping,
            shipping_payer=input.shipping_payer,
            auto_approve_minor=limit,
            auto_decline=input.auto_decline,
            expires_days=input.expires_days,
            source=input.source,
        )

    @mutation(policies.remove_return_policy, ReturnPolicyPayload)
    def return_policy_remove(id: strawberry.ID) -> policies.RemoveReturnPolicy:
        """Judge by a policy no more. What it has judged keeps its terms."""
        return policies.RemoveReturnPolicy(id=ids.parse("rpo", id))


def _limit(given: MoneyInput | None, currency: str) -> int | None:
    """Raises: CurrencyMismatch, TooPrecise, AmountTooLarge."""
    if given is None:
        return None
    limit = given.value()
    if limit.currency != currency:
        raise money.CurrencyMismatch(currency, limit.currency).at("auto_approve")
    return limit.minor
