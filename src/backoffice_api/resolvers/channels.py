"""What can be asked and done with channels."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands import channels as on_channels
from backoffice_api.schema.channels import (
    READ,
    Channel,
    ChannelCreateInput,
    ChannelFilter,
    ChannelLookup,
    ChannelPayload,
    ChannelSort,
    ChannelUpdateInput,
)
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep


@strawberry.type
class ChannelQuery:
    channel: Channel | None = lookup(
        ChannelLookup,
        "One channel. Null if there is none.",
        {
            "id": by_id("chn", queries.channels_by_ids),
            "code": Way(queries.channels_by_codes, str),
        },
        scope=READ,
    )
    channels: Connection[Channel] = listed(
        queries.channel_list,
        "Channels, by code.",
        scope=READ,
        filter=ChannelFilter,
        sort=ChannelSort,
    )
    channels_count: Count = counted(
        queries.channel_list, "How many channels there are.", scope=READ, filter=ChannelFilter
    )


@strawberry.type
class ChannelMutation:
    @mutation(on_channels.create_channel, ChannelPayload)
    def channel_create(input: ChannelCreateInput) -> on_channels.CreateChannel:
        """Make a channel."""
        return on_channels.CreateChannel(
            code=input.code,
            name=input.name,
            currency=input.currency,
            number_prefix=input.number_prefix,
            number_next=input.number_next,
            payment_gate=input.payment_gate,
            uncancel_minutes=input.uncancel_minutes,
            unknown_skus=input.unknown_skus,
        )

    @mutation(on_channels.update_channel, ChannelPayload)
    def channel_update(id: strawberry.ID, input: ChannelUpdateInput) -> on_channels.UpdateChannel:
        """Change a channel. What is absent stays. Its series of numbers goes on in any case."""
        return on_channels.UpdateChannel(
            id=ids.parse("chn", id),
            code=keep(input.code),
            name=keep(input.name),
            number_prefix=keep(input.number_prefix),
            number_next=keep(input.number_next),
            payment_gate=keep(input.payment_gate),
            uncancel_minutes=keep(input.uncancel_minutes),
            unknown_skus=keep(input.unknown_skus),
        )

    @mutation(on_channels.archive_channel, ChannelPayload)
    def channel_archive(id: strawberry.ID) -> on_channels.ArchiveChannel:
        """Take a channel out of use; no orders are made or placed in it any more."""
        return on_channels.ArchiveChannel(id=ids.parse("chn", id))

    @mutation(on_channels.restore_channel, ChannelPayload)
    def channel_restore(id: strawberry.ID) -> on_channels.RestoreChannel:
        """Take an archived channel into use again."""
        return on_channels.RestoreChannel(id=ids.parse("chn", id))
