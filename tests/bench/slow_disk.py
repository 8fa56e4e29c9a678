"""A disk that takes two milliseconds to keep something: a library put before the system's own, compiled here.

Where there is no C compiler, `shim` is None and the rows that need it say "not measured".
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SLOWER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int then(const char *name, int file) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    int answer = real(file);
    usleep(2000);
    return answer;
}
int fsync(int file) { return then("fsync", file); }
int fdatasync(int file) { return then("fdatasync", file); }
"""


def shim(folder: Path) -> Path | None:
    """The compiled library, None where nothing here can compile it."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    source, library = folder / "slow_disk.c", folder / "slow_disk.so"
    source.write_text(SLOWER)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    library.chmod(0o755)
    return library


@contextmanager
def preloaded(library: Path | None) -> Iterator[None]:
    """Whatever is started meanwhile has the slow disk."""
    if library is None:
        yield
        return
    os.environ["LD_PRELOAD"] = str(library)
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"]
