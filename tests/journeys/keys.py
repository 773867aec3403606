"""Chromium's virtual security keys."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page


@dataclass
class Keys:
    """The virtual authenticator of one page."""

    cdp: CDPSession
    name: str

    def credentials(self) -> list[dict[str, Any]]:
        got = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.name})
        return list(got["credentials"])

    def verify(self, able: bool) -> None:
        """Say whether its owner's finger or PIN is right."""
        told = {"authenticatorId": self.name, "isUserVerified": able}
        self.cdp.send("WebAuthn.setUserVerified", told)

    def set_back(self) -> None:
        """Become a copy made earlier: the counter is that of then."""
        (credential,) = self.credentials()
        at = {"authenticatorId": self.name, "credentialId": credential["credentialId"]}
        self.cdp.send("WebAuthn.removeCredential", at)
        copy = {**credential, "signCount": 0}
        told = {"authenticatorId": self.name, "credential": copy}
        self.cdp.send("WebAuthn.addCredential", told)


def plug_in(page: Page, *, transport: str = "internal") -> Keys:
    """Give a page a key, built in or to be plugged in."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Keys(cdp, str(made["authenticatorId"]))
