"""Two builds of Argon2id: which one hashes, and that both do what RFC 9106 says."""

import ctypes
import sys

import pytest
from argon2 import low_level
from django.contrib.auth.hashers import Argon2PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from nichandle.identity.accounts.passwords import builds
from nichandle.identity.accounts.passwords.hashers import Argon2

GOOD = "lavender tram across winter"
SALT = "c29tZXNhbHRzb21lc2FsdA"
WITH = "processor\t: 0\nflags\t\t: fpu sse2 avx2 bmi2\n"
WITHOUT = "processor\t: 0\nflags\t\t: fpu sse2 avx bmi2\n"
# RFC 9106, section 5.3: Argon2id, 32 KiB, three passes, four lanes, with a secret and further data.
RFC_TAG = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
RFC = {"pwd": b"\1" * 32, "salt": b"\2" * 16, "secret": b"\3" * 8, "ad": b"\4" * 12}


class Light(Argon2):
    memory_cost = 64
    time_cost = 2


@pytest.fixture
def fast():
    """The AVX2 build of this machine."""
    build = builds.chosen()
    if build.library is None:
        pytest.skip(f"no AVX2 build here: {build.why}")
    return build.library


@pytest.fixture
def by_the_wheel(monkeypatch):
    """Hash as a machine does that has no other build."""

    def switch():
        monkeypatch.setattr(builds, "chosen", lambda: builds.portable("for a test"))

    return switch


class Context(ctypes.Structure):
    """Argon2_Context of argon2.h."""

    _fields_ = (
        *(
            field
            for name in ("out", "pwd", "salt", "secret", "ad")
            for field in ((name, ctypes.c_char_p), (f"{name}len", ctypes.c_uint32))
        ),
        *((name, ctypes.c_uint32) for name in ("passes", "kib", "lanes", "threads", "version")),
        ("allocate", ctypes.c_void_p),
        ("free", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
    )


def test_the_vector_of_the_rfc_holds_for_the_avx2_build(fast):
    out = ctypes.create_string_buffer(32)
    given = {**RFC, **{f"{name}len": len(value) for name, value in RFC.items()}}
    context = Context(
        out=ctypes.cast(out, ctypes.c_char_p), outlen=32, passes=3, kib=32, lanes=4, threads=4,
        version=0x13, **given,
    )  # fmt: skip
    assert fast._dll.argon2_ctx(ctypes.byref(context), 2) == 0
    assert out.raw.hex() == RFC_TAG


def test_the_vector_of_the_rfc_holds_for_the_wheel():
    ffi, lib = low_level.ffi, low_level.lib
    out, kept = (
        ffi.new("uint8_t[]", 32),
        {name: ffi.new("uint8_t[]", value) for name, value in RFC.items()},
    )
    context = ffi.new(
        "argon2_context *",
        {
            "out": out, "outlen": 32, "t_cost": 3, "m_cost": 32, "lanes": 4, "threads": 4,
            "version": 0x13, "allocate_cbk": ffi.NULL, "free_cbk": ffi.NULL, "flags": 0,
            **kept, **{f"{name}len": len(value) for name, value in RFC.items()},
        },
    )  # fmt: skip
    assert low_level.core(context, low_level.Type.ID.value) == lib.ARGON2_OK
    assert bytes(ffi.buffer(out)).hex() == RFC_TAG


@given(password=st.text(max_size=150), salt=st.text("abcXYZ019", min_size=8, max_size=30))
def test_both_builds_make_the_same_hash_and_open_each_others(password, salt):
    if builds.chosen().library is None:
        pytest.skip(f"no AVX2 build here: {builds.chosen().why}")
    ours, djangos = Light(), _light_of_django()

    made = ours.encode(password, salt)

    assert made == djangos.encode(password, salt)
    assert ours.verify(password, made)
    assert djangos.verify(password, made)
    assert not ours.verify(password + "x", made)


def _light_of_django() -> Argon2PasswordHasher:
    hasher = Argon2PasswordHasher()
    hasher.memory_cost, hasher.time_cost, hasher.parallelism = 64, 2, 1
    return hasher


@pytest.mark.parametrize("lanes", [1, 2, 4])
@pytest.mark.parametrize("kibibytes", [32, 1024, 19456])
def test_other_parameters_are_the_same_in_both_builds(fast, lanes, kibibytes):
    made = fast.encode(
        b"password", b"somesalt", time=2, kibibytes=kibibytes, lanes=lanes, length=32
    )
    by_wheel = low_level.hash_secret(
        b"password", b"somesalt", time_cost=2, memory_cost=kibibytes, parallelism=lanes,
        hash_len=32, type=low_level.Type.ID,
    )  # fmt: skip
    assert made == by_wheel.decode()


def test_a_hash_stored_before_opens_by_every_build(fast, by_the_wheel):
    stored = (
        "argon2$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$" + _of_the_wheel(GOOD).rpartition("$")[2]
    )
    assert Argon2().verify(GOOD, stored)
    assert not Argon2().verify(f"{GOOD} ", stored)
    by_the_wheel()
    assert Argon2().verify(GOOD, stored)
    assert Argon2().encode(GOOD, "somesalt") == stored


def _of_the_wheel(password: str) -> str:
    return low_level.hash_secret(
        password.encode(), b"somesalt", time_cost=2, memory_cost=19456, parallelism=1, hash_len=32,
        type=low_level.Type.ID,
    ).decode()  # fmt: skip


@pytest.mark.parametrize(
    "rest", ["", "v=19$m=64,t=2,p=1", "v=19$m=64,t=2,p=1$c29tZXNhbHQ$", "v=16$m=1,t=0,p=1$YQ$YQ"]
)
def test_what_is_no_hash_is_opened_by_nothing(rest, by_the_wheel):
    stored = f"argon2$argon2id${rest}"
    assert not Argon2().verify(GOOD, stored)
    by_the_wheel()
    assert not Argon2().verify(GOOD, stored)


def test_a_password_with_a_zero_in_it_is_read_to_its_end():
    made = Light().encode("before\0after", SALT)
    assert Light().verify("before\0after", made)
    assert not Light().verify("before\0other", made)
    assert not Light().verify("before", made)


def test_parameters_that_the_rfc_forbids_and_memory_that_is_not_there_are_no_wrong_password(fast):
    with pytest.raises(ValueError, match="parameters"):
        fast.encode(b"password", b"short", time=2, kibibytes=64, lanes=1, length=32)
    with pytest.raises(MemoryError):
        fast.verify(b"$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$" + b"A" * 43, b"password")


@pytest.fixture
def machine(tmp_path):
    """A machine's /proc/cpuinfo, and where its build would lie."""

    def made(flags, library=None, why=None):
        cpuinfo, place, why_not = tmp_path / "cpuinfo", tmp_path / "argon2.so", tmp_path / "why"
        cpuinfo.write_text(flags)
        if library is not None:
            place.write_bytes(library)
        if why is not None:
            why_not.write_text(why)
        return builds.choose(cpuinfo=cpuinfo, library=place, why_not=why_not)

    return made


def test_a_processor_without_the_instructions_never_loads_the_build(machine):
    chosen = machine(WITHOUT, library=b"would end the process")
    assert (chosen.name, chosen.library) == ("portable", None)
    assert "no AVX2" in chosen.words


def test_a_processor_of_another_kind_hashes_by_the_wheel(machine):
    assert machine("processor\t: 0\nFeatures\t: fp asimd avx2\n").library is None


def test_one_core_without_the_instructions_is_enough_against_them(machine):
    assert "no AVX2" in machine(WITH + WITHOUT, library=b"x").why


def test_without_a_build_the_wheel_hashes_and_the_reason_is_told(machine):
    assert "no C compiler" in machine(WITH).words
    assert "could not be fetched" in machine(WITH, why="its source could not be fetched\n").words


@pytest.mark.parametrize("damaged", [b"", b"no library", b"\x7fELF" + b"\0" * 60])
def test_a_damaged_build_is_not_used(machine, damaged):
    assert (
        machine(WITH, library=damaged).words == "portable build (the AVX2 build cannot be loaded)"
    )


def test_a_build_that_hashes_wrongly_is_not_used(machine, monkeypatch):
    class Wrong:
        def __init__(self, path):
            pass

        def verify(self, encoded, password):
            return True

    monkeypatch.setattr(builds, "Library", Wrong)
    assert "hashes wrongly" in machine(WITH, library=b"x").why


def test_where_both_are_there_the_build_is_used():
    if not builds.LIBRARY.exists() or builds.portable().name == builds.chosen().name:
        pytest.skip(f"no AVX2 build here: {builds.chosen().why}")
    assert builds.chosen().words == "AVX2 build"
    assert sys.prefix in str(builds.LIBRARY)
