"""What stands where on invoices, slips and labels: from plain data to what the template draws."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from backoffice_api.adapters.drawing.barcodes import Barcode, svg
from backoffice_api.adapters.drawing.texts import Language, language

Sheet = Mapping[str, Any]

# Days before there were computers: the date of what has none.
_NO_DAY = (2000, 1, 1)


def paper(
    sheets: Sequence[Sheet], *, title: str, attachments: Sequence[Mapping[str, str]] = ()
) -> Mapping[str, Any]:
    """What `documents.typ` takes to draw sheets one after the other.

    Raises:
        ValueError: a number does not fit into its barcode.
    """
    days = [date.fromisoformat(each["issued_on"]) for each in sheets if "issued_on" in each]
    day = (days[0].year, days[0].month, days[0].day) if days else _NO_DAY
    sellers = [each["seller"]["name"] for each in sheets if each["seller"]]
    return {
        "title": title,
        "author": sellers[0] if sellers else "",
        "date": day,
        "parts": [_PARTS[each["kind"]](each) for each in sheets],
        "attachments": list(attachments),
    }


def _bill(sheet: Sheet) -> Mapping[str, Any]:
    words = language(sheet["locale"])
    decimals = sheet["decimals"]
    return {
        "shape": "bill",
        **_letter(sheet, words, sheet["buyer"]),
        "title": words["credit_note" if sheet["is_credit_note"] else "invoice"]
        + f" {sheet['number']}",
        "facts": _bill_facts(sheet, words),
        "columns": _columns(words, "sku", "title", "quantity", "price", "tax", "amount"),
        "rows": [_bill_row(sheet, line, words) for line in sheet["lines"]],
        "totals": [
            {
                "label": words["net"],
                "amount": _money(sheet["net_minor"], sheet, words),
                "bold": False,
            },
            *(
                {
                    "label": f"{words['tax']} {words.rate(tax['rate_ppm'])} {words['of']} "
                    f"{words.amount(tax['net_minor'], decimals)}",
                    "amount": _money(tax["tax_minor"], sheet, words),
                    "bold": False,
                }
                for tax in sheet["taxes"]
            ),
            {
                "label": words["total"],
                "amount": _money(sheet["total_minor"], sheet, words),
                "bold": True,
            },
        ],
        "remarks": _bill_remarks(sheet, words),
    }


def _bill_facts(sheet: Sheet, words: Language) -> list[list[str]]:
    facts = [
        [words["number"], sheet["number"]],
        [words["date"], words.date(sheet["issued_on"])],
        [words["order"], sheet["order"]],
    ]
    if sheet["credits"]:
        facts.append([words["credits"], sheet["credits"]["number"]])
    if sheet["due_on"]:
        facts.append([words["due"], words.date(sheet["due_on"])])
    facts += [[words["vat_id"], each["value"]] for each in sheet["seller"]["tax_ids"]]
    return facts


def _bill_row(sheet: Sheet, line: Sheet, words: Language) -> list[str]:
    decimals = sheet["decimals"]
    title = words["shipping"] if line["kind"] == "shipping" else line["title"]
    if line["discount_minor"]:
        off = words.amount(line["discount_minor"], decimals)
        title = f"{title} ({words['discount']} {off})"
    return [
        line["sku"],
        title,
        str(line["quantity"]),
        words.price(line["unit_price_micro"], decimals),
        words.rate(line["rate_ppm"]),
        words.amount(line["subtotal_minor"] - line["discount_minor"], decimals),
    ]


def _bill_remarks(sheet: Sheet, words: Language) -> list[str]:
    seller, ship_to = sheet["seller"], sheet["ship_to"]
    remarks = [words["included"]] if sheet["tax_included"] else []
    remarks += [tax["reason"] for tax in sheet["taxes"] if tax["reason"]]
    if sheet["fiscal_reference"]:
        remarks.append(f"{words['authorised']} {sheet['fiscal_reference']}")
    if sheet["reason"]:
        remarks.append(sheet["reason"])
    if sheet["note"]:
        remarks.append(sheet["note"])
    if ship_to and ship_to != sheet["buyer"]:
        remarks.append(f"{words['ship_to']}: {', '.join(_address(ship_to))}")
    if seller["iban"] and not sheet["is_credit_note"]:
        account = [each for each in (seller["bank_name"], seller["iban"], seller["bic"]) if each]
        remarks.append(f"{words['pay_to']}: {', '.join(account)}")
    return remarks


def _packing_slip(sheet: Sheet) -> Mapping[str, Any]:
    words = language(sheet["locale"])
    parcels = [each["code"] for each in sheet["parcels"]]
    return {
        "shape": "slip",
        **_letter(sheet, words, sheet["ship_to"]),
        "title": f"{words['packing_slip']} {sheet['number']}",
        "facts": [
            [words["order"], sheet["order"]],
            [words["ordered_on"], words.date(sheet["ordered_on"])],
        ],
        "columns": _columns(words, "sku", "title", "quantity"),
        "rows": [[line["sku"], line["title"], str(line["quantity"])] for line in sheet["lines"]],
        "remarks": [f"{words['parcels']}: {', '.join(parcels)}"] if parcels else [],
    }


def _pick_list(sheet: Sheet) -> Mapping[str, Any]:
    words = language(sheet["locale"])
    facts = [[words["order"], sheet["order"]], [words["place"], sheet["place"]]]
    if sheet["ship_by"]:
        facts.append([words["ship_by"], words.date(sheet["ship_by"])])
    return {
        "shape": "slip",
        # Nothing of the buyer: whoever picks need not know who it is for.
        **_letter(sheet, words, None),
        "title": f"{words['pick_list']} {sheet['number']}",
        "facts": facts,
        "columns": _columns(words, "place", "sku", "title", "quantity", "done"),
        # In walking order, while it is in the hall; before that, all that is wanted.
        "rows": [
            [each.get("place", ""), each["sku"], each["title"], str(each["quantity"]), "☐"]
            for each in sheet["stops"] or sheet["lines"]
        ],
        "remarks": [],
    }


def _label_sheet(sheet: Sheet) -> Mapping[str, Any]:
    words = language(sheet["locale"])
    parcels = sheet["parcels"]
    return {
        "shape": "labels",
        "from": _address(sheet["seller"]) if sheet["seller"] else [],
        "to": _address(sheet["ship_to"]) if sheet["ship_to"] else [],
        "parcels": [
            {
                "code": each["code"],
                "bars": svg(Barcode.CODE_128, each["code"]),
                "square": svg(Barcode.DATA_MATRIX, each["code"]),
                "facts": _label_facts(sheet, each, position, words),
            }
            for position, each in enumerate(parcels, start=1)
        ],
    }


def _label_facts(sheet: Sheet, parcel: Sheet, position: int, words: Language) -> list[list[str]]:
    facts = [
        [words["order"], sheet["order"]],
        [words["parcel"], f"{position}/{len(sheet['parcels'])}"],
    ]
    if parcel["weight_g"] is not None:
        facts.append([words["weight"], f"{words.amount(parcel['weight_g'], 3)} kg"])
    return facts


_PARTS: Mapping[str, Callable[[Sheet], Mapping[str, Any]]] = {
    "invoice": _bill,
    "factur_x": _bill,
    "packing_slip": _packing_slip,
    "pick_list": _pick_list,
    "label_sheet": _label_sheet,
}


def _letter(sheet: Sheet, words: Language, to: Sheet | None) -> Mapping[str, Any]:
    """Who writes to whom, with the number of the order in bars."""
    seller = sheet["seller"]
    ids = [f"{words['vat_id']} {each['value']}" for each in seller["tax_ids"]] if seller else []
    if seller and seller["registration"]:
        ids.append(f"{words['registration']} {seller['registration']}")
    foot = [seller["footer"], *ids] if seller else []
    return {
        "from": _address(seller) if seller else [],
        "to": _address(to) if to else [],
        "number": sheet["number"],
        "footer": " · ".join(each for each in foot if each),
        "barcode": svg(Barcode.CODE_128, sheet["order"]),
    }


def _address(party: Sheet) -> list[str]:
    city = " ".join(each for each in (party["postal_code"], party["city"]) if each)
    parts = [party["name"], *party["lines"], party["district"], city, party["region"]]
    return [each for each in (*parts, party["country"]) if each]


def _columns(words: Language, *names: str) -> list[Mapping[str, Any]]:
    right = {"quantity", "price", "tax", "amount"}
    return [
        {"title": words[name], "wide": name == "title", "right": name in right} for name in names
    ]


def _money(minor: int, sheet: Sheet, words: Language) -> str:
    return f"{words.amount(minor, sheet['decimals'])} {sheet['currency']}"
