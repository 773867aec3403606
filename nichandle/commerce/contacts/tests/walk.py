"""A random walk of the hand-over machine beside the model of it."""

import json
import random
from collections.abc import Callable
from datetime import datetime

from nichandle.commerce.contacts.disputes import operations as disputes
from nichandle.commerce.contacts.models import Dispute, Request
from nichandle.commerce.contacts.requests import answering, asking
from nichandle.commerce.contacts.tests.helpers import work
from nichandle.commerce.contacts.tests.model import (
    DAY,
    HOUR,
    LOWER,
    NOBODY,
    OPEN,
    ROLES,
    Model,
)
from nichandle.commerce.services.models import Role, Service
from nichandle.identity.accounts.models import Account
from nichandle.identity.pauses import operations as pauses
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.operations import reset
from nichandle.platform.outbox.models import SECRETS, Mail
from tests.support.people import Person


class Walk(Model):
    def __init__(self, people: list[Person], services: list[Service], seed: int, now: datetime):
        holders = {
            (row.service_id, row.role): str(row.account.handle.text)
            for row in Role.objects.select_related("account__handle")
        }
        super().__init__(holders, now)
        self.chance = random.Random(seed)
        self.people = {person.handle: person for person in people}
        self.services = {service.pk: service for service in services}

    def step(self) -> str:
        acts: list[tuple[int, Callable[[], str]]] = [
            (6, self.ask),
            (3, self.work),
            (10, self.accept),
            (2, self.refuse),
            (1, self.refuse_by_link),
            (2, self.send_again),
            (1, self.pause),
            (2, self.freeze_or_thaw),
            (4, self.dispute),
            (2, self.settle),
            (2, self.wait),
        ]
        act = self.chance.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
        said = act()
        self.compare()
        return said

    def ask(self) -> str:
        asker = self.chance.choice(list(self.people))
        chosen = self.chance.sample(list(self.services), self.chance.choice([1, 1, 2]))
        roles = self.chance.sample(ROLES, self.chance.choice([1, 1, 2]))
        named = {role: self.chance.choice([*self.people, NOBODY]) for role in roles}
        reset("contact.invite", key=str(self.people[asker].account.pk))
        for person in self.people.values():
            reset("contact.recipient", key=str(person.account.pk))
        expected, groups = self.judged(asker, chosen, named)
        made: list[int] = []
        refused = code_of(
            lambda: made.extend(
                asking.ask(
                    account_id=self.people[asker].account.pk,
                    service_ids=chosen,
                    named=named,
                    act=Act.by_itself(self.now),
                )
            )
        )
        assert refused == expected
        if refused:
            return refused
        self.replace({item for group in groups for item in group.items})
        assert len(made) == len(groups)
        for key, hand in zip(made, groups, strict=True):
            self.hands[key] = hand
            if not hand.needs:
                self.carry_out(hand)
        return "asked"

    def work(self) -> str:
        work(self.now)
        for hand in self.hands.values():
            if hand.state in {"todo", "checkValidity"} and not self.lapsed(hand):
                if hand.asker in self.shut:
                    self.end(hand, "error")
                    continue
                waits = self.is_paused(hand.asker)
                hand.state = "checkValidity" if waits else "validatingByCustomers"
                hand.sent = not waits
                hand.mailed = {} if waits else dict.fromkeys(hand.needs, 1)
            if hand.state in OPEN - {"doing"} and self.lapsed(hand):
                self.end(hand, "expired")
        for hand in self.hands.values():
            if hand.state == "doing":
                self.carry_out(hand)
        return "worked"

    def accept(self) -> str:
        if not self.hands:
            return "nothing"
        waiting = [key for key, one in self.hands.items() if one.state == "validatingByCustomers"]
        key = self.chance.choice(waiting or list(self.hands))
        hand = self.hands[key]
        person = self.chance.choice([hand.asker, hand.new, *self.people])
        if person not in self.people:
            return "nothing"
        side = "asker" if person == hand.asker else "newcomer" if person == hand.new else ""
        right = self.chance.random() < 0.9
        secret = self.secret(key, person, side) if right else "x" * 32
        expected = self.answer(hand, person, side, bool(secret), right)
        refused = code_of(
            lambda: answering.accept(
                account_id=self.people[person].account.pk,
                request_id=key,
                token=secret,
                terms=True,
                act=Act.by_itself(self.now),
            )
        )
        assert refused == expected, hand
        if refused:
            return refused
        hand.needs[side] = True
        if side == "newcomer":
            hand.said_at = self.now
        if all(hand.needs.values()):
            hand.state = "doing"
            self.carry_out(hand)
        return "accepted"

    def refuse(self) -> str:
        alive = [key for key, hand in self.hands.items() if hand.state in OPEN]
        if not alive:
            return "nothing"
        key = self.chance.choice(alive)
        hand = self.hands[key]
        person = self.chance.choice([hand.asker, hand.new])
        if person not in self.people:
            return "nothing"
        refused = code_of(
            lambda: answering.refuse(
                account_id=self.people[person].account.pk,
                request_id=key,
                act=Act.by_itself(self.now),
            )
        )
        assert refused == self.may_refuse(hand, person)
        if refused:
            return refused
        self.end(hand, "aborted" if person == hand.asker else "refused")
        return "refused"

    def refuse_by_link(self) -> str:
        """Refuse, or withdraw, with a mail's link: nobody has to sign in."""
        alive = [key for key, hand in self.hands.items() if hand.state in OPEN and hand.sent]
        if not alive:
            return "nothing"
        key = self.chance.choice(alive)
        hand = self.hands[key]
        side = self.chance.choice(list(hand.needs))
        person = hand.asker if side == "asker" else hand.new
        secret = self.secret(key, person, side) if person in self.people else ""
        refused = code_of(
            lambda: answering.refuse_by_token(secret=secret, act=Act.by_itself(self.now))
        )
        expected = "" if secret else "contact.token_not_valid"
        if secret and side == "newcomer":
            expected = self.may_refuse(hand, person)
        assert refused == expected
        assert bool(secret) == (person in self.people and not hand.needs[side])
        if refused:
            return refused
        self.end(hand, "aborted" if side == "asker" else "refused")
        return "refused by link"

    def send_again(self) -> str:
        alive = [key for key, hand in self.hands.items() if hand.state in OPEN]
        if not alive:
            return "nothing"
        key = self.chance.choice(alive)
        hand = self.hands[key]
        person = self.chance.choice([hand.asker, hand.new])
        if person not in self.people:
            return "nothing"
        side = "asker" if person == hand.asker else "newcomer"
        expected, counted = self.may_send_again(hand, person, side)
        refused = code_of(
            lambda: answering.resend(
                account_id=self.people[person].account.pk,
                request_id=key,
                act=Act.by_itself(self.now),
            )
        )
        assert refused == expected, hand
        if refused:
            return refused
        hand.mailed[counted] += 1
        self.work()
        return "sent again"

    def freeze_or_thaw(self) -> str:
        """Customer service freezes an account, or lets it go on."""
        person = self.chance.choice(sorted(self.shut) or list(self.people))
        self.shut ^= {person}
        state = "frozen" if person in self.shut else "active"
        Account.objects.filter(pk=self.people[person].account.pk).update(state=state)
        return state

    def pause(self) -> str:
        person = self.chance.choice(list(self.people))
        pauses.begin(
            account_id=self.people[person].account.pk,
            cause="change_undone",
            act=Act.by_itself(self.now),
        )
        self.pauses.setdefault(person, []).append((self.now, self.now + 72 * HOUR))
        return "paused"

    def wait(self) -> str:
        self.now += self.chance.choice([HOUR, DAY, 2 * DAY, 4 * DAY])
        return "waited"

    def dispute(self) -> str:
        found = [
            key
            for key, hand in self.hands.items()
            if hand.state == "done" and not hand.disputed and hand.disputable
        ]
        if not found:
            return "nothing"
        key = self.chance.choice(found)
        hand = self.hands[key]
        secret = self.link(key)
        refused = code_of(lambda: disputes.dispute(secret=secret, act=Act.by_itself(self.now)))
        assert hand.ended_at is not None
        assert bool(refused) == (self.now >= hand.ended_at + 7 * DAY)
        if refused:
            return refused
        hand.disputed = True
        numbers = {number for number, role in hand.done if role not in LOWER}
        self.frozen |= numbers
        for other in self.hands.values():
            if other.state in OPEN and any(number in numbers for number, _role in other.items):
                self.end(other, "aborted")
        return "disputed"

    def settle(self) -> str:
        found = [key for key, one in self.hands.items() if one.disputed and not one.settled]
        if not found:
            return "nothing"
        key = self.chance.choice(found)
        hand, back = self.hands[key], self.chance.random() < 0.5
        number = Request.objects.get(pk=key).dispute.pk
        disputes.settle(
            dispute_id=number, give_back=back, by="Anna", words="Looked into.", now=self.now
        )
        hand.settled = True
        for item in hand.done:
            if back and item[1] not in LOWER:
                self.holders[item] = hand.old
        self.frozen = {
            service
            for one in self.hands.values()
            if one.disputed and not one.settled
            for service, role in one.done
            if role not in LOWER
        }
        return "settled"

    def secret(self, key: int, person: str, side: str) -> str:
        """Read the newest secret of this request and side in the mails, as its reader has it."""
        template = {"asker": "contacts/mail/confirm", "newcomer": "contacts/mail/asked"}.get(side)
        if template is None:
            return ""
        digests = set(Request.objects.get(pk=key).sides.values_list("digest", flat=True))
        return find(self.people[person].email, template, digests)

    def link(self, key: int) -> str:
        request = Request.objects.get(pk=key)
        address = request.from_account.email
        return find(address, "contacts/mail/done", {request.dispute.digest})

    def compare(self) -> None:
        rows = Role.objects.select_related("account__handle")
        there = {(row.service_id, row.role): row.account.handle.text for row in rows}
        assert there == self.holders
        states = dict(Request.objects.values_list("pk", "state"))
        assert states == {key: hand.state for key, hand in self.hands.items()}
        disputes_made = set(Dispute.objects.values_list("request_id", flat=True))
        assert disputes_made == {key for key, hand in self.hands.items() if hand.disputable}
        frozen = Service.objects.filter(contacts_frozen_at__isnull=False)
        assert set(frozen.values_list("pk", flat=True)) & self.services.keys() == self.frozen


def code_of(act: Callable[[], object]) -> str:
    """Do it; return the code of the refusal, nothing when there is none."""
    try:
        act()
    except Refused as refusal:
        return refusal.code
    return ""


def find(address: str, template: str, digests: set[str]) -> str:
    """Return the secret in a mail to an address that belongs to one of these digests."""
    for mail in Mail.objects.filter(recipient=address, template=template).order_by("-pk"):
        if mail.secrets:
            for secret in json.loads(tokens.unseal(mail.secrets, SECRETS)).values():
                if tokens.digest(secret) in digests:
                    return str(secret)
    return ""
