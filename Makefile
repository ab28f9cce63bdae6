# What can be done here, in the words that CI uses too.
.PHONY: install check test run schema migrate seed bench

install:
	uv sync

check:
	uv run ruff check .
	uv run ruff format --check .
	uv run mypy
	uv run lint-imports
	uv run deptry src

test:
	uv run pytest

run:
	uv run backoffice serve

schema:
	uv run backoffice schema > schema.graphql

migrate:
	uv run backoffice migrate

seed:
	uv run backoffice demo --no-serve

bench:
	uv run python -m bench
