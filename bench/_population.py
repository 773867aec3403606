"""
Ten million customers for a bench: identifiers as years of issuing leave them, accounts with them.

The same for a given seed. Identifiers come in by COPY over skewed initials, the accounts are made
of them in the database, all with one password hash, so that anybody among them can sign in.
"""

import math
import random
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

SUFFIX = "OVH"
SIX, SEVEN = 90_000, 900_000


def shares_in(text: str) -> dict[str, float]:
    """Read letters, each with its share."""
    return {word[0]: float(word[1:]) for word in text.split()}


# Percent of given and of family names in France that begin with a letter, roughly. The busiest
# pair, MB, takes 1.4 % of all customers: more than it has identifiers of six digits at ten million.
GIVEN = shares_in(
    "m13 j12 c9.5 a9 s7.5 l7 p6.5 f6 d5 n4.5 b4 e4 g4 "
    "r3.5 t2.5 v2.5 h2 y1.5 o1.2 i1.2 k1 w0.3 z0.3 x0.2 q0.1 u0.1"
)
FAMILY = shares_in(
    "b12 l10.5 d9.5 m9 c9 g7.5 p7 r6 s5 f4.5 t4 v3.5 h3.5 "
    "a3.5 j2 n2 e1.5 k1 o1 w0.8 q0.5 z0.4 i0.4 y0.2 u0.15 x0.05"
)
GIVEN_NAMES = (
    "Diane Marc Jeanne Paul Amina Luc Élodie Thomas Chloé Hugo Inès Karim Zoé Noël Maïwenn"
)
FAMILY_NAMES = "Martin Bernard Dubois Petit Durand Leroy Moreau Simon Laurent Lefèvre Nguyen Garcia"


def populate(count: int, *, seed: int, password_hash: str) -> None:
    """
    Fill the product's tables with so many active accounts; ten million in about three minutes.

    Indexes are made anew afterwards, with the definitions that the product gave them.
    """
    from django.db import connection  # noqa: PLC0415 - only now are the settings there

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        indexes = drop_indexes(cursor, "handles_handle", "accounts_account")
        with cursor.cursor.copy(
            "COPY handles_handle (key, text, kind, issued_at) FROM STDIN"
        ) as copy:
            rows = ledger(count, seed)
            while chunk := list(islice(rows, 20_000)):
                copy.write("".join(map(copy_line, chunk)))
        cursor.execute(_ACCOUNTS, [GIVEN_NAMES.split(), FAMILY_NAMES.split(), password_hash])
        for definition in indexes:
            cursor.execute(definition)
        cursor.execute("RESET session_replication_role")
        for table in ("handles_handle", "accounts_account"):
            cursor.execute(f"VACUUM ANALYZE {table}")


_ACCOUNTS = """
    INSERT INTO accounts_account (id, handle_id, state, email, email_key, email_proven_at, password,
        password_length_class, kind, given_name, family_name, organisation, corporation_type,
        company_number, association_number, vat_number, address, address_more, postcode, city, area,
        country, phone, language, time_zone, name_folded, organisation_folded, created_at,
        opened_at)
    SELECT md5(one.id::text)::uuid, one.id, 'active', one.email, one.email, now(), one.password,
           'long', 'individual', one.given, one.family, '', '', '', '', '', '12 rue des Lilas', '',
           '59000', 'Lille', '', 'FR', '+33320000000', 'fr', 'Europe/Paris',
           lower(one.given || ' ' || one.family), '', now(), now()
      FROM (SELECT h.id, 'n' || h.id || '@example.net' AS email,
                   n.given[1 + h.id % array_length(n.given, 1)] AS given,
                   n.family[1 + h.id / 7 % array_length(n.family, 1)] AS family, n.password
              FROM handles_handle h,
                   (SELECT %s::text[] AS given, %s::text[] AS family, %s::text AS password) AS n
             WHERE NOT EXISTS (SELECT 1 FROM accounts_account a WHERE a.handle_id = h.id)) AS one
""".replace(" % ", " %% ")


def drop_indexes(cursor, *tables: str) -> list[str]:
    """Drop the indexes of tables that no key of another table needs; return what makes them."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND NOT EXISTS "
        "(SELECT 1 FROM pg_constraint WHERE conindid = indexname::regclass)",
        [list(tables)],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


@cache
def weights() -> dict[str, float]:
    """Share of each pair of letters as it is issued: reserved pairs have gone to ``xx``."""
    from nichandle.identity.handles.letters import FALLBACK  # noqa: PLC0415 - only now are the settings there
    from nichandle.identity.handles.reserved import RESERVED  # noqa: PLC0415 - only now are the settings there

    shares: dict[str, float] = {}
    for first, one in GIVEN.items():
        for second, other in FAMILY.items():
            pair = FALLBACK if first + second in RESERVED else first + second
            shares[pair] = shares.get(pair, 0) + one * other
    total = sum(shares.values())
    return {pair: share / total for pair, share in shares.items()}


def six_of(count: int) -> int:
    """
    How many of ``count`` identifiers of one pair have six digits.

    A creation widens when four draws are taken, so the share f that is used up grows by 1 - f⁴:
    solved for f by bisection.
    """
    low, high = 0.0, 1.0 - 1e-12
    for _ in range(60):
        middle = (low + high) / 2
        if (math.atanh(middle) + math.atan(middle)) / 2 * SIX < count:
            low = middle
        else:
            high = middle
    return min(round(low * SIX), count)


def ledger(size: int, seed: int) -> Iterator[str]:
    """Yield ``size`` different identifiers as years of issuing would have left them."""
    chance = random.Random(seed)
    shares = sorted(weights().items(), key=lambda item: (-item[1], item[0]))
    counts = {pair: max(1, round(size * share)) for pair, share in shares}
    # The busiest pair takes what rounding leaves.
    counts[shares[0][0]] = max(1, counts[shares[0][0]] + size - sum(counts.values()))
    left = size
    for pair, wanted in counts.items():
        number = min(wanted, left)
        left -= number
        six = six_of(number)
        yield from complete(pair, spread(SIX, six, chance), 5)
        yield from complete(pair, spread(SEVEN, number - six, chance), 6)


def spread(space: int, count: int, chance: random.Random) -> list[int]:
    """Choose ``count`` different bodies all over the space."""
    lowest = space // 9
    return [lowest + body for body in chance.sample(range(space), count)]


def complete(pair: str, bodies: list[int], width: int) -> Iterable[str]:
    """Append check digits quickly: the sum over each body is worked out once for all pairs."""
    from nichandle.identity.handles import verhoeff  # noqa: PLC0415 - only now are the settings there
    from nichandle.identity.handles.identifier import Identifier, numbers  # noqa: PLC0415 - only now are the settings there

    if not bodies:
        return []
    sums = sums_of(width)
    ends = [
        verhoeff.closing(verhoeff.running(numbers(pair), position=width + 1, total=total))
        for total in range(10)
    ]
    assert f"{pair}{bodies[0]}{ends[sums[bodies[0]]]}-{SUFFIX}" == str(
        Identifier.make(pair, str(bodies[0]), SUFFIX)
    )
    return (f"{pair}{body}{ends[sums[body]]}-{SUFFIX}" for body in bodies)


@cache
def sums_of(width: int) -> list[int]:
    from nichandle.identity.handles import verhoeff  # noqa: PLC0415 - only now are the settings there

    return [verhoeff.running(str(body), position=1) for body in range(10**width)]


def copy_line(text: str) -> str:
    """Write an identifier as COPY reads a row of the ledger."""
    return f"{text.replace('-', '').lower()}\t{text}\tissued\t2026-01-01 00:00:00+00\n"
