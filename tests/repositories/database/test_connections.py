"""Connections to Aurora DSQL use verified TLS, the endpoint's name and a new IAM token as the password."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import struct
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pg8000.exceptions import DatabaseError

from chalicelib.repositories.database import connect_to_dsql, connect_to_url, connections
from chalicelib.repositories.database.connections import open_connection, sqlstate

SSL_REQUEST, CLEARTEXT_PASSWORD, OK = 80877103, 3, 0


def certificate(name, path):
    """Write a self-signed certificate for a host name, and its key, to one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return path


class Cluster:
    """The part of a DSQL endpoint that accepts a connection: TLS, then a cleartext password.

    ``server_name`` is the name from the TLS handshake. ``password`` and ``startup`` are the client's messages.
    """

    def __init__(self, certificate):
        self.server_name = self.password = self.startup = None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.context.sni_callback = lambda _socket, name, _context: setattr(self, "server_name", name)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        plain, _ = self.listener.accept()
        with plain:
            assert struct.unpack("!ii", plain.recv(8)) == (8, SSL_REQUEST)
            plain.sendall(b"S")
            try:
                with self.context.wrap_socket(plain, server_side=True) as connection:
                    self.authenticate(connection)
            except OSError:
                return  # the client does not trust the certificate

    def authenticate(self, connection):
        self.startup = self.read(connection)[4:].split(b"\0")
        connection.sendall(b"R" + struct.pack("!ii", 8, CLEARTEXT_PASSWORD))
        assert connection.recv(1) == b"p"
        self.password = self.read(connection).rstrip(b"\0").decode()
        connection.sendall(b"R" + struct.pack("!ii", 8, OK) + b"Z" + struct.pack("!i", 5) + b"I")
        connection.recv(5)

    @staticmethod
    def read(connection):
        (length,) = struct.unpack("!i", connection.recv(4))
        body = b""
        while len(body) < length - 4:
            body += connection.recv(length - 4 - len(body))
        return body

    def close(self):
        self.listener.close()
        self.thread.join(5)


@pytest.fixture
def start_cluster(tmp_path, monkeypatch):
    """Return a function that starts a cluster with a certificate. Connections to any host go to the latest cluster."""
    clusters = []
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "SESSION_TOKEN": "test"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)

    def start(name, *, trusted):
        path = certificate(name, tmp_path / f"{name}.pem")
        if trusted:
            # Trust this certificate like a machine that has it installed.
            default = ssl.create_default_context
            monkeypatch.setattr(connections.ssl, "create_default_context", lambda: default(cafile=path))
        cluster = Cluster(path)
        clusters.append(cluster)
        real = connections.Connection
        monkeypatch.setattr(
            connections, "Connection", lambda *args, **options: real(*args, **options, port=cluster.port)
        )
        return cluster

    # Every name resolves to loopback.
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [loopback(clusters[-1].port)])
    yield start
    for cluster in clusters:
        cluster.close()


def loopback(port):
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(ipaddress.ip_address("127.0.0.1")), port))


ENDPOINT = "abc123.dsql.us-east-1.on.aws"


def test_a_connection_uses_the_name_of_the_endpoint_and_a_new_token(start_cluster):
    cluster = start_cluster(ENDPOINT, trusted=True)
    connection = connect_to_dsql(ENDPOINT, "love_q", "us-east-1")
    assert cluster.server_name == ENDPOINT
    token = urlsplit(f"https://{cluster.password}")
    assert token.hostname == ENDPOINT
    assert parse_qs(token.query)["Action"] == ["DbConnect"]
    parameters = dict(zip(cluster.startup[0::2], cluster.startup[1::2], strict=False))
    assert (parameters[b"user"], parameters[b"database"]) == (b"love_q", b"postgres")
    assert set(parameters) - {b""} == {b"user", b"database", b"application_name"}  # DSQL refuses others
    connection.close()


def test_the_admin_role_gets_an_admin_token(start_cluster):
    cluster = start_cluster(ENDPOINT, trusted=True)
    connect_to_dsql(ENDPOINT, "admin", "us-east-1").close()
    assert "Action=DbConnectAdmin" in cluster.password


def test_an_untrusted_certificate_is_refused_before_the_password_is_sent(start_cluster):
    cluster = start_cluster(ENDPOINT, trusted=False)
    with pytest.raises(ssl.SSLCertVerificationError):
        connect_to_dsql(ENDPOINT, "love_q", "us-east-1")
    assert cluster.password is None


def test_a_certificate_for_another_name_is_refused_before_the_password_is_sent(start_cluster):
    cluster = start_cluster("elsewhere.dsql.us-east-1.on.aws", trusted=True)
    with pytest.raises(ssl.SSLCertVerificationError):
        connect_to_dsql(ENDPOINT, "love_q", "us-east-1")
    assert cluster.password is None


def test_writes_are_sent_without_waiting_for_acknowledgements(database_url):
    connection = connect_to_url(database_url)
    assert connection._usock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    connection.close()


def test_timestamps_and_uuids_are_read_as_datetimes_and_texts(stage):
    connection = open_connection(stage)
    ((timestamp, uuid_text),) = connection.run(
        "SELECT cast('2026-01-02 03:04:05+00' AS timestamptz), cast('11111111-2222-3333-4444-555555555555' AS uuid)"
    )
    connection.close()
    assert timestamp == dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    assert uuid_text == "11111111-2222-3333-4444-555555555555"


def test_errors_of_the_driver_itself_have_no_sqlstate():
    assert sqlstate(OSError()) is None
    assert sqlstate(DatabaseError("in failed transaction block")) is None
