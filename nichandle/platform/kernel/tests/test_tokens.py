"""Secrets that leave by mail come back, and open only what they belong to."""

import base64
from contextlib import suppress

import pytest
from cryptography.fernet import Fernet
from hypothesis import assume, given
from hypothesis import strategies as st

from nichandle.platform.kernel import tokens


def test_a_link_secret_has_192_bits_and_is_stored_as_its_digest():
    minted = tokens.mint()

    assert len(minted.secret) == 32  # base64 of 24 bytes
    assert minted.digest == tokens.digest(minted.secret)
    assert minted.secret not in minted.digest


def test_no_two_link_secrets_are_alike():
    assert len({tokens.mint().secret for _ in range(1000)}) == 1000


def test_no_link_ends_with_a_sign_that_mail_programs_leave_out():
    last = {tokens.mint().secret[-1] for _ in range(3000)}

    assert all(sign.isascii() and sign.isalnum() for sign in last)


def test_a_code_copied_to_another_row_is_worth_nothing():
    here = tokens.code_digest("BCDF-GHJK", "signup:1")

    assert here == tokens.code_digest("BCDF-GHJK", "signup:1")
    assert here != tokens.code_digest("BCDF-GHJK", "signup:2")


def test_purpose_and_code_cannot_be_shifted_into_each_other():
    assert tokens.code_digest("b", "a") != tokens.code_digest("ab", "")


def test_the_digest_of_a_code_needs_the_servers_secret(settings):
    before = tokens.code_digest("BCDF-GHJK", "signup:1")
    settings.SECRET_KEY = "another secret"

    assert tokens.code_digest("BCDF-GHJK", "signup:1") != before


def test_keys_differ_by_purpose():
    assert tokens.keyed_digest("a", "network") != tokens.keyed_digest("a", "address")
    assert tokens.signing_key("anchors") != tokens.signing_key("links")
    assert len(tokens.signing_key("anchors")) == 32


def test_comparison_tells_equal_from_unequal():
    assert tokens.same("abc", "abc")
    assert not tokens.same("abc", "abd")
    assert not tokens.same("abc", "é")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_can_be_read_again(secret):
    assert tokens.unseal(tokens.seal(secret, "seed"), "seed") == secret


def test_sealing_twice_gives_two_texts():
    assert tokens.seal("BCDF-GHJK", "seed") != tokens.seal("BCDF-GHJK", "seed")


def test_after_a_change_of_secret_old_seals_open_while_the_old_one_is_listed(settings):
    sealed = tokens.seal("BCDF-GHJK", "seed")
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the new secret", [old]

    assert tokens.unseal(sealed, "seed") == "BCDF-GHJK"
    new = tokens.seal("BCDF-GHJK", "seed")

    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.unseal(new, "seed") == "BCDF-GHJK"
    with pytest.raises(tokens.NotSealed):
        tokens.unseal(sealed, "seed")


@given(st.data())
def test_a_seal_that_was_touched_anywhere_does_not_open(data):
    sealed = tokens.seal("BCDF-GHJK", "seed")
    place = data.draw(st.integers(0, len(sealed) - 1))
    # Of the last letters of base64 some bits are nothing's: they may change.
    raw = base64.urlsafe_b64decode(sealed[2:])
    other = data.draw(st.characters(codec="ascii").filter(lambda sign: sign != sealed[place]))
    touched = sealed[:place] + other + sealed[place + 1 :]
    with suppress(ValueError):
        assume(base64.urlsafe_b64decode(touched[2:]) != raw or touched[:2] != sealed[:2])

    with pytest.raises(tokens.NotSealed):
        tokens.unseal(touched, "seed")


@given(st.text() | st.text("2.gAB=-_", max_size=200))
def test_what_was_never_sealed_does_not_open(text):
    with pytest.raises(tokens.NotSealed):
        tokens.unseal(text, "seed")


def test_what_was_sealed_for_one_thing_opens_for_no_other():
    sealed = tokens.seal("BCDF-GHJK", "seed")

    with pytest.raises(tokens.NotSealed):
        tokens.unseal(sealed, "case key")


def test_what_was_sealed_before_there_were_purposes_opens_and_is_sealed_anew(settings):
    # What "Fernet" made of the letters, with the key derived for it.
    key = base64.urlsafe_b64encode(tokens.signing_key("seal"))
    old = Fernet(key).encrypt(b"BCDF-GHJK").decode()

    assert tokens.unseal(old, "seed") == "BCDF-GHJK"
    new = tokens.renewed(old, "seed")
    assert new.startswith(tokens.MARK)
    assert tokens.unseal(new, "seed") == "BCDF-GHJK"
    assert tokens.renewed(new, "seed") is None


def test_renewing_seals_with_the_newest_secret(settings):
    sealed = tokens.seal("BCDF-GHJK", "seed")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the new secret", [settings.SECRET_KEY]

    new = tokens.renewed(sealed, "seed")
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.unseal(new, "seed") == "BCDF-GHJK"
    with pytest.raises(tokens.NotSealed):
        tokens.renewed(sealed, "seed")


def test_a_seal_with_one_bit_changed_anywhere_does_not_open():
    sealed = base64.urlsafe_b64decode(tokens.seal("BCDF-GHJK", "seed").removeprefix(tokens.MARK))

    for place in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(tokens.NotSealed):
                tokens.unseal(tokens.MARK + base64.urlsafe_b64encode(changed).decode(), "seed")
