"""Bills as files, drawn by what draws our own invoices."""

from typing import Any

from backoffice_api.adapters.drawing import cii, nfe, ubl

VAT, CNPJ, OUR_CNPJ = "DE136695976", "11222333000181", "11444777000161"


def party(name: str, country: str, **tax_ids: str) -> dict[str, Any]:
    """A seller or buyer, as sheets hold them."""
    brazilian = country == "BR"
    return {
        "name": name,
        "trade_name": None,
        "lines": ["Rua Augusta, 1500"],
        "district": None,
        "city": "São Paulo" if brazilian else "Köln",
        "region": "SP" if brazilian else None,
        "postal_code": "01304-001" if brazilian else "50667",
        "country": country,
        "tax_ids": [{"kind": kind, "value": value} for kind, value in tax_ids.items()],
        "registration": "110042490114" if brazilian else None,
        "phone": None,
        "email": None,
        "iban": "DE89370400440532013000",
        "bic": None,
        "footer": None,
        "bank_name": None,
        "logo": None,
    }


def line(position: int, sku: str, quantity: int, price: int, *, rate: int, tax: int) -> Any:
    """`price`: of a piece, in minor units. `rate`: in percent."""
    return {
        "position": position,
        "kind": "goods",
        "sku": sku,
        "title": f"{sku} & more",
        "quantity": quantity,
        "unit_price_micro": price * 10_000,
        "subtotal_minor": price * quantity,
        "discount_minor": 0,
        "net_minor": price * quantity,
        "tax_minor": tax,
        "category": "standard" if rate else "zero",
        "rate_ppm": rate * 10_000,
        "reason": None,
        "fiscal": {"BR": {"ncm": "69120000"}},
    }


def sheet(number: str = "INV-4711", **more: Any) -> dict[str, Any]:
    """3 cups of 10.01 with 19 %, 1 book of 9.99 with 7 %: 40.02 and 6.41 of tax."""
    lines = [
        line(1, "CUP", 3, 1_001, rate=19, tax=571),
        line(2, "BOOK", 1, 999, rate=7, tax=70),
    ]
    return {
        "id": "inv_1",
        "locale": "de",
        "kind": "invoice",
        "is_credit_note": False,
        "number": number,
        "serial": 4711,
        "order": "PO-7",
        "issued_on": "2025-03-01",
        "issued_at": "2025-03-01T09:30:00+00:00",
        "due_on": "2025-03-31",
        "currency": "EUR",
        "decimals": 2,
        "tax_included": False,
        "net_minor": 4_002,
        "tax_minor": 641,
        "total_minor": 4_643,
        "seller": party("Tassen GmbH", "DE", vat=VAT),
        "buyer": party("Shop AG", "DE"),
        "ship_to": None,
        "note": "Thanks",
        "reason": None,
        "lines": lines,
        "taxes": [
            _tax(19, 3_003, 571),
            _tax(7, 999, 70),
        ],
        "credits": None,
        "fiscal_reference": None,
        "fiscal_data": {},
        **more,
    }


def brazilian_sheet() -> dict[str, Any]:
    """Two pieces of 50.00 in Brazil, without tax on top."""
    return sheet(
        currency="BRL",
        net_minor=10_000,
        tax_minor=0,
        total_minor=10_000,
        seller=party("Canecas Ltda", "BR", cnpj=CNPJ),
        buyer=party("Loja Ltda", "BR", cnpj=OUR_CNPJ),
        lines=[line(1, "CANECA", 2, 5_000, rate=0, tax=0)],
        taxes=[],
    )


def ubl_bill(**more: Any) -> bytes:
    return ubl.draw([sheet(**more)], "a bill")


def cii_bill(**more: Any) -> bytes:
    return cii.draw([sheet(**more)], "a bill")


def nfe_bill() -> bytes:
    return nfe.draw([brazilian_sheet()], "a bill")


def _tax(rate: int, net: int, tax: int) -> dict[str, Any]:
    return {
        "category": "standard",
        "rate_ppm": rate * 10_000,
        "reason": None,
        "net_minor": net,
        "tax_minor": tax,
    }
