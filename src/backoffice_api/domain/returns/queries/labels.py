"""What can be asked about labels for goods that come back."""

from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.rows import many_per, one_per
from backoffice_api.domain.returns.model.labels import ReturnLabel, UnknownReturnLabel
from backoffice_api.domain.returns.tables.labels import return_labels
from backoffice_api.domain.shipping.model.shipments import ENDED, Label
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
