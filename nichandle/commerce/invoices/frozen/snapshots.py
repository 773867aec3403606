"""Facts as JSON and back, exactly: what an invoice was made from is kept as it was."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, Self, Union, get_args, get_origin, get_type_hints

from nichandle.platform.kernel.money import Money


class Snapshot:
    """A frozen dataclass that can be kept as JSON: decimals and amounts as text, no floats."""

    __slots__ = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain dictionaries, lists and strings, ready for a JSON column."""
        return {name: _plain(getattr(self, name)) for name in _shape(type(self))}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """
        Read what ``as_json`` wrote; a field that did not exist then has its default.

        :raises TypeError: when a field without default is missing
        """
        shape = _shape(cls)
        return cls(**{name: _read(shape[name], kept[name]) for name in shape if name in kept})


_shapes: dict[type, dict[str, Any]] = {}


def _shape(kind: type) -> dict[str, Any]:
    if kind not in _shapes:
        assert is_dataclass(kind)
        hints = get_type_hints(kind)
        _shapes[kind] = {field.name: hints[field.name] for field in fields(kind)}
    return _shapes[kind]


def _plain(value: Any) -> Any:
    if isinstance(value, Snapshot):
        return value.as_json()
    if isinstance(value, Money):
        return f"{value.amount} {value.currency}"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _read(kind: Any, kept: Any) -> Any:
    origin = get_origin(kind)
    if origin is None:
        return _read_one(kind, kept)
    inner = get_args(kind)
    if origin in {Union, UnionType}:
        (kind,) = (each for each in inner if each is not NoneType)
        return None if kept is None else _read(kind, kept)
    if origin is tuple:
        return tuple(
            _read(each, value) for each, value in zip(_kinds(inner, len(kept)), kept, strict=True)
        )
    if origin is Literal:
        return kept
    return {key: _read(inner[1], value) for key, value in kept.items()}


def _kinds(inner: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    return inner[:1] * count if inner[1:] == (...,) else inner


def _read_one(kind: Any, kept: Any) -> Any:
    if issubclass(kind, Snapshot):
        return kind.of_json(kept)
    if kind is Money:
        amount, currency = kept.split(" ")
        return Money(Decimal(amount), currency)
    if kind is Decimal:
        return Decimal(kept)
    if kind is date:
        return date.fromisoformat(kept)
    return kept
