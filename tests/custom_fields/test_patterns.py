"""Patterns: what Python's `re` says of them, and never more than a moment."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.custom_fields.model.patterns import InvalidPattern, Pattern

ALIKE = [
    (r"", ["", "a"]),
    (r"abc", ["abc", "ab", "abcd", "ABC"]),
    (r"^[A-Z]{2}-\d{3,5}$", ["AB-123", "AB-12", "AB-123456", "ab-123", "AB-1234"]),
    (r"(red|green|)x*", ["red", "greenxx", "xx", "", "blue"]),
    (r"a.c", ["abc", "a\nc", "ac"]),
    (r"[^a-c\d]+", ["xyz", "xaz", "x1", ""]),
    (r"\w+@\w+\.(com|org)", ["me@here.com", "me@here.net", "me@here_com"]),
    (r"(ab?){2,}", ["aa", "abab", "a", "ababa"]),
    (r"[\]\-a]*", ["]-a", "b"]),
    (r"[a-]+", ["a-", "b"]),
    (r"(?:ab)?c", ["abc", "c", "ab"]),
    (r"\S{2} \D", ["ab c", "ab 1", "a  c"]),
    (r"(a*)*b", ["aaab", "b", "aaa"]),
    (r"\$\.\^", ["$.^", "a"]),
]


class TestPattern:
    @pytest.mark.parametrize(("pattern", "texts"), ALIKE)
    def test_matches_whole_texts_as_python_does(self, pattern: str, texts: list[str]) -> None:
        expected = [re.fullmatch(pattern, text, re.ASCII) is not None for text in texts]

        assert [Pattern(pattern).matches(text) for text in texts] == expected

    @settings(max_examples=25)
    @given(
        st.recursive(
            st.sampled_from(["a", "b", "[ab]", "[^a]", "."]),
            lambda inner: st.one_of(
                st.tuples(inner, inner).map("".join),
                st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
                st.tuples(inner, st.sampled_from(["*", "?", "+", "{2}", "{0,2}"])).map(
                    lambda two: f"({two[0]}){two[1]}"
                ),
            ),
            max_leaves=6,
        ),
        st.text(alphabet="abc", max_size=6),
    )
    def test_agrees_with_python_on_anything(self, pattern: str, text: str) -> None:
        assert Pattern(pattern).matches(text) is (re.fullmatch(pattern, text) is not None)

    @pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a|aa)+$", "(.*)*x", "a{0,99}{0}"])
    def test_takes_no_time_where_going_back_takes_for_ever(self, pattern: str) -> None:
        started = time.process_time()

        try:
            found = Pattern(pattern).matches("a" * 499 + "c")
        except InvalidPattern:
            found = False

        assert not found
        assert time.process_time() - started < 1

    @pytest.mark.parametrize(
        "pattern",
        [
            *("(", ")", "[", "[]", "a{", "a{2", "a{3,2}", "a{1000}", "*", "a**", "+a", "?", "\\"),
            *("(?=a)", "(?<!a)", "(?P<n>a)", "\\1", "\\b", "\\p", "[z-a]", "[a-\\d]", "a^b", "a$b"),
            *("(a{99}){99}", "a" * 201, "(" * 21 + ")" * 21, "{2}", "}", "]"),
        ],
    )
    def test_refuses_what_it_cannot_keep(self, pattern: str) -> None:
        with pytest.raises(InvalidPattern):
            Pattern(pattern)
