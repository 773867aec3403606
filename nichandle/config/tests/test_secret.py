"""The server's secret: made once in demo mode, given and strong in production."""

import os
import secrets
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest

from nichandle.config.options import SettingWrong
from nichandle.config.secret import keep, server_secret

STRONG = "kX9-2mQ7_vL4pR8sT1wZ6yB3nC5dF0gH"


def test_demo_mode_makes_one_that_is_kept_when_a_database_rests_on_it(tmp_path):
    made = server_secret("", production=False, data=tmp_path)

    assert len(made) >= 32
    assert not list(tmp_path.iterdir()), "looking leaves no trace"
    keep(tmp_path, made)
    assert server_secret("", production=False, data=tmp_path) == made
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_of_two_processes_starting_together_one_is_told_to_start_again(tmp_path):
    def start(number):
        try:
            keep(tmp_path, f"secret {number}")
        except SettingWrong:
            return None
        return f"secret {number}"

    with ThreadPoolExecutor(8) as pool:
        kept = [made for made in pool.map(start, range(8)) if made]

    assert kept == [server_secret("", production=False, data=tmp_path)]
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_production_must_be_given_one(tmp_path):
    with pytest.raises(SettingWrong, match="NICHANDLE_SECRET_KEY is missing"):
        server_secret("", production=True, data=tmp_path)
    assert not (tmp_path / "secret").exists()


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "a" * 64,
        "abcabcabc" * 10,
        "abcdefghij" * 4,
        "changeme-please-" * 3,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "0123456789abcdef0123456789abcdef0123456789abcdef",
    ],
)
def test_production_refuses_a_weak_one_without_repeating_it(weak, tmp_path):
    with pytest.raises(SettingWrong, match="weak") as reason:
        server_secret(weak, production=True, data=tmp_path)

    assert weak not in str(reason.value)


def test_production_takes_a_strong_one(tmp_path):
    assert server_secret(STRONG, production=True, data=tmp_path) == STRONG


def test_production_takes_what_the_usual_commands_print(tmp_path):
    for _ in range(200):
        for made in (
            secrets.token_hex(16),
            secrets.token_urlsafe(36),
            b64encode(os.urandom(48)).decode(),
        ):
            assert server_secret(made, production=True, data=tmp_path) == made


def test_production_takes_hexadecimal_digits_that_happen_to_repeat(tmp_path):
    poor = "32bcdccb31bd1b661fdc18d8dff2b811"
    assert len(set(poor)) == 9

    assert server_secret(poor, production=True, data=tmp_path) == poor


def test_a_half_written_secret_is_named_not_replaced(tmp_path):
    (tmp_path / "secret").write_text("")

    with pytest.raises(SettingWrong, match="is empty"):
        server_secret("", production=False, data=tmp_path)
