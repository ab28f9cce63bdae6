import gc
from hashlib import sha256

import pytest
from graphql import DocumentNode, GraphQLSchema, OperationType, get_introspection_query

from backoffice_api.engine.decode import GraphQLRequest
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Preparer
from tests.engine.shop import SdlRules, shop

SCHEMA = shop()


def preparer(limits: Limits | None = None, *, suggestions: bool = False) -> Preparer:
    return Preparer(SCHEMA, SdlRules(SCHEMA), limits, suggestions=suggestions)


def refused(text: str, name: str | None = None, limits: Limits | None = None) -> RequestError:
    with pytest.raises(RequestError) as caught:
        preparer(limits).prepare(text, name)
    return caught.value


class TestPrepare:
    def test_knows_all_that_a_run_needs(self) -> None:
        text = (
            "mutation M { orderPlace { key } ...F } fragment F on Mutation { orderCancel { key } }"
        )

        prepared = preparer().prepare(text, "M")

        assert prepared.kind is OperationType.MUTATION
        assert prepared.root_fields == 2
        assert prepared.scopes == frozenset()
        assert prepared.cost({}) == 10 + 25
        assert set(prepared.fragments) == {"F"}

    def test_prepares_the_introspection_of_tools(self) -> None:
        prepared = preparer().prepare(get_introspection_query(), "IntrospectionQuery")

        assert prepared.scopes == {"schema:read"}

    def test_says_where_the_syntax_is_wrong(self) -> None:
        error = refused("{\n hello( }")

        assert error.code is ErrorCode.GRAPHQL_PARSE_FAILED
        assert error.status == 400
        assert error.formatted() == {
            "message": "Syntax Error: Expected Name, found '}'.",
            "locations": [{"line": 2, "column": 9}],
            "extensions": {"code": "GRAPHQL_PARSE_FAILED"},
        }

    @pytest.mark.parametrize(
        ("text", "limits"),
        [
            ("{" + " a" * 4_999 + "}", Limits()),
            ("#\n" * 1_001 + "{ hello }", Limits()),
            ("{ hello }" + " " * 63_992, Limits()),
        ],
        ids=["tokens", "comments", "characters"],
    )
    def test_bounds_the_text(self, text: str, limits: Limits) -> None:
        assert refused(text, limits=limits).code is ErrorCode.GRAPHQL_PARSE_FAILED

    def test_lets_a_text_at_the_bounds_pass(self) -> None:
        at_the_bounds = "#\n" * 3 + "{ hello }"

        limits = Limits(tokens=3, comments=3, document_characters=15)
        assert preparer(limits).prepare(at_the_bounds, None).root_fields == 1

    @pytest.mark.parametrize("depth", [1_000, 10_000])
    @pytest.mark.parametrize(
        ("head", "repeated"),
        [
            ("", "{ self "),
            ("", "{ ... "),
            ("{ echo(texts: ", "["),
            ("{ echo(filter: ", "{ and: "),
            ("query ($a: ", "["),
        ],
    )
    def test_refuses_what_is_nested_without_end(self, head: str, repeated: str, depth: int) -> None:
        error = refused(head + repeated * depth, limits=Limits(tokens=10**6))

        assert error.code is ErrorCode.GRAPHQL_PARSE_FAILED

    def test_guards_before_it_validates(self) -> None:
        error = refused("{ unknown " + "@skip(if: true) " * 51 + "}")

        assert error.extensions["limit"] == {"name": "directives", "value": 50}

    def test_tells_all_faults_up_to_twenty(self) -> None:
        few = refused("{ a b: hello(c: 1) }")
        many = refused("{" + " ".join(f"field{i}" for i in range(30)) + "}")

        assert [reason.message for reason in few.reasons()] == [
            "Cannot query field 'a' on type 'Query'.",
            "Unknown argument 'c' on field 'Query.hello'.",
        ]
        assert {reason.code for reason in few.reasons()} == {ErrorCode.GRAPHQL_VALIDATION_FAILED}
        assert len(many.reasons()) == 20

    def test_suggests_names_only_where_that_is_allowed(self) -> None:
        with pytest.raises(RequestError) as caught:
            preparer(suggestions=True).prepare("{ helo }", None)

        assert caught.value.message.endswith("Did you mean 'hello' or 'self'?")
        assert refused("{ helo }").message == "Cannot query field 'helo' on type 'Query'."

    def test_does_not_repeat_a_page_of_what_it_was_sent(self) -> None:
        assert len(refused("{ " + "a" * 60_000 + " }").message) == 500

    def test_hides_what_a_scalar_raised(self) -> None:
        error = refused('{ echo(sku: "abc") }')

        assert error.message == "Expected value of type 'Sku', found: \"abc\"."

    def test_shows_what_a_scalar_meant_to_be_read(self) -> None:
        assert refused('{ echo(sku: "typed") }').message == "A SKU has five digits."


class TestPickOperation:
    TEXT = "query A { hello } query B { heavy }"

    def test_takes_the_one_that_is_named(self) -> None:
        prepared = preparer().prepare(self.TEXT, "B")

        assert prepared.cost({}) == 500

    def test_takes_the_only_one(self) -> None:
        assert preparer().prepare("query A { heavy }", None).cost({}) == 500

    @pytest.mark.parametrize("name", [None, "C", ""])
    def test_refuses_to_guess(self, name: str | None) -> None:
        error = refused(self.TEXT, name)

        assert error.code is ErrorCode.OPERATION_RESOLUTION_FAILURE
        assert error.status == 400

    def test_does_not_take_the_only_one_for_another_name(self) -> None:
        assert refused("{ hello }", "A").code is ErrorCode.OPERATION_RESOLUTION_FAILURE


class Counting(SdlRules):
    """Counts how often an operation was priced."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__(schema)
        self.times = 0

    def scopes_of_type(self, type_name: str) -> frozenset[str]:
        self.times += type_name == "Query"
        return super().scopes_of_type(type_name)


class TestMemory:
    def test_prepares_a_text_once(self) -> None:
        rules = Counting(SCHEMA)
        kept = Preparer(SCHEMA, rules)

        first = kept.prepare("{ hello }", None)

        assert kept.prepare("{ hello }", None) is first
        assert rules.times == 1

    def test_keeps_each_operation_of_a_document(self) -> None:
        kept = preparer()
        text = "query A { hello } query B { heavy }"

        assert kept.prepare(text, "A") is not kept.prepare(text, "B")
        assert kept.prepare(text, "A").operation.name.value == "A"  # type: ignore[union-attr]

    def test_refuses_a_text_again_without_growing_the_error(self) -> None:
        kept = preparer()
        lengths = []
        for _ in range(3):
            with pytest.raises(RequestError) as caught:
                kept.prepare("{ unknown }", None)
            lengths.append(len(caught.traceback))

        assert lengths[0] == lengths[1] == lengths[2]

    def test_forgets_what_was_used_longest_ago(self) -> None:
        kept = preparer(Limits(prepared_operations=2))
        first = kept.prepare("{ a: hello }", None)
        second = kept.prepare("{ b: hello }", None)

        assert kept.prepare("{ a: hello }", None) is first
        kept.prepare("{ c: hello }", None)

        assert kept.prepare("{ a: hello }", None) is first
        assert kept.prepare("{ b: hello }", None) is not second

    def test_is_bounded_in_bytes(self) -> None:
        kept = preparer(Limits(prepared_bytes=5_000))
        small = kept.prepare("{ a: hello }", None)
        kept.prepare("{ b: hello }" + " " * 2_000, None)

        assert kept.prepare("{ a: hello }", None) is not small

    def test_counts_the_name_that_was_asked_for(self) -> None:
        kept = preparer(Limits(prepared_bytes=5_000))
        small = kept.prepare("{ a: hello }", None)
        with pytest.raises(RequestError):
            kept.prepare("{ a: hello }", "x" * 5_000)

        assert kept.prepare("{ a: hello }", None) is not small

    def test_does_not_keep_the_document_of_an_error(self) -> None:
        kept = preparer()
        gc.freeze()  # What other tests have left is not searched: that took ten seconds.
        living = _living_documents()

        for name in ("a", "b", "c"):
            with pytest.raises(RequestError):
                kept.prepare(f"{{ {name} }}", None)
        assert _living_documents() == living

        kept.prepare("{ hello }", None)
        assert _living_documents() == living + 1


class TestAutomaticPersistedQueries:
    TEXT = "query A { hello } query B { heavy }"
    HASH = sha256(TEXT.encode()).hexdigest()

    def asked(
        self, name: str | None = "A", *, text: str | None = None, hash: str = HASH
    ) -> GraphQLRequest:
        return GraphQLRequest(text, name, {}, {}, sha256=hash)

    def error(self, preparer: Preparer, asked: GraphQLRequest) -> RequestError:
        with pytest.raises(RequestError) as caught:
            preparer.find(asked)
        return caught.value

    @pytest.mark.parametrize("hash", [HASH, "0" * 64, "", "no digits", "ü"])
    def test_are_told_to_send_a_text_that_is_not_kept(self, hash: str) -> None:
        error = self.error(preparer(), self.asked(hash=hash))

        assert error.formatted() == {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
        assert error.status == 200

    def test_are_found_once_their_text_was_sent(self) -> None:
        kept = preparer()

        first = kept.find(self.asked(text=self.TEXT))

        assert kept.find(self.asked()) is first
        assert kept.find(GraphQLRequest(self.TEXT, "A", {}, {})) is first
        assert kept.kept_operations == 1
        assert (kept.finds.new, kept.finds.kept) == (1, 2)

    def test_are_sent_once_for_each_operation(self) -> None:
        kept = preparer()
        kept.find(self.asked(text=self.TEXT))

        assert self.error(kept, self.asked("B")).code is ErrorCode.PERSISTED_QUERY_NOT_FOUND

    def test_that_are_wrong_stay_wrong(self) -> None:
        kept = preparer()
        text = "{ unknown }"
        hash = sha256(text.encode()).hexdigest()

        for asked in (self.asked(None, text=text, hash=hash), self.asked(None, hash=hash)):
            assert self.error(kept, asked).code is ErrorCode.GRAPHQL_VALIDATION_FAILED

    def test_with_the_hash_of_another_text_are_refused(self) -> None:
        kept = preparer()

        error = self.error(kept, self.asked(text=self.TEXT + " "))

        assert error.code is ErrorCode.BAD_USER_INPUT
        assert kept.kept_operations == 0

    def test_are_forgotten_like_other_texts(self) -> None:
        kept = preparer(Limits(prepared_operations=1))
        kept.find(self.asked(text=self.TEXT))
        kept.prepare("{ hello }", None)

        assert self.error(kept, self.asked()).code is ErrorCode.PERSISTED_QUERY_NOT_FOUND

    def test_can_be_turned_off(self) -> None:
        kept = Preparer(SCHEMA, SdlRules(SCHEMA), automatic=False)
        kept.find(self.asked(text=self.TEXT))

        error = self.error(kept, self.asked())

        assert error.formatted() == {
            "message": "PersistedQueryNotSupported",
            "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"},
        }
        assert error.status == 200


def _living_documents() -> int:
    gc.collect()
    return sum(isinstance(living, DocumentNode) for living in gc.get_objects())
