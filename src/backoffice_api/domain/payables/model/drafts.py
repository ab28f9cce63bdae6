"""What is entered of a bill, before it becomes rows."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backoffice_api.domain.kernel.money import Money, UnitPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLineDraft:
    """`amount` without tax; None: the unit price, else that of the order, times the quantity."""

    description: str = ""
    order_line_id: UUID | None = None
    account_id: UUID | None = None
    quantity: int | None = None
    unit_price: UnitPrice | None = None
    amount: Money | None = None
    tax: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentDraft:
    """`discount`: what is let off if it is paid by `discount_until`."""

    due_on: date
    amount: Money
    discount: Money | None = None
    discount_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentDraft:
    file_id: UUID
    name: str
