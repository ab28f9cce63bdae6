"""Parts of an operation that are compiled when they are first met.

A field that may return any of thirty types is compiled for those that it returns.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from backoffice_api.engine.plan import Batch, Choice, Chosen, Query

Load = Callable[[Any, Collection[Any]], Mapping[Any, Any]]
"""Takes a run and keys (of a `Batch` raw ones); gives what is answered for each key."""

Build = Callable[[Any, Any], Any]
"""Takes a run and an object; gives what is answered for it."""


class Ways:
    """Called with a run and choices: what is answered for each of them that finds something."""

    def __init__(
        self, chosen: Chosen, dialect: str, compile: Callable[[str, Batch | Query], Load]
    ) -> None:
        self._ways = chosen.ways
        self._dialect = dialect
        self._compile = compile
        self._loads: dict[str, Load] = {}

    def __call__(self, run: Any, choices: Iterable[Choice | None]) -> Mapping[Choice, Any]:
        keys: dict[str, list[Any]] = {}
        for choice in choices:
            if choice is not None:
                keys.setdefault(choice.way, []).append(choice.key)
        return {
            Choice(way, key): answer
            for way, of_way in keys.items()
            for key, answer in self._load(run, way, of_way)
        }

    @property
    def names(self) -> Iterable[str]:
        """The names of all ways."""
        return self._ways.keys()

    def loader(self, way: str) -> Load:
        """What is compiled for a way, now if it was not before. Raises Unsupported."""
        load = self._loads.get(way)
        if load is None:
            load = self._loads[way] = self._compile(*self._ways[way])
        return load

    def _load(self, run: Any, way: str, keys: list[Any]) -> Iterable[tuple[Any, Any]]:
        _, batch = self._ways[way]
        load = self.loader(way)
        encode = None if isinstance(batch, Query) else batch.key(self._dialect).encode
        if encode is None:
            return load(run, keys).items()
        plain = {encode(key): key for key in keys}
        return [(plain[raw], answer) for raw, answer in load(run, plain).items()]


class Builders:
    """Called with a run and an object: what is answered for it, whatever its type is."""

    def __init__(self, type_of: Callable[[Any], str], compile: Callable[[str], Build]) -> None:
        self._type_of = type_of
        self._compile = compile
        self._builds: dict[str, Build] = {}

    def __call__(self, run: Any, value: Any) -> Any:
        name = self._type_of(value)
        build = self._builds.get(name)
        if build is None:
            build = self._builds[name] = self._compile(name)
        return build(run, value)
