"""Measures the server as its users meet it: over HTTP, on both databases, with a shop in it."""

import os

from backoffice_api.domain.kernel import sealing
from backoffice_api.encryption_keys import parse

# What its databases, which are kept between runs, are sealed with. It protects nothing.
KEYS = "bench:G7UVT4DHk5d+4Dis9x+mdL2x2kBd9gPImqEuaQPPaTI="

os.environ.setdefault("BACKOFFICE_ENCRYPTION_KEYS_SECRET", KEYS)
if sealing.in_use() is None:
    sealing.use(parse(os.environ["BACKOFFICE_ENCRYPTION_KEYS_SECRET"]))
