"""Finds what there is of a kind in the whole program, so that no rule forgets a part of it."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

from backoffice_api import domain

T = TypeVar("T")


def domain_modules() -> Iterator[ModuleType]:
    """Every module of the domain, imported."""
    for found in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        yield importlib.import_module(found.name)


def subclasses(base: type[T]) -> list[type[T]]:
    """Every class of the program that derives from `base`, however far, by module and name."""
    for _ in domain_modules():
        pass
    found: set[type[T]] = set()
    waiting = [base]
    while waiting:
        fresh = [each for each in waiting.pop().__subclasses__() if each not in found]
        found.update(fresh)
        waiting += fresh
    return sorted(
        (each for each in found if _is_in_its_module(each)),
        key=lambda each: (each.__module__, each.__qualname__),
    )


def _is_in_its_module(found: type[object]) -> bool:
    """A dataclass with slots is a second class, and the first one is still remembered."""
    if not found.__module__.startswith("backoffice_api."):
        return False
    return getattr(sys.modules[found.__module__], found.__qualname__, None) is found
