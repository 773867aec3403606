"""Pairs of letters no identifier begins with; the operator may add more by a setting."""

TECHNICAL = {"ns", "mx", "id", "ip"}
"""Read as names of servers or records where identifiers stand beside them."""

RUDE = {"bj", "cc", "cu", "fu", "kk", "pd", "ss", "tg", "wc", "zz"}
"""Abbreviations that insult, or belong to history's worst, in French, English or German."""

RESERVED = frozenset(TECHNICAL | RUDE)
