"""Products over GraphQL, on both databases."""

CREATE = """
mutation ($input: ProductCreateInput!, $meta: MutationMeta) {
  productCreate(input: $input, meta: $meta) {
    product {
      id version title brand optionNames status
      variants { nodes { sku title prices { unitPrice { amount currency } } barcodes { code } } }
      timeline { nodes { type summary: command } }
    }
    userErrors { code message path }
    effects { kind summary subject { id } }
    replayed
  }
}
"""

SHIRT = {
    "title": "Shirt",
    "brand": "Ours",
    "optionNames": ["Size"],
    "variants": [
        {
            "sku": "SHIRT-M",
            "optionValues": ["M"],
            "prices": [{"amount": "19.90", "currency": "EUR"}],
            "barcodes": [{"code": "4006381333931"}],
        },
        {"sku": "SHIRT-L", "optionValues": ["L"]},
    ],
}


class TestProductCreate:
    async def test_makes_a_product_with_its_variants(self, world):
        answer = (await world.graphql(CREATE, input=SHIRT))["productCreate"]

        assert answer["userErrors"] == []
        assert answer["product"]["title"] == "Shirt"
        assert answer["product"]["version"] == 1
        variants = {each["sku"]: each for each in answer["product"]["variants"]["nodes"]}
        assert variants["SHIRT-M"] == {
            "sku": "SHIRT-M",
            "title": "M",
            "prices": [{"unitPrice": {"amount": "19.90", "currency": "EUR"}}],
            "barcodes": [{"code": "4006381333931"}],
        }
        assert [each["kind"] for each in answer["effects"]] == [
            "product.created",
            "variant.created",
            "variant.created",
        ]

    async def test_a_dry_run_shows_everything_and_keeps_nothing(self, world):
        answer = await world.graphql(CREATE, input=SHIRT, meta={"dryRun": True})

        product = answer["productCreate"]["product"]
        assert len(product["variants"]["nodes"]) == 2
        found = await world.graphql(
            "{ products { nodes { id } } node(id: %s) { id } }".replace(
                "%s", '"' + product["id"] + '"'
            )
        )
        assert found == {"products": {"nodes": []}, "node": None}

    async def test_a_repeated_key_answers_what_the_first_did(self, world):
        meta = {"idempotencyKey": "one"}
        first = await world.graphql(CREATE, input=SHIRT, meta=meta)
        second = await world.graphql(CREATE, input=SHIRT, meta=meta)

        assert second["productCreate"].pop("replayed") is True
        assert first["productCreate"].pop("replayed") is False
        assert second == first

    async def test_a_key_is_not_good_for_another_input(self, world):
        meta = {"idempotencyKey": "one"}
        await world.graphql(CREATE, input=SHIRT, meta=meta)
        answer = await world.graphql(CREATE, input={"title": "Other"}, meta=meta)

        assert answer["productCreate"]["userErrors"] == [
            {
                "code": "IDEMPOTENCY_KEY_REUSED",
                "message": "This idempotency key belongs to another input.",
                "path": None,
            }
        ]

    async def test_tells_all_faults_at_once(self, world):
        await world.graphql(CREATE, input=SHIRT)
        wrong = {
            "title": "",
            "optionNames": ["Size"],
            "variants": [
                {"sku": "X", "optionValues": []},
                {"sku": "Y", "optionValues": ["M"], "barcodes": [{"code": "4006381333932"}]},
            ],
        }

        answer = await world.graphql(CREATE, input=wrong)

        errors = answer["productCreate"]["userErrors"]
        assert [(each["code"], each["path"]) for each in errors] == [
            ("INVALID_TEXT", ["input", "title"]),
            ("OPTIONS_MISMATCH", ["input", "variants", "0", "optionValues"]),
            ("INVALID_GTIN", ["input", "variants", "1", "barcodes", "0", "code"]),
        ]
        assert answer["productCreate"]["product"] is None
