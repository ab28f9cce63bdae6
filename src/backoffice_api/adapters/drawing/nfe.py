"""Draws the Brazilian NF-e, layout 4.00, signed if the seller's certificate is known.

Sources: Manual de Orientação do Contribuinte 7.0 with the layout NF-e 4.00; codes of states and
cities are those of IBGE. The taxes are those of `nfe_taxes`; goods of the Simples Nacional go by
CSOSN 102. The extra `nfe` checks the result against the published schema.

What the layout wants and no order holds comes from the seller's fiscal data: `cfop` and
`cfopInterstate`, `series`, `environment` (1 production, 2 test), for each city that is no capital
of a state a `city:SP/Campinas` with its code (IBGE), `regime` and the rates of `nfe_taxes`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from nfelib.nfe.bindings.v4_0.nfe_v4_00 import Nfe

from backoffice_api.adapters.drawing.nfe_signing import signed
from backoffice_api.adapters.drawing.nfe_taxes import SIMPLES, Sums, put_taxes, regime_of
from backoffice_api.adapters.drawing.numbers import amount
from backoffice_api.adapters.drawing.pipe import Refused, Sheet, answer
from backoffice_api.adapters.drawing.trees import Element, written

_NAMESPACES = {"nfe": "http://www.portalfiscal.inf.br/nfe"}
_MODEL, _NORMAL_EMISSION = "55", "1"
_BRAZIL = "1058"

# State: its code, its capital and the capital's code.
_STATES: Mapping[str, tuple[str, str, str]] = {
    "AC": ("12", "RIO BRANCO", "1200401"),
    "AL": ("27", "MACEIO", "2704302"),
    "AM": ("13", "MANAUS", "1302603"),
    "AP": ("16", "MACAPA", "1600303"),
    "BA": ("29", "SALVADOR", "2927408"),
    "CE": ("23", "FORTALEZA", "2304400"),
    "DF": ("53", "BRASILIA", "5300108"),
    "ES": ("32", "VITORIA", "3205309"),
    "GO": ("52", "GOIANIA", "5208707"),
    "MA": ("21", "SAO LUIS", "2111300"),
    "MG": ("31", "BELO HORIZONTE", "3106200"),
    "MS": ("50", "CAMPO GRANDE", "5002704"),
    "MT": ("51", "CUIABA", "5103403"),
    "PA": ("15", "BELEM", "1501402"),
    "PB": ("25", "JOAO PESSOA", "2507507"),
    "PE": ("26", "RECIFE", "2611606"),
    "PI": ("22", "TERESINA", "2211001"),
    "PR": ("41", "CURITIBA", "4106902"),
    "RJ": ("33", "RIO DE JANEIRO", "3304557"),
    "RN": ("24", "NATAL", "2408102"),
    "RO": ("11", "PORTO VELHO", "1100205"),
    "RR": ("14", "BOA VISTA", "1400100"),
    "RS": ("43", "PORTO ALEGRE", "4314902"),
    "SC": ("42", "FLORIANOPOLIS", "4205407"),
    "SE": ("28", "ARACAJU", "2800308"),
    "SP": ("35", "SAO PAULO", "3550308"),
    "TO": ("17", "PALMAS", "1721000"),
}
# What the schema says of a document that has still to be signed.
_UNSIGNED = re.compile(r"NFe'?: Missing child element.*Signature")


def draw(
    sheets: Sequence[Sheet], title: str, certificates: Mapping[str, Mapping[str, str]] | None = None
) -> bytes:
    """The NF-e, signed by the certificate of the seller; without one there is no signature.

    `certificates`: by CNPJ, as `nfe_signing` opens them.

    Raises:
        Refused: it lacks what the layout wants.
    """
    (sheet,) = sheets
    _check(sheet)
    seller, data = sheet["seller"], sheet["fiscal_data"]
    key = access_key(sheet)
    root = Element(f"{{{_NAMESPACES['nfe']}}}NFe", _NAMESPACES)
    info = root.add("nfe:infNFe", Id=f"NFe{key}", versao="4.00")
    _identification(info.add("nfe:ide"), sheet, key)
    issuer = info.add("nfe:emit")
    issuer.add("nfe:CNPJ", _tax_id(seller, "cnpj"))
    issuer.add("nfe:xNome", _text(seller["name"], 60))
    if seller["trade_name"]:
        issuer.add("nfe:xFant", _text(seller["trade_name"], 60))
    _address(issuer.add("nfe:enderEmit"), seller, data)
    issuer.add("nfe:IE", re.sub(r"\D", "", seller["registration"]))
    issuer.add("nfe:CRT", regime_of(sheet))
    _recipient(info.add("nfe:dest"), sheet)
    goods = [line for line in sheet["lines"] if line["kind"] != "shipping"]
    freight = _shares(sum(_gross(each, sheet) for each in sheet["lines"]) - _goods(sheet), goods)
    taxes = Sums()
    for position, (line, share) in enumerate(zip(goods, freight, strict=True), start=1):
        taxes += _item(info.add("nfe:det", nItem=str(position)), sheet, line, share)
    _totals(info.add("nfe:total").add("nfe:ICMSTot"), sheet, taxes)
    info.add("nfe:transp").add("nfe:modFrete", "0" if sum(freight) else "9")
    paid = info.add("nfe:pag").add("nfe:detPag")
    paid.add("nfe:tPag", "99")
    paid.add("nfe:xPag", "Outros")
    paid.add("nfe:vPag", amount(sheet["total_minor"], 2))
    if sheet["note"]:
        info.add("nfe:infAdic").add("nfe:infCpl", _text(sheet["note"], 5_000))
    # What is between elements would be signed, too, and the layout allows nothing there.
    xml = written(root.tree, {"": _NAMESPACES["nfe"]}, is_indented=False)
    certificate = (certificates or {}).get(_tax_id(seller, "cnpj"))
    if certificate is not None:
        xml = signed(xml, certificate)
    _check_schema(xml, is_signed=certificate is not None)
    return xml


def access_key(sheet: Sheet) -> str:
    """The 44 digits by which an NF-e is known everywhere, the last of which checks the others."""
    issued = datetime.fromisoformat(sheet["issued_at"])
    head = "".join(
        (
            _STATES[sheet["seller"]["region"]][0],
            f"{issued:%y%m}",
            _tax_id(sheet["seller"], "cnpj"),
            _MODEL,
            f"{int(sheet['fiscal_data'].get('series', '1')):03}",
            f"{sheet['serial']:09}",
            _NORMAL_EMISSION,
            _random_code(sheet),
        )
    )
    # Weights 2 to 9 from the right, again and again; letters count by their place in ASCII.
    values = [ord(each) - ord("0") for each in reversed(head)]
    rest = sum(value * (2 + place % 8) for place, value in enumerate(values)) % 11
    return f"{head}{0 if rest < 2 else 11 - rest}"


def _check(sheet: Sheet) -> None:
    """Raises: Refused, with what is missing."""
    seller, buyer = sheet["seller"], sheet["buyer"]
    if sheet["is_credit_note"]:
        raise Refused("A credit note is no NF-e; cancel the NF-e or issue one of return.")
    if sheet["currency"] != "BRL":
        raise Refused("An NF-e is in BRL.")
    if sheet["tax_minor"] and (regime_of(sheet) == SIMPLES or not sheet["tax_included"]):
        raise Refused("Its prices contain the taxes; those of the Simples Nacional itemise none.")
    if seller["country"] != "BR" or seller["region"] not in _STATES:
        raise Refused("The seller has no state of Brazil as its region.")
    if not _tax_id(seller, "cnpj") or not seller["registration"]:
        raise Refused("The seller has no CNPJ or no state registration.")
    if not (_tax_id(buyer, "cnpj") or _tax_id(buyer, "cpf")):
        raise Refused("The buyer has neither CPF nor CNPJ.")
    for line in sheet["lines"]:
        if line["kind"] != "shipping" and "ncm" not in line["fiscal"].get("BR", {}):
            raise Refused(f"{line['sku'] or line['title']} has no NCM.")


def _check_schema(xml: bytes, *, is_signed: bool) -> None:
    body = xml.partition(b"?>")[2].decode()
    faults = Nfe.schema_validation(body)
    if not is_signed:
        faults = [fault for fault in faults if not _UNSIGNED.search(fault)]
    if faults:
        raise Refused(faults[0].replace("{http://www.portalfiscal.inf.br/nfe}", ""))


def _identification(ide: Element, sheet: Sheet, key: str) -> None:
    seller, data = sheet["seller"], sheet["fiscal_data"]
    issued = datetime.fromisoformat(sheet["issued_at"])
    for name, text in (
        ("cUF", _STATES[seller["region"]][0]),
        ("cNF", _random_code(sheet)),
        ("natOp", "Venda de mercadoria"),
        ("mod", _MODEL),
        ("serie", data.get("series", "1")),
        ("nNF", str(sheet["serial"])),
        ("dhEmi", issued.isoformat(timespec="seconds")),
        ("tpNF", "1"),
        ("idDest", "2" if _is_interstate(sheet) else "1"),
        ("cMunFG", _city_code(seller, data)),
        ("tpImp", "1"),
        ("tpEmis", _NORMAL_EMISSION),
        ("cDV", key[-1]),
        ("tpAmb", data.get("environment", "2")),
        ("finNFe", "1"),
        ("indFinal", "1"),
        ("indPres", "2"),
        ("indIntermed", "0"),
        ("procEmi", "0"),
        ("verProc", "backoffice-api"),
    ):
        ide.add(f"nfe:{name}", text)


def _recipient(dest: Element, sheet: Sheet) -> None:
    buyer = sheet["buyer"]
    if number := _tax_id(buyer, "cnpj"):
        dest.add("nfe:CNPJ", number)
    else:
        dest.add("nfe:CPF", _tax_id(buyer, "cpf"))
    dest.add("nfe:xNome", _text(buyer["name"], 60))
    _address(dest.add("nfe:enderDest"), buyer, sheet["fiscal_data"])
    dest.add("nfe:indIEDest", "9")
    if buyer["email"]:
        dest.add("nfe:email", buyer["email"][:60])


def _address(element: Element, party: Mapping[str, Any], data: Mapping[str, str]) -> None:
    if party["country"] != "BR" or party["region"] not in _STATES:
        raise Refused("An address has no state of Brazil as its region.")
    street, number = _street(party["lines"][0])
    element.add("nfe:xLgr", _text(street, 60))
    element.add("nfe:nro", _text(number, 60))
    if party["lines"][1:]:
        element.add("nfe:xCpl", _text(", ".join(party["lines"][1:]), 60))
    element.add("nfe:xBairro", _text(party["district"] or "Centro", 60))
    element.add("nfe:cMun", _city_code(party, data))
    element.add("nfe:xMun", _text(party["city"], 60))
    element.add("nfe:UF", party["region"])
    element.add("nfe:CEP", re.sub(r"\D", "", party["postal_code"] or "") or None)
    element.add("nfe:cPais", _BRAZIL)
    element.add("nfe:xPais", "BRASIL")


def _item(det: Element, sheet: Sheet, line: Sheet, freight: int) -> Sums:
    data, profile = sheet["fiscal_data"], line["fiscal"]["BR"]
    interstate = _is_interstate(sheet)
    cfop = data.get("cfopInterstate", "6102") if interstate else data.get("cfop", "5102")
    price = amount(line["unit_price_micro"], 6)
    product = det.add("nfe:prod")
    for name, text in (
        ("cProd", _text(line["sku"] or str(line["position"]), 60)),
        ("cEAN", "SEM GTIN"),
        ("xProd", _text(line["title"], 120)),
        ("NCM", profile["ncm"]),
        ("CEST", profile.get("cest")),
        ("CFOP", cfop),
        ("uCom", "UN"),
        ("qCom", str(line["quantity"])),
        ("vUnCom", price),
        ("vProd", amount(line["subtotal_minor"], 2)),
        ("cEANTrib", "SEM GTIN"),
        ("uTrib", "UN"),
        ("qTrib", str(line["quantity"])),
        ("vUnTrib", price),
        ("vFrete", amount(freight, 2) if freight else None),
        ("vDesc", amount(line["discount_minor"], 2) if line["discount_minor"] else None),
        ("indTot", "1"),
        ("xPed", _text(sheet["order"], 15)),
    ):
        product.add(f"nfe:{name}", text)
    return put_taxes(det.add("nfe:imposto"), sheet, line, _gross(line, sheet) + freight)


def _totals(total: Element, sheet: Sheet, taxes: Sums) -> None:
    goods = [line for line in sheet["lines"] if line["kind"] != "shipping"]
    products = sum(line["subtotal_minor"] for line in goods)
    discount = sum(line["discount_minor"] for line in goods)
    freight = sheet["total_minor"] - products + discount
    filled = {
        "vBC": taxes.base,
        "vICMS": taxes.icms,
        "vFCPUFDest": taxes.fund_there,
        "vICMSUFDest": taxes.icms_there,
        "vProd": products,
        "vFrete": freight,
        "vDesc": discount,
        "vPIS": taxes.pis,
        "vCOFINS": taxes.cofins,
        "vNF": sheet["total_minor"],
    }
    for name in (
        *("vBC", "vICMS", "vICMSDeson", "vFCPUFDest", "vICMSUFDest"),
        *("vICMSUFRemet", "vFCP", "vBCST", "vST", "vFCPST", "vFCPSTRet"),
        *("vProd", "vFrete", "vSeg", "vDesc", "vII", "vIPI", "vIPIDevol", "vPIS", "vCOFINS"),
        *("vOutro", "vNF"),
    ):
        total.add(f"nfe:{name}", amount(filled.get(name, 0), 2))


def _shares(freight: int, goods: Sequence[Sheet]) -> Sequence[int]:
    """What of the delivery falls to each item, by what it costs; the last one takes the rest."""
    whole = sum(line["subtotal_minor"] for line in goods)
    shares = [freight * line["subtotal_minor"] // whole if whole else 0 for line in goods]
    if shares:
        shares[-1] += freight - sum(shares)
    return shares


def _gross(line: Sheet, sheet: Sheet) -> int:
    gross: int = line["subtotal_minor"] - line["discount_minor"]
    return gross


def _goods(sheet: Sheet) -> int:
    return sum(_gross(line, sheet) for line in sheet["lines"] if line["kind"] != "shipping")


def _is_interstate(sheet: Sheet) -> bool:
    return bool(sheet["buyer"]["region"] != sheet["seller"]["region"])


def _city_code(party: Mapping[str, Any], data: Mapping[str, str]) -> str:
    """Raises: Refused: nobody has said the code of the city."""
    _, capital, code = _STATES[party["region"]]
    city = _plain(party["city"] or "")
    if city == capital:
        return code
    for name, given in data.items():
        if _plain(name) == f"CITY:{party['region']}/{city}":
            return given
    raise Refused(f"The fiscal data of the seller have no city:{party['region']}/{party['city']}.")


def _street(line: str) -> tuple[str, str]:
    """Street and number of a line: `Rua Augusta, 1500`. Without one, S/N as the layout says."""
    match = re.fullmatch(r"(.*?)[,\s]+(\d+\w?)", line)
    return (match[1], match[2]) if match else (line, "S/N")


def _random_code(sheet: Sheet) -> str:
    """Eight digits that nobody can guess from the number, and always the same of an invoice."""
    return f"{int(sha256(sheet['id'].encode()).hexdigest(), 16) % 10**8:08}"


def _tax_id(party: Mapping[str, Any], kind: str) -> str:
    return next((each["value"] for each in party["tax_ids"] if each["kind"] == kind), "")


def _plain(text: str) -> str:
    """In capitals and without accents, as names of cities are compared."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(each for each in parts if not unicodedata.combining(each)).upper().strip()


def _text(text: str, length: int) -> str:
    """As the layout takes texts: without line breaks and spaces around, and no longer."""
    return " ".join(text.split())[:length].strip()


if __name__ == "__main__":
    answer(draw)
