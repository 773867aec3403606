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
    refuses: dict[str, tuple[int, Any]] = field(default_factory=dict)
    status: int = 200
    charges: str = "succeeded"
    """What becomes of payments with a saved means."""

    def answer(self, method: str, path: str, given: dict[str, str], key: str) -> tuple[int, Any]:
        self.asked.append((method, path, given))
        if self.status != 200:
            kind = "invalid_request_error" if self.status == 400 else "api_error"
            return self.status, {"error": {"message": "no", "type": kind, "code": "no"}}
        if method == "POST":
            if (status := self.refuses.get(path)) is not None:
                return status
            if path.endswith(("/expire", "/cancel")):
                return self._close(path.rpartition("/")[0], path.rpartition("/")[2])
            if self.said.setdefault(key, given) != given:
                return 400, {"error": {"message": "no", "type": "idempotency_error"}}
            # As Stripe: the same key is answered the same.
            made = self.by_key.setdefault(key or str(len(self.asked)), self._make(path, given))
            return 200, made
        if path == "/v1/payment_intents":
            made = [each for at, each in self.held.items() if at.startswith(path + "/")]
            return 200, {"object": "list", "data": made, "has_more": False, "url": path}
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
        if path == "/v1/customers":
            return {"id": "cus_1", "object": "customer", **given}
        if path == "/v1/payment_intents":
            return self._charge(f"pi_{number}", given)
        if path.endswith("/detach"):
            ref = path.split("/")[3]
            self.held["/v1/payment_methods"]["data"].clear()
            return {"id": ref, "object": "payment_method"}
        made = {"id": f"re_{number}", "object": "refund", "status": "succeeded", **given}
        self.held[f"/v1/refunds/{made['id']}"] = made
        return made

    def _charge(self, ref: str, given: dict[str, str]) -> Any:
        paid, asks = self.charges == "succeeded", self.charges == "requires_action"
        made = {
            "id": ref,
            "object": "payment_intent",
            "status": self.charges,
            "currency": given["currency"],
            "amount_received": int(given["amount"]) if paid else 0,
            "metadata": {"payment": given["metadata[payment]"]},
            "latest_charge": None,
        }
        if asks:
            place = {"url": f"https://hooks.stripe.com/3ds/{ref}", "return_url": "x"}
            made["next_action"] = {"type": "redirect_to_url", "redirect_to_url": place}
        self.held[f"/v1/payment_intents/{ref}"] = made
        return made

    def _close(self, path: str, how: str) -> tuple[int, Any]:
        thing = self.held[path]
        if thing["status"] not in {"open", "requires_action"}:
            kind = {"message": "no", "type": "invalid_request_error", "code": "not_open"}
            return 400, {"error": kind}
        thing["status"] = "expired" if how == "expire" else "canceled"
        return 200, thing

    def save(self, ref: str, method: str = "pm_1", *, year: int = 2029) -> None:
        """Let a customer have typed a card on the page of a session that saves one."""
        card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": year}
        made = {"id": method, "object": "payment_method", "card": card}
        intent = {"id": "seti_1", "object": "setup_intent", "status": "succeeded"}
        session = self.held[f"/v1/checkout/sessions/{ref}"]
        session |= {"status": "complete", "setup_intent": {**intent, "payment_method": made}}
        listed = self.held.setdefault("/v1/payment_methods", {"object": "list", "data": []})
        listed["data"].append(made)

    def decline(self, code: str, reason: str = "") -> None:
        """Let Stripe decline each payment with a saved means from now on."""
        error = {"message": "no", "type": "card_error", "code": code, "decline_code": reason}
        self.refuses["/v1/payment_intents"] = (402, {"error": error})

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
