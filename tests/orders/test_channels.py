"""Channels and their series of numbers. On both databases."""

from uuid import UUID

import pytest

from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.channels import (
    ArchiveChannel,
    CreateChannel,
    RestoreChannel,
    UpdateChannel,
    archive_channel,
    create_channel,
    restore_channel,
    update_channel,
)
from backoffice_api.domain.orders.model.channels import SERIAL_MAX, ChannelStatus, parts_of
from tests.orders.history import record, recorded
from tests.orders.shop import POSTAGE


def channel(shop, id):
    return shop.world.read(queries.channels_by_ids, [id])[id]


class TestCreateChannel:
    def test_begins_its_series_where_it_is_told(self, shop):
        command = CreateChannel(
            code="shop", name="Shop", currency="EUR", number_prefix="S", number_next=1_001
        )

        id = shop.world.run(create_channel, command).value

        made = channel(shop, id)
        assert (made.code, made.currency, made.status) == ("shop", "EUR", ChannelStatus.ACTIVE)
        assert shop.events(id) == ["channel.created"]
        assert shop.broken() == []

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"code": "web"}, "CHANNEL_CODE_TAKEN"),
            ({"code": ""}, "INVALID_TEXT"),
            ({"name": "x" * 251}, "INVALID_TEXT"),
            ({"number_prefix": "x" * 21}, "INVALID_TEXT"),
            ({"number_prefix": "A1"}, "PREFIX_ENDS_IN_DIGIT"),
            ({"number_next": 0}, "OUT_OF_RANGE"),
            ({"number_next": SERIAL_MAX + 1}, "OUT_OF_RANGE"),
            ({"currency": "XXX"}, "UNKNOWN_CURRENCY"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, shop, values, code):
        command = CreateChannel(**{"code": "x", "name": "X", "currency": "EUR", **values})

        assert shop.refused(create_channel, command) == [code]


class TestUpdateChannel:
    def test_changes_what_is_given(self, shop):
        id = shop.channel_id

        shop.world.run(update_channel, UpdateChannel(id=id, name="New"))

        assert (channel(shop, id).code, channel(shop, id).name) == ("web", "New")
        assert shop.events(id) == ["channel.created", "channel.updated"]

    def test_goes_on_counting_under_a_new_prefix(self, shop):
        shop.place(POSTAGE)

        shop.world.run(update_channel, UpdateChannel(id=shop.channel_id, number_prefix=""))

        assert shop.order(shop.place(POSTAGE)).number == "2"
        assert shop.broken() == []

    def test_can_move_the_series_on_but_not_back(self, shop):
        shop.world.run(update_channel, UpdateChannel(id=shop.channel_id, number_next=500))

        assert shop.order(shop.place(POSTAGE)).number == "W-500"
        assert shop.broken() == []
        command = UpdateChannel(id=shop.channel_id, number_next=500)
        assert shop.refused(update_channel, command) == ["OUT_OF_RANGE"]

    def test_passes_recorded_numbers_that_a_new_prefix_would_repeat(self, shop):
        record(shop, recorded(shop, "7"), recorded(shop, "A-300"), recorded(shop, "W-2"))
        assert shop.order(shop.place(POSTAGE)).number == "W-3"

        shop.world.run(update_channel, UpdateChannel(id=shop.channel_id, number_prefix=""))
        assert shop.order(shop.place(POSTAGE)).number == "8"
        shop.world.run(update_channel, UpdateChannel(id=shop.channel_id, number_prefix="A-"))
        assert shop.order(shop.place(POSTAGE)).number == "A-301"

        assert shop.broken() == []

    def test_refuses_codes_of_others_and_what_makes_no_sense(self, shop):
        other = CreateChannel(code="shop", name="Shop", currency="EUR")
        shop.world.run(create_channel, other)

        def codes(**values):
            return shop.refused(update_channel, UpdateChannel(id=shop.channel_id, **values))

        assert codes(code="shop") == ["CHANNEL_CODE_TAKEN"]
        assert codes(code="", number_prefix="A1") == ["INVALID_TEXT", "PREFIX_ENDS_IN_DIGIT"]
        unknown = UpdateChannel(id=UUID(int=1), name=KEEP)
        assert shop.refused(update_channel, unknown) == ["UNKNOWN_CHANNEL"]


class TestArchiveChannel:
    def test_takes_it_out_of_use_and_back(self, shop):
        id = shop.channel_id

        shop.world.run(archive_channel, ArchiveChannel(id=id))
        assert channel(shop, id).status is ChannelStatus.ARCHIVED
        assert shop.refused(archive_channel, ArchiveChannel(id=id)) == ["INVALID_TRANSITION"]
        assert shop.refused(update_channel, UpdateChannel(id=id)) == ["INVALID_TRANSITION"]

        shop.world.run(restore_channel, RestoreChannel(id=id))
        assert channel(shop, id).status is ChannelStatus.ACTIVE
        assert shop.refused(restore_channel, RestoreChannel(id=id)) == ["INVALID_TRANSITION"]
        assert shop.events(id) == ["channel.created", "channel.archived", "channel.restored"]


class TestPartsOf:
    @pytest.mark.parametrize(
        ("number", "parts"),
        [
            ("1001", ("", 1_001)),
            ("EU-007", ("EU-", 7)),
            ("A1-", ("A1-", 0)),
            ("9" * 20, ("9" * 5, 10**15 - 1)),
            ("٣", ("٣", 0)),
        ],
    )
    def test_finds_prefix_and_serial(self, number, parts):
        assert parts_of(number) == parts
