"""Scans of the dock: what came of purchase orders, and what inspections came to."""

from dataclasses import dataclass

from backoffice_api.domain.kernel.errors import Invalid, Missing
from backoffice_api.domain.stock.model.buckets import Bucket


@dataclass(eq=False)
class NoSuchPurchaseOrder(Missing):
    """No purchase order has this number or id, or the scan names none."""

    name: str
    message = "There is no purchase order {name!r:.90} to receive."


@dataclass(eq=False)
class NotAnOutcome(Invalid):
    """An inspection moves pieces to another condition: sellable, damaged or set aside."""

    bucket: Bucket
    message = "An inspection cannot end with pieces in the bucket {bucket.name}."
