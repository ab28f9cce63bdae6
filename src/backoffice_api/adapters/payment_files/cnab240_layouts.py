"""The lines of CNAB 240 for payments, as tables.

Source: FEBRABAN, Layout Padrão 240 posições, version 10.x: file header and trailer, header and
trailer of a lot of payments, segments A and B, J and J-52 (PIX), and the codes of occurrences
(note G059).
"""

from collections.abc import Mapping, Sequence

from backoffice_api.adapters.payment_files.layouts import Field, Kind, Layout, Value
from backoffice_api.domain.kernel.pix_keys import PixKeyKind
from backoffice_api.domain.payables.model.payment_files import Verdict

WIDTH = 240
REMITTANCE, RETURN = 1, 2
FILE_VERSION, LOT_VERSION = "103", "046"
# G025: suppliers. G029: credit in the same bank, to another one, by PIX, by the QR code of a PIX.
SUPPLIERS = "20"
SAME_BANK, OTHER_BANK, BY_PIX, BY_QR_CODE = "01", "41", "45", "47"
# G031: of lots of transfers, and of lots of titles, among which QR codes are.
TITLES_VERSION = "040"
# G067: which optional record it is.
OF_PERSONS = "52"
# P001: the chamber through which a payment goes.
CHAMBERS: Mapping[str, str] = {SAME_BANK: "000", OTHER_BANK: "018", BY_PIX: "009"}
# G100: what a PIX key is.
INITIATIONS: Mapping[PixKeyKind, str] = {
    PixKeyKind.PHONE: "01",
    PixKeyKind.EMAIL: "02",
    PixKeyKind.TAX_ID: "03",
    PixKeyKind.RANDOM: "04",
}

_T, _K, _C, _N, _D = Kind.TEXT, Kind.KEY, Kind.CODE, Kind.NUMBER, Kind.DAY

_Row = tuple[str, int, Kind, Value]


def _layout(name: str, *rows: _Row) -> Layout:
    fields: list[Field] = []
    start = 1
    for field, length, kind, default in rows:
        fields.append(Field(field, start, length, kind, default))
        start += length
    return Layout(name, WIDTH, tuple(fields))


def _control(kind: str, lot: Value = None) -> Sequence[_Row]:
    return (("bank", 3, _C, None), ("lot", 4, _C, lot), ("record", 1, _C, kind))


def _blank(length: int, name: str = "") -> _Row:
    return (name, length, _T, "")


_COMPANY: Sequence[_Row] = (
    ("company_id_kind", 1, _N, None),
    ("company_id", 14, _C, None),
    ("agreement", 20, _T, None),
    ("branch", 5, _C, None),
    ("branch_digit", 1, _T, ""),
    ("account", 12, _C, None),
    ("account_digit", 1, _T, ""),
    ("both_digit", 1, _T, ""),
    ("company_name", 30, _T, None),
)

FILE_HEADER = _layout(
    "file_header",
    *_control("0", "0000"),
    _blank(9),
    *_COMPANY,
    ("bank_name", 30, _T, ""),
    _blank(10),
    ("direction", 1, _N, REMITTANCE),
    ("made_on", 8, _D, None),
    ("made_at", 6, _C, None),
    ("file_serial", 6, _N, None),
    ("version", 3, _C, FILE_VERSION),
    ("density", 5, _N, 1600),
    _blank(20, "of_bank"),
    _blank(20, "of_company"),
    _blank(29),
)
LOT_HEADER = _layout(
    "lot_header",
    *_control("1"),
    ("operation", 1, _T, "C"),
    ("service", 2, _C, SUPPLIERS),
    ("entry", 2, _C, None),
    ("version", 3, _C, LOT_VERSION),
    _blank(1),
    *_COMPANY,
    _blank(40, "notice"),
    ("street", 30, _T, ""),
    ("street_number", 5, _N, 0),
    ("street_more", 15, _T, ""),
    ("city", 20, _T, ""),
    ("postal_code", 5, _N, 0),
    _blank(3, "postal_code_more"),
    ("state", 2, _T, ""),
    ("payment_form", 2, _C, "01"),
    _blank(6),
    _blank(10, "occurrences"),
)
SEGMENT_A = _layout(
    "segment_a",
    *_control("3"),
    ("sequence", 5, _N, None),
    ("segment", 1, _T, "A"),
    ("movement", 1, _N, 0),
    ("instruction", 2, _C, "00"),
    ("chamber", 3, _C, "000"),
    ("payee_bank", 3, _C, None),
    ("payee_branch", 5, _C, None),
    ("payee_branch_digit", 1, _T, ""),
    ("payee_account", 12, _C, None),
    ("payee_account_digit", 1, _T, ""),
    ("payee_both_digit", 1, _T, ""),
    ("payee_name", 30, _T, None),
    ("reference", 20, _T, None),
    ("pay_on", 8, _D, None),
    ("currency", 3, _T, "BRL"),
    ("currency_quantity", 15, _N, 0),
    ("amount", 15, _N, None),
    ("bank_reference", 20, _T, ""),
    ("paid_on", 8, _D, None),
    ("paid_amount", 15, _N, 0),
    ("information", 40, _T, ""),
    ("service_more", 2, _T, ""),
    ("purpose", 5, _T, ""),
    ("purpose_more", 2, _T, ""),
    _blank(3),
    ("notify", 1, _N, 0),
    _blank(10, "occurrences"),
)
SEGMENT_B = _layout(
    "segment_b",
    *_control("3"),
    ("sequence", 5, _N, None),
    ("segment", 1, _T, "B"),
    ("initiation", 3, _T, ""),
    ("payee_id_kind", 1, _N, None),
    ("payee_id", 14, _C, None),
    ("information_10", 35, _T, ""),
    ("information_11", 60, _T, ""),
    ("pix_key", 99, _K, ""),
    ("unit", 6, _N, 0),
    ("payee_ispb", 8, _C, "0"),
)
SEGMENT_J = _layout(
    "segment_j",
    *_control("3"),
    ("sequence", 5, _N, None),
    ("segment", 1, _T, "J"),
    ("movement", 1, _N, 0),
    ("instruction", 2, _C, "00"),
    ("barcode", 44, _C, "0"),
    ("payee_name", 30, _T, None),
    ("due_on", 8, _D, None),
    ("nominal", 15, _N, None),
    ("discount", 15, _N, 0),
    ("interest", 15, _N, 0),
    ("pay_on", 8, _D, None),
    ("amount", 15, _N, None),
    ("currency_quantity", 15, _N, 0),
    ("reference", 20, _T, None),
    ("bank_reference", 20, _T, ""),
    ("currency", 2, _C, "09"),
    _blank(6),
    _blank(10, "occurrences"),
)
SEGMENT_J52 = _layout(
    "segment_j52",
    *_control("3"),
    ("sequence", 5, _N, None),
    ("segment", 1, _T, "J"),
    _blank(1),
    ("instruction", 2, _C, "00"),
    ("optional", 2, _C, OF_PERSONS),
    ("payer_id_kind", 1, _N, None),
    ("payer_id", 15, _C, None),
    ("payer_name", 40, _T, None),
    ("payee_id_kind", 1, _N, None),
    ("payee_id", 15, _C, None),
    ("payee_name", 40, _T, None),
    ("pix_key", 79, _K, None),
    ("transaction_id", 30, _K, ""),
)
LOT_TRAILER = _layout(
    "lot_trailer",
    *_control("5"),
    _blank(9),
    ("records", 6, _N, None),
    ("total", 18, _N, None),
    ("currency_quantity", 18, _N, 0),
    ("notice_number", 6, _N, 0),
    _blank(165),
    _blank(10, "occurrences"),
)
FILE_TRAILER = _layout(
    "file_trailer",
    *_control("9", "9999"),
    _blank(9),
    ("lots", 6, _N, None),
    ("records", 6, _N, None),
    ("accounts", 6, _N, 0),
    _blank(205),
)

LAYOUTS = (
    FILE_HEADER,
    LOT_HEADER,
    SEGMENT_A,
    SEGMENT_B,
    SEGMENT_J,
    SEGMENT_J52,
    LOT_TRAILER,
    FILE_TRAILER,
)

# What the bank says of a payment, by its code. All that is not here is refused, too, in words
# that nobody knows.
_S, _A, _R = Verdict.SETTLED, Verdict.ACCEPTED, Verdict.REJECTED
OCCURRENCES: Mapping[str, tuple[Verdict, str]] = {
    "00": (_S, "Credited"),
    "01": (_R, "Not enough money in the account"),
    "02": (_R, "Cancelled by the payer"),
    "03": (_S, "Debited as the branch allowed"),
    "AA": (_R, "Wrong control fields"),
    "AB": (_R, "Wrong kind of operation"),
    "AC": (_R, "Wrong kind of service"),
    "AD": (_R, "Wrong form of entry"),
    "AE": (_R, "Wrong tax id of the payer"),
    "AF": (_R, "Wrong number of the agreement"),
    "AG": (_R, "Wrong branch, account or check digit of the payer"),
    "AH": (_R, "Wrong sequence number in the lot"),
    "AI": (_R, "Wrong segment"),
    "AJ": (_R, "Wrong kind of movement"),
    "AK": (_R, "Wrong clearing chamber"),
    "AL": (_R, "Wrong bank of the payee"),
    "AM": (_R, "Wrong branch of the payee"),
    "AN": (_R, "Wrong account or check digit of the payee"),
    "AO": (_R, "The payee has no name"),
    "AP": (_R, "Wrong day of payment"),
    "AQ": (_R, "Wrong currency or quantity"),
    "AR": (_R, "Wrong amount"),
    "AS": (_R, "Wrong notice to the payee"),
    "AT": (_R, "Wrong tax id of the payee"),
    "AU": (_R, "The payee has no street"),
    "AV": (_R, "The payee has no street number"),
    "AW": (_R, "The payee has no city"),
    "AX": (_R, "Wrong postal code of the payee"),
    "AY": (_R, "Wrong state of the payee"),
    "AZ": (_R, "Wrong bank of the deposit"),
    "BA": (_R, "The branch of the deposit is missing"),
    "BB": (_R, "Wrong reference of the payer"),
    "BC": (_R, "Wrong reference of the bank"),
    "BD": (_A, "Taken up"),
    "BE": (_A, "Changed"),
    "BF": (_R, "Excluded"),
    "BG": (_R, "The account is blocked by law"),
    "HA": (_R, "The lot was not taken"),
    "HB": (_R, "The tax id is not that of the contract"),
    "HC": (_R, "There is no such agreement in the contract"),
    "HD": (_R, "There is no such branch or account in the contract"),
    "HE": (_R, "The service is not part of the contract"),
    "HF": (_R, "Not enough money in the account of the payer"),
    "HG": (_R, "The lot is out of sequence"),
    "HH": (_R, "Wrong lot"),
    "HI": (_R, "The file was not taken"),
    "HJ": (_R, "Wrong kind of record"),
    "HK": (_R, "Wrong direction of the file"),
    "HL": (_R, "Wrong version of the layout"),
    "PA": (_R, "The PIX was not made"),
    "PB": (_R, "Broken off by an error at the bank of the payee"),
    "PC": (_R, "The account of the payee was closed"),
    "PD": (_R, "The account of the payee is of another kind"),
    "PE": (_R, "The account of the payee takes no such payment"),
    "PF": (_R, "The tax id is not that of the holder of the account"),
    "PG": (_R, "Wrong tax id of the payee"),
    "PH": (_R, "Refused by the bank of the payee"),
    "PI": (_R, "Wrong ISPB of the bank of the payer"),
    "PJ": (_R, "There is no such PIX key"),
    "PK": (_R, "The QR code is wrong, or has expired"),
    "PL": (_R, "Wrong form of initiation"),
    "PM": (_R, "Wrong PIX key"),
    "PN": (_R, "The PIX key is missing"),
    "TA": (_R, "The totals of the lot differ"),
    "YA": (_R, "There is no such title"),
    "ZA": (_A, "The account of the payee was replaced by another one"),
    "ZI": (_R, "The account belongs to somebody else"),
}
