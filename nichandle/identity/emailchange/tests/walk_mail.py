"""The mails of a random walk: how they travel, and how people and scanners read them."""

import random
import re
from datetime import datetime

import time_machine
from django.db.models import Q
from django.test import Client

from nichandle.identity.emailchange.tests.walk_model import Model, Request, Sent
from nichandle.platform.jobs import operations as jobs
from nichandle.platform.outbox import operations as outbox
from nichandle.platform.outbox.models import Mail
from tests.support.people import Person
from tests.support.post import CODE, Post, text_of

LINKS = {kind: re.compile(rf"/change/{kind}/(\S+)") for kind in ("proof", "veto", "undo")}
PARTS = {"code": "asked", "warning": "asked"}


class Mailboxes:
    """Who reads what: part of a walk."""

    person: Person
    post: Post
    now: datetime
    random: random.Random
    model: Model
    spare: str

    def set_up_mail(self) -> None:
        self.mails_down = self.refusing = self.putting_off = False
        # To whom each veto went and when, and the newest mail when an address was given up.
        self.vetoes: dict[str, tuple[str, int, datetime]] = {}
        self.given_up: dict[str, int] = {}

    def break_or_mend_the_mail(self) -> None:
        self.mails_down = not self.mails_down

    def refuse_or_take_mail(self) -> None:
        """From now on the present primary address refuses mail for good, or no longer does."""
        self.refusing = not self.refusing

    def put_off_or_take_mail(self) -> None:
        """From now on it puts mail off, as a full mailbox does, or no longer does."""
        self.putting_off = not self.putting_off

    def scan(self) -> None:
        """A scanner opens what is in some mails, and sends every form as it finds it."""
        scanner = Client(HTTP_HOST="localhost")
        letters = self.random.sample(self.letters(), min(3, len(self.letters())))
        with time_machine.travel(self.now, tick=False):
            for _to, text in letters:
                for kind, pattern in LINKS.items():
                    for secret in pattern.findall(text):
                        path = f"/change/{kind}/{secret}"
                        scanner.get(path)
                        scanner.post(path)
                        scanner.post(path, {"meaning": "keep"})

    def deliver(self) -> None:
        self._do_jobs()
        places = [request.new for request in self.model.requests]
        mine = Q(account_id=self.person.account.pk) | Q(account_id=None, recipient__in=places)
        for mail in Mail.objects.filter(mine, state="queued").order_by("pk"):
            self._written(mail)
            if self.mails_down or outbox.drop_if_expired(mail, now=self.now):
                continue
            to_current = mail.recipient == self.model.address
            if to_current and self.refusing:
                outbox.refuse(mail, error="550", now=self.now)
                self._bounced(mail)
            elif to_current and self.putting_off:
                outbox.put_off(mail, error="450", now=self.now)
                if self.now - mail.created_at >= outbox.GIVE_UP_AFTER:
                    self._bounced(mail)
            else:
                self.post.take(mail)
                outbox.accept(mail, now=self.now)
                self._delivered(mail, text_of(self.post.messages[-1][1]))

    def _do_jobs(self) -> None:
        while job := jobs.claim(worker="walk", now=self.now):
            jobs.work_of(job)(now=self.now)
            jobs.finish(job)

    def _written(self, mail: Mail) -> None:
        request, kind = self._request_of(mail), mail.template.rpartition("/")[2]
        part = PARTS.get(kind, kind)
        if request is None or part not in {"asked", "reminder", "proven", "proof"}:
            return
        if part != "proof" and "veto" not in mail.secret_names:
            return
        current = part != "proof" and mail.recipient == request.old
        request.sent.setdefault(mail.pk, Sent(part, current, mail.created_at))

    def _delivered(self, mail: Mail, text: str) -> None:
        for secret in LINKS["veto"].findall(text):
            self.vetoes[secret] = (mail.recipient, mail.pk, mail.created_at)
        kind, request = mail.template.rpartition("/")[2], self._request_of(mail)
        if request is None:
            return
        if mail.pk in request.sent:
            request.sent[mail.pk].accepted_at = self.now
        if kind == "code":
            request.codes_settled += 1
            request.code_there = True
        elif kind == "proof":
            request.proofs_read += LINKS["proof"].findall(text)
            request.proof_codes_read += CODE.findall(text)
        elif kind == "undo_code":
            request.undo_codes_read.append((CODE.findall(text)[0], mail.created_at))

    def _bounced(self, mail: Mail) -> None:
        kind, request = mail.template.rpartition("/")[2], self._request_of(mail)
        if request is None or mail.pk not in request.sent:
            return
        request.sent[mail.pk].refused_at = self.now
        request.refused = request.refused or request.sent[mail.pk].current
        if kind == "code":
            request.codes_settled += 1
            request.code_there = False

    def give_up(self, address: str) -> None:
        newest = Mail.objects.order_by("-pk").first()
        self.given_up[address] = newest.pk if newest else 0

    def _request_of(self, mail: Mail) -> Request | None:
        new = mail.context.get("new_address")
        return next((one for one in self.model.requests if one.new == new), None)

    def letters(self) -> list[tuple[str, str]]:
        return [(to, text_of(message)) for to, message in self.post.messages]

    def a_secret(self, kind: str) -> str | None:
        """Return one of the newest secrets of a kind in any mailbox."""
        found = [secret for _to, text in self.letters() for secret in LINKS[kind].findall(text)]
        return self.random.choice([found[-1], *found[-4:]]) if found else None

    def newest_code(self) -> tuple[str, Request | None] | None:
        """Return the newest code in the mailbox of the present address, and whose it is."""
        for to, text in reversed(self.letters()):
            found = CODE.search(text) if to == self.model.address else None
            if found:
                of = [one for one in self.model.requests if one.new in text and one.old in text]
                return found[0], of[0] if of else None
        return None

    def undo_of(self, request: Request) -> str | None:
        found = [
            secret
            for to, text in self.letters()
            if to in {request.old, self.spare} and request.new in text and request.old in text
            for secret in LINKS["undo"].findall(text)
        ]
        return self.random.choice(found) if found else None
