"""Tickets of the demo customers: one answered, one that waits."""

from datetime import datetime, timedelta
from uuid import uuid4

from nichandle.identity.accounts.demo import CUSTOMERS
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import by_address_key
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.support.tickets import answering, operations
from nichandle.support.tickets.models import Ticket, TicketMessage
from nichandle.support.tickets.steps import TicketQuestion

ASKED = (
    (
        "incident",
        "Mes e-mails partent, mais rien n’arrive",
        (
            "Bonjour,\n\ndepuis ce matin j’envoie des e-mails depuis courrier.mercier.example, "
            "mais je n’en reçois plus. Ma messagerie n’affiche aucune erreur.\n\nMerci d’avance"
        ),
        (
            "Bonjour,\n\nvotre boîte était pleine : nous l’avons agrandie, et les messages "
            "en attente arrivent en ce moment. Rien n’est perdu.\n\nBonne journée"
        ),
    ),
    (
        "billing",
        "Un numéro de commande sur mes factures",
        (
            "Bonjour,\n\nma comptable voudrait que notre numéro de commande apparaisse sur les "
            "prochaines factures. Où dois-je l’indiquer ?"
        ),
        "",
    ),
)


def present() -> bool:
    """Tell whether the demo tickets are in the database."""
    return Ticket.objects.filter(account=_diane(), subject=ASKED[0][1]).exists()


def load(now: datetime) -> list[str]:
    """Write the demo tickets; there is nothing about them that a newcomer must know first."""
    diane = _diane()
    if diane is None:
        return []
    for number, (category, subject, text, answer) in enumerate(ASKED):
        asked_at = now - timedelta(hours=20 - 17 * number)
        question = TicketQuestion(uuid4(), category, subject, text)
        ticket = operations.ask(account_id=diane.pk, question=question, act=Act.by_itself(asked_at))
        if answer:
            seen = TicketMessage.objects.filter(ticket=ticket).latest("pk")
            answering.answer(
                str(ticket.number),
                text=answer,
                once=uuid4(),
                seen=seen.pk,
                act=Act.by_staff("Camille Roux", asked_at + timedelta(hours=2)),
            )
    return []


def _diane() -> Account | None:
    return by_address_key(addresses.key(CUSTOMERS[0].email))
