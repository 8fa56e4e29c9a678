"""The live demo: there within seconds, readable by its sign-ins alone, and again after a restart."""

import json
import socket
import stat
import threading
from pathlib import Path
from typing import Any

from app.demo import run
from tests.demo.live import Live


def test_a_lively_board_and_a_restart_that_goes_on(build: Any, another: Any, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with Live(build, folder, another()) as first:
        board = first.board()
        assert board["demo"] is True
        assert {"infusing", "recovering"} <= {item["state"] for item in board["items"]}
        assert len(board["items"]) >= 6
        accounts = (folder / "accounts.json").read_text(encoding="utf-8")
        assert stat.S_IMODE((folder / "accounts.json").stat().st_mode) == 0o600
        assert set(json.loads(accounts)) == {"url", "clinic", "staff"}
        assert "approved the EXAMPLE protocol" in first.heard.text
        for one in json.loads(accounts)["staff"]:
            assert one["password"] in first.heard.text
    assert first.code == 0
    with Live(build, folder, another(), pace=1) as second:
        again = second.board()
        assert again["as_of"] > board["as_of"]
        assert not {item["id"] for item in again["items"]} & {item["id"] for item in board["items"]}
        kept = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
        assert kept["staff"] == json.loads(accounts)["staff"]
    assert second.code == 0


def test_a_taken_port_is_one_line(build: Any, heard: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert run.main(build, port=port, folder=tmp_path / "demo", console=heard) == 1
    assert heard.text.count("\n") == 1
    assert f"127.0.0.1 port {port}" in heard.text
    assert not (tmp_path / "demo").exists()


def test_an_unusable_folder_is_one_line(build: Any, heard: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert run.main(build, port=0, folder=tmp_path / "file" / "demo", console=heard) == 1
    assert heard.text.count("\n") == 1


def test_lost_sign_ins_are_one_line(build: Any, another: Any, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    at_once = threading.Event()
    at_once.set()
    assert run.main(build, port=0, folder=folder, console=another(), stop=at_once) == 0
    (folder / "accounts.json").unlink()
    heard = another()
    assert run.main(build, port=0, folder=folder, console=heard) == 1
    assert "sign-ins are gone" in heard.text
    assert heard.text.count("\n") == 1
