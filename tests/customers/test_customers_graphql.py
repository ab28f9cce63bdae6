"""Customers over GraphQL, on both databases."""

import pytest

from backoffice_api.domain.kernel import ids
from tests.customers.people import CPF, SHOP, address, create
from tests.databases import count_statements

WHOLE = """
fragment Whole on Customer {
  id version kind name email phone locale country note tags status
  actions { name allowed blockedBy }
  taxIds { kind value }
  addresses {
    id label recipient lines district city region postalCode country
    isDefaultShipping isDefaultBilling
  }
  externalIds { system key }
}
"""
CREATE = (
    """
mutation ($input: CustomerCreateInput!, $meta: MutationMeta) {
  customerCreate(input: $input, meta: $meta) {
    customer { ...Whole timeline { nodes { type data } } }
    userErrors {
      __typename code message path
      ... on TaxIdTakenError { kind }
      ... on InvalidTaxIdError { kind fault }
    }
    effects { kind summary }
    replayed
  }
}
"""
    + WHOLE
)
ANA = {
    "name": "Ana Silva",
    "email": "Ana@Example.com",
    "phone": "+55 11 91234-5678",
    "locale": "pt-BR",
    "country": "BR",
    "note": "Likes blue.",
    "tags": ["vip"],
    "taxIds": [{"kind": "CPF", "value": "529.982.247-25"}],
    "addresses": [
        {
            "label": "Home",
            "lines": ["Rua Augusta 1"],
            "city": "São Paulo",
            "region": "SP",
            "postalCode": "01304-001",
            "country": "BR",
            "isDefaultShipping": True,
        }
    ],
    "externalIds": [{"system": "shop", "key": "17850"}],
}


def public(id):
    return ids.text("cus", id)


async def change(world, field, input, id=None, meta=None, caller=None):
    """The payload of a mutation of a customer: its addresses, errors and effects."""
    kind = field[0].upper() + field[1:] + "Input" if field != "customerAddressAdd" else None
    kind = kind or "CustomerAddressInput"
    has_id = id is not None
    document = (
        f"mutation ({'$id: ID!, ' if has_id else ''}$input: {kind}!, $meta: MutationMeta) {{"
        f" payload: {field}({'id: $id, ' if has_id else ''}input: $input, meta: $meta) {{"
        " customer { ...Whole } userErrors { __typename code path } effects { kind } replayed } }"
        + WHOLE
    )
    variables = {"input": input, "meta": meta, **({"id": id} if has_id else {})}
    return (await world.graphql(document, **variables))["payload"]


class TestCustomerCreate:
    async def test_makes_a_customer_with_everything(self, world):
        answer = (await world.graphql(CREATE, input=ANA))["customerCreate"]

        assert answer["userErrors"] == []
        made = answer["customer"]
        (home,) = made.pop("addresses")
        assert home.pop("id").startswith("adr_")
        assert home == {
            "label": "Home",
            "recipient": None,
            "lines": ["Rua Augusta 1"],
            "district": None,
            "city": "São Paulo",
            "region": "SP",
            "postalCode": "01304-001",
            "country": "BR",
            "isDefaultShipping": True,
            "isDefaultBilling": False,
        }
        assert made.pop("id").startswith("cus_")
        events = made.pop("timeline")["nodes"]
        assert [each["type"] for each in events] == ["customer.address_added", "customer.created"]
        assert made == {
            "version": 1,
            "kind": "PERSON",
            "name": "Ana Silva",
            "email": "Ana@example.com",
            "phone": "+5511912345678",
            "locale": "pt-BR",
            "country": "BR",
            "note": "Likes blue.",
            "tags": ["vip"],
            "status": "ACTIVE",
            "actions": [
                {"name": "update", "allowed": True, "blockedBy": []},
                {"name": "archive", "allowed": True, "blockedBy": []},
                {"name": "restore", "allowed": False, "blockedBy": ["state is ACTIVE"]},
                {"name": "record_consent", "allowed": True, "blockedBy": []},
                {"name": "merge", "allowed": True, "blockedBy": []},
                {"name": "undo_merge", "allowed": False, "blockedBy": ["state is ACTIVE"]},
            ],
            "taxIds": [{"kind": "CPF", "value": "52998224725"}],
            "externalIds": [{"system": "shop", "key": "17850"}],
        }
        assert answer["effects"] == [
            {"kind": "customer.created", "summary": "A customer was created."},
            {
                "kind": "customer.address_added",
                "summary": "An address of the customer was added.",
            },
        ]

    async def test_a_dry_run_shows_everything_and_keeps_nothing(self, world):
        answer = (await world.graphql(CREATE, input=ANA, meta={"dryRun": True}))["customerCreate"]

        assert answer["customer"]["taxIds"] == [{"kind": "CPF", "value": "52998224725"}]
        found = await world.graphql("{ customersCount { value } }")
        assert found == {"customersCount": {"value": 0}}

    async def test_a_repeated_key_answers_what_the_first_did(self, world):
        meta = {"idempotencyKey": "one"}
        first = (await world.graphql(CREATE, input=ANA, meta=meta))["customerCreate"]
        second = (await world.graphql(CREATE, input=ANA, meta=meta))["customerCreate"]

        assert (first.pop("replayed"), second.pop("replayed")) == (False, True)
        assert second == first

    async def test_says_what_is_wrong_with_a_tax_id_without_repeating_it(self, world):
        create(world, tax_ids=(CPF,))
        wrong = {
            "name": "Bia",
            "taxIds": [
                {"kind": "CPF", "value": CPF.value},
                {"kind": "CNPJ", "value": "11.222.333/0001-82"},
            ],
        }

        answer = (await world.graphql(CREATE, input=wrong))["customerCreate"]

        assert answer["customer"] is None
        assert answer["userErrors"] == [
            {
                "__typename": "InvalidTaxIdError",
                "code": "INVALID_TAX_ID",
                "message": "This is not a valid CNPJ: wrong check digits.",
                "path": ["input", "taxIds", "1", "value"],
                "kind": "CNPJ",
                "fault": "WRONG_CHECK_DIGITS",
            },
            {
                "__typename": "TaxIdTakenError",
                "code": "TAX_ID_TAKEN",
                "message": "This CPF is taken: a tax id names one customer.",
                "path": ["input", "taxIds", "0", "value"],
                "kind": "CPF",
            },
        ]


class TestCustomerUpdate:
    async def test_keeps_what_is_absent_and_clears_what_is_null(self, world):
        id = create(world, email="ana@example.com", tags=("vip",))

        input = {"name": "Bia", "email": None, "taxIds": [{"kind": "CPF", "value": CPF.value}]}
        answer = await change(world, "customerUpdate", input, public(id))

        customer = answer["customer"]
        assert (customer["name"], customer["email"]) == ("Bia", None)
        assert customer["tags"] == ["vip"]
        assert customer["taxIds"] == [{"kind": "CPF", "value": CPF.value}]

    async def test_compares_the_version(self, world):
        id = create(world)

        meta = {"expectedVersion": 2}
        answer = await change(world, "customerUpdate", {"name": "Bia"}, public(id), meta)

        assert answer["userErrors"] == [
            {
                "__typename": "StaleVersionError",
                "code": "STALE_VERSION",
                "path": ["meta", "expectedVersion"],
            }
        ]


class TestCustomerArchive:
    async def test_takes_out_of_use_and_back(self, world):
        id = public(create(world))
        document = "mutation ($id: ID!) { %s(id: $id) { customer { status } } }"

        archived = await world.graphql(document % "customerArchive", id=id)
        restored = await world.graphql(document % "customerRestore", id=id)

        assert archived == {"customerArchive": {"customer": {"status": "ARCHIVED"}}}
        assert restored == {"customerRestore": {"customer": {"status": "ACTIVE"}}}


class TestCustomerAddresses:
    async def test_are_added_changed_and_removed(self, world):
        id = public(create(world))
        place = {"lines": ["Rua 1"], "city": "Recife", "country": "BR"}

        added = await change(world, "customerAddressAdd", place, id)
        (address,) = added["customer"]["addresses"]
        input = {"addressId": address["id"], "city": "Olinda", "isDefaultBilling": True}
        changed = await change(world, "customerAddressUpdate", input, id)
        removed = await change(world, "customerAddressRemove", {"addressId": address["id"]}, id)

        assert changed["customer"]["addresses"] == [
            {**address, "city": "Olinda", "isDefaultBilling": True}
        ]
        assert removed["customer"]["addresses"] == []
        assert removed["customer"]["version"] == 4

    async def test_are_compared_by_the_version_of_the_customer(self, world):
        id = public(create(world))
        place = {"lines": ["Rua 1"], "city": "Recife", "country": "BR"}

        answer = await change(world, "customerAddressAdd", place, id, {"expectedVersion": 9})

        assert [each["code"] for each in answer["userErrors"]] == ["STALE_VERSION"]

    async def test_say_which_one_is_not_there(self, world):
        id = public(create(world))
        input = {"addressId": "adr_" + "0" * 32}

        answer = await change(world, "customerAddressRemove", input, id)

        assert answer["userErrors"] == [
            {
                "__typename": "InputError",
                "code": "UNKNOWN_CUSTOMER_ADDRESS",
                "path": ["input", "addressId"],
            }
        ]

    async def test_are_found_by_their_id(self, world):
        id = create(world, addresses=(address(label="Home"),))
        found = await world.graphql(
            "query ($id: ID!) { customer(by: {id: $id}) { addresses { id } } }", id=public(id)
        )
        (home,) = found["customer"]["addresses"]

        document = "query ($id: ID!) { node(id: $id) { id ... on CustomerAddress { label } } }"
        assert await world.graphql(document, id=home["id"]) == {"node": {**home, "label": "Home"}}


class TestCustomerSet:
    async def test_changes_nothing_the_second_time(self, world):
        input = {key: value for key, value in ANA.items() if key != "externalIds"}
        input["externalId"] = {"system": "shop", "key": "17850"}

        first = await change(world, "customerSet", input)
        second = await change(world, "customerSet", input)

        assert [each["kind"] for each in first["effects"]] == [
            "customer.created",
            "customer.address_added",
        ]
        assert second["effects"] == []
        assert second["customer"] == first["customer"]


class TestCustomer:
    @pytest.mark.parametrize(
        "by",
        [
            {"externalId": {"system": "shop", "key": "17850"}},
            {"taxId": {"kind": "CPF", "value": "529.982.247-25"}},
            None,
        ],
    )
    async def test_is_found_by_each_of_its_names(self, world, by):
        id = create(world, tax_ids=(CPF,), external_ids=(SHOP,))
        create(world, name="Bia")

        document = "query ($by: CustomerLookup!) { customer(by: $by) { id } }"
        found = await world.graphql(document, by=by or {"id": public(id)})

        assert found == {"customer": {"id": public(id)}}

    @pytest.mark.parametrize(
        "by",
        [
            {"id": "cus_" + "0" * 32},
            {"externalId": {"system": "shop", "key": "17850"}},
            {"externalId": {"system": "Shop", "key": "17851"}},
            {"taxId": {"kind": "CPF", "value": "52998224725"}},
        ],
    )
    async def test_is_null_if_there_is_none(self, world, by):
        create(world, external_ids=(SHOP.__class__("shop", "17851"),))

        document = "query ($by: CustomerLookup!) { customer(by: $by) { id } }"
        assert await world.graphql(document, by=by) == {"customer": None}

    @pytest.mark.parametrize(
        "by", [{"taxId": {"kind": "CPF", "value": "123"}}, {"id": "prd_" + "0" * 32}, {}]
    )
    async def test_refuses_what_can_be_no_name(self, world, by):
        document = "query ($by: CustomerLookup!) { customer(by: $by) { id } }"
        answer = await world.ask(document, by=by)

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_USER_INPUT"]
        assert world.bugs == []


class TestStatements:
    DOCUMENT = "{ customers { nodes { ...Whole timeline { nodes { type } } } } }" + WHOLE

    async def test_are_the_same_for_one_and_for_many(self, world):
        counts = []
        for number in range(6):
            create(
                world,
                tags=("vip", f"t{number}"),
                tax_ids=(CPF.__class__(CPF.kind.VAT, f"DK{number:08}"),),
                addresses=(address(), address(label="Work")),
                external_ids=(SHOP.__class__("shop", str(number)),),
            )
            with count_statements(world.database) as statements:
                await world.graphql(self.DOCUMENT)
            counts.append(len([each for each in statements if each.startswith("SELECT")]))

        assert counts == [6] * 6
