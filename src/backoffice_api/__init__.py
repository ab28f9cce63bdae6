"""A headless GraphQL back office for e-commerce."""

from importlib.metadata import version

__version__ = version("backoffice-api")
