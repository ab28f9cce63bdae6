"""The choices of payments as enums, for fields and for inputs, whoever is imported first."""

from backoffice_api.domain.payments.model.disputes import DisputeStatus
from backoffice_api.domain.payments.model.payments import IntentStatus, PaymentMethod
from backoffice_api.domain.payments.model.refunds import (
    RefundDestination,
    RefundReason,
    RefundStatus,
)
from backoffice_api.schema.enums import choice

__all__ = [
    "DisputeStatus",
    "IntentStatus",
    "PaymentMethod",
    "RefundDestination",
    "RefundReason",
    "RefundStatus",
]

for _choices in (DisputeStatus, PaymentMethod, RefundDestination, RefundReason, RefundStatus):
    choice(_choices)
choice(IntentStatus, name="PaymentStatus")
