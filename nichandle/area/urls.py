from django.urls import path

from nichandle.area.views import account, addresses, factors, ledger, networks, pause, security

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
    path("account/security", networks.overview, name="security"),
    path("account/security/notices", networks.notice, name="notices"),
    path("account/security/networks", networks.networks, name="networks"),
    path("account/security/networks/others", networks.default, name="network_default"),
    path("account/security/networks/<int:which>/remove", networks.remove, name="remove_network"),
    path("account/security/factors", factors.factors, name="factors"),
    path("account/security/factors/app", factors.new_app, name="new_app"),
    path("account/security/factors/key", factors.new_key, name="new_key"),
    path("account/security/factors/codes", factors.codes, name="recovery_codes"),
    path("account/security/factors/codes/file", factors.codes_file, name="recovery_codes_file"),
    path("account/security/factors/trust/end", factors.end_trust, name="end_trust"),
    path(
        "account/security/factors/<str:kind>/<int:factor_id>/name",
        factors.rename,
        name="rename_factor",
    ),
    path(
        "account/security/factors/<str:kind>/<int:factor_id>/remove",
        factors.remove,
        name="remove_factor",
    ),
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
    path("account/pause/factor", factors.lift_pause, name="pause_factor"),
    path("account/pause/code", pause.send_code, name="pause_code"),
    path("account/ledger", ledger.ledger, name="ledger"),
    path("account/ledger/prove", ledger.prove_ledger, name="prove_ledger"),
    path("account/ledger.csv", ledger.ledger_csv, name="ledger_csv"),
    path("account/mails", security.mails, name="mails"),
    path("account/mails/<int:mail_id>", security.mail, name="mail"),
    path("account/mails/<int:mail_id>/html", security.mail_html, name="mail_html"),
    path("language", account.language, name="language"),
]
