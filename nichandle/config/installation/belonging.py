"""Whether settings, data folder and database are those of one installation."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from nichandle.config import secret
from nichandle.config.installation import place
from nichandle.identity.handles.queries import suffix_of_the_newest
from nichandle.platform.installation import operations
from nichandle.platform.installation.queries import is_noted
from nichandle.platform.kernel.errors import Refused


class EarlierInstallation(Refused):
    code = "start.earlier_installation"
    message = (
        "%(folder)s holds %(signs)s of an installation, but its database is not there: %(place)s "
        "is empty. Put the database back, or restore a backup with `nichandle restore`. Only to "
        "begin anew, without its customers: `nichandle migrate --new`."
    )


class SuffixChanged(Refused):
    code = "start.suffix_changed"
    message = (
        "NICHANDLE_SUFFIX is %(given)s, but the identifiers issued here end with -%(issued)s. It "
        "stands in every one of them and cannot be changed: give %(issued)s."
    )


def refuse_strange() -> None:
    """
    Make sure that the settings fit the database; what it does not know yet passes.

    :raises DatabaseMissing: when there is none
    :raises DatabaseSilent: when it cannot be asked
    :raises SecretUnknown: when it was written with another secret
    :raises SuffixChanged: when identifiers were issued with another suffix
    """
    place.refuse_missing()
    place.refuse_silent()
    if is_noted():
        operations.refuse_strange_secret()
    issued, given = suffix_of_the_newest(), settings.NICHANDLE_SUFFIX
    if issued and issued.upper() != given.upper():
        raise SuffixChanged(given=given, issued=issued)


def refuse_empty_beside_another() -> None:
    """
    Make sure that an empty database is not filled where an installation has lost its own.

    :raises EarlierInstallation: when the data folder tells of one
    :raises DatabaseSilent: when the database cannot be asked
    """
    folder = settings.NICHANDLE_DATA
    found = list(_signs(folder))
    if found and (place.is_missing() or not place.tables()):
        raise EarlierInstallation(folder=folder, signs=" and ".join(found), place=place.name())


def remember(*, now: datetime) -> None:
    """
    Note in the database whose it is; a secret that was made for it is kept from now on.

    :raises SettingWrong: when another start has just made one
    """
    if settings.SECRET_KEY_MADE and not secret.kept(settings.NICHANDLE_DATA):
        secret.keep(settings.NICHANDLE_DATA, settings.SECRET_KEY)
    operations.remember(now=now)


def _signs(folder: Path) -> list[str]:
    signs = []
    if (folder / secret.FILE).exists():
        signs.append("the secret")
    if next((folder / "anchors").glob("*"), None):
        signs.append("the anchors")
    return signs
