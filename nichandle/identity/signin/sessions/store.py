"""Django's session interface over our own table."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.utils import timezone

from nichandle.identity.signin.models import Session
from nichandle.platform.kernel import tokens


class SessionStore(SessionBase):
    """
    The data of one session, such as an act interrupted for a fresh sign-in.

    Only signing in creates rows: a visitor's store lives as long as the request. ``data`` is what
    the request has read of a live session already.
    """

    def __init__(self, session_key: str | None = None, data: str | None = None) -> None:
        super().__init__(session_key)
        self.data = data

    def load(self) -> dict[str, Any]:
        if self.data is None and self.session_key:
            row = Session.objects.filter(key_digest=tokens.digest(self.session_key)).first()
            self.data = row.data if row is not None and row.live(timezone.now()) else None
        return dict(json.loads(self.data or "{}"))

    def save(self, must_create: bool = False) -> None:
        if must_create:
            raise CreateError("a session begins by signing in")
        if self.session_key is None:
            return
        digest = tokens.digest(self.session_key)
        text = json.dumps(dict(self.items()), sort_keys=True)
        if not Session.objects.filter(key_digest=digest).update(data=text):
            raise UpdateError("this session has ended")

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_digest=tokens.digest(session_key)).exists()

    def create(self) -> None:
        raise CreateError("a session begins by signing in")

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(key_digest=tokens.digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        # What ended by idleness alone is seen to by its absolute end, at most thirty days later.
        Session.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
