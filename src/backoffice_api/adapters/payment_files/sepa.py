"""SEPA credit transfers as ISO 20022 pain.001, through sepaxml.

Source: ISO 20022 pain.001.001.03 and .09; EPC132-08, SEPA credit transfer scheme: customer to bank
implementation guidelines. The library names its files at random and by the clock; here they say
what they are told, so that the same content always comes to the same bytes.
"""

import re

from sepaxml import SepaTransfer

from backoffice_api.domain.payables.model.payment_files import (
    FileFormat,
    PaymentFileContent,
    PaymentOrder,
)

SCHEMAS = {
    FileFormat.PAIN_001_03: "pain.001.001.03",
    FileFormat.PAIN_001_09: "pain.001.001.09",
}
_NO_BANK = b"<FinInstnId />"
# EPC132-08: where no BIC is given.
_NO_BIC = b"<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>"


def write(content: PaymentFileContent) -> bytes:
    """The file, checked against the schema of its version.

    Raises:
        ValidationError: it does not hold to the schema.
    """
    payer = content.payer
    config = {
        "name": payer.holder,
        "IBAN": payer.iban,
        "currency": "EUR",
        "batch": True,
    }
    if payer.bic:
        config["BIC"] = payer.bic
    transfer = SepaTransfer(config, schema=SCHEMAS[content.format], clean=True)
    for order in content.orders:
        transfer.add_payment(_payment(content, order))
    made: bytes = transfer.export(validate=True)
    made = _pinned(made, "MsgId", content.number)
    made = _pinned(made, "CreDtTm", f"{content.made_at:%Y-%m-%dT%H:%M:%S}")
    made = _pinned(made, "PmtInfId", content.number)
    return made.replace(_NO_BANK, _NO_BIC)


def _payment(content: PaymentFileContent, order: PaymentOrder) -> dict[str, object]:
    payee = order.payee
    payment: dict[str, object] = {
        "name": payee.holder,
        "IBAN": payee.iban,
        "amount": order.amount.minor,
        "execution_date": content.pay_on,
        "description": order.remittance,
        "endtoend_id": order.reference,
    }
    if payee.bic:
        payment["BIC"] = payee.bic
    return payment


def _pinned(xml: bytes, name: str, text: str) -> bytes:
    """The file with `text` in its one element `name`. The text is one of ours: nothing to escape.

    Raises:
        ValueError: the element is not there once.
    """
    made, changed = re.subn(
        rf"<{name}>[^<]*</{name}>".encode(), f"<{name}>{text}</{name}>".encode(), xml
    )
    if changed != 1:
        raise ValueError(f"{name} is there {changed} times")
    return made
