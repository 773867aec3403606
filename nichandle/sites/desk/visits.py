"""What the reviewers' door tells operations of a request, and gets back for its cookies."""

from dataclasses import dataclass

from nichandle.platform.kernel.act import Act


@dataclass(frozen=True, slots=True)
class ReviewerVisit(Act):
    """
    From where, when, and the secrets that the browser sent.

    ``session`` is the key of the session before, ``browser`` the secret by which a browser is
    known, ``half`` that of a sign-in half done. ``language`` is that of mails about the act.
    """

    language: str
    session: str = ""
    browser: str = ""
    half: str = ""


@dataclass(frozen=True, slots=True)
class ReviewerEntered:
    """A session just opened; its secrets go into cookies and nowhere else."""

    key: str
    browser: str


@dataclass(frozen=True, slots=True)
class ReviewerHalfway:
    """The password was right; ``secret`` goes into the browser's cookie and nowhere else."""

    secret: str
