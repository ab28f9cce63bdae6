"""The stored subscriptions, and those that `docs/live.md` shows: they are followed."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from backoffice_api.domain.kernel import ids, jobs
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job
from tests.live.station import Station
from tests.orders.shop import Shop, goods
from tests.tickets.office import Office
from tests.world import NOW

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```graphql\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
STORED = [
    text
    for file in sorted((ROOT / "operations").glob("*.graphql"))
    if "\nsubscription " in (text := file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("document", [*SHOWN, *STORED])
async def test_is_followed(station: Station, document: str) -> None:
    world = station.world
    with world.database.writing.begin() as db:
        (job,) = jobs.enqueue(db, [Job("some")], now=NOW, new_id=IdSource())
    given: dict[str, Any] = {"after": "0", "id": ids.text("job", job)}
    if "$ticket" in document:
        given["ticket"] = ids.text("tic", Office(world).open())
    elif "order" in document:
        shop = Shop(world)
        shop.variant("MUG", 5)
        shop.place(goods("MUG"))
        await asyncio.to_thread(world.settle)
    wanted = set(re.findall(r"\$(\w+):", document))
    async with station.socket(station.token()) as socket:
        socket.subscribe("a", document, **{name: given[name] for name in wanted})
        data = await socket.data("a")
    assert None not in data.values()
