"""`python -m bench.printing`: how long one PDF with the slips of many orders takes.

Orders of three lines are placed and planned in an empty SQLite database; then the print stream is
drawn as a worker draws it: read, drawn in a process of its own, kept, noted.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import click
from rich.console import Console

from backoffice_api.adapters.label_storage import LabelFiles
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.execute import execute
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.documents import (
    CreatePrintStream,
    create_print_stream,
)
from backoffice_api.domain.invoicing.commands.sellers import SetSeller, set_seller
from backoffice_api.domain.invoicing.model.documents import DocumentKind
from backoffice_api.domain.kernel.database import Database, open_database
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.model.orders import AddressKind, OrderAddress
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import VariantDraft
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.locations import CreateLocation, create_location
from backoffice_api.domain.stock.model.levels import AdjustLine
from backoffice_api.tasks.documents import Drawing

_SKUS = ("MUG", "POT", "TEA")
_PLANNED_AT_ONCE = 100
_ADDRESS = OrderAddress(
    kind=AddressKind.SHIPPING,
    recipient="Ana Silva",
    lines=("Rua Augusta 1",),
    district=None,
    city="São Paulo",
    region="SP",
    postal_code="01304-001",
    country="BR",
)

console = Console(stderr=True, highlight=False)


def _run(database: Database, handler: Any, command: Any) -> Any:
    now = datetime.now(UTC)
    return execute(database, handler, command, caller=THE_SYSTEM, now=now).value


def _orders(database: Database, count: int) -> Sequence[UUID]:
    """Ids of so many orders, each of which is planned as one fulfillment."""
    channel = CreateChannel(code="web", name="Web", currency="EUR", number_prefix="W-")
    channel_id = _run(database, create_channel, channel)
    location = CreateLocation(code="NORTH", name="North")
    location_id = _run(database, create_location, location)
    drafts = tuple(VariantDraft(sku=sku, prices=(UnitPrice(10_000_000, "EUR"),)) for sku in _SKUS)
    for draft in drafts:
        _run(database, create_product, CreateProduct(title=f"A {draft.sku}", variants=(draft,)))
    with database.reading.connect() as db:
        variants = products.variants_by_skus(db, _SKUS).values()
    lines = tuple(
        AdjustLine(variant_id=each.id, location_id=location_id, set_to=10 * count)
        for each in variants
    )
    _run(database, adjust_stock, AdjustStock(lines=lines))
    seller = SetSeller(
        code="acme",
        name="Acme GmbH",
        lines=("Hauptstr. 1",),
        city="Berlin",
        country="DE",
        channel_ids=(channel_id,),
    )
    _run(database, set_seller, seller)
    wanted = tuple(LineDraft(sku=sku, quantity=2) for sku in _SKUS)
    command = CreateOrder(channel="web", lines=wanted, shipping_address=_ADDRESS, place=True)
    ids = [_run(database, create_order, command) for _ in range(count)]
    for start in range(0, count, _PLANNED_AT_ONCE):
        part = tuple(ids[start : start + _PLANNED_AT_ONCE])
        _run(database, plan_fulfillments, PlanFulfillments(order_ids=part))
    return ids


@click.command()
@click.option("--slips", default=500, show_default=True, type=click.IntRange(1, 2_000))
def main(slips: int) -> None:
    """Draw slips for so many orders, and say how long that took."""
    with TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/printing.db")
        try:
            with database.writing.begin() as db:
                metadata.create_all(db)
            console.print(f"placing and planning {slips} orders")
            ids = tuple(_orders(database, slips))
            for kind in (DocumentKind.PACKING_SLIP, DocumentKind.PICK_LIST):
                command = CreatePrintStream(kinds=(kind,), order_ids=ids)
                id = _run(database, create_print_stream, command)
                files = LocalFolder(Path(folder) / "files")
                start = time.perf_counter()
                Drawing(database, files, LabelFiles(files))(id)
                seconds = time.perf_counter() - start
                with database.reading.connect() as db:
                    found = queries.document(db, id)
                click.echo(
                    f"{kind.value}: {found.pages} pages, {found.size_bytes} bytes, {seconds:.2f} s"
                )
        finally:
            database.dispose()


if __name__ == "__main__":
    main()
