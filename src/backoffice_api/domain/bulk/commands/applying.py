"""How rows become commands: each tried for itself, what is refused undone and remarked on."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import NestedTransaction

from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.bulk.model.remarks import Ending, FieldNeeded, Results
from backoffice_api.domain.bulk.model.runs import BulkImport
from backoffice_api.domain.customers.model import CustomerCreated
from backoffice_api.domain.kernel.errors import Denied, DomainError, StaleVersion
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.orders.model.events import OrderRecorded
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.model import (
    ProductCreated,
    UnknownVariant,
    Variant,
    VariantCreated,
)

C = TypeVar("C")
T = TypeVar("T")

_MADE = (ProductCreated, VariantCreated, CustomerCreated, OrderRecorded)


class Rows(ABC):
    """Applies the rows of one kind. One of these is made for each batch."""

    def __init__(self, uow: UnitOfWork, run: BulkImport, results: Results) -> None:
        self.uow = uow
        self.run = run
        self.results = results
        self._savepoint: NestedTransaction | None = None

    def apply(self, rows: Sequence[ReadRow]) -> None:
        """Apply the rows, those that can be read."""
        self.prepare(rows)
        for row in rows:
            self.each(row)

    @abstractmethod
    def prepare(self, rows: Sequence[ReadRow]) -> None:
        """Read what the rows name, with a number of statements that does not depend on them."""

    @abstractmethod
    def each(self, row: ReadRow) -> None:
        """Apply one row, and say how it ended."""

    def attempt(self, row: ReadRow, call: Callable[[], object]) -> bool:
        """Do it, and say how the row ended. False: it was refused, and nothing has changed."""
        before = len(self.uow.told)
        if (refusal := self.tried(call)) is not None:
            self.results.reject(row, refusal.reasons())
            return False
        self.end_by_events(row, before)
        return True

    def end_by_events(self, row: ReadRow, before: int) -> None:
        """Say how a row ended, by what was told since there were `before` events."""
        told = [each.event for each in self.uow.told[before:]]
        if any(isinstance(event, _MADE) for event in told):
            self.results.end(row, Ending.CREATED)
        else:
            self.results.end(row, Ending.CHANGED if told else Ending.UNCHANGED)

    def tried(self, call: Callable[[], object]) -> DomainError | None:
        """Do it. If it is refused: why, and everything is as it was before.

        Raises:
            StaleVersion: somebody was faster; the batch is to be tried again as a whole.
            Denied: a right is missing; no other row would fare better.
        """
        mark = self.uow.mark()
        self._savepoint = None
        try:
            call()
        except (StaleVersion, Denied):
            raise
        except DomainError as refusal:
            if self._savepoint is not None:
                self._savepoint.rollback()
            self.uow.forget(mark)
            return refusal
        if self._savepoint is not None:
            self._savepoint.commit()
        return None

    def do(self, handler: Callable[[UnitOfWork, C], T], command: C) -> T:
        """Run a command as a part of what is tried. A row that needs none costs no statement."""
        if self._savepoint is None:
            self._savepoint = self.uow.db.begin_nested()
        return handler(self.uow, command)

    def named(self, key: str) -> ExternalId:
        """What the other system calls it, as an external id."""
        return ExternalId(self.run.system, key)


class VariantsByName:
    """The variants that rows name by id or by SKU, read at once."""

    def __init__(self, uow: UnitOfWork, rows: Sequence[ReadRow], sku: str = "sku") -> None:
        self._field = sku
        self.by_ids: dict[UUID, Variant] = dict(
            products.variants_by_ids(uow.db, values(rows, "variant_id"))
        )
        skus = values(rows, sku)
        self.by_skus: dict[str, Variant] = dict(
            products.variants_by_skus(uow.db, {*skus, *(sku.strip() for sku in skus)})
        )

    def find(self, given: Any) -> Variant | None:
        """The variant of a row. None: it names none, or one that is not there by its SKU.

        Raises:
            UnknownVariant: it names one by an id that is not there.
        """
        if id := given.get("variant_id"):
            if id not in self.by_ids:
                raise UnknownVariant(id.hex).at("variant_id")
            return self.by_ids[id]
        sku = given.get(self._field)
        return None if sku is None else self.by_skus.get(sku) or self.by_skus.get(sku.strip())

    def get(self, given: Any) -> Variant:
        """Raises: UnknownVariant, FieldNeeded."""
        if found := self.find(given):
            return found
        sku = given.get(self._field)
        if sku is None:
            raise FieldNeeded(self._field).at(self._field)
        raise UnknownVariant(sku).at(self._field)

    def put(self, variant: Variant) -> None:
        """Note how a variant is now."""
        self.by_ids[variant.id] = variant
        self.by_skus[variant.sku] = variant


def values(rows: Sequence[ReadRow], field: str) -> set[Any]:
    """The values of a field in all rows that have one."""
    return {found for row in rows if (found := row.given.get(field)) is not None}


def needed(given: Any, field: str) -> Any:
    """The value of a field. Raises: FieldNeeded."""
    found = given.get(field)
    if found is None:
        raise FieldNeeded(field).at(field)
    return found
