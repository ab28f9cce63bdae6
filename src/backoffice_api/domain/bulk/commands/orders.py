"""Rows about orders: taken over as they were completed in another system, never changed here.

The rows of one order stand together, and go in or not as a whole. An order that is there already
is left alone. What is under way is made in `orders`, with stock to be promised; not here.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from backoffice_api.domain.bulk.commands.applying import Rows, VariantsByName, needed, values
from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.bulk.model.remarks import Ending
from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.history import (
    RecordedLine,
    RecordedOrder,
    record_orders,
)
from backoffice_api.domain.orders.model.channels import UnknownChannel
from backoffice_api.domain.orders.model.lines import QUANTITY_MAX, LineKind
from backoffice_api.domain.orders.model.orders import UnknownOrder
from backoffice_api.domain.orders.queries import OrderNumber
from backoffice_api.domain.products import queries as products

Given = Mapping[str, Any]


def order_key(row: ReadRow) -> Any:
    """What the rows of one order have in common."""
    given = row.given
    return given.get("order_id") or (given.get("channel"), given.get("number"))


class OrderRows(Rows):
    """A line in each row."""

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        db = self.uow.db
        self.variants = VariantsByName(self.uow, rows, sku="line_sku")
        self.titles = products.titles_by_variants(
            db, [each.id for each in self.variants.by_skus.values()]
        )
        self.channels = queries.channels_by_codes(db, values(rows, "channel"))
        self.orders = queries.orders_by_ids(db, values(rows, "order_id"))
        numbered = {
            OrderNumber(row.given["channel"], row.given["number"])
            for row in rows
            if row.given.get("channel") and row.given.get("number")
        }
        self.numbers = set(queries.orders_by_numbers(db, numbered)) if numbered else set()
        self.names = names.find(
            db, "cus", {self.named(key) for key in values(rows, "customer_key")}
        )
        self.customers = customers.customers_by_ids(db, values(rows, "customer_id"))

    def apply(self, rows: Sequence[ReadRow]) -> None:
        self.prepare(rows)
        for _, group in groupby(rows, order_key):
            self._take(list(group))

    def each(self, row: ReadRow) -> None:
        self.apply([row])

    def _take(self, rows: Sequence[ReadRow]) -> None:
        ending = Ending.CREATED
        try:
            order = self._recorded(rows)
        except DomainError as refusal:
            self._reject(rows, refusal)
            return
        if order is None:
            ending = Ending.UNCHANGED
        elif refused := self.tried(lambda: self.do(record_orders, [order])):
            self._reject(rows, refused)
            return
        else:
            self.numbers.add(OrderNumber(rows[0].given["channel"], order.number))
        for row in rows:
            self.results.end(row, ending)

    def _reject(self, rows: Sequence[ReadRow], refusal: DomainError) -> None:
        """All rows of the order. The reasons stand where they are, or at the first row."""
        reasons: dict[int, list[DomainError]] = {}
        for reason in refusal.reasons():
            places = [part for part in reason.path if isinstance(part, int)]
            at = places[-1] if reason.path[:1] in (("lines",), ("orders",)) and places else 0
            reasons.setdefault(at if at < len(rows) else 0, []).append(reason)
        for position, row in enumerate(rows):
            self.results.reject(row, reasons.get(position, ()))

    def _recorded(self, rows: Sequence[ReadRow]) -> RecordedOrder | None:
        """The order as it is to be taken over. None: it is there already.

        Raises:
            UnknownOrder, UnknownChannel, UnknownCustomer, UnknownVariant, FieldNeeded.
        """
        given = rows[0].given
        if id := given.get("order_id"):
            if id not in self.orders:
                raise UnknownOrder(id).at("order_id")
            return None
        code, number = needed(given, "channel"), needed(given, "number")
        if OrderNumber(code, number) in self.numbers:
            return None
        channel = self.channels.get(code)
        if channel is None:
            raise UnknownChannel(code).at("channel")
        currency = given.get("currency") or channel.currency
        faults, lines = Faults(), []
        for position, row in enumerate(rows):
            try:
                lines.append(self._line(row.given, currency))
            except DomainError as fault:
                faults.extend(each.at("lines", position, *each.path) for each in fault.reasons())
        faults.check()
        return RecordedOrder(
            channel_id=channel.id,
            number=number,
            customer_id=self._customer(given),
            currency=currency,
            placed_at=needed(given, "placed_at"),
            external_ids=(),
            lines=tuple(lines),
        )

    def _customer(self, given: Given) -> UUID | None:
        """Raises: UnknownCustomer."""
        if id := given.get("customer_id"):
            if id not in self.customers:
                raise UnknownCustomer(id).at("customer_id")
            found: UUID = id
            return found
        if not given.get("customer_key"):
            return None
        name = self.named(given["customer_key"])
        if name not in self.names:
            raise UnknownCustomer(self.run.id).at("customer_key")
        return self.names[name]

    def _line(self, given: Given, currency: str) -> RecordedLine:
        """Raises: UnknownVariant, FieldNeeded, OutOfRange, UnknownCurrency, TooPrecise."""
        kind = given.get("line_kind") or LineKind.GOODS
        price = UnitPrice.of(needed(given, "line_unit_price"), currency)
        faults, quantity = Faults(), needed(given, "line_quantity")
        check_range(quantity, faults, "line_quantity", minimum=1, maximum=QUANTITY_MAX)
        faults.check()
        title = given.get("line_title")
        if kind is LineKind.CHARGE:
            sku = given.get("line_sku") or ""
            return RecordedLine(kind, None, sku, title or sku, quantity, price)
        variant = self.variants.get(given)
        title = title or self.titles[variant.id]
        return RecordedLine(kind, variant.id, variant.sku, title, quantity, price)
