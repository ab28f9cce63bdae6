"""What must be true of the books of the shop, once they are opened."""

from backoffice_api.domain.kernel.checks import Check

CHECKS: tuple[Check, ...] = ()
