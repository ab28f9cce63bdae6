"""`/metrics`: who may read it, what it tells of requests, of the engine and of the database."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from backoffice_api import __version__
from backoffice_api.domain.kernel import jobs
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.ids import IdSource
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.vitals import vitals
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import Terms
from backoffice_api.live.tally import LiveTally
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from backoffice_api.schema.rules import rules_of
from backoffice_api.web.authenticate import Authenticator
from backoffice_api.web.graphql import GraphQLEndpoint
from backoffice_api.web.metrics import REASONS_MAX, Metrics, RequestTally
from tests.databases import count_statements
from tests.engine.shop import SdlRules, unavailable_when_refused
from tests.identity.people import add_token
from tests.plans import all_indexed
from tests.web.door import bearing, codes
from tests.web.server import SCHEMA, Server
from tests.world import LIMITS, NOW, World

Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


class Watch:
    """`/metrics` over a world, as it is at a fixed hour."""

    def __init__(self, world: World, *, is_open: bool = True) -> None:
        self.tally = RequestTally()
        self.preparer = Preparer(schema._schema, rules_of(schema), LIMITS)
        self.compiler = Compiler(SchemaFields(schema))
        authenticator = Authenticator(world.database, world.threads, now=lambda: NOW)
        metrics = Metrics(
            world.database,
            world.threads,
            self.preparer,
            self.compiler,
            self.tally,
            LiveTally(),
            authenticate=None if is_open else authenticator.authenticate,
            now=lambda: NOW,
        )
        self.client = TestClient(Starlette(routes=metrics.routes()))

    def ask(self, token: str | None = None) -> httpx2.Response:
        return self.client.get("/metrics", headers=bearing(token) if token else {})

    def samples(self) -> Samples:
        return samples(self.ask())


def samples(answer: httpx2.Response) -> Samples:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (
            sample.name.removeprefix("backoffice_"),
            tuple(sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def watch(world: World) -> Watch:
    return Watch(world)


class TestReaders:
    def test_need_the_scope(self, world: World) -> None:
        watch = Watch(world, is_open=False)
        may = add_token(world, Scope.METRICS_READ).secret
        may_not = add_token(world, Scope.ORDERS_READ, name="other").secret
        assert may is not None
        assert may_not is not None

        answers = [watch.ask(), watch.ask(may_not.reveal()), watch.ask(may.reveal())]

        assert [each.status_code for each in answers] == [401, 403, 200]
        assert [codes(each) for each in answers[:2]] == [["UNAUTHENTICATED"], ["FORBIDDEN"]]
        assert answers[0].headers["www-authenticate"] == "Bearer"

    def test_may_be_everybody(self, watch: Watch) -> None:
        assert watch.ask().status_code == 200
        assert watch.ask().headers["cache-control"] == "no-store"


class TestFigures:
    def test_of_requests_are_counted_by_kind_and_outcome(self, watch: Watch) -> None:
        watch.tally.note("query", "OK", 0.001)
        watch.tally.note("query", "FORBIDDEN", 0.3)
        watch.tally.note("mutation", "OK", 60.0)

        found = watch.samples()

        requests = {
            tuple(dict(labels).values()): value
            for (name, labels), value in found.items()
            if name == "graphql_requests_total"
        }
        assert requests == {("query", "OK"): 1, ("query", "FORBIDDEN"): 1, ("mutation", "OK"): 1}
        lasted = {
            dict(labels)["le"]: value
            for (name, labels), value in found.items()
            if name == "graphql_request_duration_seconds_bucket" and dict(labels)["kind"] == "query"
        }
        assert [lasted[end] for end in ("0.001", "0.25", "0.5", "30.0", "+Inf")] == [1, 1, 2, 2, 2]
        sum = ("graphql_request_duration_seconds_sum", (("kind", "query"),))
        assert found[sum] == pytest.approx(0.301)
        count = ("graphql_request_duration_seconds_count", (("kind", "mutation"),))
        assert found[count] == 1

    def test_of_the_engine_say_what_was_compiled_and_what_is_kept(self, watch: Watch) -> None:
        watch.preparer.prepare("{ me { name } }", None)
        watch.preparer.prepare("{ me { name } }", None)
        watch.compiler.counts.compiled = 7
        watch.compiler.counts.fallbacks["@defer"] = 2

        found = watch.samples()

        assert found["graphql_compiled_total", ()] == 7
        assert found["graphql_fallbacks_total", (("reason", "@defer"),)] == 2
        for source, count in (("kept", 1), ("new", 1), ("trusted", 0)):
            assert found["graphql_documents_total", (("source", source),)] == count
        assert found["graphql_kept_operations", ()] == 1
        assert found["graphql_kept_bytes", ()] == watch.preparer.kept_bytes > 1_000
        assert found["graphql_trusted_operations", ()] == 0

    def test_have_a_bounded_number_of_labels(self, watch: Watch) -> None:
        fallbacks = watch.compiler.counts.fallbacks
        fallbacks.update(f"Type.field{number}" for number in range(REASONS_MAX + 20))
        fallbacks["Type.field0"] += 1

        found = {
            dict(labels)["reason"]: value
            for (name, labels), value in watch.samples().items()
            if name == "graphql_fallbacks_total"
        }

        assert len(found) == REASONS_MAX + 1
        assert (found["Type.field0"], found["Type.field1"], found["other"]) == (2, 1, 20)

    def test_of_the_database_are_read_by_one_statement(self, world: World, watch: Watch) -> None:
        with world.database.writing.begin() as db:
            wanted = [Job("a", run_at=NOW - timedelta(seconds=90), attempts_max=1)] * 3
            jobs.enqueue(db, wanted, now=NOW, new_id=IdSource())
            failed, _ = jobs.lease(db, ["a"], now=NOW, limit=2)
            jobs.fail(db, failed, "no answer", now=NOW)
        add_token(world)

        with count_statements(world.database) as statements:
            found = watch.samples()

        assert len([each for each in statements if each.startswith("SELECT")]) == 1
        assert found["database_up", ()] == 1
        for status in ("queued", "running", "failed"):
            assert found["jobs", (("status", status),)] == 1
        assert found["jobs_lag_seconds", ()] == 90
        assert found["events_head", ()] == 1
        for door in ("reading", "writing"):
            assert found["database_connections_in_use", (("door", door),)] == 0
            assert found["database_connections_max", (("door", door),)] >= 1

    def test_of_an_empty_database_are_nought(self, watch: Watch) -> None:
        found = watch.samples()

        assert (found["jobs_lag_seconds", ()], found["events_head", ()]) == (0, 0)

    def test_of_the_database_have_indexes(self, world: World) -> None:
        with all_indexed(world.database.reading):
            world.read(lambda db: vitals(db, now=NOW))

    def test_are_there_when_the_database_is_not(
        self, tmp_path: Path, world: World, opens: Callable[..., Database]
    ) -> None:
        empty = World(opens(f"sqlite:///{tmp_path / 'empty.db'}"), world.threads)

        with capture_logs() as written:
            found = Watch(empty).samples()

        assert found["database_up", ()] == 0
        assert ("events_head", ()) not in found
        assert [line["event"] for line in written] == ["metrics.database_failed"]

    def test_tell_what_is_running(self, watch: Watch) -> None:
        labels = [dict(labels) for name, labels in watch.samples() if name == "build_info"]

        assert [each["version"] for each in labels] == [__version__]


class TestGraphQLEndpoint:
    def test_tells_of_each_answer(self) -> None:
        seen: list[tuple[str, str]] = []
        durations_s: list[float] = []

        def watch(kind: str, outcome: str, duration_s: float) -> None:
            seen.append((kind, outcome))
            durations_s.append(duration_s)

        server = Server()
        server.endpoint = GraphQLEndpoint(
            Preparer(SCHEMA, SdlRules(SCHEMA), server.limits),
            server.authenticate,
            server.make_context,
            Terms(
                limits=server.limits,
                on_bug=lambda *_: None,
                translate=unavailable_when_refused,
            ),
            watch=watch,
        )
        server.client = TestClient(server.endpoint)

        server.post()
        server.post("{ hello fault }")
        server.post("mutation { orderPlace { key } }")
        server.post("{ order(id: 1) { id } }", {"authorization": "Bearer costs:read"})
        server.post("{")
        server.post(headers={"authorization": None})

        assert seen == [
            ("query", "OK"),
            ("query", "INTERNAL"),
            ("mutation", "OK"),
            ("query", "FORBIDDEN"),
            ("none", "GRAPHQL_PARSE_FAILED"),
            ("none", "UNAUTHENTICATED"),
        ]
        assert all(0 < each < 10 for each in durations_s)
