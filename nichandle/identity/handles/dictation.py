"""Saying an identifier on the telephone: digits in groups, letters as words."""

from dataclasses import dataclass

_FRENCH = [
    "Anatole",
    "Berthe",
    "Célestin",
    "Désiré",
    "Eugène",
    "François",
    "Gaston",
    "Henri",
    "Irma",
    "Joseph",
    "Kléber",
    "Louis",
    "Marcel",
    "Nicolas",
    "Oscar",
    "Pierre",
    "Quintal",
    "Raoul",
    "Suzanne",
    "Thérèse",
    "Ursule",
    "Victor",
    "William",
    "Xavier",
    "Yvonne",
    "Zoé",
]
_NATO = [
    "Alfa",
    "Bravo",
    "Charlie",
    "Delta",
    "Echo",
    "Foxtrot",
    "Golf",
    "Hotel",
    "India",
    "Juliett",
    "Kilo",
    "Lima",
    "Mike",
    "November",
    "Oscar",
    "Papa",
    "Quebec",
    "Romeo",
    "Sierra",
    "Tango",
    "Uniform",
    "Victor",
    "Whiskey",
    "X-ray",
    "Yankee",
    "Zulu",
]
WORDS = {"fr": _FRENCH, "en": _NATO}
_DIGITS = {
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_FOR = {"fr": "comme", "en": "for"}
GROUP = 3
"""Digits said in one breath; as many as stand together where an identifier is shown."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One letter or one group of digits, and the words to say for it."""

    signs: str
    words: str


def dictation(text: str, language: str) -> list[Spoken]:
    """
    Return an identifier piece by piece, as it is said in French or by the NATO alphabet.

    The dash is left out: who takes the identifier down need not write it. Languages without words
    of their own are spelled by the NATO alphabet.
    """
    known = _known(language)
    head, _dash, suffix = text.partition("-")
    letters = head.rstrip("0123456789")
    digits = head[len(letters) :]
    spoken = [_letter(sign, known) for sign in letters.upper()]
    for start in range(0, len(digits), GROUP):
        group = digits[start : start + GROUP]
        spoken.append(Spoken(group, " ".join(_DIGITS[known][int(digit)] for digit in group)))
    return spoken + [_letter(sign, known) for sign in suffix.upper()]


def sentence(text: str, language: str) -> str:
    """Return the same in one line to read aloud: « D comme Désiré, M comme Marcel, quatre… »."""
    link = _FOR[_known(language)]
    parts = [
        piece.words if piece.signs.isdigit() else f"{piece.signs} {link} {piece.words}"
        for piece in dictation(text, language)
    ]
    return ", ".join(parts)


def _known(language: str) -> str:
    base = language.partition("-")[0].lower()
    return base if base in WORDS else "en"


def _letter(sign: str, language: str) -> Spoken:
    if not ("A" <= sign <= "Z"):
        return Spoken(sign, sign)
    return Spoken(sign, WORDS[language][ord(sign) - ord("A")])
