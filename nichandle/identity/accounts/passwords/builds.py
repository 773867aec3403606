"""
Which build of Argon2id hashes here: the best that the processor allows (ADR 25).

The wheel of the locked package is made for every processor of its kind (SSE2). At set-up
``script/lib/argon2_build.py`` makes a second build of the same source, with AVX2, where a compiler
is at hand. It is taken where the processor has the instructions and it hashes as the reference
does; else the wheel's hashes on. All builds make and open the same hashes.
"""

import ctypes
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(sys.prefix) / "lib" / "nichandle"
LIBRARY = FOLDER / "argon2-avx2.so"
WHY_NOT = FOLDER / "argon2-avx2.txt"
"""Why ``script/lib/argon2_build.py`` could not make the build: half a sentence."""
CPUINFO = Path("/proc/cpuinfo")
INSTRUCTIONS = "avx2"

# argon2.h of the reference code: Argon2_type and Argon2_ErrorCodes.
_ID = 2
_OK, _MEMORY_ALLOCATION_ERROR = 0, -22
# One of its own vectors (test.c): m=256 KiB, t=2, p=1.
_VECTOR = (b"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
           b"nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")  # fmt: skip


class Library:
    """A build of the reference code as a shared library; other threads run while it hashes."""

    def __init__(self, path: Path) -> None:
        """:raises OSError: when the file is no library of this machine"""
        self._dll = ctypes.CDLL(str(path))
        self._verify, self._hash = self._dll.argon2_verify, self._dll.argon2id_hash_encoded
        number, size, bytes_ = ctypes.c_uint32, ctypes.c_size_t, ctypes.c_char_p
        self._verify.argtypes = [bytes_, bytes_, size, ctypes.c_int]
        self._hash.argtypes = [
            number, number, number, bytes_, size, bytes_, size, size, bytes_, size,
        ]  # fmt: skip

    def verify(self, encoded: bytes, password: bytes) -> bool:
        """
        Tell whether the password has this hash of Argon2id; what is no hash is nobody's.

        :raises MemoryError: when there is none left for it
        """
        code = self._verify(encoded, password, len(password), _ID)
        if code == _MEMORY_ALLOCATION_ERROR:
            raise MemoryError("Argon2id")
        return bool(code == _OK)

    def encode(
        self, password: bytes, salt: bytes, *, time: int, kibibytes: int, lanes: int, length: int
    ) -> str:
        """
        Return the hash of a password with its parameters, as the reference code writes it.

        :raises MemoryError: when there is none left for it
        :raises ValueError: when the parameters are outside what RFC 9106 allows
        """
        encoded = ctypes.create_string_buffer(512)
        code = self._hash(
            time, kibibytes, lanes, password, len(password), salt, len(salt), length, encoded, 512
        )
        if code == _MEMORY_ALLOCATION_ERROR:
            raise MemoryError("Argon2id")
        if code != _OK:
            raise ValueError(f"Argon2id refuses these parameters ({code})")
        return encoded.value.decode("ascii")


@dataclass(frozen=True, slots=True)
class Build:
    """A build of Argon2id: its name, and where it is not the best, what is in the way."""

    name: str
    library: Library | None = None
    why: str = ""

    @property
    def words(self) -> str:
        """Say it for an operator: the name, and why it is no better one."""
        return f"{self.name} build ({self.why})" if self.why else f"{self.name} build"


@cache
def chosen() -> Build:
    """Return the build that hashes here; asked once in a process."""
    return choose(cpuinfo=CPUINFO, library=LIBRARY, why_not=WHY_NOT)


def portable(why: str = "") -> Build:
    """Return the build of the wheel: for every processor of its kind."""
    return Build("portable", why=why)


def choose(*, cpuinfo: Path, library: Path, why_not: Path) -> Build:
    """Return the AVX2 build where it is, runs and is right; else the portable one, and why."""
    if not _has(INSTRUCTIONS, cpuinfo):
        return portable("the processor has no AVX2")
    if not library.exists():
        return portable(_read(why_not).strip() or "there was no C compiler at set-up")
    try:
        found = Library(library)
    except (OSError, AttributeError):
        return portable("the AVX2 build cannot be loaded")
    if not found.verify(_VECTOR, b"password") or found.verify(_VECTOR, b"Password"):
        return portable("the AVX2 build hashes wrongly")
    return Build("AVX2", found)


def _has(flag: str, cpuinfo: Path) -> bool:
    """Tell whether processor and system offer instructions: the kernel lists only what both do."""
    flags = [line for line in _read(cpuinfo).splitlines() if line.startswith("flags")]
    return bool(flags) and all(flag in line.split() for line in flags)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
