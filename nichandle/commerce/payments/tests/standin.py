"""A stand-in for Stripe's API: answers what tests have put into it, and notes what it was asked."""

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class StripeStandIn:
    """What the account at Stripe holds, by address, and the requests that came."""

    url: str = ""
    held: dict[str, Any] = field(default_factory=dict)
    by_key: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    status: int = 200

    def answer(self, method: str, path: str, given: dict[str, str], key: str) -> tuple[int, Any]:
        self.asked.append((method, path, given))
        if self.status != 200:
            kind = "invalid_request_error" if self.status == 400 else "api_error"
            return self.status, {"error": {"message": "no", "type": kind, "code": "no"}}
        if method == "POST":
            if self.said.setdefault(key, given) != given:
                return 400, {"error": {"message": "no", "type": "idempotency_error"}}
            # As Stripe: the same key is answered the same.
            made = self.by_key.setdefault(key or str(len(self.asked)), self._make(path, given))
            return 200, made
        return (200, self.held[path]) if path in self.held else (404, {"error": {"code": "none"}})

    def _make(self, path: str, given: dict[str, str]) -> Any:
        number = len(self.by_key) + 1
        if path == "/v1/checkout/sessions":
            ref = f"cs_{number}"
            made = {
                "id": ref,
                "object": "checkout.session",
                "url": f"https://checkout.stripe.com/c/{ref}",
                "status": "open",
                "payment_status": "unpaid",
                "payment_intent": None,
                "client_reference_id": given["client_reference_id"],
            }
            self.held[f"{path}/{ref}"] = made
            return made
        made = {"id": f"re_{number}", "object": "refund", "status": "succeeded", **given}
        self.held[f"/v1/refunds/{made['id']}"] = made
        return made

    def pay(self, ref: str, cents: int, *, currency: str = "eur", disputed: bool = False) -> None:
        """Let a customer have paid on the page of a session."""
        session = self.held[f"/v1/checkout/sessions/{ref}"]
        intent = {
            "id": f"pi_{ref}",
            "object": "payment_intent",
            "status": "succeeded",
            "currency": currency,
            "amount_received": cents,
            "metadata": {"payment": session["client_reference_id"]},
            "latest_charge": {"id": f"ch_{ref}", "object": "charge", "disputed": disputed},
        }
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": intent}
        self.held[f"/v1/payment_intents/pi_{ref}"] = intent

    def dispute(self, ref: str, cents: int, status: str) -> None:
        """Let a bank dispute what was paid."""
        self.pay(ref, cents, disputed=True)
        found = {"id": "dp_1", "object": "dispute", "amount": cents, "currency": "eur"}
        self.held["/v1/disputes"] = {"object": "list", "data": [{**found, "status": status}]}


@contextmanager
def serving():
    """Serve a stand-in on a port of its own while this lasts."""
    standin = StripeStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._answer("POST", {name: each[0] for name, each in parse_qs(body).items()})

        def _answer(self, method: str, given: dict[str, str]) -> None:
            key = self.headers.get("Idempotency-Key", "")
            path = urlsplit(self.path).path
            status, said = standin.answer(method, path, given, key if method == "POST" else "")
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            # The library asks again by itself unless it is told not to.
            self.send_header("Stripe-Should-Retry", "false")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    standin.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True).start()
    try:
        yield standin
    finally:
        server.shutdown()
        server.server_close()
