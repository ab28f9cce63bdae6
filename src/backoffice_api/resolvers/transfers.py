"""What can be asked and done with transfers."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.transfers import queries
from backoffice_api.domain.transfers.commands import drafts, shipments
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep, keep_each
from backoffice_api.schema.stock import READ
from backoffice_api.schema.transfers import (
    Transfer,
    TransferCreateInput,
    TransferFilter,
    TransferPayload,
    TransferReceiveInput,
    TransferShipInput,
    TransferSort,
    TransferUpdateInput,
)


@strawberry.type
class TransferQuery:
    transfer: Transfer | None = found_by_id(
        "trf",
        queries.transfers_by_ids,
        "Its id.",
        "One transfer. Null if there is none.",
        scope=READ,
    )
    transfers: Connection[Transfer] = listed(
        queries.transfer_list,
        "Transfers, newest first.",
        scope=READ,
        filter=TransferFilter,
        sort=TransferSort,
    )
    transfers_count: Count = counted(
        queries.transfer_list, "How many transfers there are.", scope=READ, filter=TransferFilter
    )


@strawberry.type
class TransferMutation:
    @mutation(drafts.create_transfer, TransferPayload)
    def transfer_create(input: TransferCreateInput) -> drafts.CreateTransfer:
        """Make a draft of a transfer from one location to another one."""
        return drafts.CreateTransfer(
            from_location_id=ids.parse("loc", input.from_location_id),
            to_location_id=ids.parse("loc", input.to_location_id),
            lines=tuple(each.value() for each in input.lines),
            reference=input.reference,
            expected_on=input.expected_on,
        )

    @mutation(drafts.update_transfer, TransferPayload)
    def transfer_update(id: strawberry.ID, input: TransferUpdateInput) -> drafts.UpdateTransfer:
        """Change a draft. What is absent stays."""
        return drafts.UpdateTransfer(
            id=ids.parse("trf", id),
            lines=keep_each(input.lines),
            reference=keep(input.reference, nullable=True),
            expected_on=keep(input.expected_on, nullable=True),
        )

    @mutation(drafts.ready_transfer, TransferPayload)
    def transfer_ready(id: strawberry.ID) -> drafts.ReadyTransfer:
        """Hold the pieces of a draft where they lie, to be picked."""
        return drafts.ReadyTransfer(id=ids.parse("trf", id))

    @mutation(drafts.reopen_transfer, TransferPayload)
    def transfer_reopen(id: strawberry.ID) -> drafts.ReopenTransfer:
        """Make a transfer that is ready a draft again."""
        return drafts.ReopenTransfer(id=ids.parse("trf", id))

    @mutation(drafts.cancel_transfer, TransferPayload)
    def transfer_cancel(id: strawberry.ID) -> drafts.CancelTransfer:
        """Give a transfer up that was not shipped."""
        return drafts.CancelTransfer(id=ids.parse("trf", id))

    @mutation(shipments.ship_transfer, TransferPayload)
    def transfer_ship(id: strawberry.ID, input: TransferShipInput) -> shipments.ShipTransfer:
        """Let the pieces of a transfer leave: they are in transit then."""
        return shipments.ShipTransfer(
            id=ids.parse("trf", id), lines=tuple(each.value() for each in input.lines)
        )

    @mutation(shipments.receive_transfer, TransferPayload)
    def transfer_receive(
        id: strawberry.ID, input: TransferReceiveInput
    ) -> shipments.ReceiveTransfer:
        """Take in what has arrived: accepted for sale, rejected into quarantine."""
        return shipments.ReceiveTransfer(
            id=ids.parse("trf", id), lines=tuple(each.value() for each in input.lines)
        )

    @mutation(shipments.write_off_transfer, TransferPayload)
    def transfer_write_off(id: strawberry.ID) -> shipments.WriteOffTransfer:
        """Take what is still on its way off the books: it will not arrive."""
        return shipments.WriteOffTransfer(id=ids.parse("trf", id))
