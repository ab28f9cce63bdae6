"""The keys that all tests seal with. Who imports this module has them in use."""

from backoffice_api.domain.kernel import sealing
from backoffice_api.encryption_keys import parse

# Drawn at random, and known to everybody: it protects nothing but the data of tests.
KEYS = "tests:s5kUbOpOeg5qk8f8+EXyx85GDCyQ8hCP1UyAWSoOm7E="
RING = parse(KEYS)

sealing.use(RING)
