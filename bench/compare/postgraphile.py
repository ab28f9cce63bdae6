"""The server `postgraphile`: PostGraphile 5 on our own tables, as its documentation sets it up.

It and the Node.js that it asks for come from npm, into a folder beside the databases. Its documents
ask for the columns behind the fields of ours, for as many rows in the same order, and for ids under
the name `id`. What follows from the columns is left out: amounts stay in minor units, actions and
the sums of stock are not asked for. That is less than the others answer, in its favour.
"""

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import orjson

from bench.compare import POOL_SIZE
from bench.server import HOST, Server, free_port, running

# Exact, and what they depend on as it was on that day.
PACKAGES: Mapping[str, str] = {"postgraphile": "5.1.5", "node": "22.23.3"}
RESOLVED_UNTIL = "2026-11-22"

_CONFIGURATION = "graphile.config.js"
_PROGRAM = "node_modules/postgraphile/dist/cli-run.js"
_NODE = "node_modules/.bin/node"

_NEWEST_ORDERS = """query NewestOrders {
  allOrders(first: 50, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
    nodes {
      id: rowId
      number
      status
      placedAt
      totalMinor
      currency
      customerByCustomerId { id: rowId name country }
      orderLinesByOrderId(first: 10, orderBy: [POSITION_ASC, ROW_ID_ASC]) {
        nodes {
          id: rowId
          quantity
          unitPriceMicro
          currency
          variantByVariantId {
            id: rowId
            sku
            optionValues
            productByProductId { id: rowId title brand }
          }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

_ORDER = """query OneOrder($id: UUID!) {
  orderByRowId(rowId: $id) {
    id: rowId
    version
    createdAt
    updatedAt
    number
    recorded
    status
    fulfillmentStatus
    hasHold
    unshipped
    placedAt
    closedAt
    cancelledAt
    reservedUntil
    email
    phone
    note
    currency
    taxIncluded
    subtotalMinor
    discountMinor
    shippingMinor
    taxMinor
    totalMinor
    currentSubtotalMinor
    currentDiscountMinor
    currentShippingMinor
    currentTaxMinor
    currentTotalMinor
    channelByChannelId { id: rowId code name }
    customerByCustomerId {
      id: rowId
      name
      email
      country
      customerTagsByCustomerId(orderBy: [TAG_ASC]) { nodes { tag } }
      externalIdsBySubjectId(orderBy: [SYSTEM_ASC, KEY_ASC]) { nodes { system key } }
    }
    orderDiscountsByOrderId(orderBy: [POSITION_ASC]) {
      nodes { label code amountMinor currency }
    }
    orderAddressesByOrderId {
      nodes { kind recipient lines district city region postalCode country }
    }
    orderHoldsByOrderId(condition: { releasedAt: null }, orderBy: [PLACED_AT_ASC]) {
      nodes { id: rowId kind note placedAt }
    }
    externalIdsBySubjectId(orderBy: [SYSTEM_ASC, KEY_ASC]) { nodes { system key } }
    orderLinesByOrderId(first: 50, orderBy: [POSITION_ASC, ROW_ID_ASC]) {
      nodes {
        id: rowId
        position
        kind
        sku
        title
        quantity
        cancelled
        shipped
        returned
        unitPriceMicro
        currency
        subtotalMinor
        discountMinor
        taxMinor
        variantByVariantId {
          id: rowId
          sku
          optionValues
          weightG
          barcodesByVariantId(orderBy: [CODE_ASC]) { nodes { code kind } }
          productByProductId { id: rowId title brand }
        }
      }
    }
    eventsBySubjectId(first: 20, orderBy: [SEQUENCE_DESC]) {
      nodes { id: rowId type occurredAt command actorKind actorId changes }
    }
  }
}"""

_STOCK = """query Stock {
  allVariants(first: 50, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
    nodes {
      id: rowId
      sku
      optionValues
      stockLevelsByVariantId(first: 10, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
        nodes {
          id: rowId
          onHand
          reserved
          available
          stockLocationByLocationId { id: rowId code name }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

DOCUMENTS: Mapping[str, str] = {
    "typename": "{ __typename }",
    "newest-orders": _NEWEST_ORDERS,
    "one-order": _ORDER,
    "stock": _STOCK,
}


def translated(workload: str, body: bytes) -> bytes:
    """The body of the request that asks PostGraphile for what `body` asks of the back office."""
    variables = {
        name: str(UUID(value.rpartition("_")[2]))
        for name, value in orjson.loads(body)["variables"].items()
    }
    return orjson.dumps({"query": DOCUMENTS[workload], "variables": variables})


def install(folder: Path) -> None:
    """Have the packages in `folder`. They are fetched if they are not there yet.

    Raises:
        CalledProcessError: npm failed; it has said why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name(_CONFIGURATION), folder / _CONFIGURATION)
    wanted = orjson.dumps({"private": True, "dependencies": PACKAGES})
    manifest = folder / "package.json"
    if manifest.exists() and manifest.read_bytes() == wanted and (folder / _PROGRAM).exists():
        return
    manifest.write_bytes(wanted)
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
    npm: Sequence[str] = ("npm", "install", f"--before={RESOLVED_UNTIL}", *quiet)
    subprocess.run(npm, cwd=folder, check=True)


@contextmanager
def serving_postgraphile(
    url: str, cache: Path, cores: Collection[int] | None = None
) -> Iterator[Server]:
    """PostGraphile for the database at `url`, until the block ends.

    Raises:
        CalledProcessError: it cannot be installed.
        ServerError: it does not start; the message ends with its log.
    """
    folder = cache / "postgraphile"
    install(folder)
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "GRAPHILE_ENV": "production",
        "HOST": HOST,
        "NODE_ENV": "production",
        "POOL_SIZE": str(POOL_SIZE),
        "PORT": str(port),
    }
    command = (str(folder / _NODE), _PROGRAM)
    with running(command, environment, folder / "server.log", port, cores=cores) as server:
        yield server
