"""Requests of persons and erasures on the wire."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.model import erasures, requests
from backoffice_api.domain.privacy.model.duties import Reason
from backoffice_api.domain.privacy.model.erasures import ErasureSortKey, ErasureStatus
from backoffice_api.domain.privacy.model.requests import (
    PrivacyRegime,
    PrivacyRequestKind,
    PrivacyRequestSortKey,
    PrivacyRequestStatus,
)
from backoffice_api.domain.privacy.tables import erasures as erasure_table
from backoffice_api.domain.privacy.tables import requests as request_table
from backoffice_api.schema.aggregates import ActionState, HasTimeline
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import DateFilter, IdFilter, SortDirection, filter_input
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.nodes import Node, Versioned, node
from backoffice_api.schema.payloads import MutationPayload, payload

READ = Scope.PRIVACY_READ

choice(Reason, name="PrivacyReason")
for _choices in (
    ErasureSortKey,
    ErasureStatus,
    PrivacyRegime,
    PrivacyRequestKind,
    PrivacyRequestSortKey,
    PrivacyRequestStatus,
):
    choice(_choices)


@node("pvr", requests.PrivacyRequest, queries.requests_by_ids, scope=READ)
class PrivacyRequest(Node, Versioned, HasTimeline):
    """What a person asks for about their data."""

    kind: PrivacyRequestKind = about("What is asked for.")
    regime: PrivacyRegime = about("Under which law.")
    status: PrivacyRequestStatus = about("What became of it.")
    actions: list[ActionState] = about("What can be done with it now.")
    received_on: date = about("When it was received: from then the time runs.")
    due_on: date = about("The last day on which it can be answered in time.")
    ended_at: datetime | None = about("When it was answered or refused. Null: it is open.")
    note: str = about(
        "What was noted with it. Empty: nothing.", personal="content", scope=Scope.PERSONAL_READ
    )
    reason: str = about(
        "Why it was refused. Empty: it was not.", personal="content", scope=Scope.PERSONAL_READ
    )
    customer: Customer | None = one(customers_by_ids, "customer_id", "Who asks.")


@described
class ErasedPlace:
    """What one round of an erasure did in one table."""

    place: str = about("The table.")
    emptied: int = about("Rows whose personal values are gone; the rows themselves stay.")
    removed: int = about("Rows that are gone.")
    kept: int = about("Rows that stay as they are for now.")
    reason: Reason | None = about("Why they stay, or most of them. Null: none does.")
    law: str | None = about("The law that it rests on, of the GDPR and of the LGPD.")
    kept_until: date | None = about(
        "From then on the law keeps them no longer. Null: until the matter has ended."
    )


@node("ers", erasures.Erasure, queries.erasures_by_ids, scope=READ)
class Erasure(Node, Versioned, HasTimeline):
    """A customer whose data were erased, as far as the law allows."""

    status: ErasureStatus = about("How far it is.")
    rounds: int = about("How often everything was gone through.")
    again_on: date | None = about(
        "When it is gone through again, by itself. Null: nothing is left."
    )
    rows_emptied: int = about("Rows that lost their personal values.")
    rows_removed: int = about("Rows that are gone.")
    rows_kept: int = about("Rows that had to stay when it was last gone through.")
    places: list[ErasedPlace] = many(
        queries.places_by_erasures,
        "id",
        "What was done where, round by round, and what stays, why and until when.",
    )
    customer: Customer | None = one(
        customers_by_ids, "customer_id", "Who was erased; what is left says nothing of them."
    )
    request: PrivacyRequest | None = one(
        queries.requests_by_ids, "request_id", "What it answers. Null: nobody had asked."
    )


attach(
    Customer,
    "privacy_requests",
    Connection[PrivacyRequest],
    listed_under(
        queries.request_list,
        request_table.c.customer_id,
        "What they asked for about their data, newest first.",
        scope=READ,
    ),
)
attach(
    Customer,
    "erasures",
    Connection[Erasure],
    listed_under(
        queries.erasure_list,
        erasure_table.c.customer_id,
        "Their erasure, if they were erased.",
        scope=READ,
    ),
)


@filter_input
class PrivacyRequestFilter:
    """Which requests. All words that are given must hold."""

    status: list[PrivacyRequestStatus] | None = about("In one of these states.", default=UNSET)
    kind: list[PrivacyRequestKind] | None = about("Of one of these kinds.", default=UNSET)
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    due_on: DateFilter | None = about("Due on such a day.", default=UNSET)


@strawberry.input(description="The order of a list of requests of persons.")
class PrivacyRequestSort:
    key: PrivacyRequestSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)


@filter_input
class ErasureFilter:
    """Which erasures. All words that are given must hold."""

    status: list[ErasureStatus] | None = about("In one of these states.", default=UNSET)
    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)


@strawberry.input(description="What a person asks for.")
class PrivacyRequestOpenInput:
    customer_id: strawberry.ID = about("Who asks.")
    kind: PrivacyRequestKind = about("What is asked for.")
    regime: PrivacyRegime = about("Under which law, which says by when it is due.")
    received_on: date | None = about("When it was received. Null: today.", default=None)
    note: str = about("A note, at most 2,000 characters.", default="")


@strawberry.input(description="Why a request is refused.")
class PrivacyRequestRefuseInput:
    reason: str = about("What the person is told, at most 2,000 characters.")


@strawberry.input(description="Who is to be erased.")
class CustomerEraseInput:
    customer_id: strawberry.ID = about("Which customer.")
    request_id: strawberry.ID | None = about(
        "The request that it answers, which is then done.", default=None
    )


@payload
class PrivacyRequestPayload(MutationPayload):
    """What a mutation of a request of a person answers."""

    request: PrivacyRequest | None = one(
        queries.requests_by_ids, "value", "The request as it is now. Null if it was refused."
    )


@payload
class ErasurePayload(MutationPayload):
    """What erasing a customer answers; of a dry run, what would go and what would stay."""

    erasure: Erasure | None = one(
        queries.erasures_by_ids, "value", "The erasure. Null if it was refused."
    )
