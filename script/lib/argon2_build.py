"""
Makes the AVX2 build of Argon2id: the C source of the locked package, by this machine's compiler.

    .venv/bin/python script/lib/argon2_build.py

The source comes from the package index like everything else, in the version and with the hashes
of requirements/base.txt. What comes out lies beside the packages in .venv. Nothing depends on it:
where it cannot be made, a file says why, and the package's own build hashes (ADR 25).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(sys.prefix) / "lib" / "nichandle"
LIBRARY, WHY_NOT = FOLDER / "argon2-avx2.so", FOLDER / "argon2-avx2.txt"
PACKAGE = "argon2-cffi-bindings"
SOURCES = ("argon2", "core", "encoding", "thread", "blake2/blake2b", "opt")
FLAGS = (
    "-O3", "-mavx2", "-std=gnu99", "-DNDEBUG", "-DA2_VISCTL=1", "-fvisibility=hidden", "-fPIC",
    "-shared", "-pthread", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", "-Wl,-z,relro,-z,now",
)  # fmt: skip
SECONDS = 90
# pip reads the metadata of what it fetches, and would for that bring the package's build tools,
# which are not locked. This stands in for them: it says what the lock says, and builds nothing.
METADATA = """
from pathlib import Path

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    made = Path(folder) / "argon2_cffi_bindings-{version}.dist-info"
    made.mkdir()
    (made / "METADATA").write_text(
        "Metadata-Version: 2.1\\nName: {package}\\nVersion: {version}\\n"
    )
    return made.name
"""


class NotMade(Exception):
    """Why there is no such build: half a sentence for an operator."""


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    LIBRARY.unlink(missing_ok=True)
    WHY_NOT.unlink(missing_ok=True)
    try:
        with tempfile.TemporaryDirectory() as place:
            compiled = compile_(fetch(Path(place)))
            # Moved into its place whole: somebody may be starting.
            shutil.copy(compiled, FOLDER / "made.so")
            (FOLDER / "made.so").rename(LIBRARY)
    except (NotMade, OSError, subprocess.TimeoutExpired) as reason:
        WHY_NOT.write_text(f"{reason}\n", encoding="utf-8")


def fetch(place: Path) -> Path:
    """Return the folder of the C source, fetched as the lock says."""
    lock = (ROOT / "requirements" / "base.txt").read_text(encoding="ascii")
    locked = re.search(rf"^{PACKAGE}==(\S+) .*(?:\n +--hash=.*)*", lock, flags=re.MULTILINE)
    if locked is None:
        raise NotMade(f"the lock has no {PACKAGE}")
    wanted, backend = place / "wanted.txt", place / "backend" / "scikit_build_core"
    wanted.write_text(locked[0] + "\n", encoding="ascii")
    backend.mkdir(parents=True)
    (backend / "__init__.py").touch()
    said = METADATA.format(package=PACKAGE, version=locked[1])
    (backend / "build.py").write_text(said, encoding="ascii")
    run(
        [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-input", "--no-deps", "--no-build-isolation", "--retries=1", "--timeout=15",
            f"--no-binary={PACKAGE}", "--require-hashes", f"--requirement={wanted}",
            f"--dest={place}",
        ],
        "its source could not be fetched",
        PYTHONPATH=str(place / "backend"),
    )  # fmt: skip
    shutil.unpack_archive(next(place.glob("*.tar.gz")), place)
    return next(place.glob("*/extras/libargon2"))


def compile_(source: Path) -> Path:
    """Return the shared library made of the source."""
    library = source / "made.so"
    run(
        [
            "gcc", *FLAGS, f"-I{source / 'include'}", "-o", str(library),
            *(str(source / "src" / f"{name}.c") for name in SOURCES),
        ],
        "its source could not be compiled",
    )  # fmt: skip
    return library


def run(command: list[str], trouble: str, **environment: str) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
        raise NotMade(": ".join([trouble, *lines[:1]]))


if __name__ == "__main__":
    main()
