"""What the demo buys: suppliers, what they sell, and orders in every state."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from backoffice_api.demo.stage import Shop
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.purchasing.commands.approving import (
    SetApprovalLimit,
    SubmitPurchaseOrder,
    set_approval_limit,
    submit_purchase_order,
)
from backoffice_api.domain.purchasing.commands.drafts import (
    CreatePurchaseOrder,
    create_purchase_order,
)
from backoffice_api.domain.purchasing.commands.items import (
    BreakDraft,
    CreateSupplierItem,
    create_supplier_item,
)
from backoffice_api.domain.purchasing.commands.lines import PurchaseLineDraft
from backoffice_api.domain.purchasing.commands.receiving import ReceivePurchase, receive_purchase
from backoffice_api.domain.purchasing.commands.scans import ReceivedLine
from backoffice_api.domain.purchasing.commands.sending import (
    ConfirmPurchaseOrder,
    SendPurchaseOrder,
    confirm_purchase_order,
    send_purchase_order,
)
from backoffice_api.domain.purchasing.commands.suppliers import CreateSupplier, create_supplier
from backoffice_api.domain.purchasing.queries import lines_by_orders

SUPPLIERS = ("Nordic Mills", "Tecidos do Sul", "Keramik Werk", "Oak & Sons")
ITEMS_PER_SUPPLIER = 8
ORDERS = 24
# Up to this amount nobody has to agree.
LIMIT = Money(500_000, "EUR")


def purchases(shop: Shop) -> Iterator[int]:
    opened = shop.now - timedelta(days=700)
    shop.run(set_approval_limit, SetApprovalLimit(limit=LIMIT), opened)
    sold_by = [_supplier(shop, number, name) for number, name in enumerate(SUPPLIERS)]
    for number in range(ORDERS):
        _order(shop, number, *sold_by[number % len(sold_by)])
        yield 1


def _supplier(shop: Shop, number: int, name: str) -> tuple[UUID, list[UUID]]:
    opened = shop.now - timedelta(days=700)
    supplier = CreateSupplier(
        code=f"S{number + 1:03}", name=name, currency="EUR", lead_time_days=7 + 3 * number
    )
    id = shop.run(create_supplier, supplier, opened)
    sold = shop.variants[number * ITEMS_PER_SUPPLIER :: 40][:ITEMS_PER_SUPPLIER]
    for position, (variant_id, sku, _) in enumerate(sold):
        cents = shop.chance.randint(150, 4_000)
        prices = tuple(
            BreakDraft(quantity, UnitPrice.of_money(Money(cents * (100 - off) // 100, "EUR")))
            for quantity, off in ((1, 0), (50, 5), (200, 12))
        )
        item = CreateSupplierItem(
            supplier_id=id,
            variant_id=variant_id,
            supplier_sku=f"{supplier.code}-{sku}",
            prices=prices,
            pack_size=6 if position % 2 else 1,
        )
        shop.run(create_supplier_item, item, opened)
    return id, [variant_id for variant_id, _, _ in sold]


def _order(shop: Shop, number: int, supplier_id: UUID, variant_ids: list[UUID]) -> None:
    """The first ones have come in whole; the last is a draft."""
    at = shop.now - timedelta(days=2 * (ORDERS - number))
    wanted = tuple(
        PurchaseLineDraft(variant_id=id, quantity=6 * shop.chance.randint(2, 10))
        for id in shop.chance.sample(variant_ids, 3)
    )
    draft = CreatePurchaseOrder(
        supplier_id=supplier_id, location_id=shop.chance.choice(shop.locations), lines=wanted
    )
    id = shop.run(create_purchase_order, draft, at)
    stage = 6 * (ORDERS - number - 1) // ORDERS
    if stage >= 1:
        shop.run(submit_purchase_order, SubmitPurchaseOrder(id=id), at)
    if stage >= 2:
        shop.run(send_purchase_order, SendPurchaseOrder(id=id), at + timedelta(hours=2))
    if stage >= 3:
        shop.run(confirm_purchase_order, ConfirmPurchaseOrder(id=id), at + timedelta(days=1))
    if stage >= 4:
        lines = shop.read(lines_by_orders, [id])[id]
        came = tuple(
            ReceivedLine(line_id=each.id, accepted=each.quantity // (2 if stage == 4 else 1))
            for each in lines
        )
        receipt = ReceivePurchase(id=id, lines=came, delivery_note=f"DN-{number:04}")
        shop.run(receive_purchase, receipt, at + timedelta(days=2))
        shop.received.append((id, supplier_id, at + timedelta(days=2, hours=1)))
