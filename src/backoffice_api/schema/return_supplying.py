"""Pieces that go on to suppliers, on the wire."""

import strawberry

from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.returns.queries import supplying as queries
from backoffice_api.schema.directives import about
from backoffice_api.schema.links import attach, many
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.purchasing import PurchaseReturn
from backoffice_api.schema.returns import Return

attach(
    Return,
    "supplier_returns",
    list[PurchaseReturn],
    many(
        queries.purchase_returns_by_returns,
        "id",
        "Debit notes for pieces of it that went on to suppliers, oldest first.",
        scope=Scope.PURCHASING_READ,
    ),
)


@strawberry.input(description="Pieces that are set aside for the supplier, and go back.")
class ReturnToSupplierInput:
    reason: str = about("Why they go back, for the debit note.")
    supplier_id: strawberry.ID | None = about(
        "Only to this supplier. Null: whoever they were bought from last.", default=None
    )


@payload
class ReturnToSupplierPayload(MutationPayload):
    """What sending pieces to suppliers answers."""

    purchase_returns: list[PurchaseReturn] = many(
        queries.made_by,
        "value",
        "One debit note for each purchase that they are of. Empty if it was refused.",
        scope=Scope.PURCHASING_READ,
    )
