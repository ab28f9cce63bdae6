import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cnpj, cpf
from stdnum.ch import vat as ch_vat
from stdnum.eu import vat
from stdnum.gb import vat as gb_vat
from stdnum.no import mva

from backoffice_api.domain.kernel.tax_ids import (
    InvalidTaxId,
    TaxIdFault,
    TaxIdKind,
    check_tax_id,
)

ASCII_DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CHECK_DIGITS = [f"{number:02}" for number in range(100)]

VAT_IDS = [
    "ATU13585627",
    "BE0403019261",
    "BG175074752",
    "CY10259033P",
    "CZ25123891",
    "CZ640903926",
    "CZ7103192745",
    "DE136695976",
    "DK13585628",
    "EE100931558",
    "EL094259216",
    "ES54362315K",
    "ESB58378431",
    "ESX5253868R",
    "FI20774740",
    "FR40303265045",
    "FRK7399859412",
    "FR4Z123456782",
    "HR33392005961",
    "HU12892312",
    "IE6433435F",
    "IE6433435OA",
    "IE8D79739I",
    "IT00743110157",
    "LT119511515",
    "LT100001919017",
    "LU15027442",
    "LV40003521600",
    "MT11679112",
    "NL004495445B01",
    "PL8567346215",
    "PT501964843",
    "RO18547290",
    "SE123456789701",
    "SI50223054",
    "SK2022749619",
    "XI980780684",
]


def fault_of(kind: TaxIdKind, value: str) -> TaxIdFault | None:
    try:
        check_tax_id(kind, value)
    except InvalidTaxId as refusal:
        return refusal.fault
    return None


class TestCpf:
    @pytest.mark.parametrize("value", ["390.533.447-05", "39053344705", " 390 533 447\u201305"])
    def test_is_eleven_digits(self, value: str) -> None:
        assert check_tax_id(TaxIdKind.CPF, value) == "39053344705"

    @pytest.mark.parametrize(
        ("value", "fault"),
        [
            ("", TaxIdFault.WRONG_SHAPE),
            ("3905334470", TaxIdFault.WRONG_SHAPE),
            ("390533447055", TaxIdFault.WRONG_SHAPE),
            ("390.533.447=05", TaxIdFault.WRONG_SHAPE),
            ("3905334470A", TaxIdFault.WRONG_SHAPE),
            ("39053344705\n", TaxIdFault.WRONG_SHAPE),
            ("\u0663905334470\u0665", TaxIdFault.WRONG_SHAPE),
            ("231.002.999-00", TaxIdFault.WRONG_CHECK_DIGITS),
            ("390.533.447-15", TaxIdFault.WRONG_CHECK_DIGITS),
            ("390.533.447-06", TaxIdFault.WRONG_CHECK_DIGITS),
            ("000.000.000-00", TaxIdFault.NEVER_ISSUED),
            ("111.111.111-11", TaxIdFault.NEVER_ISSUED),
        ],
    )
    def test_says_what_is_wrong(self, value: str, fault: TaxIdFault) -> None:
        assert fault_of(TaxIdKind.CPF, value) is fault

    @given(st.text(ASCII_DIGITS, min_size=9, max_size=9).filter(lambda body: len(set(body)) > 1))
    def test_has_the_check_digits_of_stdnum(self, body: str) -> None:
        taken = [end for end in CHECK_DIGITS if fault_of(TaxIdKind.CPF, body + end) is None]

        assert taken == [end for end in CHECK_DIGITS if cpf.is_valid(body + end)]
        assert len(taken) == 1


class TestCnpj:
    @pytest.mark.parametrize(
        ("value", "canonical"),
        [
            ("16.727.230/0001-97", "16727230000197"),
            ("00.000.000/0001-91", "00000000000191"),
            ("12.ABC.345/01DE-35", "12ABC34501DE35"),
            ("12.abc.345/01de-35", "12ABC34501DE35"),
        ],
    )
    def test_is_numeric_or_alphanumeric(self, value: str, canonical: str) -> None:
        assert check_tax_id(TaxIdKind.CNPJ, value) == canonical

    @pytest.mark.parametrize(
        ("value", "fault"),
        [
            ("16.727.230/0001-9", TaxIdFault.WRONG_SHAPE),
            ("16.727.230/0001=97", TaxIdFault.WRONG_SHAPE),
            ("12ABC34501DE3A", TaxIdFault.WRONG_SHAPE),
            ("12\u00c1BC34501DE35", TaxIdFault.WRONG_SHAPE),
            ("16.727.230/0001-98", TaxIdFault.WRONG_CHECK_DIGITS),
            ("12.ABD.345/01DE-35", TaxIdFault.WRONG_CHECK_DIGITS),
            ("00.000.000/0000-00", TaxIdFault.NEVER_ISSUED),
        ],
    )
    def test_says_what_is_wrong(self, value: str, fault: TaxIdFault) -> None:
        assert fault_of(TaxIdKind.CNPJ, value) is fault

    @given(
        st.text(ASCII_DIGITS, min_size=12, max_size=12)
        | st.text(ASCII_DIGITS + LETTERS, min_size=12, max_size=12)
    )
    def test_has_the_check_digits_of_stdnum(self, body: str) -> None:
        taken = [end for end in CHECK_DIGITS if fault_of(TaxIdKind.CNPJ, body + end) is None]

        assert taken == [end for end in CHECK_DIGITS if cnpj.is_valid(body + end)]


class TestVat:
    @pytest.mark.parametrize("value", VAT_IDS)
    def test_takes_what_stdnum_takes(self, value: str) -> None:
        assert vat.validate(value) == value

        assert check_tax_id(TaxIdKind.VAT, value) == value

    def test_covers_every_member_state(self) -> None:
        prefixes = {value[:2].lower() for value in VAT_IDS}

        assert prefixes - {"el"} | {"gr"} == vat.MEMBER_STATES

    @pytest.mark.parametrize(
        "value", ["GB980780684", "GB980780684001", "GBGD001", "GBGD499", "GBHA500", "GBHA999"]
    )
    def test_takes_british_numbers(self, value: str) -> None:
        assert gb_vat.is_valid(value)

        assert check_tax_id(TaxIdKind.VAT, value) == value

    @pytest.mark.parametrize(
        ("value", "canonical"),
        [
            ("NO 995 525 828 MVA", "NO995525828MVA"),
            ("CHE-107.787.577 IVA", "CHE107787577IVA"),
            ("che-107.787.577 mwst", "CHE107787577MWST"),
            ("ATU 13585627", "ATU13585627"),
            ("FR 40 303 265 045", "FR40303265045"),
            ("IE8+79739I", "IE8+79739I"),
        ],
    )
    def test_leaves_punctuation_out(self, value: str, canonical: str) -> None:
        assert check_tax_id(TaxIdKind.VAT, value) == canonical

    def test_takes_what_stdnum_takes_outside_of_the_union(self) -> None:
        assert mva.is_valid("NO995525828MVA")
        assert ch_vat.is_valid("CHE107787577IVA")

    def test_looks_at_the_shape_only(self) -> None:
        assert not vat.is_valid("DE136695977")

        assert check_tax_id(TaxIdKind.VAT, "DE136695977") == "DE136695977"

    @pytest.mark.parametrize("value", ["", "D", "136695976", "US123456789", "GR094259216", "EU1"])
    def test_needs_the_prefix_of_a_country(self, value: str) -> None:
        assert fault_of(TaxIdKind.VAT, value) is TaxIdFault.UNKNOWN_COUNTRY

    @pytest.mark.parametrize(
        "value",
        [
            "AT13585627",
            "ATU1358562",
            "BE2403019261",
            "BE403019261",
            "BG17507475",
            "BG17507475222",
            "CHE107787577",
            "CHE107787577VAT",
            "CY102590331",
            "CZ2512389",
            "CZ71031927455",
            "DE13669597",
            "DE13669597A",
            "DE136695976\n",
            "DK135856281",
            "EE10093155",
            "EL94259216",
            "ES543623151",
            "ESX5253868RR",
            "FI2077474",
            "FR4030326504",
            "FR403032650A5",
            "GB98078068",
            "GB9807806840",
            "GBGD500",
            "GBHA499",
            "HR3339200596",
            "HU128923121",
            "IE6433435",
            "IE64334351",
            "IE6433435OAA",
            "IT0074311015",
            "LT1195115151",
            "LU1502744",
            "LV4000352160",
            "MT1167911",
            "NL004495445A01",
            "NL004495445B1",
            "NO995525828",
            "PL856734621",
            "PT50196484",
            "RO1",
            "RO12345678901",
            "SE1234567897",
            "SI5022305",
            "SK202274961",
            "XI98078068",
            "DE\u0661\u0663669597\u0666",
            "\u0131E6433435F",
        ],
    )
    def test_needs_the_shape_of_its_country(self, value: str) -> None:
        assert fault_of(TaxIdKind.VAT, value) is TaxIdFault.WRONG_SHAPE


class TestInvalidTaxId:
    @pytest.mark.parametrize("kind", TaxIdKind)
    def test_does_not_repeat_the_value(self, kind: TaxIdKind) -> None:
        with pytest.raises(InvalidTaxId) as refusal:
            check_tax_id(kind, "DE39053344799")

        assert "390533" not in f"{refusal.value} {refusal.value!r} {refusal.value.args}"
        assert refusal.value.code == "INVALID_TAX_ID"

    def test_says_in_words_what_is_wrong(self) -> None:
        with pytest.raises(InvalidTaxId, match=r"^This is not a valid CPF: wrong check digits\.$"):
            check_tax_id(TaxIdKind.CPF, "390.533.447-15")

    @given(st.sampled_from(list(TaxIdKind)), st.text(max_size=20) | st.sampled_from(VAT_IDS))
    def test_is_the_only_way_to_fail(self, kind: TaxIdKind, value: str) -> None:
        try:
            canonical = check_tax_id(kind, value)
        except InvalidTaxId:
            return

        assert check_tax_id(kind, canonical) == canonical
        assert set(canonical) <= set(ASCII_DIGITS + LETTERS + "+*")
