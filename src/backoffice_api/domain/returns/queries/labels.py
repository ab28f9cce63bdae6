"""What can be asked about labels for goods that come back."""

from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.rows import many_per, one_per
from backoffice_api.domain.returns.model.labels import ReturnLabel, UnknownReturnLabel
from backoffice_api.domain.returns.queries import lines_of
from backoffice_api.domain.returns.tables.labels import return_labels
from backoffice_api.domain.shipping.model.shipments import ENDED, Label
from backoffice_api.domain.shipping.ports import Declaration, DeclaredItem
from backoffice_api.domain.shipping.queries.declaring import tax_id_of
from backoffice_api.domain.shipping.tables import shipping_labels

_of = return_labels.c

labels_by_ids = one_per(ReturnLabel, return_labels, _of.id)
labels_by_returns = many_per(ReturnLabel, return_labels, _of.return_id, _of.created_at, _of.id)
live_labels_by_returns = one_per(
    ReturnLabel, return_labels, _of.return_id, _of.status.not_in(ENDED)
)
files_by_labels = many_per(
    Label, shipping_labels, shipping_labels.c.return_label_id, shipping_labels.c.created_at
)


def label(db: Connection, id: UUID) -> ReturnLabel:
    """Raises: UnknownReturnLabel."""
    if found := labels_by_ids(db, [id]).get(id):
        return found
    raise UnknownReturnLabel(id).at("id")


def declaration_of(db: Connection, label: ReturnLabel) -> Declaration:
    """What carriers are told of the goods that come back: the pieces that are still awaited."""
    items = [
        DeclaredItem(
            each.title, each.awaited, Money(each.items_minor // (each.wanted or 1), each.currency)
        )
        for each in lines_of(db, label.return_id)
        if each.awaited > 0
    ]
    return Declaration(tax_id=tax_id_of(db, label.order_id), items=tuple(items))
