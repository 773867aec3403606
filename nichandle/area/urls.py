from django.urls import path

from nichandle.area.views import account, addresses, pause, security

app_name = "area"
urlpatterns = [
    path("", account.public, name="public"),
    path("area", account.home, name="home"),
    path("area/identifier", account.spelling, name="spelling"),
    path("account", account.account, name="account"),
    path("account/edit", account.edit, name="edit"),
    path("account/sessions", security.sessions, name="sessions"),
    path("account/sessions/end", security.end_session, name="end_session"),
    path("account/sessions/end-others", security.end_others, name="end_others"),
    path("account/password", security.password, name="password"),
    path("account/recovery-addresses", addresses.recovery_addresses, name="recovery_addresses"),
    path(
        "account/recovery-addresses/<int:which>/code",
        addresses.prove,
        name="prove_recovery_address",
    ),
    path(
        "account/recovery-addresses/<int:which>/again",
        addresses.send_again,
        name="recovery_code_again",
    ),
    path(
        "account/recovery-addresses/<int:which>/remove",
        addresses.remove,
        name="remove_recovery_address",
    ),
    path("account/pause", pause.pause, name="pause"),
    path("account/pause/code", pause.send_code, name="pause_code"),
    path("account/ledger", security.ledger, name="ledger"),
    path("account/ledger.csv", security.ledger_csv, name="ledger_csv"),
    path("account/mails", security.mails, name="mails"),
    path("account/mails/<int:mail_id>", security.mail, name="mail"),
    path("account/mails/<int:mail_id>/html", security.mail_html, name="mail_html"),
    path("language", account.language, name="language"),
]
