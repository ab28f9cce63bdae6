"""Consents of customers on the wire."""

from datetime import datetime

import strawberry

from backoffice_api.domain.customers.model import consents as model
from backoffice_api.domain.customers.model.consents import (
    ConsentChannel,
    ConsentSortKey,
    ConsentSource,
    ConsentStatus,
    LegalBasis,
)
from backoffice_api.domain.customers.queries import consents as queries
from backoffice_api.domain.customers.tables.consents import consents
from backoffice_api.schema.aggregates import Actor, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import READ, Customer, personal
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import SortDirection
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, node

for _choices in (ConsentSortKey, ConsentSource, ConsentStatus, LegalBasis):
    choice(_choices)


def _actor(parent: strawberry.Parent[model.Consent]) -> Actor:
    return actor_of(parent.actor_kind, parent.actor_id)


@node("ccn", model.Consent, queries.consents_by_ids, scope=READ)
class CustomerConsent(Node):
    """What a customer said of a channel. It is kept for ever, as proof."""

    created_at: datetime = about("When it was recorded.")
    channel: ConsentChannel = about("By what the customer is written to.")
    status: ConsentStatus = about("What the customer said.")
    legal_basis: LegalBasis | None = about("Why the shop may. Null: it may not.")
    source: ConsentSource = about("Where the customer said it.")
    given_at: datetime = about("When the customer said it.")
    text_version: str | None = about("The version of the text agreed to. Null: there was none.")
    evidence: str | None = personal("content", "What proves it beyond that. Null: nothing.")
    recorded_by: Actor = about("Who recorded it.", resolver=_actor)


attach(
    CustomerConsent,
    "retracts",
    CustomerConsent | None,
    one(
        queries.consents_by_ids,
        "retracts_id",
        "The consent that was recorded by mistake: this one says so, and nothing else. Null: it "
        "speaks for itself.",
    ),
)


@described
class CustomerConsentState:
    """What counts of one channel now."""

    channel: ConsentChannel = about("By what the customer is written to.")
    status: ConsentStatus = about("Whether the shop may.")
    legal_basis: LegalBasis | None = about("Why it may. Null: it may not.")
    source: ConsentSource = about("Where the customer said so.")
    given_at: datetime = about("When the customer said so.")
    text_version: str | None = about("The version of the text agreed to. Null: there was none.")
    consent: CustomerConsent = one(queries.consents_by_ids, "consent_id", "What proves it.")


@strawberry.input(description="The order of a list of consents.")
class CustomerConsentSort:
    key: ConsentSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


attach(
    Customer,
    "consents",
    list[CustomerConsentState],
    many(
        queries.states_by_customers,
        "id",
        "What counts of each channel that it has said something of. Of others nothing may be sent.",
    ),
)
attach(
    Customer,
    "consent_history",
    Connection[CustomerConsent],
    listed_under(
        queries.consent_list,
        consents.c.customer_id,
        "All that it has said of channels, latest first.",
        sort=CustomerConsentSort,
    ),
)


@strawberry.input(description="What a customer said of a channel.")
class CustomerConsentInput:
    channel: ConsentChannel = about("By what the customer is written to.")
    status: ConsentStatus = about("What the customer said.")
    source: ConsentSource = about("Where the customer said it.")
    legal_basis: LegalBasis | None = about(
        "Why the shop may; needed if it is granted.", default=None
    )
    given_at: datetime | None = about("When the customer said it; null: now.", default=None)
    text_version: str | None = about(
        "The version of the text agreed to, at most 60 characters; a consent needs it.",
        default=None,
    )
    evidence: str | None = about(
        "What proves it beyond that, as the address of a form; at most 1,000 characters.",
        default=None,
    )

    def value(self) -> model.ConsentDraft:
        return model.ConsentDraft(
            channel=self.channel,
            status=self.status,
            source=self.source,
            legal_basis=self.legal_basis,
            given_at=self.given_at,
            text_version=self.text_version,
            evidence=self.evidence,
        )


@strawberry.input(description="What a customer said of channels.")
class CustomerConsentsRecordInput:
    consents: list[CustomerConsentInput] = about(
        "At most 20, in the order in which they were said."
    )
