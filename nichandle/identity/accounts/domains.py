"""Which e-mail domains are accepted."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.later import later

disposable_email_domains = later("disposable_email_domains")
email_validator = later("email_validator")

DNS_TIMEOUT_SECONDS = 3


class DomainDisposable(Refused):
    code = "address.disposable"
    message = _("Use a lasting address: those of this domain are made to be thrown away.")
    field = "email"


class DomainWithoutMail(Refused):
    code = "address.domain_without_mail"
    message = _("This domain receives no mail. Check what stands after the @.")
    field = "email"


def accept(domain: str) -> None:
    """
    Accept the domain of an address.

    :raises DomainDisposable: when the operator refuses throw-away domains and it is one
    :raises DomainWithoutMail: when the operator allows look-ups and it cannot receive mail
    """
    if settings.NICHANDLE_REFUSE_DISPOSABLE and _disposable(domain):
        raise DomainDisposable
    if settings.NICHANDLE_DNS_LOOKUPS:
        _look_up(domain)


def same_or_below(domain: str, names: list[str]) -> bool:
    """Tell whether an address's domain is, or lies below, one of these domain names."""
    return any(domain == name or domain.endswith(f".{name}") for name in names)


def _disposable(domain: str) -> bool:
    parts = domain.split(".")
    blocklist = disposable_email_domains.blocklist
    return any(".".join(parts[start:]) in blocklist for start in range(len(parts) - 1))


def _look_up(domain: str) -> None:
    resolver = email_validator.caching_resolver(timeout=DNS_TIMEOUT_SECONDS)
    try:
        email_validator.validate_email(f"postmaster@{domain}", dns_resolver=resolver)
    except email_validator.EmailUndeliverableError as reason:
        raise DomainWithoutMail from reason
