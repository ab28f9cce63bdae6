"""Measures the server side by side with others that answer the same questions.

`ours` is the product, `stock` the usual way to build such a server with strawberry, `postgraphile`
the fastest generic one, `raw` what is left when nobody asks in GraphQL.
"""

# Connections to the database that each of them may use: our default, and node-postgres's.
POOL_SIZE = 10
