"""Files that have served: papers of the hall and labels leave their storage after their time.

Invoices stay for as long as tax law wants. Papers can be drawn again; a label is bought once, and
nobody needs it when its parcel has left, its return is over, or it was given back.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Table, delete, or_, select, update

from backoffice_api.domain.invoicing.model.documents import PASSING_KINDS, DocumentStatus
from backoffice_api.domain.invoicing.tables import documents
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.rows import among, insert_or_ignore
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.privacy.commands.filing import REMOVE_JOB
from backoffice_api.domain.privacy.tables import doomed_files
from backoffice_api.domain.returns.model.returns import OPEN
from backoffice_api.domain.returns.tables import returns
from backoffice_api.domain.returns.tables.labels import return_labels
from backoffice_api.domain.shipping.model.shipments import ShipmentStatus
from backoffice_api.domain.shipping.tables import label_tickets, shipments, shipping_labels

_OVER = (ShipmentStatus.HANDED_OVER, ShipmentStatus.VOIDED, ShipmentStatus.CANCELLED)


def prune_files(uow: UnitOfWork, before: datetime, limit: int) -> Mapping[Table, int]:
    """Have the files removed that were made before, `limit` of each table. How many rows.

    The rows change at once, the files go by a job, after the commit.
    """
    pruned = {documents: _papers(uow, before, limit), shipping_labels: _labels(uow, before, limit)}
    if any(pruned.values()):
        uow.enqueue(Job(REMOVE_JOB, once_key=REMOVE_JOB))
    return pruned


def _papers(uow: UnitOfWork, before: datetime, limit: int) -> int:
    of = documents.c
    old = (
        select(of.id, of.sha256)
        .where(
            of.status == DocumentStatus.RENDERED,
            of.kind.in_(PASSING_KINDS),
            of.created_at < before,
        )
        .order_by(of.created_at, of.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = uow.db.execute(old).all()
    _doom(uow, "documents", {row.sha256 for row in found})
    gone = update(documents).where(among(of.id, [row.id for row in found]))
    uow.db.execute(
        gone.values(
            status=DocumentStatus.REMOVED,
            sha256=None,
            input_sha256=None,
            version=of.version + 1,
            updated_at=uow.now,
        )
    )
    return len(found)


def _labels(uow: UnitOfWork, before: datetime, limit: int) -> int:
    of = shipping_labels.c
    is_over = or_(
        shipments.c.status.in_(_OVER),
        return_labels.c.status.in_(_OVER),
        returns.c.status.not_in(OPEN),
    )
    old = (
        select(of.id, of.key)
        .outerjoin(shipments, shipments.c.id == of.shipment_id)
        .outerjoin(return_labels, return_labels.c.id == of.return_label_id)
        .outerjoin(returns, returns.c.id == return_labels.c.return_id)
        .where(of.created_at < before, is_over)
        .order_by(of.id)
        .limit(limit)
    )
    found = uow.db.execute(old).all()
    _doom(uow, "labels", {row.key for row in found})
    ids = [row.id for row in found]
    uow.db.execute(delete(label_tickets).where(among(label_tickets.c.label_id, ids)))
    uow.db.execute(delete(shipping_labels).where(among(of.id, ids)))
    return len(found)


def _doom(uow: UnitOfWork, storage: str, keys: set[str]) -> None:
    insert_or_ignore(
        uow.db, doomed_files, *({"storage": storage, "key": key} for key in sorted(keys))
    )
