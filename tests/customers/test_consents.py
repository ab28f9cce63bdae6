"""Consents per channel over GraphQL: what counts, what proves it, what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.customers.commands.consents import RecordConsents, record_consents
from backoffice_api.domain.customers.model.consents import (
    ConsentChannel,
    ConsentDraft,
    ConsentSource,
    ConsentStatus,
    LegalBasis,
)
from backoffice_api.domain.customers.queries.consents import may_write_to, states_by_customers
from backoffice_api.domain.customers.tables.consents import consents
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.checks import verify
from tests.customers.people import create
from tests.world import NOW, World

# Each example has a customer of its own.
FIXTURE = HealthCheck.function_scoped_fixture
RECORD = """
mutation ($id: ID!, $input: CustomerConsentsRecordInput!) {
  customerConsentsRecord(id: $id, input: $input) {
    customer {
      consents { channel status legalBasis source givenAt textVersion consent { evidence } }
      consentHistory { nodes { channel status givenAt recordedBy { kind } } }
    }
    userErrors { code path }
    effects { kind }
  }
}
"""
NEWSLETTER = {
    "channel": "EMAIL",
    "status": "GRANTED",
    "source": "FORM",
    "legalBasis": "CONSENT",
    "textVersion": "2025-01",
    "givenAt": "2025-02-01T10:00:00Z",
    "evidence": "https://shop.example/form/7",
}


async def record(world: World, id: Any, *said: dict[str, Any]) -> Any:
    answer = await world.graphql(RECORD, id=ids.text("cus", id), input={"consents": list(said)})
    return answer["customerConsentsRecord"]


def draft(status: ConsentStatus, hours_ago: int) -> ConsentDraft:
    return ConsentDraft(
        channel=ConsentChannel.EMAIL,
        status=status,
        source=ConsentSource.FORM,
        legal_basis=LegalBasis.CONSENT,
        text_version="1",
        given_at=NOW - timedelta(hours=hours_ago),
    )


class TestConsents:
    async def test_count_by_when_they_were_given(self, world: World) -> None:
        id = create(world)
        made = await record(world, id, NEWSLETTER)
        assert made["effects"] == [{"kind": "customer.consent_granted"}]
        assert made["customer"]["consents"] == [
            {
                "channel": "EMAIL",
                "status": "GRANTED",
                "legalBasis": "CONSENT",
                "source": "FORM",
                "givenAt": "2025-02-01T10:00:00Z",
                "textVersion": "2025-01",
                "consent": {"evidence": "https://shop.example/form/7"},
            }
        ]
        assert world.read(may_write_to, ConsentChannel.EMAIL, [id]) == {id}

        left = {"channel": "EMAIL", "status": "WITHDRAWN", "source": "MESSAGE"}
        made = await record(world, id, left)
        assert made["effects"] == [{"kind": "customer.consent_withdrawn"}]
        (state,) = made["customer"]["consents"]
        assert (state["status"], state["legalBasis"]) == ("WITHDRAWN", None)
        assert world.read(may_write_to, ConsentChannel.EMAIL, [id]) == frozenset()

        late = await record(world, id, {**NEWSLETTER, "givenAt": "2025-02-20T10:00:00Z"})
        assert late["effects"] == []
        assert late["customer"]["consents"][0]["status"] == "WITHDRAWN"
        assert [each["status"] for each in late["customer"]["consentHistory"]["nodes"]] == [
            "WITHDRAWN",
            "GRANTED",
            "GRANTED",
        ]

    async def test_are_filtered_by(self, world: World) -> None:
        ana, bia = create(world, name="Ana"), create(world, name="Bia")
        create(world, name="Silent")
        await record(world, ana, NEWSLETTER, {**NEWSLETTER, "channel": "SMS"})
        await record(world, bia, {"channel": "SMS", "status": "WITHDRAWN", "source": "PHONE"})

        found = await world.graphql(
            "{ granted: customers(filter: {granted: [SMS, POST]}) { nodes { name } }"
            "  withdrawn: customers(filter: {withdrawn: [SMS]}) { nodes { name } } }"
        )

        assert found == {
            "granted": {"nodes": [{"name": "Ana"}]},
            "withdrawn": {"nodes": [{"name": "Bia"}]},
        }

    async def test_are_refused_without_proof(self, world: World) -> None:
        id = create(world)
        unproven = {"channel": "EMAIL", "status": "GRANTED", "source": "FORM"}
        for said, code, field in (
            (unproven, "LEGAL_BASIS_MISSING", "legalBasis"),
            ({**unproven, "legalBasis": "CONSENT"}, "CONSENT_TEXT_MISSING", "textVersion"),
            ({**NEWSLETTER, "givenAt": "2999-04-01T00:00:00Z"}, "CONSENT_IN_FUTURE", "givenAt"),
        ):
            refused = await record(world, id, said)
            path = ["input", "consents", "0", field]
            assert refused["userErrors"] == [{"code": code, "path": path}]
            assert refused["customer"] is None

    async def test_are_never_changed(self, world: World) -> None:
        await record(world, create(world), NEWSLETTER)
        with pytest.raises(DBAPIError), world.database.writing.begin() as db:
            db.execute(update(consents).values(status=ConsentStatus.WITHDRAWN))

    @settings(max_examples=10, deadline=None, suppress_health_check=[FIXTURE])
    @given(
        said=st.lists(
            st.tuples(st.sampled_from(ConsentStatus), st.integers(0, 5)), min_size=1, max_size=6
        )
    )
    def test_of_any_order_leave_what_was_said_last(self, world: World, said: Any) -> None:
        id = create(world)
        for status, hours_ago in said:
            command = RecordConsents(id=id, consents=(draft(status, hours_ago),))
            world.run(record_consents, command)

        (state,) = world.read(states_by_customers, [id])[id]
        latest = min(hours_ago for _, hours_ago in said)
        assert state.given_at == NOW - timedelta(hours=latest)
        assert state.status == [status for status, hours in said if hours == latest][-1]
        with world.database.reading.connect() as db:
            wrong = [
                each.check.id
                for each in verify(db, [each for each in CHECKS if each.id[0] == "K"])
                if not each.holds
            ]
        assert wrong == []
