"""What a property or function rests on: found in its source, once, when an operation is compiled.

A row has more columns than an answer needs. Which of them a property touches is read off its
syntax tree. Where that does not tell, it is taken to touch all.
"""

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, lru_cache
from textwrap import dedent
from types import FunctionType
from typing import Any

_KEPT = 10_000
_RESULTS_KEPT = 1_000
_KEPT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Construction:
    """A body that does nothing but make a dataclass of attributes of its argument.

    `parts` has the name of the attribute for each field, or the construction that makes it.
    """

    made: type[Any]
    parts: "Mapping[str, str | Construction]"


@lru_cache(maxsize=_KEPT)
def attributes_of(function: Callable[..., Any], position: int = 0) -> frozenset[str] | None:
    """The attributes of its parameter at `position` that the function touches. None: unknown.

    Functions of the module that are given the whole parameter are looked into.
    """
    definition = _definition(function)
    if definition is None or position >= len(definition.args.args):
        return None
    name = definition.args.args[position].arg
    found: set[str] = set()
    accounted: set[ast.AST] = set()
    for node in ast.walk(definition):
        match node:
            case ast.Attribute(value=ast.Name(id=owner) as given, attr=attribute, ctx=ast.Load()):
                if owner == name:
                    found.add(attribute)
                    accounted.add(given)
            case ast.Call(func=ast.Name(id=called), args=arguments):
                for place, argument in enumerate(arguments):
                    if isinstance(argument, ast.Name) and argument.id == name:
                        inner = _of_called(function, called, place)
                        if inner is None:
                            return None
                        found |= inner
                        accounted.add(argument)
    names = (node for node in ast.walk(definition) if isinstance(node, ast.Name))
    if any(node.id == name and node not in accounted for node in names):
        return None
    return frozenset(found)


def _of_called(function: Callable[..., Any], called: str, position: int) -> frozenset[str] | None:
    inner = getattr(function, "__globals__", {}).get(called)
    if not isinstance(inner, FunctionType) or inner is function:
        return None
    return attributes_of(inner, position)


def columns_of(kind: type[Any], function: Callable[..., Any]) -> tuple[str, ...] | None:
    """The fields of the dataclass `kind` that the function needs of it, in order.

    Properties and methods that it uses are looked into. None: unknown.
    """
    own = [each.name for each in fields(kind)]
    needed: set[str] = set()
    waiting: list[Callable[..., Any]] = []
    seen: set[Callable[..., Any]] = set()
    touched = attributes_of(function)
    while True:
        if touched is None:
            return None
        for name in touched:
            if name in own:
                needed.add(name)
                continue
            member = inspect.getattr_static(kind, name, None)
            inner = member.fget if isinstance(member, property) else member
            if not isinstance(inner, FunctionType):
                return None
            if inner not in seen:
                seen.add(inner)
                waiting.append(inner)
        if not waiting:
            return tuple(name for name in own if name in needed)
        touched = attributes_of(waiting.pop())


@lru_cache(maxsize=_KEPT)
def construction_of(function: Callable[..., Any]) -> Construction | None:
    """What the function makes of its only parameter, where that is all that it does."""
    definition = _definition(function)
    if definition is None or len(definition.args.args) != 1:
        return None
    body = [node for node in definition.body if not _is_docstring(node)]
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return None
    return _construction(body[0].value, definition.args.args[0].arg, function)


def _construction(
    node: ast.AST | None, name: str, function: Callable[..., Any]
) -> Construction | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    made = getattr(function, "__globals__", {}).get(node.func.id)
    if not isinstance(made, type) or not is_dataclass(made) or made.__new__ is not object.__new__:
        return None
    own = [each.name for each in fields(made) if each.init]
    given = dict(zip(own, node.args, strict=False))
    if len(node.args) > len(own):
        return None
    for keyword in node.keywords:
        if keyword.arg is None:
            return None
        given[keyword.arg] = keyword.value
    if set(given) != {each.name for each in fields(made)}:
        return None
    parts: dict[str, str | Construction] = {}
    for field_name, argument in given.items():
        match argument:
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute) if owner == name:
                parts[field_name] = attribute
            case _:
                inner = _construction(argument, name, function)
                if inner is None:
                    return None
                parts[field_name] = inner
    return Construction(made, parts)


def part_maker(kind: type[Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """Makes values of the dataclass `kind` that have only the fields `names`, in this order.

    Touching another field raises AttributeError.
    """
    make, put = object.__new__, object.__setattr__

    def part(*values: Any) -> Any:
        made = make(kind)
        for name, value in zip(names, values, strict=True):
            put(made, name, value)
        return made

    return part


@cache
def kept_by_raw(
    function: Callable[[Any], Any], kind: type[Any], name: str, decode: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """Calls the function with a value that has only this field, made of a raw one.

    What it makes of a short text or a few bytes is kept: few different ones make up most rows.
    """
    make = part_maker(kind, (name,))

    def read(raw: Any) -> Any:
        return function(make(decode(raw)))

    kept = lru_cache(_RESULTS_KEPT)(read)

    def short(raw: Any) -> Any:
        is_short = raw.__class__ in (str, bytes) and len(raw) <= _KEPT_LENGTH
        return kept(raw) if is_short else read(raw)

    return short


def _definition(function: Callable[..., Any]) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    node = tree.body[0] if tree.body else None
    return node if isinstance(node, ast.FunctionDef) else None


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
