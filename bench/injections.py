"""A9: sqlmap against inputs of every kind: texts to search and filter by, ids, cursors, notes.

    python -m bench.injections --level 3

It is installed from the index into an environment of its own (`uvx`), and asks a server on this
machine. Ends with 1 where it finds anything that can be injected into.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from typing import Any

import click

from bench.furnished import furnished
from bench.server import HOST
from tests.databases import BACKENDS

VERSION = "1.10.10"
# The star is where sqlmap puts what it tries.
INPUTS: dict[str, tuple[str, Any]] = {
    "a text to search for": (
        "query ($x: String!) { orders(first: 5, search: $x) { nodes { id } } }",
        "*",
    ),
    "a filter": (
        "query ($x: String!) { customers(first: 5, filter: {name: {eq: $x}}) { nodes { id } } }",
        "*",
    ),
    "the beginning of a text": (
        "query ($x: String!) "
        "{ customers(first: 5, filter: {name: {startsWith: $x}}) { nodes { id } } }",
        "*",
    ),
    "the end of a search": (
        "query ($x: String!) { products(first: 5, search: $x) { nodes { id } } }",
        "mug*",
    ),
    "a filter by part of what a list has": (
        "query ($x: String!) { orders(first: 5, filter: {sku: {eq: $x}}) { nodes { id } } }",
        "MUG*",
    ),
    "a filter by a field of the shop's own": (
        "query ($x: String!) { orders(first: 5, filter: {customFields: "
        '[{key: $x, eq: "1"}]}) { nodes { id } } }',
        "*",
    ),
    "a filter by a moment": (
        "query ($x: DateTime!) { orders(first: 5, filter: {createdAt: {gte: $x}}) "
        "{ nodes { id } } }",
        "2026-01-01T00:00:00Z*",
    ),
    "a filter by an amount": (
        'query ($x: Decimal!) { orders(first: 5, filter: {total: {currency: "EUR", gte: $x}}) '
        "{ nodes { id } } }",
        "1*",
    ),
    "a filter by a currency": (
        'query ($x: CurrencyCode!) { orders(first: 5, filter: {total: {currency: $x, gte: "1"}}) '
        "{ nodes { id } } }",
        "EUR*",
    ),
    "a filter by ids": (
        "query ($x: [ID!]!) { orders(first: 5, filter: {customerId: {in: $x}}) { nodes { id } } }",
        ["cus_*"],
    ),
    "a filter by ids that are none": (
        "query ($x: [ID!]!) { nodes(ids: $x) { id } }",
        ["*"],
    ),
    "a place in the log": (
        "query ($x: BigInt!) { events(after: $x, first: 5) { nodes { id } } }",
        "1*",
    ),
    "an id": ("query ($x: ID!) { node(id: $x) { id } }", "cus_*"),
    "a cursor": ("query ($x: String!) { orders(first: 5, after: $x) { nodes { id } } }", "*"),
    "the key of a request": (
        'mutation ($x: String!) { customerCreate(input: {kind: PERSON, name: "Ada"}, '
        "meta: {idempotencyKey: $x, dryRun: true}) { userErrors { code } } }",
        "k*",
    ),
    "an id of what is changed": (
        'mutation ($x: ID!) { customerUpdate(id: $x, input: {name: "Ada"}, '
        "meta: {dryRun: true}) { userErrors { code } } }",
        "cus_*",
    ),
    "a text that is written": (
        "mutation ($x: String!) { customerCreate(input: {kind: PERSON, name: $x}, "
        "meta: {dryRun: true}) { userErrors { code } } }",
        "Ada*",
    ),
}
_SAFE = re.compile(r"all tested parameters do not appear to be injectable")


def attempt(url: str, token: str, document: str, value: Any, level: int) -> tuple[bool, str]:
    """Whether nothing was found, and what sqlmap says of it."""
    data = json.dumps({"query": document, "variables": {"x": value}})
    with tempfile.TemporaryDirectory() as folder:
        asked = subprocess.run(
            [
                *("uvx", f"sqlmap@{VERSION}", "--url", url, "--data", data),
                *("--headers", f"Authorization: Bearer {token}\nContent-Type: application/json"),
                *("--batch", "--level", str(level), "--risk", "1", "--threads", "4"),
                *("--ignore-code", "*", "--output-dir", folder, "--disable-coloring"),
            ],
            capture_output=True,
            text=True,
        )
    said = asked.stdout + asked.stderr
    return bool(_SAFE.search(said)), said


@click.command()
@click.option("--database", "backend", type=click.Choice(BACKENDS), default="sqlite")
@click.option("--level", default=3, show_default=True, type=click.IntRange(1, 5))
@click.option("--only", default="", help="Inputs whose name has this in it.")
def main(backend: str, level: int, only: str) -> None:
    """Let sqlmap try each input, and say what it found."""
    is_well = True
    with furnished(backend) as server:
        target = f"http://{HOST}:{server.port}/graphql"
        for name, (document, value) in INPUTS.items():
            if only not in name:
                continue
            begun_s = time.monotonic()
            is_safe, said = attempt(target, server.token, document, value, level)
            is_well = is_well and is_safe
            took_s = time.monotonic() - begun_s
            click.echo(f"{name}: {'nothing' if is_safe else 'LOOK'}, {took_s:.0f} s")
            if not is_safe:
                click.echo(said[-2_000:])
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
