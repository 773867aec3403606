"""The way to the mail server: sealed as the operator says, to the server named, or not at all."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nichandle.platform.outbox import transports
from nichandle.platform.outbox.transports import Away, Smtp


def certificate(folder: Path, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """Make a certificate that signs itself, for an address; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    today = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "certificate.pem", folder / "key.pem"


@contextmanager
def server(folder: Path, *, address: str = "127.0.0.1", newest=None) -> Iterator[tuple[int, list]]:
    """Take one sealed connection after the other, greet it, and note what is said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder, address))
    if newest is not None:
        context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
        context.set_ciphers("ALL:@SECLEVEL=0")
    said: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                plain.settimeout(5)
                with suppress(OSError), plain, context.wrap_socket(plain, server_side=True) as talk:
                    talk.sendall(b"220 mail\r\n")
                    said.append(talk.recv(1000))
                    talk.sendall(b"250 mail\r\n")
                    talk.recv(1000)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1]), said
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


@pytest.fixture
def known(monkeypatch) -> Callable[[Path], None]:
    """Have this machine trust the certificate in a folder."""

    def trust(folder: Path) -> None:
        usual = ssl.create_default_context
        monkeypatch.setattr(
            transports.ssl,
            "create_default_context",
            lambda: usual(cafile=str(folder / "certificate.pem")),
        )

    return trust


def test_a_server_that_shows_a_certificate_we_trust_is_talked_to(tmp_path, known):
    with server(tmp_path) as (port, said):
        known(tmp_path)
        transport = Smtp(f"smtps://127.0.0.1:{port}")
        transport.connect()
        transport._hang_up()

    assert said


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path):
    with server(tmp_path) as (port, said), pytest.raises(Away, match="CERTIFICATE_VERIFY_FAILED"):
        Smtp(f"smtps://127.0.0.1:{port}").connect()

    assert not said


def test_a_certificate_of_another_server_is_refused(tmp_path, known):
    with server(tmp_path, address="192.0.2.1") as (port, said):
        known(tmp_path)
        with pytest.raises(Away, match="CERTIFICATE_VERIFY_FAILED"):
            Smtp(f"smtps://127.0.0.1:{port}").connect()

    assert not said


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_an_old_way_of_sealing_is_refused(tmp_path, known):
    with server(tmp_path, newest=ssl.TLSVersion.TLSv1_1) as (port, said):
        known(tmp_path)
        with pytest.raises(Away):
            Smtp(f"smtps://127.0.0.1:{port}").connect()

    assert not said


def test_where_the_way_must_be_sealed_a_server_that_cannot_gets_nothing(mail_server, unused_port):
    with mail_server(unused_port) as open_server:
        transport = Smtp(f"smtp://eve:secret@127.0.0.1:{unused_port}?starttls=1")
        with pytest.raises(Away, match="STARTTLS"):
            transport.connect()

    assert transport.server is None
    assert not open_server.taken
