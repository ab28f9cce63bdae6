"""How often things come back, on the wire."""

from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.returns import queries as on_returns
from backoffice_api.domain.returns.model.inspections import ResaleGrade
from backoffice_api.domain.returns.model.rates import RateBy, StrainKind
from backoffice_api.domain.returns.model.reasons import RootCause
from backoffice_api.domain.returns.queries import rates as queries
from backoffice_api.schema.channels import READ as ORDERS
from backoffice_api.schema.channels import Channel
from backoffice_api.schema.customers import Customer
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.links import attach, one
from backoffice_api.schema.products import Product, Variant
from backoffice_api.schema.return_reasons import ReturnReason
from backoffice_api.schema.returns import READ, ReturnInspection
from backoffice_api.schema.scalars import BigInt
from backoffice_api.schema.suppliers import READ as PURCHASING
from backoffice_api.schema.suppliers import Supplier

choice(RateBy, name="ReturnRateBy")
choice(StrainKind, name="ReturnStrainKind")


@described
class ReturnRate:
    """Of pieces that were ordered in a stretch of time and sent, how many came back since."""

    shipped: BigInt = about("How many pieces were sent.")
    returned: BigInt = about("How many of these came back and stayed.")
    basis_points: int = about("Their share in hundredths of a percent, rounded to the nearest.")
    root_cause: RootCause | None = about("Whose doing it was. Null: not asked by it, or not said.")
    product: Product | None = one(
        products.products_by_ids, "product_id", "Of which product. Null: not asked by it."
    )
    variant: Variant | None = one(
        products.variants_by_ids, "variant_id", "Of which variant. Null: not asked by it."
    )
    supplier: Supplier | None = one(
        purchasing.suppliers_by_ids,
        "supplier_id",
        "Of which supplier. Null: not asked by it, or none is preferred.",
        scope=PURCHASING,
    )
    channel: Channel | None = one(
        orders.channels_by_ids,
        "channel_id",
        "Of which channel. Null: not asked by it.",
        scope=ORDERS,
    )
    reason: ReturnReason | None = one(
        on_returns.reasons_by_ids,
        "reason_id",
        "For which reason. Null: not asked by it, or not said.",
    )


@described
class ReturnScorePart:
    """One part of a score."""

    kind: StrainKind = about("What it is about.")
    count: int = about("How many pieces, or lines of returns, it is about.")
    whole: int | None = about("Of how many. Null: it is about their number.")
    points: int = about("How many points these give.")


@described
class ReturnScore:
    """How much of a strain a customer's returns are. A hint: nothing is refused by it."""

    points: int = about("From 0, nothing, to 100: the sum of its parts.")
    parts: list[ReturnScorePart] = about("How it came about.")


attach(
    Customer,
    "return_rate",
    ReturnRate | None,
    one(
        queries.rates_by_customers,
        "id",
        "How much of what it was ever sent came back. Null: it was sent nothing.",
        scope=READ,
    ),
)
attach(
    Customer,
    "return_score",
    ReturnScore | None,
    one(
        queries.scores_by_customers,
        "id",
        "How much of a strain its returns are, over all that is on record.",
        scope=READ,
    ),
)

attach(
    ReturnInspection,
    "grade",
    ResaleGrade | None,
    about("As what its pieces can be sold again. Null: not at all."),
)
