from collections.abc import Mapping
from hashlib import md5, sha256
from pathlib import Path

import orjson
import pytest

from backoffice_api.engine.decode import GraphQLRequest
from backoffice_api.engine.errors import ErrorCode, RequestError
from backoffice_api.engine.prepare import Prepared, Preparer
from backoffice_api.engine.trusted import TrustedDocumentsError, load_trusted
from tests.engine.shop import SdlRules, shop

SCHEMA = shop()
HELLO = "query Hello { hello }\n"
TWO = "query A { hello } query B { heavy }"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def trusting(path: Path, *, only: bool = False) -> Preparer:
    preparer = Preparer(SCHEMA, SdlRules(SCHEMA), trusted_only=only)
    load_trusted(preparer, path)
    return preparer


def by_id(id: str, operation_name: str | None = None) -> GraphQLRequest:
    return GraphQLRequest(None, operation_name, {}, {}, document_id=id)


def by_hash(hash: str, operation_name: str | None = None) -> GraphQLRequest:
    return GraphQLRequest(None, operation_name, {}, {}, sha256=hash)


def code(preparer: Preparer, asked: GraphQLRequest) -> ErrorCode:
    with pytest.raises(RequestError) as caught:
        preparer.find(asked)
    return caught.value.code


def name_of(prepared: Prepared) -> str | None:
    return prepared.operation.name.value if prepared.operation.name else None


def write(folder: Path, files: Mapping[str, object]) -> Path:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else orjson.dumps(content))
    return folder


def faults(path: Path) -> tuple[str, ...]:
    with pytest.raises(TrustedDocumentsError) as caught:
        trusting(path)
    return caught.value.faults


class TestGraphQLFiles:
    def test_are_asked_for_by_hash_and_by_operation_name(self, tmp_path: Path) -> None:
        preparer = trusting(write(tmp_path, {"screens/hello.graphql": HELLO}))

        first = preparer.find(by_id(f"sha256:{hash_of(HELLO)}"))

        assert name_of(first) == "Hello"
        for asked in (
            by_id(hash_of(HELLO)),
            by_id("Hello"),
            by_id("Hello", "Hello"),
            by_hash(hash_of(HELLO)),
            GraphQLRequest(HELLO, None, {}, {}),
        ):
            assert preparer.find(asked) is first
        assert preparer.finds.trusted == 6
        assert preparer.kept_operations == 0

    def test_with_several_operations_want_a_name(self, tmp_path: Path) -> None:
        preparer = trusting(write(tmp_path, {"two.graphql": TWO}))

        id = f"sha256:{hash_of(TWO)}"
        assert code(preparer, by_id(id)) is ErrorCode.OPERATION_RESOLUTION_FAILURE
        assert code(preparer, by_id(id, "C")) is ErrorCode.OPERATION_RESOLUTION_FAILURE
        assert name_of(preparer.find(by_id(id, "B"))) == "B"
        assert name_of(preparer.find(by_id("B"))) == "B"
        assert code(preparer, by_id("B", "A")) is ErrorCode.OPERATION_RESOLUTION_FAILURE

    def test_may_have_operations_of_one_name_but_not_by_name(self, tmp_path: Path) -> None:
        other = "query Hello { heavy }"
        preparer = trusting(write(tmp_path, {"a.graphql": HELLO, "b.graphql": other}))

        assert code(preparer, by_id("Hello")) is ErrorCode.PERSISTED_QUERY_NOT_FOUND
        assert preparer.find(by_id(hash_of(other))).cost({}) == 500

    def test_may_be_there_twice(self, tmp_path: Path) -> None:
        preparer = trusting(write(tmp_path, {"a.graphql": HELLO, "b.graphql": HELLO}))

        assert name_of(preparer.find(by_id("Hello"))) == "Hello"

    def test_may_be_a_single_one(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.graphql": HELLO, "b.graphql": TWO})

        preparer = trusting(tmp_path / "a.graphql")

        assert code(preparer, by_id("A")) is ErrorCode.PERSISTED_QUERY_NOT_FOUND


class TestManifests:
    def test_of_graphql_codegen_are_read(self, tmp_path: Path) -> None:
        file = "persisted-documents.json"
        write(tmp_path, {file: {f"sha256:{hash_of(HELLO)}": HELLO}})

        preparer = trusting(tmp_path / file)

        assert name_of(preparer.find(by_id(f"sha256:{hash_of(HELLO)}"))) == "Hello"
        # Two versions of a client may have other texts under one name.
        assert code(preparer, by_id("Hello")) is ErrorCode.PERSISTED_QUERY_NOT_FOUND

    def test_of_relay_are_read(self, tmp_path: Path) -> None:
        id = md5(HELLO.encode()).hexdigest()

        preparer = trusting(write(tmp_path, {"queries.json": {id: HELLO}}))

        assert name_of(preparer.find(by_id(id))) == "Hello"

    def test_of_apollo_are_read(self, tmp_path: Path) -> None:
        operation = {"id": "my-id", "name": "Hello", "type": "query", "body": HELLO}
        manifest = {
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [operation],
        }

        preparer = trusting(write(tmp_path, {"manifest.json": manifest}))

        # Apollo's client sends the id in the place of the hash.
        for asked in (by_hash("my-id"), by_id("my-id"), by_hash(hash_of(HELLO))):
            assert name_of(preparer.find(asked)) == "Hello"

    @pytest.mark.parametrize(
        "manifest",
        [
            [],
            {"a": 1},
            {"format": "apollo-persisted-query-manifest", "version": 1},
            {"format": "apollo-persisted-query-manifest", "operations": [HELLO]},
            {"format": "apollo-persisted-query-manifest", "operations": [{"id": "a"}]},
        ],
    )
    def test_of_another_form_stop_the_start(self, tmp_path: Path, manifest: object) -> None:
        file = "package.json"

        assert faults(write(tmp_path, {file: manifest})) == (
            f"{tmp_path / file}: it is neither an object from ids to texts nor a persisted query "
            "manifest of Apollo.",
        )


class TestLoadTrusted:
    def test_names_the_file_and_all_errors_of_what_is_not_valid(self, tmp_path: Path) -> None:
        wrong = {"bad": "{ unknown\n other }", "worse": "{"}
        write(tmp_path, {"a.graphql": "{ nothing }", "m.json": wrong, "good.graphql": HELLO})

        assert faults(tmp_path) == (
            f"{tmp_path / 'a.graphql'}: Cannot query field 'nothing' on type 'Query'. (1:3)",
            f"{tmp_path / 'm.json'} (bad): Cannot query field 'unknown' on type 'Query'. (1:3)",
            f"{tmp_path / 'm.json'} (bad): Cannot query field 'other' on type 'Query'. (2:2)",
            f"{tmp_path / 'm.json'} (worse): Syntax Error: Expected Name, found <EOF>. (1:2)",
        )

    def test_refuses_one_id_for_two_texts(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.json": {"id": HELLO}, "b.json": {"id": TWO}})

        assert faults(tmp_path) == (
            f"{tmp_path / 'b.json'} (id): {tmp_path / 'a.json'} (id) has the same id and another "
            "text.",
        )

    def test_refuses_a_hash_of_another_text(self, tmp_path: Path) -> None:
        id = f"sha256:{hash_of(TWO)}"

        assert faults(write(tmp_path, {"a.json": {id: HELLO}})) == (
            f"{tmp_path / 'a.json'}: {id} is not the hash of its text.",
        )

    def test_refuses_what_cannot_be_read(self, tmp_path: Path) -> None:
        missing = tmp_path / "missing"
        (tmp_path / "a.graphql").write_bytes(b"\xff")
        (tmp_path / "b.json").write_text("{")

        assert [fault.partition(": ")[0] for fault in faults(tmp_path)] == [
            str(tmp_path / "a.graphql"),
            str(tmp_path / "b.json"),
        ]
        assert str(missing) in faults(missing)[0]

    def test_refuses_a_folder_without_documents(self, tmp_path: Path) -> None:
        assert faults(tmp_path) == (f"{tmp_path}: there is no *.graphql or *.json file.",)


class TestTrustedOnly:
    @pytest.mark.parametrize("text", ["{ hello }", "{ __schema { types { name } } }", "{"])
    def test_refuses_any_other_text_before_it_is_parsed(self, tmp_path: Path, text: str) -> None:
        preparer = trusting(write(tmp_path, {"a.graphql": HELLO}), only=True)

        for asked in (
            GraphQLRequest(text, None, {}, {}),
            GraphQLRequest(text, None, {}, {}, sha256=hash_of(text)),
        ):
            assert code(preparer, asked) is ErrorCode.DOCUMENT_NOT_TRUSTED
        assert preparer.kept_operations == 0

    def test_answers_a_trusted_text(self, tmp_path: Path) -> None:
        preparer = trusting(write(tmp_path, {"a.graphql": HELLO}), only=True)

        assert name_of(preparer.find(GraphQLRequest(HELLO, None, {}, {}))) == "Hello"
        assert code(preparer, GraphQLRequest(HELLO, "B", {}, {})) is ErrorCode.DOCUMENT_NOT_TRUSTED

    def test_takes_no_new_hashes(self, tmp_path: Path) -> None:
        preparer = trusting(write(tmp_path, {"a.graphql": HELLO}), only=True)

        assert code(preparer, by_hash(hash_of(TWO))) is ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED
        assert name_of(preparer.find(by_hash(hash_of(HELLO)))) == "Hello"
