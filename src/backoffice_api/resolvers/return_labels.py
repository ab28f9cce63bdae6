"""What can be done with labels for goods that come back."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.returns.commands import label_settling, labels
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.return_labels import (
    ReturnLabelBuyInput,
    ReturnLabelFilePayload,
    ReturnLabelPayload,
)
from backoffice_api.schema.shipping_inputs import LabelReprintInput, LabelResolveInput


@strawberry.type
class ReturnLabelMutation:
    @mutation(labels.buy_return_label, ReturnLabelPayload)
    def return_label_buy(input: ReturnLabelBuyInput) -> labels.BuyReturnLabel:
        """Have a label bought with which the customer sends goods back, once.

        It is PENDING until the carrier answers; then the return waits for its parcel. A return has
        one label at a time. One that FAILED is bought anew by asking again.
        """
        return labels.BuyReturnLabel(
            return_id=ids.parse("ret", input.return_id),
            service_id=ids.parse("svc", input.service_id),
            weight_g=input.weight_g,
            tracking_number=input.tracking_number,
            cost=input.cost.value() if input.cost else None,
        )

    @mutation(label_settling.resolve_purchase, ReturnLabelPayload)
    def return_label_resolve(
        id: strawberry.ID, input: LabelResolveInput
    ) -> label_settling.ResolveReturnLabel:
        """Say what became of a purchase that is UNCLEAR, after asking the carrier by telephone."""
        return label_settling.ResolveReturnLabel(
            id=ids.parse("rlb", id),
            was_bought=input.was_bought,
            tracking_number=input.tracking_number,
            cost=input.cost.value() if input.cost else None,
        )

    @mutation(labels.void_return_label, ReturnLabelPayload)
    def return_label_void(id: strawberry.ID) -> labels.VoidReturnLabel:
        """Have a label given back. It is VOIDING until the carrier answers."""
        return labels.VoidReturnLabel(id=ids.parse("rlb", id))

    @mutation(labels.reprint_return_label, ReturnLabelFilePayload)
    def return_label_reprint(
        id: strawberry.ID, input: LabelReprintInput
    ) -> labels.ReprintReturnLabel:
        """Get an address from which the label of a return can be fetched once."""
        return labels.ReprintReturnLabel(id=ids.parse("rlb", id), format=input.format)
