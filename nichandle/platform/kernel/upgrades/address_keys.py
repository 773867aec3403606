"""Keys of addresses that an earlier commit wrote, brought to what ``addresses.key`` says today."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import idna
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.errors import Refused

Rows = QuerySet[Model]
AT_ONCE = 500
_AWAY = "to be written: "


class KeysCollide(Refused):
    code = "upgrade.keys_collide"
    message = _(
        "Table %(table)s stays as it is: its rows %(rows)s would have one address. Change that of "
        "all but one of them with the release before, then migrate again."
    )


class AddressCannotBeEncoded(Refused):
    code = "upgrade.address_cannot_be_encoded"
    message = _(
        "Table %(table)s stays as it is: the address in its row %(rows)s has a domain to which no "
        "mail can be sent. Correct it with the release before, then migrate again."
    )


def renew(
    rows: Rows,
    *,
    address: str,
    key: str,
    alone: Sequence[str] | None = None,
    to: Callable[[str], str] = addresses.key,
    **among: Any,
) -> None:
    """
    Write the keys anew that differ, in batches; call it inside the migration's transaction.

    ``rows`` are all of a table; ``address`` and ``key`` name its columns. Rows that agree in the
    columns ``alone`` (none: all rows) may not share a key, if they are ``among`` those named.

    :raises KeysCollide: when two rows would; nothing is changed then, and no row is lost
    :raises AddressCannotBeEncoded: when an address has no key that mail could be sent by
    """
    changed = _changed(rows, address, key, to)
    if alone is not None:
        _refuse_collisions(rows, changed, key, alone, among)
    # Aside first: a new key may be one that another row still has.
    _write(rows, {pk: f"{_AWAY}{pk}" for pk in changed}, key)
    _write(rows, changed, key)


def before(address: str) -> str:
    """Return the key as commits wrote it until November 2026: folded, ß and ss alike."""
    local, _at, name = unicodedata.normalize("NFC", address).strip().rpartition("@")
    folded = unicodedata.normalize("NFC", name.casefold())
    with suppress(idna.IDNAError):
        folded = idna.encode(folded, uts46=True).decode()
    return f"{unicodedata.normalize('NFC', local.casefold())}@{folded}"


def _changed(rows: Rows, address: str, key: str, to: Callable[[str], str]) -> dict[Any, str]:
    kept = rows.exclude(**{f"{key}__isnull": True}).exclude(**{key: ""})
    changed = {}
    for pk, stored, present in kept.values_list("pk", address, key).iterator(chunk_size=2000):
        # Of ASCII alone both ways make the same, but for what is encoded already.
        if "@" not in stored or (stored.isascii() and "xn--" not in stored.lower()):
            continue
        if addresses.encoded(stored.rpartition("@")[2]) is None:
            raise AddressCannotBeEncoded(table=rows.model._meta.label, rows=pk)
        if to(stored) != present:
            changed[pk] = to(stored)
    return changed


def _refuse_collisions(
    rows: Rows,
    changed: dict[Any, str],
    key: str,
    alone: Sequence[str],
    among: dict[str, Any],
) -> None:
    seen: dict[tuple[Any, ...], Any] = {}
    for keys in _batches(sorted(set(changed.values()))):
        found = rows.filter(**among, **{f"{key}__in": keys})
        for pk, *parts in found.values_list("pk", key, *alone):
            if pk not in changed:
                seen[tuple(parts)] = pk
    for pks in _batches(list(changed)):
        found = rows.filter(**among, pk__in=pks)
        for pk, *parts in found.values_list("pk", *alone):
            other = seen.setdefault((changed[pk], *parts), pk)
            if other != pk:
                table = rows.model._meta.label
                raise KeysCollide(table=table, rows=f"{other}, {pk}")


def _write(rows: Rows, keys: dict[Any, str], column: str) -> None:
    for pks in _batches(list(keys)):
        found = list(rows.filter(pk__in=pks).only("pk", column))
        for row in found:
            setattr(row, column, keys[row.pk])
        rows.bulk_update(found, [column])


def _batches(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
