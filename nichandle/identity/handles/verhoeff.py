"""
Verhoeff's check digit (Verhoeff 1969, over the dihedral group of ten).

It catches every single wrong digit and every swap of neighbours, which Luhn does not.
"""


def _multiply(left: int, right: int) -> int:
    """Multiply in the dihedral group: 0 to 4 are turns, 5 to 9 are flips."""
    if left < 5:
        return (left + right) % 5 + (0 if right < 5 else 5)
    return (left - right) % 5 + (5 if right < 5 else 0)


_PERMUTATION = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_MULTIPLIED = tuple(tuple(_multiply(left, right) for right in range(10)) for left in range(10))
_INVERSE = tuple(row.index(0) for row in _MULTIPLIED)


def _permutations() -> tuple[tuple[int, ...], ...]:
    rows = [tuple(range(10))]
    for _ in range(7):
        rows.append(tuple(_PERMUTATION[digit] for digit in rows[-1]))
    return tuple(rows)


_PERMUTED = _permutations()


def running(digits: str, *, position: int, total: int = 0) -> int:
    """Add ``digits`` to a running sum, last digit first; ``position`` counts from the right."""
    for place, digit in enumerate(reversed(digits), position):
        total = _MULTIPLIED[total][_PERMUTED[place % 8][int(digit)]]
    return total


def closing(total: int) -> str:
    """Return the check digit that closes a running sum begun at position 1."""
    return str(_INVERSE[total])


def check_digit(digits: str) -> str:
    """Return the digit to append to ``digits``."""
    return closing(running(digits, position=1))


def valid(digits: str) -> bool:
    """Tell whether the last of ``digits`` is the check digit of the others."""
    return bool(digits) and running(digits, position=0) == 0
