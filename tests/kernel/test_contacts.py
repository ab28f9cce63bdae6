import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.contacts import (
    InvalidEmail,
    InvalidLocale,
    InvalidPhone,
    check_email,
    check_locale,
    check_phone,
    email_key,
)


class TestCheckEmail:
    @pytest.mark.parametrize(
        ("given", "canonical"),
        [
            ("ana@example.com", "ana@example.com"),
            ("  Ana.Silva+shop@Example.COM\n", "Ana.Silva+shop@example.com"),
            ("o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"),
            ("root@localhost", "root@localhost"),
            ("ana@xn--mller-kva.de", "ana@xn--mller-kva.de"),
            (f"{'a' * 64}@{'b' * 63}.com", f"{'a' * 64}@{'b' * 63}.com"),
        ],
    )
    def test_lowers_the_domain_and_keeps_the_rest(self, given, canonical):
        assert check_email(given) == canonical

    @pytest.mark.parametrize(
        "given",
        [
            "",
            "ana",
            "@example.com",
            "ana@",
            "ana@@example.com",
            "ana silva@example.com",
            "ana@example..com",
            "ana@-example.com",
            "ana@example.com.",
            "ana@exa_mple.com",
            "ana@müller.de",
            "ana@\u212aelvin.com",  # the sign of kelvin, whose lower case is an ASCII k
            "aña@example.com",
            "Ana <ana@example.com>",
            f"{'a' * 65}@example.com",
            f"ana@{'.'.join(['b' * 60] * 5)}",
        ],
    )
    def test_refuses_other_shapes(self, given):
        with pytest.raises(InvalidEmail) as refusal:
            check_email(given)

        assert str(refusal.value) == "This is not an e-mail address, as in name@example.com."

    @given(st.emails())
    def test_changes_nothing_the_second_time(self, email):
        try:
            once = check_email(email)
        except InvalidEmail:  # quoted local parts, of which no shop has seen one
            return

        assert check_email(once) == once
        assert email_key(once) == email_key(email)


class TestEmailKey:
    def test_ignores_capitals_and_spaces_around(self):
        assert email_key(" Ana@Example.com ") == "ana@example.com"


class TestCheckPhone:
    @pytest.mark.parametrize(
        ("given", "canonical"),
        [
            ("+5511912345678", "+5511912345678"),
            ("+55 (11) 91234-5678", "+5511912345678"),
            ("+44 20.7946/0958", "+442079460958"),
            ("+683 4000", "+6834000"),
            ("+123456789012345", "+123456789012345"),
        ],
    )
    def test_drops_the_punctuation(self, given, canonical):
        assert check_phone(given) == canonical

    @pytest.mark.parametrize(
        "given",
        [
            "",
            "+",
            "11912345678",
            "0044 20 7946 0958",
            "+0123456789",
            "+123456",
            "+1234567890123456",
            "+55 11 CALL-NOW",
            "+55119123456\u0667",
            "++5511912345678",
        ],
    )
    def test_refuses_other_shapes(self, given):
        with pytest.raises(InvalidPhone):
            check_phone(given)


class TestCheckLocale:
    @pytest.mark.parametrize(
        ("given", "canonical"),
        [
            ("pt", "pt"),
            ("pt-BR", "pt-BR"),
            ("PT-br", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("gsw-Latn", "gsw-Latn"),
        ],
    )
    def test_sets_the_capitals(self, given, canonical):
        assert check_locale(given) == canonical

    @pytest.mark.parametrize(
        "given", ["", "p", "portuguese", "pt_BR", "pt-", "pt-BRA", "pt-BR-x-shop", "pt-B\u212a"]
    )
    def test_refuses_other_shapes(self, given):
        with pytest.raises(InvalidLocale):
            check_locale(given)
