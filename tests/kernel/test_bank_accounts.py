"""Numbers of bank accounts and banks, compared with those of python-stdnum."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban as oracle
from stdnum.exceptions import ValidationError

from backoffice_api.domain.kernel.bank_accounts import (
    BankNumberFault,
    InvalidBic,
    InvalidIban,
    check_bic,
    check_iban,
    masked,
)

# Examples of the SWIFT registry.
EXAMPLES = (
    "BR1800360305000010009795493C1",
    "DE89370400440532013000",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "MT84MALT011000012345MTLCAST001S",
    "NO9386011117947",
)


class TestIban:
    @pytest.mark.parametrize("iban", EXAMPLES)
    def test_is_taken_with_spaces_and_small_letters(self, iban: str) -> None:
        printed = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4)).lower()

        assert check_iban(printed) == iban

    @pytest.mark.parametrize(
        ("value", "fault"),
        [
            ("", BankNumberFault.WRONG_SHAPE),
            ("DE8937040044053201300", BankNumberFault.WRONG_SHAPE),
            ("DE8937040044053201300X", BankNumberFault.WRONG_SHAPE),
            ("DE89370400440532013001", BankNumberFault.WRONG_CHECK_DIGITS),
            ("US89370400440532013000", BankNumberFault.UNKNOWN_COUNTRY),
            ("DE8937040044053201300\u0661", BankNumberFault.WRONG_SHAPE),
        ],
    )
    def test_is_refused_with_the_fault(self, value: str, fault: BankNumberFault) -> None:
        with pytest.raises(InvalidIban) as refusal:
            check_iban(value)

        assert refusal.value.fault is fault

    @settings(max_examples=100)
    @given(
        st.sampled_from(EXAMPLES),
        st.integers(0, 33),
        st.sampled_from("0123456789ABCXYZ"),
    )
    def test_agrees_with_another_program(self, iban: str, at: int, sign: str) -> None:
        changed = iban[: at % len(iban)] + sign + iban[at % len(iban) + 1 :]
        try:
            oracle.validate(changed, check_country=False)
            expected = True
        except ValidationError:
            expected = False

        try:
            check_iban(changed)
            found = True
        except InvalidIban:
            found = False

        assert found is expected


class TestBic:
    def test_is_taken_in_either_length(self) -> None:
        assert check_bic("deutdeff") == "DEUTDEFF"
        assert check_bic("DEUT DE FF 500") == "DEUTDEFF500"

    @pytest.mark.parametrize(
        ("value", "fault"),
        [
            ("DEUTDEF", BankNumberFault.WRONG_SHAPE),
            ("DEUTDEFF5", BankNumberFault.WRONG_SHAPE),
            ("D3UTDEFF", BankNumberFault.WRONG_SHAPE),
            ("DEUTZZFF", BankNumberFault.UNKNOWN_COUNTRY),
        ],
    )
    def test_is_refused_with_the_fault(self, value: str, fault: BankNumberFault) -> None:
        with pytest.raises(InvalidBic) as refusal:
            check_bic(value)

        assert refusal.value.fault is fault


def test_masks_show_only_the_ends() -> None:
    assert [masked(each) for each in ("DE89370400440532013000", "123456789")] == [
        "DE••••3000",
        "••••",
    ]
