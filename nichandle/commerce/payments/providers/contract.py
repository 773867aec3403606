"""What a provider of payments can be asked, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.payments.models import PaymentTry, Refund, SavedMeans, Saving
from nichandle.commerce.payments.words import PaymentState
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.money import Money

TOLERANCE = timedelta(seconds=300)
"""How far the time in a signature may be from ours, either way."""

OPENED_WITHIN = timedelta(minutes=14)
"""A payment that no provider has opened is asked for again for so long, then a new one is begun."""

Why = Literal["signature", "time", "unreadable"]


class NotGenuine(Exception):
    """A webhook that is not to be believed; ``why`` is what it is counted under."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(why)


class ProviderDown(Refused):
    code = "payment.provider_down"
    message = _(
        "The payment service does not answer. Nothing was paid: try again in some minutes, or pay "
        "by bank transfer."
    )
    status = 503


class RefundRefused(Exception):
    """The provider will not send money back, ever; the text is its reason."""


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    """A payment that waits at the provider: where the browser goes, and its name there."""

    address: str
    ref: str


@dataclass(frozen=True, slots=True)
class SentBack:
    """A refund at the provider: its name there, and whether the money has left."""

    ref: str
    done: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What a provider says of a payment now.

    ``amount`` is what was paid, ``taken_back`` and ``given_again`` what disputes took and gave
    back, by the dispute's name.
    """

    state: PaymentState
    amount: Money | None = None
    reason: str = ""
    taken_back: Mapping[str, Money] = field(default_factory=dict)
    given_again: Mapping[str, Money] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event whose signature is right: what it is called, what it is about, when it happened."""

    event: str
    kind: str
    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MeansSeen:
    """A means that a provider holds: its name there, and what tells it apart."""

    ref: str
    brand: str = ""
    last4: str = ""
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class SavingSeen:
    """What a provider says of a try to save a means."""

    state: Literal["begun", "saved", "over"]
    means: MeansSeen | None = None


@dataclass(frozen=True, slots=True)
class Charged:
    """
    What a provider says of a payment with a saved means.

    With an ``address`` its holder has to confirm it there.
    """

    seen: Seen
    ref: str = ""
    address: str = ""


class Vault(Protocol):
    """What keeps means of payment for accounts, so that they can be charged again."""

    def customer(self, account_id: UUID, handle: str, /) -> str:
        """
        Return the provider's name for an account; asked again, it is the same.

        :raises ProviderDown: when nobody answers
        """

    def open(
        self, saving: Saving, /, *, customer: str, back: str, **world: object
    ) -> OpenedPayment:
        """:raises ProviderDown: when nobody answers"""

    def look(self, saving: Saving, /) -> SavingSeen:
        """:raises ProviderDown: when nobody answers"""

    def held(self, customer: str, saved: Sequence[SavedMeans], /) -> Sequence[MeansSeen]:
        """
        Return all that it holds for a customer, of which ``saved`` are those we know.

        :raises ProviderDown: when nobody answers
        """

    def forget(self, ref: str, /) -> None:
        """
        Forget a means; one that it does not hold any more is forgotten.

        :raises ProviderDown: when nobody answers
        """

    def charge(self, payment: PaymentTry, /, *, customer: str, back: str, now: datetime) -> Charged:
        """
        Take a payment with its saved means; asked again for the same one, it is taken once.

        ``back`` is where its holder is led after confirming it, empty when nobody is there.

        :raises ProviderDown: when nobody answers: it may have been taken
        """


class Provider(Protocol):
    name: str
    header: str
    """The request's header with the signature of a webhook."""
    cheap: bool
    """Whether asking it costs no call over the network, so that a page may."""

    @property
    def label(self) -> str | Promise:
        """Return what customers read where they choose it."""

    def open(self, payment: PaymentTry, /, *, back: str, now: datetime) -> OpenedPayment:
        """
        Let a payment wait at the provider; asked again for the same one, it opens it once.

        :raises ProviderDown: when nobody answers
        :raises MeansRefuses: when it takes no such payment, as one that is too small
        """

    def number_of(self, ref: str) -> str:
        """
        Return the number of the payment that something at the provider belongs to; empty for none.

        :raises ProviderDown: when nobody answers
        """

    def look(self, payment: PaymentTry, /, *, now: datetime) -> Seen:
        """:raises ProviderDown: when nobody answers"""

    def read(self, body: bytes, signature: str, *, now: datetime) -> ToldEvent:
        """:raises NotGenuine: when it was not this provider who said so, or not lately"""

    def send_back(self, refund: Refund, payment: PaymentTry) -> SentBack:
        """
        Send money back, or tell what became of it; asked again, it is sent once.

        :raises ProviderDown: when nobody answers
        :raises RefundRefused: when it never will
        """

    def failure(self, refund: Refund) -> str:
        """
        Say why a refund that had left came back after all; empty when it did not.

        :raises ProviderDown: when nobody answers
        """

    def close(self, payment: PaymentTry) -> None:
        """
        See to it that a payment which was begun cannot be finished; one that was, stays.

        :raises ProviderDown: when nobody answers
        """
