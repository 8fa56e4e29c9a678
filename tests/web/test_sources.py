"""The tablet app's own checks: its types, its unit tests, and the types of the contract it is written against."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.web.build import WEB, Node
from tests.node import installed


@pytest.fixture(scope="module")
def node() -> Node:
    return installed(WEB)


def run(node: Node, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One of the tools in node_modules."""
    path = os.pathsep.join([str(node.program.parent), os.environ["PATH"]])
    command = [str(node.program), str(WEB / "node_modules" / program), *arguments]
    outside = os.environ | {"PATH": path, "CI": "true", "NO_COLOR": "1"}
    return subprocess.run(command, cwd=WEB, env=outside, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("project", [".", "src/sw", "verifier"])
def test_the_types_hold(node: Node, project: str):
    done = run(node, "typescript/bin/tsc", "--noEmit", "-p", project)
    assert done.returncode == 0, done.stdout


def test_the_unit_tests_pass(node: Node):
    done = run(node, "vitest/vitest.mjs", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    files = len(list(Path(WEB, "src").rglob("*.test.ts")))
    assert f"Test Files  {files} passed ({files})" in done.stdout


def test_the_types_of_the_contract_are_current(node: Node, tmp_path: Path):
    made = tmp_path / "api.gen.ts"
    done = run(node, "openapi-typescript/bin/cli.js", "../../docs/openapi.json", "-o", str(made))
    assert done.returncode == 0, done.stdout + done.stderr
    assert made.read_text() == Path(WEB, "src", "api.gen.ts").read_text(), "run `npm run types` in app/web"


def test_a_wrong_type_is_seen(node: Node, tmp_path: Path):
    (tmp_path / "wrong.ts").write_text("export const minutes: number = 'many';\n")
    done = run(node, "typescript/bin/tsc", "--noEmit", "--strict", str(tmp_path / "wrong.ts"))
    assert done.returncode != 0
    assert "TS2322" in done.stdout


def test_the_flag_is_drawn_in_one_place_and_made_in_one():
    """What may be shown as met is a value that `fresh.ts` alone can make: nobody writes the words, nor casts."""
    drawn, forced = set(), set()
    for path in Path(WEB, "src").rglob("*.ts*"):
        text = path.read_text()
        if re.search(r"\bwords\.met(?:Ago)?\b", text):
            drawn.add(path.name)
        if re.search(r"\bas (?:unknown as )?(?:Met|Fresh|Judged|Flag)\b", text):
            forced.add(path.name)
    assert drawn == {"met.tsx"}
    assert forced == set()


ASKING = {
    "api.ts": "the way out itself",
    "aside.ts": "the outbox: what is set aside is told until it is heard",
    "calling.ts": "how the clinic's tablets call, for every screen",
    "files.ts": "what is taken out of the service as a file, saved wherever one is by then",
    "farewell.ts": "the goodbye, until it is heard",
    "opening.ts": "whether there is a clinic yet, and making the first",
    "parts/push.tsx": "whether this tablet is called by push, whatever is on its screen",
    "protocols.ts": "what forms need of a protocol, once for all of them",
    "records.ts": "the records of open sessions",
    "renewal.ts": "the tablet's own key, whatever is on its screen",
    "saying.ts": "the goodbye of a page that goes",
    "scope.ts": "every screen, for as long as it is shown",
    "seen.ts": "which alerts somebody has seen, for every screen",
    "store.ts": "signing in, heartbeat, outbox",
    "stream.ts": "the board as it changes",
    "sw/sw.ts": "the app's own files",
    "wall/following.ts": "a wall board, by the token of its link",
}
"""Who may ask the service, and for what: each is the app's own and ends with it, but for the scope of a screen."""
_ASKS = re.compile(
    r'import \{[^}]*\b(?:ask|send)\b[^}]*\} from "[^"]*/api"|import\("[^"]*/api"\)'
    r"|\bfetch\(|XMLHttpRequest|EventSource|sendBeacon"
)


def asking(sources: Mapping[str, str]) -> set[str]:
    """The modules that can reach the network by themselves."""
    return {name for name, text in sources.items() if _ASKS.search(text)}


def test_a_screen_asks_the_service_through_its_scope_alone():
    """Then a question ends with the screen, and its answer fills, closes and moves nothing after that."""
    src = Path(WEB, "src")
    sources = {str(path.relative_to(src)): path.read_text() for path in src.rglob("*.ts*") if ".test." not in path.name}
    assert asking(sources) == ASKING.keys()


@pytest.mark.parametrize(
    "line",
    [
        'import { ask, Refused } from "../api";',
        'import { Refused, send } from "../api";',
        'const answer = await fetch("/v1/board");',
        'const { ask } = await import("../api");',
    ],
)
def test_a_screen_that_asks_by_itself_is_seen(line: str):
    assert asking({"screens/new.tsx": line}) == {"screens/new.tsx"}
    assert (
        asking({"screens/new.tsx": 'import { Refused } from "../api";\nawait scope.ask("get", "/v1/clock", {});'})
        == set()
    )
