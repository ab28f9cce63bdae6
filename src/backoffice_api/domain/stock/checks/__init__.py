"""What must be true of stored stock: every sum recomputed from what it is made of."""

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.stock.checks import pieces, values

CHECKS: tuple[Check, ...] = (*pieces.CHECKS, *values.CHECKS)
