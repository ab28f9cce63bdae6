"""What can be done about what channels believe of the stock."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.commands import channel_drift
from backoffice_api.schema.channel_drift import (
    ChannelStockComparedPayload,
    ChannelStockReconcileInput,
    ChannelStockTellInput,
)
from backoffice_api.schema.mutations import mutation


@strawberry.type
class ChannelDriftMutation:
    @mutation(channel_drift.tell_channel_stock, ChannelStockComparedPayload)
    def channel_stock_tell(input: ChannelStockTellInput) -> channel_drift.TellChannelStock:
        """Keep what a channel is told now of variants: `quantity` of each line.

        What it reports later is compared with that.
        """
        return channel_drift.TellChannelStock(
            channel_id=ids.parse("chn", input.channel_id),
            variant_ids=tuple(ids.parse("sku", each) for each in input.variant_ids),
        )

    @mutation(channel_drift.reconcile_channel_stock, ChannelStockComparedPayload)
    def channel_stock_reconcile(
        input: ChannelStockReconcileInput,
    ) -> channel_drift.ReconcileChannelStock:
        """Compare what a channel has with what it was told, less what it sold since.

        What drifts is to be told again: `quantity` of its line. With `dryRun` it is only compared.
        """
        return channel_drift.ReconcileChannelStock(
            channel_id=ids.parse("chn", input.channel_id),
            reported_at=input.reported_at,
            lines=input.reported(),
        )
