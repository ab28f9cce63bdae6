"""What can be asked and done with claims, refusals and customers' links."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.returns.commands import (
    claiming,
    links,
    refusals,
    shipping,
    supplying,
)
from backoffice_api.domain.returns.queries import claims as queries
from backoffice_api.schema.claims import (
    CarrierClaim,
    CarrierClaimCreateInput,
    CarrierClaimFilter,
    CarrierClaimGrantInput,
    CarrierClaimPayload,
    CarrierClaimRejectInput,
    CarrierClaimSort,
    CarrierClaimSubmitInput,
    ClaimOpenInput,
    ParcelWhereaboutsInput,
    RefusalOpenInput,
    ReturnLinkCreateInput,
    ReturnLinkPayload,
)
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.return_shipments import (
    ReturnShipmentCreateInput,
    ReturnShipmentPayload,
)
from backoffice_api.schema.return_supplying import ReturnToSupplierInput, ReturnToSupplierPayload
from backoffice_api.schema.returns import READ, ReturnPayload


@strawberry.type
class ClaimQuery:
    carrier_claim: CarrierClaim | None = found_by_id(
        "clm", queries.claims_by_ids, "Its id.", "One claim. Null if there is none.", scope=READ
    )
    carrier_claims: Connection[CarrierClaim] = listed(
        queries.claim_list,
        "Claims on carriers, newest first.",
        scope=READ,
        filter=CarrierClaimFilter,
        sort=CarrierClaimSort,
    )
    carrier_claims_count: Count = counted(
        queries.claim_list, "How many claims there are.", scope=READ, filter=CarrierClaimFilter
    )


@strawberry.type
class ClaimMutation:
    @mutation(claiming.open_claim, ReturnPayload)
    def claim_open(input: ClaimOpenInput) -> claiming.OpenClaim:
        """Make a return of goods that were lost or broken on their way; nothing need come back."""
        return claiming.OpenClaim(
            kind=input.kind,
            lines=tuple(each.value() for each in input.lines),
            comes_back=input.comes_back,
            where=_where(input.where) if input.where else None,
            note=input.note,
        )

    @mutation(claiming.create_carrier_claim, CarrierClaimPayload)
    def carrier_claim_create(input: CarrierClaimCreateInput) -> claiming.CreateCarrierClaim:
        """Claim something from a carrier for a return."""
        return claiming.CreateCarrierClaim(
            return_id=ids.parse("ret", input.return_id),
            kind=input.kind,
            where=_where(input.where),
            claimed=input.claimed.value() if input.claimed else None,
            note=input.note,
        )

    @mutation(claiming.submit_carrier_claim, CarrierClaimPayload)
    def carrier_claim_submit(
        id: strawberry.ID, input: CarrierClaimSubmitInput
    ) -> claiming.SubmitCarrierClaim:
        """Note that the carrier knows of a claim, or is asked once more."""
        return claiming.SubmitCarrierClaim(id=ids.parse("clm", id), reference=input.reference)

    @mutation(claiming.grant_carrier_claim, CarrierClaimPayload)
    def carrier_claim_grant(
        id: strawberry.ID, input: CarrierClaimGrantInput
    ) -> claiming.GrantCarrierClaim:
        """Note what the carrier owes for a claim."""
        amount = input.amount.value() if input.amount else None
        return claiming.GrantCarrierClaim(id=ids.parse("clm", id), amount=amount)

    @mutation(claiming.reject_carrier_claim, CarrierClaimPayload)
    def carrier_claim_reject(
        id: strawberry.ID, input: CarrierClaimRejectInput
    ) -> claiming.RejectCarrierClaim:
        """Note that the carrier pays nothing."""
        return claiming.RejectCarrierClaim(id=ids.parse("clm", id), note=input.note)

    @mutation(claiming.pay_carrier_claim, CarrierClaimPayload)
    def carrier_claim_pay(id: strawberry.ID) -> claiming.PayCarrierClaim:
        """Note that the carrier has paid what it owed."""
        return claiming.PayCarrierClaim(id=ids.parse("clm", id))

    @mutation(claiming.withdraw_carrier_claim, CarrierClaimPayload)
    def carrier_claim_withdraw(id: strawberry.ID) -> claiming.WithdrawCarrierClaim:
        """Give a claim up."""
        return claiming.WithdrawCarrierClaim(id=ids.parse("clm", id))

    @mutation(refusals.open_refusal, ReturnPayload)
    def refusal_open(input: RefusalOpenInput) -> refusals.OpenRefusal:
        """Expect all that is in a parcel back, as nobody took it.

        Where a carrier tells that a parcel turns round, this is done by itself.
        """
        return refusals.OpenRefusal(parcel_id=ids.parse("pcl", input.parcel_id), note=input.note)

    @mutation(shipping.create_return_shipment, ReturnShipmentPayload)
    def return_shipment_create(
        input: ReturnShipmentCreateInput,
    ) -> shipping.CreateReturnShipment:
        """Note with what goods are to come back, by label or drop-off code.

        What the carrier tells of the parcel says when they are on their way.
        """
        return shipping.CreateReturnShipment(
            return_id=ids.parse("ret", input.return_id),
            carrier=input.carrier,
            number=input.number,
            drop_off_code=input.drop_off_code,
            instructions=input.instructions,
        )

    @mutation(supplying.return_to_supplier, ReturnToSupplierPayload)
    def return_to_supplier(
        id: strawberry.ID, input: ReturnToSupplierInput
    ) -> supplying.ReturnToSupplier:
        """Send pieces of a return to their suppliers that were set aside for them."""
        return supplying.ReturnToSupplier(
            id=ids.parse("ret", id),
            reason=input.reason,
            supplier_id=given_id("sup", input.supplier_id),
        )

    @mutation(links.create_return_link, ReturnLinkPayload)
    def return_link_create(input: ReturnLinkCreateInput) -> links.CreateReturnLink:
        """Make a link by which a customer asks for a return of one order, without an account."""
        return links.CreateReturnLink(order_id=ids.parse("ord", input.order_id), days=input.days)


def _where(given: ParcelWhereaboutsInput) -> claiming.Whereabouts:
    return claiming.Whereabouts(
        carrier=given.carrier,
        parcel_id=given_id("pcl", given.parcel_id),
        exception_id=given_id("tex", given.exception_id),
    )
