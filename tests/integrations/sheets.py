"""Small files in the shape of the real one, and what an import makes of them."""

import gzip
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from backoffice_api.adapters.csv_file import CsvFile
from backoffice_api.adapters.online_retail import COLUMNS, Item, Rejected, read
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.integrations.model import Document, RowFault
from backoffice_api.domain.integrations.tables import import_documents, import_runs
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.events import events
from backoffice_api.domain.kernel.external_ids import external_ids
from backoffice_api.domain.kernel.search import entries
from backoffice_api.domain.orders.tables import order_lines, orders
from backoffice_api.domain.products.tables import products, variants
from backoffice_api.domain.returns.tables import return_lines, returns
from backoffice_api.domain.returns.tables.credits import recorded_credits
from backoffice_api.domain.stock.tables import levels, locations, movements

HEADER = ",".join(COLUMNS)


def row(
    invoice: str = "536365",
    code: str = "85123A",
    title: str = "WHITE HEART",
    quantity: int | str = 6,
    at: str = "2010-12-01 08:26:00",
    price: str = "2.55",
    customer: str = "17850.0",
    country: str = "United Kingdom",
) -> str:
    """One line of a file."""
    return f"{invoice},{code},{title},{quantity},{at},{price},{customer},{country}"


def sheet(folder: Path, *rows: str | bytes, name: str = "sales.csv", header: str = HEADER) -> Path:
    """A file with these lines below the header, gzipped if its name says so."""
    lines = [each if isinstance(each, bytes) else each.encode() for each in (header, *rows)]
    content = b"".join(line + b"\n" for line in lines)
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def items(path: Path) -> Sequence[Item]:
    """All that is read from a file, in its order."""
    with CsvFile(path) as file:
        return list(read(file))


def documents(found: Sequence[Item]) -> Sequence[Document]:
    return [each for each in found if isinstance(each, Document)]


def faults(found: Sequence[Item]) -> Sequence[RowFault]:
    """Every remark, in its order, those on rejected rows too."""
    return [
        fault
        for each in found
        if not isinstance(each, Document)
        for fault in (each.faults if isinstance(each, Rejected) else (each,))
    ]


def codes(found: Sequence[Item]) -> Sequence[tuple[int, str, str]]:
    """Line, column and code of every remark."""
    return [(fault.line, fault.column, str(fault.code)) for fault in faults(found)]


def rejected(found: Sequence[Item]) -> int:
    return sum(len(each.faults) for each in found if isinstance(each, Rejected))


def state(database: Database) -> Mapping[str, Any]:
    """All that an import leaves behind, without ids and without the times of the import."""
    with database.reading.connect() as db:
        return {
            "products": _all(db, products.c.title, products.c.created_at, products.c.version),
            "variants": _all(db, variants.c.sku, variants.c.option_values, variants.c.created_at),
            "customers": _all(db, customers.c.name, customers.c.country, customers.c.created_at),
            "orders": _all(
                db, orders.c.number, orders.c.status, orders.c.placed_at, orders.c.total_minor
            ),
            "lines": _lines(db),
            "returned": _all(
                db,
                orders.c.number,
                orders.c.return_status,
                order_lines.c.returned,
                source=orders.join(order_lines),
                where=order_lines.c.returned > 0,
            ),
            "returns": _all(
                db,
                returns.c.number,
                returns.c.status,
                returns.c.value_minor,
                returns.c.refunded_minor,
            ),
            "return_lines": _all(
                db,
                returns.c.number,
                return_lines.c.position,
                orders.c.number,
                return_lines.c.refunded,
                return_lines.c.items_minor,
                source=returns.join(return_lines).outerjoin(
                    orders, orders.c.id == return_lines.c.order_id
                ),
            ),
            "credits": _all(
                db,
                recorded_credits.c.number,
                recorded_credits.c.sku,
                recorded_credits.c.quantity,
                recorded_credits.c.amount_minor,
            ),
            "movements": _movements(db),
            "levels": _levels(db),
            "external_ids": _all(
                db, external_ids.c.kind, external_ids.c.system, external_ids.c.key
            ),
            "found_by": _all(db, entries.c.kind, entries.c.words),
            "events": Counter(_all(db, events.c.type)),
            "documents": _all(
                db,
                import_documents.c.key,
                import_documents.c.digest,
                import_documents.c.line,
                import_documents.c.rows,
            ),
            "runs": _all(
                db,
                import_runs.c.status,
                import_runs.c.batches,
                import_runs.c.fingerprint,
                import_runs.c.counts,
            ),
        }


def _all(
    db: Connection, *columns: Any, source: Any = None, where: Any = None
) -> list[tuple[Any, ...]]:
    of = select(*columns)
    if source is not None:
        of = of.select_from(source)
    if where is not None:
        of = of.where(where)
    return sorted((tuple(row) for row in db.execute(of)), key=repr)


def _lines(db: Connection) -> list[tuple[Any, ...]]:
    lines = order_lines.c
    of = select(
        orders.c.number,
        lines.position,
        lines.kind,
        variants.c.sku,
        lines.sku,
        lines.title,
        lines.quantity,
        lines.shipped,
        lines.unit_price_micro,
        lines.subtotal_minor,
        lines.rounding_micro,
    )
    joined = order_lines.join(orders).outerjoin(variants, variants.c.id == lines.variant_id)
    return sorted((tuple(row) for row in db.execute(of.select_from(joined))), key=repr)


def _movements(db: Connection) -> list[tuple[Any, ...]]:
    start, end = locations.alias(), locations.alias()
    of = select(
        movements.c.kind,
        variants.c.sku,
        start.c.code,
        end.c.code,
        movements.c.quantity,
        orders.c.number,
        movements.c.reason,
        movements.c.occurred_at,
    ).select_from(
        movements.join(variants)
        .join(start, start.c.id == movements.c.from_location_id)
        .join(end, end.c.id == movements.c.to_location_id)
        .outerjoin(orders, orders.c.id == movements.c.cause_id)
    )
    return sorted((tuple(row) for row in db.execute(of)), key=repr)


def _levels(db: Connection) -> list[tuple[Any, ...]]:
    of = select(locations.c.code, variants.c.sku, levels.c.on_hand, levels.c.version)
    joined = levels.join(variants).join(locations, locations.c.id == levels.c.location_id)
    return sorted(tuple(row) for row in db.execute(of.select_from(joined)))
