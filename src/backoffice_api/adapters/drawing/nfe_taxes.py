"""The taxes of the items of an NF-e: Simples Nacional, and the normal regime.

ICMS is part of the price, so what it comes to changes no total. In the normal regime (CRT 3):
between states the rate is that of Resolução do Senado 22/1989, or 4 % of what was imported
(13/2012); inside a state it is said by the goods (`icms` of their fiscal profile) or the seller
(`icms:SP`). What a final consumer in another state buys owes the difference there (EC 87/2015, LC
190/2022: one base): `icms:RJ`, and `fcp:RJ` for the fund against poverty. PIS and COFINS are of
the price without ICMS (STF, tema 69), at `pis` and `cofins` of the seller. All rates in per cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from backoffice_api.adapters.drawing.numbers import amount
from backoffice_api.adapters.drawing.pipe import Refused, Sheet
from backoffice_api.adapters.drawing.trees import Element

SIMPLES, NORMAL = "1", "3"

# From the south and southeast to all others, 7 %; else 12 %.
_SOUTHERN = frozenset({"MG", "PR", "RJ", "RS", "SC", "SP"})
_IMPORTED = frozenset({"1", "2", "3", "8"})
_UNTAXED = frozenset({"40", "41", "50"})
_FULL, _TAXED_BEFORE = "00", "60"


@dataclass(frozen=True, slots=True)
class Sums:
    """What the taxes of items come to, in cents: ICMS of here, then of the buyer's state."""

    base: int = 0
    icms: int = 0
    fund_there: int = 0
    icms_there: int = 0
    pis: int = 0
    cofins: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        both = (getattr(self, f.name) + getattr(other, f.name) for f in fields(Sums))
        return Sums(*both)


def regime_of(sheet: Sheet) -> str:
    """The regime of the seller, as CRT has it. Raises: Refused: it is neither."""
    regime = sheet["fiscal_data"].get("regime", SIMPLES)
    if regime not in (SIMPLES, NORMAL):
        raise Refused("`regime` of the seller is 1 (Simples Nacional) or 3 (normal).")
    return str(regime)


def put_taxes(taxes: Element, sheet: Sheet, line: Sheet, cents: int) -> Sums:
    """Write the taxes of an item that comes to so many cents, delivery and discount included."""
    profile = line["fiscal"]["BR"]
    if regime_of(sheet) == SIMPLES:
        _put_simples(taxes, profile)
        return Sums()
    return _put_normal(taxes, sheet, profile, cents)


def _put_simples(taxes: Element, profile: Mapping[str, str]) -> None:
    icms = taxes.add("nfe:ICMS").add("nfe:ICMSSN102")
    icms.add("nfe:orig", profile.get("origin", "0"))
    icms.add("nfe:CSOSN", "102")
    for tax in ("PIS", "COFINS"):
        _put_rate(taxes.add(f"nfe:{tax}").add(f"nfe:{tax}Outr"), tax, "49", 0, Decimal(0))


def _put_normal(taxes: Element, sheet: Sheet, profile: Mapping[str, str], cents: int) -> Sums:
    data, cst = sheet["fiscal_data"], profile.get("cst", _FULL)
    origin = profile.get("origin", "0")
    here, there = sheet["seller"]["region"], sheet["buyer"]["region"]
    if cst not in {_FULL, _TAXED_BEFORE, *_UNTAXED}:
        raise Refused(f"The situation {cst} of ICMS is not built: 00, 40, 41, 50 and 60 are.")
    group = "40" if cst in _UNTAXED else cst
    icms = taxes.add("nfe:ICMS").add(f"nfe:ICMS{group}")
    icms.add("nfe:orig", origin)
    icms.add("nfe:CST", cst)
    sums = Sums()
    if cst == _FULL:
        rate = _rate_between(here, there, origin) if here != there else _inside(data, profile, here)
        sums = Sums(base=cents, icms=_part(cents, rate))
        icms.add("nfe:modBC", "3")
        icms.add("nfe:vBC", amount(cents, 2))
        icms.add("nfe:pICMS", _percent(rate))
        icms.add("nfe:vICMS", amount(sums.icms, 2))
    for tax in ("PIS", "COFINS"):
        rate, base = _given(data, tax.lower()), cents - sums.icms
        part = _put_rate(taxes.add(f"nfe:{tax}").add(f"nfe:{tax}Aliq"), tax, "01", base, rate)
        sums += Sums(**{tax.lower(): part})
    if cst == _FULL and here != there:
        sums += _put_difference(taxes.add("nfe:ICMSUFDest"), sheet, cents, origin)
    return sums


def _put_difference(group: Element, sheet: Sheet, cents: int, origin: str) -> Sums:
    """What a final consumer in another state owes there, which the seller pays."""
    data, there = sheet["fiscal_data"], sheet["buyer"]["region"]
    inside = _given(data, f"icms:{there}")
    fund = _rate(data.get(f"fcp:{there}", "0"), f"fcp:{there}")
    between = _rate_between(sheet["seller"]["region"], there, origin)
    sums = Sums(
        fund_there=_part(cents, fund), icms_there=_part(cents, max(inside - between, Decimal(0)))
    )
    for name, text in (
        ("vBCUFDest", amount(cents, 2)),
        ("vBCFCPUFDest", amount(cents, 2)),
        ("pFCPUFDest", _percent(fund)),
        ("pICMSUFDest", _percent(inside)),
        ("pICMSInter", f"{between:.2f}"),
        ("pICMSInterPart", "100.00"),
        ("vFCPUFDest", amount(sums.fund_there, 2)),
        ("vICMSUFDest", amount(sums.icms_there, 2)),
        ("vICMSUFRemet", "0.00"),
    ):
        group.add(f"nfe:{name}", text)
    return sums


def _put_rate(group: Element, tax: str, cst: str, base: int, rate: Decimal) -> int:
    part = _part(base, rate)
    group.add("nfe:CST", cst)
    group.add("nfe:vBC", amount(base, 2))
    group.add(f"nfe:p{tax}", _percent(rate))
    group.add(f"nfe:v{tax}", amount(part, 2))
    return part


def _rate_between(here: str, there: str, origin: str) -> Decimal:
    if origin in _IMPORTED:
        return Decimal(4)
    return Decimal(7 if here in _SOUTHERN and there not in _SOUTHERN else 12)


def _inside(data: Mapping[str, str], profile: Mapping[str, str], state: str) -> Decimal:
    if "icms" in profile:
        return _rate(profile["icms"], "icms")
    return _given(data, f"icms:{state}")


def _given(data: Mapping[str, str], name: str) -> Decimal:
    if name not in data:
        raise Refused(f"The fiscal data of the seller have no {name}.")
    return _rate(data[name], name)


def _rate(text: str, name: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(-1)
    if not (rate.is_finite() and 0 <= rate <= 100):
        raise Refused(f"{name} is no rate in per cent: {text[:20]}.")
    return rate


def _part(cents: int, rate: Decimal) -> int:
    return int((cents * rate / 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def _percent(rate: Decimal) -> str:
    return f"{rate:.4f}"
