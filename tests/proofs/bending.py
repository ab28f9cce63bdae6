"""A small part of `python -m bench.hostile`: stored operations that were bent, by chance."""

import time

from tests.proofs.hostility import INSIDE, bent
from tests.proofs.office import Office

COUNT = 150
# The figure itself, 1 s, is for `bench.hostile`: here a search for garbage may come in between.
CPU_MAX_S = 5.0


class TestBentOperations:
    def test_never_break_anything_or_show_the_inside(self, office: Office) -> None:
        codes = set()
        for hostile in bent(COUNT, seed=9):
            begun_s = time.process_time()
            answer = office.send(hostile.body)

            assert answer.status_code < 500, (hostile.about, answer.text[:1_000])
            assert not INSIDE.search(answer.content), (hostile.about, answer.text[:1_000])
            assert time.process_time() - begun_s < CPU_MAX_S, hostile.about
            for error in answer.json().get("errors", []):
                codes.add(error["extensions"]["code"])

        assert {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"} <= codes
        assert "INTERNAL" not in codes
