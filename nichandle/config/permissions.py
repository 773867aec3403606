"""
Who gets what: for every address and method, the answer to each kind of visitor.

A number is the status; a name is the page the visitor is sent to. A form sent empty is answered
422, a method that a page does not take 405. The house tests ask every address of the product as
every visitor, and fail on an address that has no row here.
"""

from typing import Final, NamedTuple

Answer = int | str
SIGN_IN: Final = "signin:signin"
DETAILS: Final = "signup:details"
"""Where somebody goes on whose account has no details, and so no identifier, yet."""


class Row(NamedTuple):
    """What one address answers to GET and to POST, to each visitor."""

    name: str
    get: tuple[Answer, Answer, Answer]
    post: tuple[Answer, Answer, Answer]
    demo_only: bool = False


VISITORS: Final = ("anonymous", "opening", "customer")
OPEN: Final = (200, 200, 200)
NONE: Final = (405, 405, 405)
MISSING: Final = (404, 404, 404)
GONE: Final = (410, 410, 410)
REVIEWERS: Final = ("review:signin",) * 3
CLOSED_TO_POST: Final = (SIGN_IN, DETAILS, 405)

PERMISSIONS: Final = (
    # Everybody's.
    Row("area:public", OPEN, NONE),
    Row("area:language", NONE, ("area:public", "area:public", "area:public")),
    Row("area:change_password", ("area:password", "area:password", "area:password"), NONE),
    Row("area:security_txt", MISSING, NONE),  # until the operator names a contact
    # The shop; the test sells nothing.
    Row("area:shop", OPEN, NONE),
    Row("area:family", MISSING, NONE),
    Row("area:product", MISSING, MISSING),
    Row("area:terms", MISSING, NONE),
    Row("ui:brand", OPEN, NONE),
    Row("ui:logo", MISSING, NONE),  # until the operator gives one
    Row("healthz", OPEN, NONE),
    Row("readyz", (503, 503, 503), NONE),  # no worker runs beside the tests
    # Signing in and out.
    Row("signin:signin", (200, "area:home", "area:home"), (422, 422, 422)),
    # The second step needs a sign-in half done in this browser.
    Row("signin:factor", (SIGN_IN, "area:home", "area:home"), (SIGN_IN, "area:home", "area:home")),
    Row("signin:code", (SIGN_IN, "area:home", "area:home"), (SIGN_IN, "area:home", "area:home")),
    Row("signin:code_again", NONE, (SIGN_IN, "area:home", "area:home")),
    Row("signin:passkey", NONE, (SIGN_IN, SIGN_IN, SIGN_IN)),
    Row("signin:ask_opening", OPEN, (422, 422, 422)),
    Row("signin:opening", GONE, GONE),
    Row("signin:signout", (SIGN_IN, 405, 405), (SIGN_IN, SIGN_IN, SIGN_IN)),
    # Creating an account: the code page needs a creation under way in this browser.
    Row("signup:start", (200, "area:home", "area:home"), (422, "area:home", "area:home")),
    Row(
        "signup:code",
        ("signup:start", DETAILS, "area:home"),
        ("signup:start", DETAILS, "area:home"),
    ),
    Row("signup:again", NONE, ("signup:code", "signup:code", "signup:code")),
    Row("signup:strength", NONE, OPEN),
    Row("signup:details", (SIGN_IN, 200, "signup:done"), (SIGN_IN, 422, "signup:done")),
    Row("signup:recovery", (SIGN_IN, DETAILS, "signup:done"), (SIGN_IN, DETAILS, "signup:done")),
    Row("signup:recovery_again", CLOSED_TO_POST, (SIGN_IN, DETAILS, "signup:recovery")),
    Row("signup:done", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    # Getting back in.
    Row("recovery:password", OPEN, (422, 422, 422)),
    Row("recovery:identifier", OPEN, (422, 422, 422)),
    Row("recovery:new_password", (410, 410, 410), (410, 410, 410)),  # the test has no link
    Row("recovery:stop_reset", (410, 410, 410), (410, 410, 410)),
    Row("recovery:undo_address", GONE, GONE),
    Row("recovery:not_me", (410, 410, 410), (410, 410, 410)),  # nor this one
    # The procedure; the test has no case and no notice.
    Row("recovery:procedure", OPEN, (422, 422, 422)),
    Row("recovery:follow", OPEN, (422, 422, 422)),
    Row("recovery:case", GONE, GONE),
    Row("recovery:case_code_again", NONE, GONE),
    Row("recovery:case_paper", NONE, GONE),
    Row("recovery:case_remove_paper", NONE, GONE),
    Row("recovery:case_send", NONE, GONE),
    Row("recovery:case_withdraw", NONE, GONE),
    Row("recovery:notice", GONE, GONE),
    Row("recovery:own_cases", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("recovery:object_own", CLOSED_TO_POST, (SIGN_IN, DETAILS, "recovery:own_cases")),
    # Changing the primary address; the test has no request under way and no link.
    Row("emailchange:address", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row(
        "emailchange:code",
        (SIGN_IN, DETAILS, "emailchange:address"),
        (SIGN_IN, DETAILS, "emailchange:address"),
    ),
    Row("emailchange:prove", CLOSED_TO_POST, (SIGN_IN, DETAILS, "emailchange:address")),
    Row("emailchange:again", CLOSED_TO_POST, (SIGN_IN, DETAILS, "emailchange:address")),
    Row("emailchange:withdraw", CLOSED_TO_POST, (SIGN_IN, DETAILS, "emailchange:address")),
    Row("emailchange:veto_signed_in", CLOSED_TO_POST, (SIGN_IN, DETAILS, "emailchange:address")),
    Row("emailchange:resume", CLOSED_TO_POST, (SIGN_IN, DETAILS, "emailchange:address")),
    Row("emailchange:proof", GONE, GONE),
    Row("emailchange:veto", GONE, GONE),
    Row("emailchange:undo", GONE, GONE),
    Row("emailchange:undo_code", GONE, GONE),
    Row("emailchange:undo_factor", GONE, GONE),
    # The customer area.
    Row("area:home", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:spelling", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:account", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:password", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row("area:pause_factor", (SIGN_IN, DETAILS, "area:pause"), (SIGN_IN, DETAILS, "area:pause")),
    Row("area:factors", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:new_app", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row("area:new_key", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row("area:recovery_codes", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),  # no factor yet
    Row("area:recovery_codes_file", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("area:end_trust", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:factors")),
    Row("area:rename_factor", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),
    Row("area:remove_factor", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),
    Row("area:sessions", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:end_session", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:sessions")),
    Row("area:end_others", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:sessions")),
    Row("area:recovery_addresses", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row(
        "area:prove_recovery_address",
        (SIGN_IN, DETAILS, "area:recovery_addresses"),  # the test names none of its own
        (SIGN_IN, DETAILS, "area:recovery_addresses"),
    ),
    Row("area:recovery_code_again", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:recovery_addresses")),
    Row(
        "area:remove_recovery_address",
        CLOSED_TO_POST,
        (SIGN_IN, DETAILS, "area:recovery_addresses"),
    ),
    Row("area:security", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:notices", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:security")),
    Row("area:networks", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row("area:network_default", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:networks")),
    Row("area:remove_network", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:networks")),
    Row("area:pause", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row("area:pause_code", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:pause")),
    # Invoices; the test has none.
    Row("invoices:list", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("invoices:csv", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("invoices:check", OPEN, (422, 422, 422)),
    Row("invoices:copies", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row("invoices:remove_copy", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("invoices:agree_copy", GONE, GONE),  # the test has no link
    Row("invoices:stop_copy", GONE, GONE),
    Row("invoices:years", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("invoices:ask_year", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("invoices:year_file", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("invoices:shared", GONE, NONE),  # the test has no link
    Row("invoices:shared_file", MISSING, NONE),
    Row("invoices:invoice", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("invoices:links", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("invoices:make_link", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("invoices:withdraw_link", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("invoices:file", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("area:ledger", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:prove_ledger", CLOSED_TO_POST, (SIGN_IN, DETAILS, "area:ledger")),
    Row("area:ledger_csv", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:mails", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("area:mail", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),  # the test asks for nobody's mail
    Row("area:mail_html", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("area:edit", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row("area:preferences", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    # The staff's: no customer is one, and their own tests say what each role gets.
    Row("review:before", ("review:home",) * 3, NONE),
    Row("review:setup_before", GONE, GONE),
    Row("review:signin", OPEN, (422, 422, 422)),
    Row("review:setup", GONE, GONE),
    *(
        Row(f"review:{name}", get, post)
        for name, get, post in (
            # A key is asked of a sign-in half done in this browser.
            ("key", REVIEWERS, REVIEWERS),
            ("home", REVIEWERS, NONE),
            ("rights", REVIEWERS, NONE),
            ("people", REVIEWERS, NONE),
            ("invite", NONE, REVIEWERS),
            ("change_role", NONE, REVIEWERS),
            ("dismiss", NONE, REVIEWERS),
            ("staff_ledger", REVIEWERS, NONE),
            ("keys", REVIEWERS, NONE),
            ("new_key", REVIEWERS, REVIEWERS),
            ("remove_key", REVIEWERS, REVIEWERS),
            ("cases", REVIEWERS, NONE),
            ("case", REVIEWERS, NONE),
            ("paper", REVIEWERS, NONE),
            ("signout", NONE, REVIEWERS),
            ("take", NONE, REVIEWERS),
            ("leave", NONE, REVIEWERS),
            ("ask", NONE, REVIEWERS),
            ("approve", NONE, REVIEWERS),
            ("refuse", NONE, REVIEWERS),
            ("close", NONE, REVIEWERS),
            ("settle", NONE, REVIEWERS),
            ("bank", REVIEWERS, NONE),
            ("bank_line", REVIEWERS, NONE),
            ("assign_line", NONE, REVIEWERS),
            ("line_aside", NONE, REVIEWERS),
            ("line_back", NONE, REVIEWERS),
            ("refund_sent", NONE, REVIEWERS),
            ("credit_back", NONE, REVIEWERS),
            ("tickets", REVIEWERS, NONE),
            ("ticket", REVIEWERS, REVIEWERS),
            ("note_ticket", NONE, REVIEWERS),
            ("take_ticket", NONE, REVIEWERS),
            ("leave_ticket", NONE, REVIEWERS),
            ("close_ticket", NONE, REVIEWERS),
        )
    ),
    # Services.
    Row("services:list", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("services:service", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),  # the test's is nobody's
    Row("services:renewal", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    # Contacts: a request needs a secret or a sign-in, and the test has neither's.
    Row("contacts:list", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row(
        "contacts:change", (SIGN_IN, DETAILS, "contacts:list"), (SIGN_IN, DETAILS, "contacts:list")
    ),
    Row("contacts:requests", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("contacts:request", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("contacts:accept", (SIGN_IN, DETAILS, 403), (SIGN_IN, DETAILS, 403)),
    Row("contacts:refuse", CLOSED_TO_POST, (SIGN_IN, DETAILS, "contacts:requests")),
    Row("contacts:resend", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("contacts:begin", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("contacts:resume", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("contacts:warn", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),
    Row("contacts:dispute_request", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),
    Row("contacts:answer", (410, 410, 410), (410, 410, 410)),
    Row("contacts:dispute", (410, 410, 410), (410, 410, 410)),
    # Tickets; the test has none.
    Row("tickets:list", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("tickets:new", (SIGN_IN, DETAILS, 200), (SIGN_IN, DETAILS, 422)),
    Row("tickets:ticket", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),
    Row("tickets:close", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("tickets:rate", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    # Payments: what the test asks for is nobody's.
    Row("payments:pay", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),
    Row("payments:transfer", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("payments:go", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("payments:done", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("payments:means", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("payments:means_add", CLOSED_TO_POST, (SIGN_IN, DETAILS, "payments:means")),
    Row("payments:means_go", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("payments:means_done", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("payments:means_prefer", CLOSED_TO_POST, (SIGN_IN, DETAILS, "payments:means")),
    Row("payments:means_remove", CLOSED_TO_POST, (SIGN_IN, DETAILS, "payments:means")),
    Row("payments:webhook", NONE, (403, 403, 403)),  # no signature
    # Orders: the test has none, its basket is empty, and no link of a withdrawal.
    Row("orders:basket", OPEN, NONE),
    Row("orders:remove", NONE, ("orders:basket",) * 3),
    Row(
        "orders:checkout",
        (SIGN_IN, DETAILS, "orders:basket"),
        (SIGN_IN, DETAILS, 422),
    ),
    Row("orders:list", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("orders:file", (SIGN_IN, DETAILS, 200), CLOSED_TO_POST),
    Row("orders:pay", CLOSED_TO_POST, (SIGN_IN, DETAILS, "orders:list")),
    Row("orders:order", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),
    Row("orders:cancel", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("orders:plans", (SIGN_IN, DETAILS, 404), CLOSED_TO_POST),  # the test's service is nobody's
    Row("orders:downgrade", CLOSED_TO_POST, (SIGN_IN, DETAILS, 404)),
    Row("orders:upgrade", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),
    Row("orders:withdraw", OPEN, (422, 422, 422)),
    Row("orders:withdraw_confirm", NONE, (422, 422, 422)),
    Row("orders:withdraw_own", (SIGN_IN, DETAILS, 404), (SIGN_IN, DETAILS, 404)),
    Row("orders:contest", GONE, GONE),
    Row("orders:delivery", NONE, (403, 403, 403)),  # nothing is signed
    # Demo mode's.
    Row("payments:trial_card", MISSING, MISSING, demo_only=True),
    Row("payments:trial", MISSING, MISSING, demo_only=True),
    Row("ui:style", OPEN, NONE, demo_only=True),
    Row("mailbox:list", OPEN, NONE, demo_only=True),
    Row("mailbox:letter", MISSING, NONE, demo_only=True),
    Row("mailbox:html", MISSING, NONE, demo_only=True),
)
