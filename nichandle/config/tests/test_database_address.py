"""The way to the database: sealed to another machine, unless the operator has said otherwise."""

import pytest

from nichandle.config.database import parse


@pytest.mark.parametrize("host", ["db.example", "10.0.0.7", "[2001:db8::7]"])
def test_the_way_to_another_machine_is_sealed(host, tmp_path):
    found = parse(f"postgresql://nic@{host}/h", data=tmp_path)

    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("mode", ["disable", "verify-full"])
def test_what_the_operator_says_of_it_goes_before(mode, tmp_path):
    found = parse(f"postgresql://nic@db.example/h?sslmode={mode}", data=tmp_path)

    assert found["OPTIONS"]["sslmode"] == mode


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///h",
        "postgresql://nic@localhost/h",
        "postgresql://nic@127.0.0.1:5433/h",
        "postgresql://nic@[::1]/h",
        "postgresql://nic@%2Fvar%2Frun%2Fpostgresql/h",
        "postgresql:///h?host=/var/run/postgresql",
    ],
)
def test_on_this_machine_nothing_is_asked_for(url, tmp_path):
    assert "sslmode" not in parse(url, data=tmp_path)["OPTIONS"]
