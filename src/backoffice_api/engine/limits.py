"""How much one request may ask for. Every bound of the engine stands here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one request. The defaults let GraphiQL and code generators through.

    `depth` counts fields from the root, leaves included; the introspection query of graphql-js 16
    and graphql-core 3.3 has 15. `nesting` counts selection sets, those of fragments included, and
    bounds every recursion behind the guard. `aliases` also counts a response name that is asked
    for again in the same selection set; `spreads` are inline fragments and fragment spreads. These
    two and `directives` are counted per document as it stands, `fields` and `root_fields` per
    operation with fragments written out.
    """

    body_bytes: int = 1_000_000
    body_time_s: float = 10.0
    document_characters: int = 64_000
    tokens: int = 5_000
    comments: int = 1_000
    operations: int = 50
    depth: int = 15
    nesting: int = 50
    fields: int = 2_000
    root_fields: int = 50
    mutations: int = 10
    aliases: int = 50
    directives: int = 50
    spreads: int = 150
    variables: int = 100
    input_depth: int = 16
    input_list: int = 250
    number_digits: int = 50
    page: int = 250
    page_default: int = 50
    cost: int = 20_000
    errors: int = 20
    query_time_s: float = 10.0
    mutation_time_s: float = 30.0
    prepared_operations: int = 1_000
    prepared_bytes: int = 64_000_000
