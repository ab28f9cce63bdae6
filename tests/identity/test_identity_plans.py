"""The indexes behind what is asked about accounts."""

from uuid import UUID

import pytest

from backoffice_api.domain.identity.model.staff import SECRET_BYTES, StaffStatus, new_secret
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import sessions
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.uow import ActorKind
from tests.plans import all_indexed
from tests.world import NOW

LISTINGS = [queries.staff_list, queries.token_list, queries.session_list]


class TestPlans:
    @pytest.mark.parametrize(
        ("listing", "sort"), [(listing, sort) for listing in LISTINGS for sort in listing.sorts]
    )
    @pytest.mark.parametrize("descending", [True, False])
    def test_each_sort_walks_an_index(self, world, listing, sort, descending):
        with all_indexed(world.database.reading):
            world.read(listing.page, PageRequest(sort=sort, descending=descending))

    @pytest.mark.parametrize(
        ("listing", "word", "operator", "value"),
        [
            (queries.staff_list, "status", Operator.IN, (StaffStatus.ACTIVE,)),
            (queries.staff_list, "email", Operator.EQ, "ada@shop.example"),
            (queries.token_list, "revoked", Operator.EQ, False),
            (queries.token_list, "revoked", Operator.EQ, True),
        ],
    )
    def test_each_exact_filter_finds_its_rows_in_order(self, world, listing, word, operator, value):
        with all_indexed(world.database.reading):
            world.read(listing.page, PageRequest(filter=Test(word, operator, value)))

    @pytest.mark.parametrize("listing", [queries.staff_list, queries.token_list])
    @pytest.mark.parametrize(
        ("word", "operator", "value"),
        [("name", Operator.STARTS_WITH, "A"), ("created_at", Operator.GTE, NOW)],
    )
    def test_each_range_counts_from_an_index(self, world, listing, word, operator, value):
        request = PageRequest(filter=Test(word, operator, value))
        with all_indexed(world.database.reading, walks={"anon_1"}):
            world.read(listing.count, request, 10)

    def test_sessions_of_staff_are_found_in_order(self, world):
        with all_indexed(world.database.reading):
            world.read(
                queries.session_list.pages_by, sessions.c.staff_id, [UUID(int=1)], PageRequest()
            )
            world.read(queries.open_sessions, UUID(int=1), NOW)

    @pytest.mark.parametrize("kind", [ActorKind.TOKEN, ActorKind.STAFF])
    def test_a_secret_is_found_by_its_hash(self, world, kind):
        with all_indexed(world.database.reading):
            world.read(queries.authenticate, new_secret(kind, bytes(SECRET_BYTES)), NOW)

    def test_an_account_is_found_by_its_address(self, world):
        with all_indexed(world.database.reading):
            world.read(queries.active_account, "ada@shop.example")
