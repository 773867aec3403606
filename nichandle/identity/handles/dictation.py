"""Saying an identifier on the telephone: digits in groups, letters as words."""

from dataclasses import dataclass

from nichandle.platform.kernel.wording import languages


@dataclass(frozen=True, slots=True)
class Speech:
    """How a language says letters and digits: a word for each, and what joins letter and word."""

    letters: str
    digits: str
    joined: str


SPEECHES = {
    "fr": Speech(
        letters=(
            "Anatole Berthe Célestin Désiré Eugène François Gaston Henri Irma Joseph Kléber Louis "
            "Marcel Nicolas Oscar Pierre Quintal Raoul Suzanne Thérèse Ursule Victor William "
            "Xavier Yvonne Zoé"
        ),
        digits="zéro un deux trois quatre cinq six sept huit neuf",
        joined="comme",
    ),
    "en": Speech(
        letters=(
            "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike "
            "November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee "
            "Zulu"
        ),
        digits="zero one two three four five six seven eight nine",
        joined="for",
    ),
}
GROUP = 3
"""Digits said in one breath; as many as stand together where an identifier is shown."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One letter or one group of digits, and the words to say for it."""

    signs: str
    words: str


def dictation(text: str, language: str) -> list[Spoken]:
    """
    Return an identifier piece by piece, as a language says it.

    The dash is left out: who takes the identifier down need not write it. Languages without words
    of their own are spelled by the NATO alphabet.
    """
    speech = _speech(language)
    digit_words = speech.digits.split()
    head, _dash, suffix = text.partition("-")
    letters = head.rstrip("0123456789")
    digits = head[len(letters) :]
    spoken = [_letter(sign, speech) for sign in letters.upper()]
    for start in range(0, len(digits), GROUP):
        group = digits[start : start + GROUP]
        spoken.append(Spoken(group, " ".join(digit_words[int(digit)] for digit in group)))
    return spoken + [_letter(sign, speech) for sign in suffix.upper()]


def sentence(text: str, language: str) -> str:
    """Return the same in one line to read aloud: « D comme Désiré, M comme Marcel, quatre… »."""
    joined = _speech(language).joined
    parts = [
        piece.words if piece.signs.isdigit() else f"{piece.signs} {joined} {piece.words}"
        for piece in dictation(text, language)
    ]
    return ", ".join(parts)


def _speech(language: str) -> Speech:
    return SPEECHES.get(languages.base(language), SPEECHES[languages.ENGLISH])


def _letter(sign: str, speech: Speech) -> Spoken:
    if not ("A" <= sign <= "Z"):
        return Spoken(sign, sign)
    return Spoken(sign, speech.letters.split()[ord(sign) - ord("A")])
