"""What is asked of the server: one GraphQL document each, with variables from the shop.

Documents and names stay as they are, so that figures of different days can be compared.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from bench.seed import CURRENCY
from bench.server import Server

# So many different requests are made of a workload, and sent in turn.
VARIETY = 512
LINES = 3
MANY = 1_000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Shop:
    """Ids that requests are made of, as the API shows them."""

    orders: Sequence[str]
    variants: Sequence[str]
    customers: Sequence[str]
    locations: Sequence[str]
    channels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Workload:
    """`variables` makes those of one request; a good answer has `proof` in it.

    `variety`: how many different ones are sent. `keyed`: each has an idempotency key of its own,
    as a client that wants to be able to try again sends it.
    """

    name: str
    title: str
    document: str
    variables: Callable[[Shop, Random], Mapping[str, Any]]
    proof: bytes
    variety: int = 1
    keyed: bool = False

    def bodies(self, shop: Shop) -> Sequence[bytes]:
        """The bodies of its requests; always the same for the same shop."""
        random = Random(_SEED)
        return [
            orjson.dumps({"query": self.document, "variables": self.variables(shop, random)})
            for _ in range(self.variety)
        ]


_PAGE = """query Page($after: String) {
  variants(first: 250, after: $after) { nodes { id } pageInfo { endCursor } }
}"""

_LISTS = """{
  orders(first: 250) { nodes { id } }
  customers(first: 250) { nodes { id } }
  channels { nodes { id } }
  locations(filter: { kind: [WAREHOUSE] }) { nodes { id } }
}"""

_NEWEST_ORDERS = """query NewestOrders {
  orders(first: 50) {
    nodes {
      id
      number
      status
      placedAt
      total { amount currency }
      customer { id name country }
      lines(first: 10) {
        nodes {
          id
          quantity
          unitPrice { amount currency }
          variant { id sku title product { id title brand } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

_ORDER = """query OneOrder($id: ID!) {
  order(by: { id: $id }) {
    id
    version
    createdAt
    updatedAt
    number
    recorded
    status
    fulfillmentStatus
    hasHold
    placedAt
    closedAt
    cancelledAt
    reservedUntil
    email
    phone
    note
    currency
    taxIncluded
    total { amount currency minorUnits }
    ordered { ...Amounts }
    current { ...Amounts }
    actions { name allowed blockedBy }
    channel { id code name }
    customer { id name email country tags externalIds { system key } }
    discounts { label code amount { amount currency } }
    shippingAddress { ...Address }
    billingAddress { ...Address }
    holds { id kind note placedAt }
    externalIds { system key }
    lines(first: 50) {
      nodes {
        id
        position
        kind
        sku
        title
        quantity
        cancelled
        shipped
        returned
        unitPrice { amount currency }
        ordered { subtotal { amount } discount { amount } tax { amount } }
        variant { id sku title weightG barcodes { code kind } product { id title brand } }
      }
    }
    timeline(first: 20) {
      nodes { id type occurredAt command actor { kind id } changes { path before after } }
    }
  }
}

fragment Amounts on OrderAmounts {
  subtotal { amount currency }
  discount { amount currency }
  shipping { amount currency }
  tax { amount currency }
  total { amount currency }
}

fragment Address on OrderAddress {
  recipient lines district city region postalCode country
}"""

_STOCK = """query Stock {
  variants(first: 50) {
    nodes {
      id
      sku
      title
      stock {
        onHand
        reserved
        available
        byLocation(first: 10) {
          nodes { id onHand reserved available location { id code name } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

_PLACE = """mutation PlaceOrder($input: OrderCreateInput!) {
  orderCreate(input: $input) {
    userErrors { code message path }
    order { id number status total { amount currency } }
  }
}"""

_ADJUST = """mutation AdjustStock($input: StockAdjustInput!) {
  stockAdjust(input: $input) {
    userErrors { code message path }
    levels { id onHand available }
  }
}"""


def _no_variables(shop: Shop, random: Random) -> Mapping[str, Any]:
    return {}


def _one_order(shop: Shop, random: Random) -> Mapping[str, Any]:
    return {"id": random.choice(shop.orders)}


def _placed(shop: Shop, random: Random) -> Mapping[str, Any]:
    number = random.randrange(100_000)
    return {
        "input": {
            "channel": {"id": random.choice(shop.channels)},
            "customerId": random.choice(shop.customers),
            "lines": [
                {"variantId": each, "quantity": random.randint(1, 3)}
                for each in random.sample(shop.variants, LINES)
            ],
            "shipping": {"amount": "4.95", "currency": CURRENCY},
            "shippingAddress": {
                "recipient": f"Recipient {number}",
                "lines": [f"Street {number}"],
                "city": "Berlin",
                "postalCode": "10115",
                "country": "DE",
            },
            "email": f"person{number}@example.com",
            "place": True,
        }
    }


def _adjusted(shop: Shop, variants: Sequence[str]) -> Mapping[str, Any]:
    place = shop.locations[0]
    lines = [{"variantId": each, "locationId": place, "delta": 1} for each in variants]
    return {"input": {"kind": "RECEIPT", "lines": lines}}


def _one_adjusted(shop: Shop, random: Random) -> Mapping[str, Any]:
    return _adjusted(shop, shop.variants[:1])


def _many_adjusted(shop: Shop, random: Random) -> Mapping[str, Any]:
    return _adjusted(shop, random.sample(shop.variants, MANY))


# Those that only read come first: what the others write would be in their answers.
WORKLOADS: Sequence[Workload] = (
    Workload(
        name="typename",
        title="`{ __typename }`",
        document="{ __typename }",
        variables=_no_variables,
        proof=b'{"data":{"__typename":"Query"}',
    ),
    Workload(
        name="newest-orders",
        title="50 newest orders with customer, lines, variant, product",
        document=_NEWEST_ORDERS,
        variables=_no_variables,
        proof=b'"hasNextPage":true',
    ),
    Workload(
        name="one-order",
        title="One order with everything",
        document=_ORDER,
        variables=_one_order,
        proof=b'"order.placed"',
        variety=VARIETY,
    ),
    Workload(
        name="stock",
        title="50 variants with stock per location",
        document=_STOCK,
        variables=_no_variables,
        proof=b'"hasNextPage":true',
    ),
    Workload(
        name="place-order",
        title=f"Placing an order with {LINES} lines",
        document=_PLACE,
        variables=_placed,
        proof=b'"status":"OPEN"',
        variety=VARIETY,
        keyed=True,
    ),
    Workload(
        name="adjust-one",
        title="Stock adjustment of one hot variant",
        document=_ADJUST,
        variables=_one_adjusted,
        proof=b'"userErrors":[]',
        keyed=True,
    ),
    Workload(
        name="adjust-many",
        title=f"Stock adjustment of {MANY:,} variants",
        document=_ADJUST,
        variables=_many_adjusted,
        proof=b'"userErrors":[]',
        variety=16,
        keyed=True,
    ),
)


def look_around(server: Server) -> Shop:
    """What there is in the shop of a server, as far as requests are made of it."""
    lists = server.ask(_LISTS, {})
    variants: list[str] = []
    after = None
    while len(variants) < 2 * MANY:
        page = server.ask(_PAGE, {"after": after})["variants"]
        variants += [each["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    found = {name: [each["id"] for each in page["nodes"]] for name, page in lists.items()}
    return Shop(
        orders=found["orders"],
        variants=variants,
        customers=found["customers"],
        locations=found["locations"],
        channels=found["channels"],
    )
