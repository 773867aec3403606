"""A security key made of software, for tests: it signs whatever it is told to, right or wrong."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One credential. What it says of site, origin, counter and the rest can be set to be false."""

    site: str = "localhost"
    origin: str = "http://localhost:8000"
    count: int = 0
    step: int = 1
    verified: bool = True
    movable: bool = False
    owner: bytes = b""
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def register(self, options: str, **more: Any) -> str:
        """Answer a question for a new key, as the browser would write it."""
        asked = json.loads(options)
        self.owner = base64.urlsafe_b64decode(asked["user"]["id"] + "==")
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        data = self._data(PRESENT | ATTESTED) + attested + self._public()
        made = {"fmt": "none", "attStmt": {}, "authData": data}
        response = {
            "clientDataJSON": text(self._client("webauthn.create", asked["challenge"])),
            "attestationObject": text(cbor2.dumps(made)),
            "transports": ["usb", "made up"],
        }
        return self._written(response, {"credProps": {"rk": True}}, **more)

    def prove(self, options: str, **more: Any) -> str:
        """Answer a question for a proof, the counter one step on."""
        asked = json.loads(options)
        self.count += self.step
        client, data = self._client("webauthn.get", asked["challenge"]), self._data(PRESENT)
        signed = data + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(self.private.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": text(self.owner),
        }
        return self._written(response, {}, **more)

    def _written(self, response: dict, extensions: dict, **more: Any) -> str:
        name = text(self.credential)
        told = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps({**told, "clientExtensionResults": extensions, **more})

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, flags: int) -> bytes:
        flags |= VERIFIED if self.verified else 0
        flags |= ELIGIBLE | BACKED_UP if self.movable else 0
        return (
            hashlib.sha256(self.site.encode()).digest()
            + flags.to_bytes(1, "big")
            + self.count.to_bytes(4, "big")
        )

    def _public(self) -> bytes:
        numbers = self.private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
