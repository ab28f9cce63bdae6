"""Tests of very many small things: as one test each, they would cost more than what they do."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

Test = Callable[..., None]


def together(names: str, cases: Mapping[str, Any]) -> Callable[[Test], Test]:
    """Like `pytest.mark.parametrize` with the cases by their ids, but as one test.

    All cases are tried, and all that fail are told of, the first at length. Several `names` are
    parted by commas; the values of each case are a tuple then.
    """
    asked = names.split(", ")

    def decorate(test: Test) -> Test:
        @wraps(test)
        def whole(*bound: Any, **fixtures: Any) -> None:
            assert cases, "There is nothing to test."
            failures: dict[str, Exception] = {}
            for id, case in cases.items():
                values = case if len(asked) > 1 else (case,)
                try:
                    test(*bound, **fixtures, **dict(zip(asked, values, strict=True)))
                except Exception as failure:
                    failures[id] = failure
            if failures:
                told = [f"{id}: {failure}" for id, failure in failures.items()]
                raise AssertionError("\n".join(told)) from next(iter(failures.values()))

        signature = inspect.signature(test)
        left = [each for name, each in signature.parameters.items() if name not in asked]
        whole.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
        return whole

    return decorate


def named(things: list[Any]) -> Mapping[str, Any]:
    """Classes by their full names."""
    return {f"{each.__module__}.{each.__qualname__}": each for each in things}
