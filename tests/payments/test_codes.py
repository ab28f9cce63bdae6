"""BR Codes and boletos, against examples that their publishers give."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payments.model.boleto import (
    BoletoTerms,
    InvalidBoleto,
    InvalidBoletoTerms,
    bar_code,
    bar_code_of,
    check_terms,
    digit_line,
    read_bar_code,
)
from backoffice_api.domain.payments.model.br_code import (
    BrCode,
    InvalidBrCode,
    PixReceiver,
    br_code,
    check_receiver,
    crc16,
    read_br_code,
)
from backoffice_api.domain.payments.model.drafts import looks_like_card_number

# The example of the manual of the Banco Central: a fixed key, no amount.
KEY = "123e4567-e12b-12d1-a456-426655440000"
FULANO = PixReceiver(key=KEY, name="Fulano de Tal", city="BRASILIA")
PUBLISHED = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR"
    "5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
# A slip of the Banco do Brasil over 1.00 reais, due on 2007-12-31, as its layout guide has it.
LINE = "00190.50095 40144.816069 06809.350314 3 37370000000100"
BAR_CODE = "00193373700000001000500940144816060680935031"


def reais(minor):
    return Money(minor, "BRL")


class TestBrCode:
    def test_is_the_published_one(self):
        assert br_code(FULANO, amount=None, transaction_id=None) == PUBLISHED
        assert read_br_code(PUBLISHED) == BrCode(
            key=KEY, name="Fulano de Tal", city="BRASILIA", amount=None, transaction_id=None
        )

    def test_has_the_checksum_of_ccitt_false(self):
        assert crc16("123456789") == "29B1"

    def test_says_amount_and_id_and_fits_names_in(self):
        receiver = PixReceiver(
            key="+5511999998888", name="Loja São João de Artesanato", city="São José dos Campos"
        )

        code = br_code(receiver, amount=reais(123_456), transaction_id="ORDER1001")

        assert read_br_code(code) == BrCode(
            key="+5511999998888",
            name="Loja Sao Joao de Artesana",
            city="Sao Jose dos Ca",
            amount=reais(123_456),
            transaction_id="ORDER1001",
        )

    @given(at=st.integers(0, len(PUBLISHED) - 1), into=st.sampled_from("0159AZaz*-. é"))
    @settings(max_examples=25)
    def test_that_is_damaged_is_refused(self, at, into):
        damaged = PUBLISHED[:at] + into + PUBLISHED[at + 1 :]
        if damaged.upper() == PUBLISHED.upper():
            return

        with pytest.raises(InvalidBrCode):
            read_br_code(damaged)

    @pytest.mark.parametrize("cut", ["", "0002", PUBLISHED[:-1], PUBLISHED + "0", "6304FFFF"])
    def test_that_is_cut_off_is_refused(self, cut):
        with pytest.raises(InvalidBrCode):
            read_br_code(cut)

    @pytest.mark.parametrize("id", ["x" * 26, "PEDIDO 7", "SÃO"])
    def test_whose_id_no_bank_takes_is_refused(self, id):
        text = PUBLISHED.partition("62070503***")[0]
        text += f"62{len(id) + 4:02}05{len(id):02}{id}6304"

        with pytest.raises(InvalidBrCode):
            read_br_code(text + crc16(text))

    @pytest.mark.parametrize(
        ("amount", "id"),
        [(Money(1, "EUR"), None), (reais(0), None), (None, "a b"), (None, "x" * 26)],
    )
    def test_cannot_be_made_of_this(self, amount, id):
        with pytest.raises(InvalidBrCode):
            br_code(FULANO, amount=amount, transaction_id=id)

    def test_needs_a_receiver(self):
        faults = Faults()
        check_receiver(PixReceiver(key="a b", name=" ", city="日本"), faults)

        assert [each.code for each in faults] == [
            "INVALID_PIX_KEY",
            "INVALID_TEXT",
            "INVALID_BR_CODE",
            "INVALID_BR_CODE",
        ]


class TestBoleto:
    def test_is_the_published_one(self):
        assert bar_code_of(LINE) == BAR_CODE
        assert digit_line(BAR_CODE) == LINE.replace(".", "").replace(" ", "")
        found = read_bar_code(BAR_CODE, today=date(2008, 1, 1))
        assert (found.bank, found.due_on, found.amount) == ("001", date(2007, 12, 31), reais(100))
        terms = BoletoTerms(bank="001", free_field=found.free_field)
        assert bar_code(terms, due_on=date(2007, 12, 31), amount=reais(100)) == BAR_CODE

    @pytest.mark.parametrize(
        ("day", "factor"),
        [
            (date(2000, 7, 3), "1000"),
            (date(2025, 2, 21), "9999"),
            (date(2025, 2, 22), "1000"),
            (date(2025, 2, 23), "1001"),
        ],
    )
    def test_counts_days_again_after_9999(self, day, factor):
        code = bar_code(BoletoTerms(bank="341", free_field="1" * 25), due_on=day, amount=reais(1))

        assert code[5:9] == factor
        assert read_bar_code(code, today=day).due_on == day

    @given(
        free=st.text("0123456789", min_size=25, max_size=25),
        minor=st.integers(1, 10**10 - 1),
        day=st.dates(date(2000, 7, 3), date(2045, 1, 1)),
    )
    @settings(max_examples=25)
    def test_is_read_as_it_was_made(self, free, minor, day):
        terms = BoletoTerms(bank="237", free_field=free)
        code = bar_code(terms, due_on=day, amount=reais(minor))

        assert bar_code_of(digit_line(code)) == code
        found = read_bar_code(code, today=day)
        assert (found.free_field, found.due_on, found.amount) == (free, day, reais(minor))

    @pytest.mark.parametrize("at", [0, 5, 12, 22, 35, 46])
    def test_with_a_wrong_digit_is_refused(self, at):
        digits = LINE.replace(".", "").replace(" ", "")
        wrong = digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1 :]

        with pytest.raises(InvalidBoleto):
            bar_code_of(wrong)

    def test_cannot_be_made_of_this(self):
        faults = Faults()
        check_terms(BoletoTerms(bank="1", free_field="x" * 25), faults)
        assert [each.path for each in faults] == [("bank",), ("free_field",)]
        terms = BoletoTerms(bank="001", free_field="0" * 25)
        for amount, day in (
            (Money(1, "EUR"), date(2025, 3, 1)),
            (reais(10**10), date(2025, 3, 1)),
            (reais(1), date(1999, 1, 1)),
        ):
            with pytest.raises(InvalidBoletoTerms):
                bar_code(terms, due_on=day, amount=amount)


class TestCardNumbers:
    @pytest.mark.parametrize("text", ["4242424242424242", "4242 4242 4242 4242", "378282246310005"])
    def test_are_known_again(self, text):
        assert looks_like_card_number(text)

    @pytest.mark.parametrize("text", ["pm_4242424242424242", "4242424242424241", "42", ""])
    def test_are_told_from_tokens(self, text):
        assert not looks_like_card_number(text)
