"""What a bank says of a SEPA file: ISO 20022 pain.002, customer payment status report.

Source: ISO 20022 pain.002.001.03 to .14; external code set ExternalPaymentTransactionStatus1Code;
EPC132-08. A status of the group or of the payment information holds for all payments below it
that have none of their own.
"""

from collections.abc import Mapping
from datetime import date
from xml.etree.ElementTree import Element

from backoffice_api.adapters.xml_trees import BadXml, at, each_at, local, parse, text_at
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.payables.model.payment_files import (
    BankReturn,
    ReturnedPayment,
    UnreadablePaymentFile,
    Verdict,
)

REPORT = "CstmrPmtStsRpt"
WORDS_LENGTH_MAX = 250

# Statuses that say something for good. PDNG, RCVD and PART do not.
VERDICTS: Mapping[str, Verdict] = {
    **dict.fromkeys(("ACTC", "ACCP", "ACSP", "ACWC", "ACWP", "ACFC"), Verdict.ACCEPTED),
    **dict.fromkeys(("ACSC", "ACCC"), Verdict.SETTLED),
    **dict.fromkeys(("RJCT", "CANC"), Verdict.REJECTED),
}

# Where the day stands on which the money moved, the best one first.
_DAYS = (
    "FctvIntrBkSttlmDt/Dt",
    "FctvIntrBkSttlmDt/DtTm",
    "OrgnlTxRef/IntrBkSttlmDt",
    "OrgnlTxRef/ReqdExctnDt",
    "OrgnlTxRef/ReqdExctnDt/Dt",
)


def read_return(content: bytes) -> BankReturn:
    """What a bank answers.

    Raises:
        UnreadablePaymentFile: it is no status report.
    """
    try:
        root = parse(content)
    except BadXml as fault:
        raise UnreadablePaymentFile(0, "file", str(fault)) from None
    report = root if local(root) == REPORT else at(root, REPORT)
    if report is None:
        raise UnreadablePaymentFile(0, "file", "it is no payment status report (pain.002)")
    group = at(report, "OrgnlGrpInfAndSts")
    if group is None:
        raise UnreadablePaymentFile(0, "OrgnlGrpInfAndSts", "it is missing")
    number = text_at(group, "OrgnlMsgId")
    if number is None:
        raise UnreadablePaymentFile(0, "OrgnlMsgId", "it is missing")
    rest = _verdict("", group, "GrpSts")
    payments: list[ReturnedPayment] = []
    for part in each_at(report, "OrgnlPmtInfAndSts"):
        of_part = _verdict("", part, "PmtInfSts")
        for position, each in enumerate(each_at(part, "TxInfAndSts"), start=1):
            reference = text_at(each, "OrgnlEndToEndId")
            if reference is None:
                raise UnreadablePaymentFile(position, "OrgnlEndToEndId", "it is missing")
            if said := _verdict(reference, each, "TxSts"):
                payments.append(said)
        # Our files have one such part.
        rest = of_part or rest
    return BankReturn(number=number, payments=tuple(payments), rest=rest)


def _verdict(reference: str, element: Element, name: str) -> ReturnedPayment | None:
    """What is said of it. None: nothing that holds for good."""
    status = text_at(element, name) or ""
    verdict = VERDICTS.get(status)
    if verdict is None:
        return None
    reasons = [
        code
        for each in each_at(element, "StsRsnInf")
        if (code := text_at(each, "Rsn/Cd", "Rsn/Prtry"))
    ]
    words = [
        more.text.strip()
        for more in each_at(element, "StsRsnInf/AddtlInf")
        if more.text and more.text.strip()
    ]
    return ReturnedPayment(
        reference=reference,
        verdict=verdict,
        code=storable(" ".join((status, *reasons)))[:WORDS_LENGTH_MAX],
        says=storable(" ".join(words))[:WORDS_LENGTH_MAX],
        booked_on=_day(text_at(element, *_DAYS)),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
