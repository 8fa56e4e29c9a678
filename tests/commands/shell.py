"""What an operator types, in this process."""

import io
import signal

import pytest

from app.commands import run


class Shell:
    """Runs commands and keeps what they said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str, typed: str = "") -> int:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        self._capsys.readouterr()
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            code = run(list(arguments))
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        self.out, self.err = self._capsys.readouterr()
        return code

    def fails(self, *arguments: str, typed: str = "") -> str:
        """The one line a failing command leaves on standard error."""
        code = self(*arguments, typed=typed)
        assert code == 1, (self.out, self.err)
        [line] = self.err.splitlines()
        assert line.startswith("infusion-vitals: ")
        return line
