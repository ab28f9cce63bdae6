"""What schemathesis has to know: how our scalars are written, and what an answer may not say.

It is loaded by schemathesis, in its own environment: nothing of ours can be imported here.
"""

import datetime

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes, scalar

# Whoever sends what is well formed and makes no sense is told so by one of these.
ALLOWED = {"BAD_USER_INPUT", "COST_LIMIT", "FORBIDDEN", "GRAPHQL_VALIDATION_FAILED"}

_MOMENTS = st.integers(946_684_800, 2_208_988_800).map(
    lambda seconds: datetime.datetime.fromtimestamp(seconds, datetime.UTC)
)
_NUMBERS = st.integers(-(2**63), 2**63 - 1)

scalar("BigInt", _NUMBERS.map(lambda number: nodes.String(str(number))))
scalar("CurrencyCode", st.sampled_from(["EUR", "BRL", "JPY", "XXX"]).map(nodes.String))
scalar("Date", _MOMENTS.map(lambda moment: nodes.String(f"{moment:%Y-%m-%d}")))
scalar("DateTime", _MOMENTS.map(lambda moment: nodes.String(f"{moment:%Y-%m-%dT%H:%M:%SZ}")))
scalar("Decimal", st.decimals(-1_000_000, 1_000_000, places=4).map(lambda n: nodes.String(f"{n}")))
scalar("JSON", st.sampled_from(["{}", "[]", "null", '"x"']).map(nodes.String))
scalar("Secret", st.text("abcXYZ019-_", max_size=60).map(nodes.String))


@schemathesis.check
def tells_what_is_wrong(ctx, response, case):
    """Every answer is one of GraphQL, and no request leads to an error of the server's own."""
    assert response.status_code < 500, response.status_code
    errors = response.json().get("errors", [])
    # What `queryCost` says of a document that it is given, it says in words of documents.
    own = [each for each in errors if each.get("path") != ["queryCost"]]
    codes = {each["extensions"]["code"] for each in own}
    assert codes <= ALLOWED, sorted(codes - ALLOWED)
