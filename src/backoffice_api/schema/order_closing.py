"""Closing orders on the wire: how it is asked for, and what stands in the way."""

import strawberry

from backoffice_api.domain.orders.model.ending import LeftToSettle, LeftToShip, MoneySettledBy
from backoffice_api.schema.directives import about
from backoffice_api.schema.enums import choice
from backoffice_api.schema.money import Money
from backoffice_api.schema.payloads import UserError, error

choice(MoneySettledBy)


@strawberry.input(description="How an order is closed.")
class OrderCloseInput:
    leave_open: str | None = about(
        "Why it is closed though money is open, at most 1,000 characters; it stays in the log for "
        "good. Nothing is given up by it: what is open is asked for and paid as before. Takes "
        "`receivables:write` where something is still to be paid, `refunds:write` where too much "
        "was. Null: it is refused while money is open.",
        default=None,
    )


@error(LeftToShip)
class LeftToShipError(UserError):
    """The order cannot be closed: some of it is neither shipped nor cancelled."""

    quantity: int = about("How many pieces that is.")


@error(LeftToSettle)
class LeftToSettleError(UserError):
    """The order cannot be closed while money is left to collect or to pay back."""

    outstanding: Money = about("What is still to be paid. Negative where too much was paid.")
    written_off: Money = about("Of this, what was given up.")
    authorized: Money = about("What is authorised and could be captured.")
    refunding: Money = about("What is on its way back.")
    settled_by: list[MoneySettledBy] = about("What would settle it.")
