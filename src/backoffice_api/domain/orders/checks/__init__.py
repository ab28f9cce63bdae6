"""What must be true of stored orders, and of the stock that they are promised."""

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.orders.checks import codes, orders, promises

CHECKS: tuple[Check, ...] = (
    *orders.CHECKS,
    *codes.CHECKS,
    *promises.CHECKS,
)
