"""What an address needs, by country, and what of it is worth a look."""

import re
from collections.abc import Sequence

# Countries whose posts use no codes. Source: Universal Postal Union, postal addressing systems in
# member countries, and the web forms of the posts named there.
WITHOUT_POSTAL_CODE = frozenset(
    {
        *("AE", "AG", "AO", "AW", "BF", "BI", "BJ", "BO", "BS", "BW", "BZ", "CD", "CF", "CG"),
        *("CI", "CM", "DJ", "DM", "ER", "FJ", "GD", "GM", "GQ", "HK", "KI", "KM", "KN", "ML"),
        *("MO", "MR", "NR", "QA", "RW", "SB", "SC", "SL", "SR", "ST", "SY", "TG", "TO", "TV"),
        *("UG", "VU", "YE", "ZW"),
    }
)

# Countries where carriers want the state or province. Same source.
WITH_REGION = frozenset({"AU", "BR", "CA", "IN", "IT", "MX", "US"})

# Boxes at a post office, as people write them in the languages that we sell in.
_PO_BOX = re.compile(
    r"\b(p\.?\s*o\.?\s*box|post\s*office\s*box|caixa\s+postal|apartado(\s+postal)?|postfach"
    r"|bo[iî]te\s+postale|casella\s+postale|postbus)\b",
    re.IGNORECASE,
)

# Deliveries that are paid for to come fast.
_EXPRESS = re.compile(
    r"\b(express\w*|overnight|next[\s-]?day|same[\s-]?day|urgen\w+|sedex)\b", re.IGNORECASE
)


def missing_parts(
    country: str, *, postal_code: str | None, region: str | None, city: str
) -> Sequence[str]:
    """Names of the parts that an address of this country lacks."""
    missing = []
    if not city.strip():
        missing.append("city")
    if country not in WITHOUT_POSTAL_CODE and not (postal_code or "").strip():
        missing.append("postal_code")
    if country in WITH_REGION and not (region or "").strip():
        missing.append("region")
    return missing


def is_po_box(lines: Sequence[str]) -> bool:
    return any(_PO_BOX.search(line) for line in lines)


def oddities(recipient: str, lines: Sequence[str]) -> Sequence[str]:
    """What is unusual about an address, in words that hold nothing of it."""
    found = []
    text = " ".join(lines)
    if not any(each.isdigit() for each in text):
        found.append("no house number")
    if any(each.isdigit() for each in recipient):
        found.append("digits in the recipient")
    if len("".join(text.split())) < 5:
        found.append("very short")
    if re.search(r"(.)\1{4,}", text + recipient):
        found.append("one character again and again")
    return found


def is_express(texts: Sequence[str]) -> bool:
    """Whether what is charged for says of itself that it is fast."""
    return any(_EXPRESS.search(text) for text in texts)
