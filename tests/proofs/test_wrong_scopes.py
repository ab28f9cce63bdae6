"""Who lacks the one scope that a field of the roots takes is refused, whatever else he may do."""

import pytest

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.rules import rules_of
from tests.proofs.inputs import document
from tests.proofs.office import ROOTS, SHOWN, Office
from tests.serving import new_token

RULES = rules_of(schema)
NEEDED = [
    (name, scope)
    for name, (kind, _) in ROOTS.items()
    for scope in sorted(RULES.scopes_of_field(kind.title(), name))
]


@pytest.fixture(scope="module")
def lacking(office: Office) -> dict[str, str]:
    """Tokens by the one scope that they lack."""
    tokens = {scope.value: new_token(office.database, *ALL_SCOPES - {scope}) for scope in Scope}
    office.keep_still()
    return tokens


class TestRoots:
    @pytest.mark.parametrize(("name", "scope"), NEEDED, ids=lambda each: str(each))
    def test_take_their_scope(
        self, office: Office, lacking: dict[str, str], name: str, scope: str
    ) -> None:
        kind, field = ROOTS[name]
        given = office.inputs.right(name, field)
        text = document(kind, name, field, given, SHOWN if kind == "mutation" else "{ __typename }")
        before = office.stored()

        answer = office.ask(text, given, lacking[scope])

        assert answer.status_code == 403
        assert set(answer.json()) == {"errors"}
        (error,) = answer.json()["errors"]
        assert error["extensions"] == {"code": "FORBIDDEN", "scopes": [scope]}
        assert office.stored() == before

    def test_are_refused_before_anybody_looks_at_the_input(
        self, office: Office, lacking: dict[str, str]
    ) -> None:
        text = "mutation ($id: ID!) { orderPlace(id: $id) { replayed } }"

        answer = office.ask(text, {"id": ["no id"]}, lacking["orders:write"])

        assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["FORBIDDEN"]

    def test_end_a_session_of_somebody_else_only_with_the_scope(
        self, office: Office, lacking: dict[str, str]
    ) -> None:
        kind, field = ROOTS["sessionEnd"]
        given = office.inputs.right("sessionEnd", field)
        before = office.stored()

        answer = office.ask(
            document(kind, "sessionEnd", field, given, SHOWN), given, lacking["access:write"]
        )

        assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["FORBIDDEN"]
        assert office.stored() == before
