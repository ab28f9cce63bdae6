"""What every part of the demo stands on: the shop as it grows, and the words that it is made of."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, Meta

T = TypeVar("T")

SEED = 20_260_101
PRODUCTS = 220
CUSTOMERS = 500
WAREHOUSES = (("BER", "Berlin"), ("LIS", "Lisbon"), ("GRU", "São Paulo"))
CHANNELS = (("web", "Web shop", "EUR", "W-"), ("loja", "Loja online", "BRL", "L-"))
PAST_BATCH = 100

THINGS = (
    "Shirt Trousers Jacket Scarf Mug Bowl Lamp Chair Notebook Pen Backpack Bottle"
    " Blanket Candle Clock Basket Apron Towel Umbrella Wallet Vase Tray"
).split()
KINDS = ("Linen Oak Cobalt Amber Nordic Coastal Plain Striped Woven Classic").split()
BRANDS = ("Northwind Goods", "Casa Verde", "Atelier 9", "Plumb & Level")
SIZES, COLOURS = ("S", "M", "L", "XL"), ("Red", "Blue", "Sand")
FIRST = ("Ana Bruno Carla Diego Emma Felix Greta Hugo Inês João Klara Luca Marta Nina Otto").split()
LAST = ("Almeida Bauer Costa Duarte Engel Fischer Gomes Hoffmann Iversen Jung Klein Lima").split()
PLACES = (
    ("Rua Augusta 100", "São Paulo", "SP", "01304-000", "BR"),
    ("Torstraße 12", "Berlin", None, "10119", "DE"),
    ("Rua da Prata 8", "Lisboa", None, "1100-420", "PT"),
    ("Calle Mayor 3", "Madrid", None, "28013", "ES"),
)


@dataclass(slots=True)
class Shop:
    """What was made so far, for what comes after."""

    database: Database
    chance: random.Random
    now: datetime
    variants: list[tuple[UUID, str, str]] = field(default_factory=list)
    customers: list[UUID] = field(default_factory=list)
    channels: list[tuple[UUID, str, str]] = field(default_factory=list)
    locations: list[UUID] = field(default_factory=list)
    # Those of the last weeks that nobody holds or has cancelled, and when they were placed.
    placed: list[tuple[UUID, datetime]] = field(default_factory=list)
    # Orders that were sent, and when; purchase orders with their suppliers, and when they came.
    sent: list[tuple[UUID, datetime]] = field(default_factory=list)
    received: list[tuple[UUID, UUID, datetime]] = field(default_factory=list)

    def run(self, handler: Callable[..., Any], command: Command, at: datetime) -> Any:
        """Run a command as the back office itself, as if it were then. What it answers."""
        meta = Meta(request_id="demo", reason="Demo data")
        return execute(self.database, handler, command, caller=THE_SYSTEM, now=at, meta=meta).value

    def read(self, query: Callable[..., T], *arguments: Any) -> T:
        """What a query answers now."""
        with self.database.reading.connect() as db:
            return query(db, *arguments)
