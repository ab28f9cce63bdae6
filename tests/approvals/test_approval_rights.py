"""Every root field of approvals takes its scope."""

import pytest

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from tests.world import caller

APPROVAL, RULE, DELEGATION = (f"{kind}_{'0' * 32}" for kind in ("apr", "aru", "apd"))
STAFF = "stf_" + "0" * 32
LIMIT = '{amount: "1", currency: "EUR"}'
MUTATIONS = {
    "approvalRuleSet": (f"input: {{kind: ORDER, limit: {LIMIT}}}", Scope.APPROVALS_WRITE),
    "approvalRuleRemove": (f'id: "{RULE}"', Scope.APPROVALS_WRITE),
    "approvalGrant": (f'id: "{APPROVAL}", input: {{}}', Scope.APPROVALS_DECIDE),
    "approvalDecline": (f'id: "{APPROVAL}", input: {{}}', Scope.APPROVALS_DECIDE),
    "approvalsDecide": (f'input: {{ids: ["{APPROVAL}"], grant: true}}', Scope.APPROVALS_DECIDE),
    "approvalWithdraw": (f'id: "{APPROVAL}"', Scope.APPROVALS_READ),
    "approvalDelegate": (
        f'input: {{toStaffId: "{STAFF}", endsAt: "2999-01-01T00:00:00Z"}}',
        Scope.APPROVALS_DECIDE,
    ),
    "approvalDelegationEnd": (f'id: "{DELEGATION}"', Scope.APPROVALS_DECIDE),
}
QUERIES = (
    f'{{ approval(id: "{APPROVAL}") {{ id }} }}',
    "{ approvalRequests { nodes { id } } }",
    "{ approvalRequestsCount { value } }",
    "{ approvalRules { nodes { id } } }",
    "{ approvalDelegations { nodes { id } } }",
)


def is_forbidden(answer):
    return [each["extensions"]["code"] for each in answer.get("errors", ())] == ["FORBIDDEN"]


@pytest.mark.parametrize("name", MUTATIONS)
async def test_mutations_take_their_scope(world, name):
    arguments, scope = MUTATIONS[name]
    document = f"mutation {{ {name}({arguments}) {{ userErrors {{ code }} }} }}"

    assert is_forbidden(await world.ask(document, caller=caller(*ALL_SCOPES - {scope})))
    assert "errors" not in await world.ask(document, caller=caller(scope))


@pytest.mark.parametrize("document", QUERIES)
async def test_queries_take_the_scope_to_read(world, document):
    nobody = caller(*ALL_SCOPES - {Scope.APPROVALS_READ})

    assert is_forbidden(await world.ask(document, caller=nobody))
    assert "errors" not in await world.ask(document, caller=caller(Scope.APPROVALS_READ))
