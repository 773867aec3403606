"""An operator's settings: read from the environment, or refused with a sentence."""

import os
from datetime import timedelta

import pytest

from nichandle.config import database, options, production, secret
from nichandle.config.options import OPTIONS, SettingWrong, read

SQLITE = "nichandle.platform.kernel.sqlite3"
POSTGRESQL = (
    "nichandle.platform.kernel.postgresql"  # Django's own, with its health check told by the socket
)
PRODUCTION = {
    "NICHANDLE_MODE": "production",
    "NICHANDLE_BASE_URL": "https://area.example.com",
    "NICHANDLE_MAIL_URL": "smtp://mail.example.com?starttls=1",
    "NICHANDLE_MAIL_FROM": "Example <no-reply@example.com>",
    "NICHANDLE_BRAND": "Example",
    "NICHANDLE_SUFFIX": "EX",
}


def test_without_any_setting_everything_has_its_default():
    found = read({})

    assert found.given == frozenset()
    assert found.values["mode"] == "demo"
    assert found.values["port"] == 8000
    assert found.values["suffix"] == "OVH"
    assert found.values.keys() == {option.key for option in OPTIONS}


def test_a_setting_may_stand_in_a_file(tmp_path):
    file = tmp_path / "brand"
    file.write_text("Chez nous\n", encoding="utf-8")

    found = read({"NICHANDLE_BRAND_FILE": str(file)})

    assert found.values["brand"] == "Chez nous"
    assert found.given == {"NICHANDLE_BRAND"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NICHANDLE_MODE", "test"),
        ("NICHANDLE_MODE", ""),
        ("NICHANDLE_PORT", "http"),
        ("NICHANDLE_PORT", "0"),
        ("NICHANDLE_PORT", "65536"),
        ("NICHANDLE_PORT", "-1"),
        ("NICHANDLE_PORT", "²"),
        ("NICHANDLE_SUFFIX", "O"),
        ("NICHANDLE_SUFFIX", "OVH123"),
        ("NICHANDLE_SUFFIX", "ÉÉ"),
        ("NICHANDLE_BASE_URL", "area.example.com"),
        ("NICHANDLE_BASE_URL", "ftp://area.example.com"),
        ("NICHANDLE_BASE_URL", "https://"),
        ("NICHANDLE_BASE_URL", "https://example.com/area"),
        ("NICHANDLE_BASE_URL", "https://example.com?"),
        ("NICHANDLE_BASE_URL", "https://example.com/#top"),
        ("NICHANDLE_BASE_URL", "https://user:word@example.com"),
        ("NICHANDLE_BASE_URL", "https://example.com:port"),
        ("NICHANDLE_BASE_URL", "https://example.com:70000"),
        ("NICHANDLE_BASE_URL", "https://example.com."),
        ("NICHANDLE_BASE_URL", "https://exa mple.com"),
        ("NICHANDLE_BASE_URL", "https://example..com"),
        ("NICHANDLE_BASE_URL", "https://[::1"),
        ("NICHANDLE_TRUSTED_PROXIES", "10.0.0.0/8, proxy"),
        ("NICHANDLE_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("NICHANDLE_TIME_ZONE", "Paris"),
        ("NICHANDLE_TIME_ZONE", "Europe"),
        ("NICHANDLE_TIME_ZONE", "../Europe/Paris"),
        ("NICHANDLE_TIME_ZONE", ""),
        ("NICHANDLE_COUNTRY", "France"),
        ("NICHANDLE_COUNTRY", "fr"),
        ("NICHANDLE_MAINTENANCE", "maybe"),
        ("NICHANDLE_WEB_PROCESSES", "0"),
        ("NICHANDLE_WEB_THREADS", "four"),
        ("NICHANDLE_SESSION_IDLE_MINUTES", "0"),
        ("NICHANDLE_SESSION_STAY_DAYS", "two"),
        ("NICHANDLE_LIMITS", "signup.network"),
        ("NICHANDLE_LIMITS", "signup.network=0/1h"),
        ("NICHANDLE_LIMITS", "signup.network=5/1w"),
        ("NICHANDLE_LIMITS", "nobody.knows=5/1h"),
        ("NICHANDLE_LIMITS", "signin.account=101/30d"),
        ("NICHANDLE_LIMITS", "signin.account=100/1d"),
        ("NICHANDLE_STAFF_KEY", "reviewers"),
        ("NICHANDLE_STAFF_KEY", "reviewer, agent"),
        ("NICHANDLE_LANGUAGES", ""),
        ("NICHANDLE_LANGUAGES", "fr, tlh"),
        ("NICHANDLE_LANGUAGES", "fr, en, FR"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_with_what_is_expected(name, value):
    with pytest.raises(SettingWrong, match=f"^{name} must .*“") as reason:
        read({name: value})

    assert value in str(reason.value)
    assert str(reason.value).endswith(".")


@pytest.mark.parametrize(
    "value", ["http://user:hunter2@mail.example.com", "hunter2.example.com", "smtp://?hunter2"]
)
def test_a_secret_is_not_repeated_in_the_sentence(value):
    with pytest.raises(SettingWrong, match=r"^NICHANDLE_MAIL_URL must be a mail server") as reason:
        read({"NICHANDLE_MAIL_URL": value})

    assert "hunter2" not in str(reason.value)


@pytest.mark.parametrize("name", ["NICHANDLE_PROT", "NICHANDLE_PROT_FILE", "NICHANDLE_"])
def test_a_misspelt_setting_is_refused(name):
    with pytest.raises(SettingWrong, match=name):
        read({name: "8000"})


def test_what_is_not_ours_is_left_alone():
    assert read({"PATH": "/bin", "DJANGO_DEBUG": "1"}).given == frozenset()


def test_a_setting_given_twice_is_refused(tmp_path):
    with pytest.raises(SettingWrong, match="keep one"):
        read({"NICHANDLE_BRAND": "A", "NICHANDLE_BRAND_FILE": str(tmp_path / "brand")})


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingWrong, match="no-such-file"):
        read({"NICHANDLE_BRAND_FILE": str(tmp_path / "no-such-file")})


def test_a_file_that_is_no_text_is_named(tmp_path):
    file = tmp_path / "brand"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SettingWrong, match="NICHANDLE_BRAND_FILE"):
        read({"NICHANDLE_BRAND_FILE": str(file)})


def test_lists_are_separated_by_commas():
    found = read({"NICHANDLE_TRUSTED_PROXIES": "10.0.0.1, 2001:db8::/32"}).values

    assert found["trusted_proxies"] == ("10.0.0.1/32", "2001:db8::/32")


def test_languages_are_offered_in_the_order_of_the_setting():
    assert read({}).values["languages"][:2] == ("fr", "en")
    assert read({"NICHANDLE_LANGUAGES": "EN, fr"}).values["languages"] == ("en", "fr")


def test_limits_are_changed_by_name_and_the_others_stay():
    found = read({"NICHANDLE_LIMITS": "signup.network=60/90m, contact.invite=50/1d,"}).values

    assert [(one.name, one.count, one.window) for one in found["limits"].values()] == [
        ("signup.network", 60, timedelta(minutes=90)),
        ("contact.invite", 50, timedelta(days=1)),
    ]


def test_the_data_folder_is_made_closed_to_others(tmp_path):
    folder = secret.data_folder(tmp_path / "a" / "b")

    assert folder.stat().st_mode & 0o077 == 0


def test_a_data_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingWrong, match="NICHANDLE_DATA"):
        secret.data_folder(tmp_path / "file" / "data")


def refuse(environment):
    values, given = read(environment)
    production.refuse_unsafe(values, given=given, base_url=values["base_url"] or "http://localhost")


def test_production_with_everything_starts():
    refuse(PRODUCTION)


def test_demo_needs_nothing():
    refuse({})


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"NICHANDLE_MODE"}))
def test_production_names_what_is_missing(name):
    with pytest.raises(SettingWrong, match=f"Production does not start: .*{name}"):
        refuse({key: value for key, value in PRODUCTION.items() if key != name})


def test_production_names_all_that_is_missing_at_once():
    with pytest.raises(SettingWrong) as reason:
        refuse({"NICHANDLE_MODE": "production"})

    assert all(name in str(reason.value) for name in PRODUCTION if name != "NICHANDLE_MODE")


@pytest.mark.parametrize("roles", ["", " ", ","])
def test_production_insists_on_a_key_of_reviewers_and_demo_does_not(roles):
    with pytest.raises(SettingWrong, match="NICHANDLE_STAFF_KEY lacks reviewer"):
        refuse({**PRODUCTION, "NICHANDLE_STAFF_KEY": roles})
    refuse({"NICHANDLE_STAFF_KEY": roles})


def test_production_wants_https_but_on_this_machine():
    with pytest.raises(SettingWrong, match="https"):
        refuse({**PRODUCTION, "NICHANDLE_BASE_URL": "http://area.example.com"})
    refuse({**PRODUCTION, "NICHANDLE_BASE_URL": "http://localhost:8000"})


@pytest.mark.parametrize(
    ("url", "engine", "name"),
    [
        ("", SQLITE, "DATA/nichandle.sqlite3"),
        ("sqlite:///srv/other.sqlite3", SQLITE, "/srv/other.sqlite3"),
        ("sqlite:////srv/nichandle.sqlite3", SQLITE, "/srv/nichandle.sqlite3"),
        ("postgresql://nic:p%40ss@db.example:5433/handles", POSTGRESQL, "handles"),
        ("postgres:///handles", POSTGRESQL, "handles"),
    ],
)
def test_a_database_is_named_by_its_address(url, engine, name, tmp_path):
    found = database.parse(url, data=tmp_path)

    assert found["ENGINE"] == engine
    assert found["NAME"] == name.replace("DATA", str(tmp_path))


def test_a_database_address_may_hold_user_password_port_and_options(tmp_path):
    found = database.parse(
        "postgresql://nic:p%40ss@db.example:5433/h?sslmode=require", data=tmp_path
    )

    assert (found["USER"], found["PASSWORD"]) == ("nic", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    "url", ["mysql://db/handles", "handles.sqlite3", "postgresql+psycopg://db/h"]
)
def test_another_kind_of_database_is_refused(url, tmp_path):
    with pytest.raises(SettingWrong, match="NICHANDLE_DATABASE_URL"):
        database.parse(url, data=tmp_path)


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ("https://id.example.org:443", "https://id.example.org"),
        ("http://id.example.org:80/", "http://id.example.org"),
        ("https://id.example.org:8443", "https://id.example.org:8443"),
        ("https://id.example.org:80", "https://id.example.org:80"),
        ("HTTPS://Id.Example.ORG/", "https://id.example.org"),
        (" https://id.example.org ", "https://id.example.org"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://192.0.2.1", "https://192.0.2.1"),
        ("http://[2001:DB8:0::1]:8000", "http://[2001:db8::1]:8000"),
        ("", ""),
    ],
)
def test_the_address_of_the_site_is_read_as_browsers_write_it(given, read_as):
    assert read({"NICHANDLE_BASE_URL": given}).values["base_url"] == read_as


@pytest.mark.parametrize(
    "networks",
    [
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1, 128.0.0.0/1",
        "10.0.0.0/7",
        "8.0.0.0/8",
        "2000::/3",
        "10.0.0.0/8, 0.0.0.0/0",
        "2a00::/12",
        ", ".join(f"{first}.0.0.0/12" for first in range(20, 40)),
    ],
)
def test_production_refuses_to_trust_networks_with_strangers_in_them(networks):
    with pytest.raises(SettingWrong, match="NICHANDLE_TRUSTED_PROXIES trusts"):
        refuse({**PRODUCTION, "NICHANDLE_TRUSTED_PROXIES": networks})
    refuse({"NICHANDLE_TRUSTED_PROXIES": networks})


@pytest.mark.parametrize(
    "networks",
    [
        "127.0.0.1",
        "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7, ::1",
        "203.0.113.7",
        "104.16.0.0/13, 172.64.0.0/13, 2400:cb00::/32, 2a06:98c0::/29",
    ],
)
def test_production_trusts_proxies_of_one_s_own_and_of_delivery_networks(networks):
    refuse({**PRODUCTION, "NICHANDLE_TRUSTED_PROXIES": networks})


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.com",
        "smtp://mail.example.com:587",
        "smtp://user:word@mail.example.com:25",
        "smtp://10.0.0.5",
        "smtp://mail.example.com?starttls=0",
        "smtp://localhost.example.com",
    ],
)
def test_production_sends_no_mail_in_clear_over_a_network(url):
    with pytest.raises(SettingWrong, match="NICHANDLE_MAIL_URL") as reason:
        refuse({**PRODUCTION, "NICHANDLE_MAIL_URL": url})
    assert "word" not in str(reason.value).replace("passwords", "")


@pytest.mark.parametrize(
    "url",
    [
        "smtps://user:word@mail.example.com",
        "smtp://mail.example.com:587?starttls=1",
        "smtp://localhost",
        "smtp://127.0.0.1:1025",
        "smtp://[::1]:25",
    ],
)
def test_production_takes_sealed_mail_and_a_mail_server_beside_it(url):
    refuse({**PRODUCTION, "NICHANDLE_MAIL_URL": url})


@pytest.mark.parametrize(
    "limits",
    [
        "signup.network=999999/1m",
        "signup.network=30/1m, case.paper=9999/9999d",
        "password.change=999/1h",
    ],
)
def test_production_refuses_limits_that_limit_nothing(limits):
    with pytest.raises(SettingWrong, match="NICHANDLE_LIMITS lifts"):
        refuse({**PRODUCTION, "NICHANDLE_LIMITS": limits})
    refuse({"NICHANDLE_LIMITS": limits})


def test_production_takes_wider_limits_of_a_large_provider():
    refuse({**PRODUCTION, "NICHANDLE_LIMITS": "signup.network=600/1h, contact.invite=200/1d"})


def test_secrets_leave_the_environment_once_they_are_read_and_our_processes_have_them(tmp_path):
    environment = {
        "PATH": "/bin",
        "NICHANDLE_BRAND": "Example",
        "NICHANDLE_SECRET_KEY": "one secret",
        "NICHANDLE_DATABASE_URL_FILE": str(tmp_path / "url"),
        "NICHANDLE_MAIL_URL": "smtp://user:word@mail.example.com",
        "NICHANDLE_SECRET_KEY_OLD": "another",
    }
    before = dict(environment)

    options.withhold(environment)

    assert environment == {"PATH": "/bin", "NICHANDLE_BRAND": "Example"}
    assert before.items() <= options.for_ours(environment).items()


def test_this_process_has_no_secret_in_its_environment():
    names = {option.name for option in OPTIONS if option.secret}

    assert not {name for name in os.environ if name.removesuffix("_FILE") in names}


@pytest.mark.parametrize(("cores", "wanted"), [(1, 1), (2, 2), (64, 8)])
def test_web_processes_are_as_many_as_cores_unless_somebody_says(monkeypatch, cores, wanted):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(cores)))

    assert options.read({}).values["web_processes"] == wanted
    assert options.read({"NICHANDLE_WEB_PROCESSES": "3"}).values["web_processes"] == 3
