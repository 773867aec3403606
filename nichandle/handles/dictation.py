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
GROUP = 3


@dataclass(frozen=True, slots=True)
class Spoken:
    """One letter or one group of digits, and the words to say for it."""

    signs: str
    words: str


def dictation(text: str, language: str) -> list[Spoken]:
    """Return an identifier piece by piece, as it is said in French or by the NATO alphabet."""
    known = language if language in WORDS else "en"
    head, _dash, suffix = text.partition("-")
    letters = head.rstrip("0123456789")
    digits = head[len(letters) :]
    spoken = [_letter(sign, known) for sign in letters.upper()]
    for start in range(0, len(digits), GROUP):
        group = digits[start : start + GROUP]
        spoken.append(Spoken(group, " ".join(_DIGITS[known][int(digit)] for digit in group)))
    return spoken + [_letter(sign, known) for sign in suffix.upper()]


def _letter(sign: str, language: str) -> Spoken:
    if not ("A" <= sign <= "Z"):
        return Spoken(sign, sign)
    return Spoken(sign, WORDS[language][ord(sign) - ord("A")])
