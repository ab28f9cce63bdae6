"""What the tools of front ends make of the schema, the stored operations and the endpoint.

They are programs of others, installed by `npm ci` in this folder; without them this is skipped.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backoffice_api.domain.kernel.database import Database
from tests.databases import Copies
from tests.serving import Server, new_token

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MODULES = HERE / "node_modules"
NODE = shutil.which("node") or "node"
OPERATIONS = len(list((ROOT / "operations").glob("*.graphql")))
# The document of this folder, and the one that Relay makes to load more of it.
ENDLESS = 2
# As the suite of graphql-http has them.
AUDITS = 61

pytestmark = pytest.mark.skipif(not MODULES.is_dir(), reason="`npm ci` was not run here")


def node(*arguments: str | Path, cwd: Path = ROOT) -> str:
    """What a program says that must end well."""
    run = subprocess.run([NODE, *arguments], cwd=cwd, capture_output=True, text=True, timeout=110)
    assert run.returncode == 0, (run.stdout + run.stderr)[-4_000:]
    return run.stdout


class TestTheEndpoint:
    def test_passes_the_audits_of_graphql_over_http(
        self, sqlite_copies: Copies, opens: Callable[..., Database], tmp_path: Path
    ) -> None:
        url = sqlite_copies.migrated()
        token = new_token(opens(url))
        with Server(url, tmp_path / "log", introspection="true") as server:
            tally: dict[str, Any] = json.loads(
                node(HERE / "audit.mjs", f"{server.url}/graphql", token)
            )

        assert tally == {"audits": AUDITS, "missed": []}


class TestTheSchema:
    def test_keeps_the_rules_of_relay_and_describes_everything(self) -> None:
        eslint = MODULES / "eslint" / "bin" / "eslint.js"

        said = node(eslint, "-c", HERE / "eslint.config.mjs", "schema.graphql", "operations")

        assert said == ""


class TestOperations:
    def test_are_compiled_for_relay(self, tmp_path: Path) -> None:
        artifacts = int(node(HERE / "relay.mjs", ROOT, tmp_path))

        assert artifacts >= OPERATIONS + ENDLESS

    def test_have_types_that_typescript_takes(self, tmp_path: Path) -> None:
        node(HERE / "codegen.mjs", ROOT, tmp_path)
        shutil.copy(HERE / "usage.ts", tmp_path)
        typed = "@graphql-typed-document-node/core"
        project = {
            "compilerOptions": {
                "strict": True,
                "noEmit": True,
                "skipLibCheck": True,
                "module": "esnext",
                "moduleResolution": "bundler",
                "target": "es2022",
                "types": [],
                "paths": {
                    typed: [str(MODULES / typed)],
                    "graphql": [str(MODULES / "graphql")],
                },
            },
            "include": ["*.ts"],
        }
        (tmp_path / "tsconfig.json").write_text(json.dumps(project))

        assert node(MODULES / "typescript" / "bin" / "tsc", "-p", tmp_path) == ""
