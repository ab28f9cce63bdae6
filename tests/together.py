"""Tests of very many small things: as one test each, they would cost more than what they do."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

Test = Callable[..., Any]


def together(names: str, cases: Mapping[str, Any]) -> Callable[[Test], Test]:
    """Like `pytest.mark.parametrize` with the cases by their ids, but as one test.

    All cases are tried, and all that fail are told of, the first at length. Several `names` are
    parted by commas; the values of each case are a tuple then.
    """
    asked = names.split(", ")

    def decorate(test: Test) -> Test:
        def given(fixtures: Mapping[str, Any], case: Any) -> dict[str, Any]:
            values = case if len(asked) > 1 else (case,)
            return {**fixtures, **dict(zip(asked, values, strict=True))}

        @wraps(test)
        def whole(*bound: Any, **fixtures: Any) -> None:
            failures: dict[str, Exception] = {}
            for id, case in cases.items():
                try:
                    test(*bound, **given(fixtures, case))
                except Exception as failure:
                    failures[id] = failure
            _tell(failures, len(cases))

        @wraps(test)
        async def whole_async(*bound: Any, **fixtures: Any) -> None:
            failures: dict[str, Exception] = {}
            for id, case in cases.items():
                try:
                    await test(*bound, **given(fixtures, case))
                except Exception as failure:
                    failures[id] = failure
            _tell(failures, len(cases))

        all_of_it: Any = whole_async if inspect.iscoroutinefunction(test) else whole
        signature = inspect.signature(test)
        left = [each for name, each in signature.parameters.items() if name not in asked]
        all_of_it.__signature__ = signature.replace(parameters=left)
        decorated: Test = all_of_it
        return decorated

    return decorate


def _tell(failures: Mapping[str, Exception], count: int) -> None:
    assert count > 0, "There is nothing to test."
    if failures:
        told = [f"{id}: {failure}" for id, failure in failures.items()]
        raise AssertionError("\n".join(told)) from next(iter(failures.values()))


def listed_cases(*cases: Any) -> Mapping[str, Any]:
    """Cases without names of their own, by what they begin with."""
    return {f"{number} {case[0]}": case for number, case in enumerate(cases)}


def named(things: list[Any]) -> Mapping[str, Any]:
    """Classes by their full names."""
    return {f"{each.__module__}.{each.__qualname__}": each for each in things}
