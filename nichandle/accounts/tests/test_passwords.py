"""Which passwords are accepted, and what their hashes cost and prove."""

import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from nichandle.accounts import passwords
from nichandle.accounts.passwords import lists, rules

GOOD = "lavender tram across winter"


@pytest.mark.parametrize(
    "good",
    [GOOD, "пароль из четырёх слов", "🐟🐟 zwei Fische, ein Teich", "x" * 7 + " yz q kv 84 !"],
)
def test_good_passwords_pass(good):
    passwords.check(good, own=["diane@example.org"])


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        ("fourteen chars", rules.PasswordTooShort),
        ("é" * 14, rules.PasswordTooShort),
        ("x" * 129, rules.PasswordTooLong),
        ("passwordpassword", rules.PasswordCommon),
        ("Password1234567890!", rules.PasswordCommon),
        ("abcabcabcabcabcabc", rules.PasswordCommon),
        ("aaaaaaaaaaaaaaaaaaa", rules.PasswordCommon),
        ("diane.mercier@example.org", rules.PasswordOwnData),
        ("NichandleNichandle1", rules.PasswordOwnData),
    ],
)
def test_bad_passwords_are_refused_with_the_reason(bad, refusal):
    with pytest.raises(refusal) as reason:
        passwords.check(bad, own=["diane.mercier@example.org"])
    assert str(reason.value)


def test_eight_are_enough_with_a_second_factor():
    passwords.check("tr8k-vq!", second_factor=True)
    with pytest.raises(rules.PasswordTooShort):
        passwords.check("tr8k-vq", second_factor=True)


def test_own_words_may_stand_in_a_password_that_holds_without_them():
    passwords.check("diane likes the tram across winter", own=["diane@example.org"])


@pytest.mark.parametrize("common", ["password", "123456789", "dragonballz", "Marseille"])
def test_the_shipped_lists_know_common_words(common):
    assert lists.common(common)


def test_the_shipped_lists_are_djangos_and_the_strength_librarys():
    assert len(lists._shipped()) > 80_000


@given(st.text(min_size=1, max_size=200))
def test_no_text_breaks_the_rules_and_length_counts_code_points(text):
    normal = passwords.normalise(text)
    try:
        passwords.check(text)
    except rules.PasswordTooShort:
        assert len(normal) < 15
    except rules.PasswordTooLong:
        assert len(normal) > 128
    except rules.Refused:
        assert 15 <= len(normal) <= 128
    else:
        assert 15 <= len(normal) <= 128


def test_a_hash_is_argon2id_with_the_agreed_parameters():
    encoded, length_class = passwords.hash_password(GOOD)

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert length_class == passwords.LONG
    assert passwords.verify(GOOD, encoded)
    assert not passwords.verify(GOOD + " ", encoded)
    assert not passwords.verify(GOOD.upper(), encoded)


def test_the_same_password_from_two_keyboards_is_the_same():
    encoded, _length = passwords.hash_password("caf\u00e9 caf\u00e9 caf\u00e9 caf\u00e9")
    assert passwords.verify("cafe\u0301 cafe\u0301 cafe\u0301 cafe\u0301", encoded)


def test_the_decoy_is_a_whole_hash_that_nothing_opens():
    encoded, _length = passwords.hash_password(GOOD)
    decoy = passwords.hashing._DECOY
    assert decoy.split("$")[:4] == encoded.split("$")[:4]
    assert [len(part) for part in decoy.split("$")] == [len(part) for part in encoded.split("$")]
    assert not passwords.verify(GOOD, decoy)
    passwords.decoy(GOOD)


def test_no_more_hashes_at_once_than_cores(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()
    limit = 2
    monkeypatch.setattr(passwords.hashing, "_AT_ONCE", threading.BoundedSemaphore(limit))
    original = passwords.hashing.get_hasher()

    class Counting:
        def verify(self, *given: str) -> bool:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            try:
                return original.verify(*given)
            finally:
                with lock:
                    running -= 1

    monkeypatch.setattr(passwords.hashing, "get_hasher", Counting)
    threads = [threading.Thread(target=passwords.decoy, args=(GOOD,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == limit


@pytest.fixture
def operators_list(settings, tmp_path: Path) -> Path:
    settings.NICHANDLE_DATA = tmp_path
    lists._operators.cache_clear()
    yield tmp_path / "list.txt"
    lists._operators.cache_clear()


def test_the_operators_list_of_plain_passwords_is_refused(operators_list, capsys):
    operators_list.write_text(f"{GOOD}\nanother stolen phrase\n\n")
    call_command("passwords", "build", str(operators_list))

    assert "2 passwords" in capsys.readouterr().out
    with pytest.raises(rules.PasswordBreached):
        passwords.check(GOOD)
    passwords.check("quite another phrase entirely")


def test_the_operators_list_of_digests_is_refused(operators_list):
    digest = lists.password_digest(GOOD)
    operators_list.write_text(f"{digest}:42\n{'0' * 40}:7\n")
    call_command("passwords", "build", str(operators_list))

    with pytest.raises(rules.PasswordBreached):
        passwords.check(GOOD)


def test_the_filter_refuses_one_good_password_in_ten_thousand_or_fewer(operators_list):
    operators_list.write_text("".join(f"stolen phrase number {n}\n" for n in range(20_000)))
    call_command("passwords", "build", str(operators_list))

    assert all(lists.breached(f"stolen phrase number {n}") for n in range(0, 20_000, 7))
    assert sum(lists.breached(f"fresh phrase number {n}") for n in range(20_000)) <= 8


def test_strength_is_told_in_words_and_agrees_with_the_rules():
    assert passwords.strength("").score == 0
    weak = passwords.strength("passwordpassword")
    strong = passwords.strength(GOOD, ["diane@example.org"])

    assert not weak.ok
    assert weak.score <= 1
    assert strong.ok
    assert strong.score == 4
    assert passwords.strength("x" * 5000).words
