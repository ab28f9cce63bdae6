"""A shop to try things on: whatever a busy one has, in every state.

Always the same shop: the numbers come from a fixed seed, only ids and dates are new. It is made by
the same commands that users send, so everything in it is as it would be after two busy years.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from backoffice_api.demo import books, comebacks, desk, goods, hall, purchases, sales
from backoffice_api.demo.stage import CUSTOMERS, PRODUCTS, SEED, Shop
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.products.tables import products


def fill(database: Database, console: Console, *, orders: int) -> None:
    """Make the shop, unless there is one already. Shows how far it is."""
    with database.reading.connect() as db:
        if db.execute(select(products.c.id).limit(1)).first():
            console.print("The shop is there already.")
            return

    shop = Shop(database, random.Random(SEED), datetime.now(UTC))  # noqa: S311 - not for secrets
    past = orders // 4
    parts: Sequence[tuple[str, int | None, Iterator[int]]] = (
        ("Places", 1, goods.places(shop)),
        ("Products", PRODUCTS, goods.products(shop)),
        ("Customers", CUSTOMERS, goods.customers(shop)),
        ("Past orders", past, sales.past(shop, past)),
        ("Books", 1, books.opening(shop)),
        ("Purchases", purchases.ORDERS, purchases.purchases(shop)),
        ("Orders", orders - past, sales.orders(shop, orders - past)),
        ("Payments", None, hall.payments(shop)),
        ("Shipments", None, hall.fulfillments(shop)),
        ("Returns", None, comebacks.returns(shop)),
        ("Bills", None, books.bills(shop)),
        ("Tickets", None, desk.tickets(shop)),
        ("Product reviews", None, desk.reviews(shop)),
    )
    with Progress(console=console, disable=not console.is_terminal) as progress:
        for name, total, steps in parts:
            task = progress.add_task(name, total=total)
            made = 0
            for done in steps:
                made += done
                progress.advance(task, done)
            progress.update(task, total=made)
            if not console.is_terminal:
                console.print(f"{name}: {made}")
