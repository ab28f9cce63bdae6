"""The log of readers on the wire: who read personal data of whom."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from backoffice_api.domain.customers.queries import customers_by_ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.model import reads
from backoffice_api.domain.privacy.model.reads import PersonalReadSortKey
from backoffice_api.domain.privacy.tables import reads as read_table
from backoffice_api.schema.aggregates import Actor, actor_of
from backoffice_api.schema.connections import Connection, listed_under
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import DateTimeFilter, IdFilter, SortDirection, filter_input
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.nodes import Node, node

READ = Scope.PRIVACY_READ

choice(PersonalReadSortKey)


@node("rdg", reads.PersonalRead, queries.reads_by_ids, scope=READ)
class PersonalRead(Node):
    """One request that was given personal data, and one customer whose it got."""

    read_at: datetime = about("When it was answered.")
    request_id: str = about("The id of the request, as the access log has it.")
    operation: str = about("The name of the operation, its first field, or the path of a file.")
    count: int = about("How many things it named that lead to no customer, if it is of nobody.")
    customer: Customer | None = one(
        customers_by_ids, "customer_id", "Whose data. Null: the answer did not say."
    )

    @strawberry.field(
        description="Who read. The system, where a file was fetched by an address given out."
    )
    def actor(parent: strawberry.Parent[reads.PersonalRead]) -> Actor:
        return actor_of(parent.actor_kind, parent.actor_id)


attach(
    Customer,
    "personal_reads",
    Connection[PersonalRead],
    listed_under(
        queries.read_list,
        read_table.c.customer_id,
        "Who read their personal data, newest first.",
        scope=READ,
    ),
)


@filter_input
class PersonalReadFilter:
    """Which entries. All words that are given must hold."""

    customer_id: IdFilter | None = about("Of such a customer.", default=UNSET)
    actor_id: IdFilter | None = about("By such a person or token.", default=UNSET)
    read_at: DateTimeFilter | None = about("At such a time.", default=UNSET)


@strawberry.input(description="The order of the log of readers.")
class PersonalReadSort:
    key: PersonalReadSortKey = about("What is compared.")
    direction: SortDirection = about("Which end comes first.", default=SortDirection.DESC)
