"""Aurora DSQL is asked over verified TLS, by name, with a fresh IAM token for a password."""

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

from chalicelib.repositories import database as module
from chalicelib.repositories.database import connect_to_dsql

SSL_REQUEST, CLEARTEXT_PASSWORD, OK = 80877103, 3, 0


def certificate(name, path):
    """A certificate for a name, signed by itself; the file holds its key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
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
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


class Cluster:
    """As much of a DSQL endpoint as connecting meets: TLS, then a password in clear; it notes what it was told."""

    def __init__(self, certificate):
        self.asked_for = self.password = self.startup = None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.context.sni_callback = lambda _socket, name, _context: setattr(self, "asked_for", name)
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
                return  # the client did not trust us

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
def cluster(tmp_path, monkeypatch):
    """Makes clusters whose certificate names a host, and sends connections for any host there."""
    made = []
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "SESSION_TOKEN": "test"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)

    def make(name, *, trusted):
        path = certificate(name, tmp_path / f"{name}.pem")
        if trusted:
            # The default context, as a machine makes it that trusts this certificate.
            default = ssl.create_default_context
            monkeypatch.setattr(module.ssl, "create_default_context", lambda: default(cafile=path))
        made.append(Cluster(path))
        real = module.Connection
        monkeypatch.setattr(module, "Connection", lambda *args, **given: real(*args, **given, port=made[-1].port))
        return made[-1]

    # Names resolve to loopback here, as they would to the cluster's address elsewhere.
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [loopback(made[-1].port)])
    yield make
    for each in made:
        each.close()


def loopback(port):
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(ipaddress.ip_address("127.0.0.1")), port))


ENDPOINT = "abc123.dsql.us-east-1.on.aws"


def test_the_endpoint_is_asked_by_its_name_with_a_fresh_token(cluster):
    made = cluster(ENDPOINT, trusted=True)
    connection = connect_to_dsql(ENDPOINT, "love_q", "us-east-1")
    assert made.asked_for == ENDPOINT
    token = urlsplit(f"https://{made.password}")
    assert token.hostname == ENDPOINT
    assert parse_qs(token.query)["Action"] == ["DbConnect"]
    given = dict(zip(made.startup[0::2], made.startup[1::2], strict=False))
    assert (given[b"user"], given[b"database"]) == (b"love_q", b"postgres")
    assert set(given) - {b""} == {b"user", b"database", b"application_name"}  # DSQL refuses others
    connection.close()


def test_the_admin_role_gets_an_admin_token(cluster):
    made = cluster(ENDPOINT, trusted=True)
    connect_to_dsql(ENDPOINT, "admin", "us-east-1").close()
    assert "Action=DbConnectAdmin" in made.password


def test_a_certificate_nobody_vouches_for_is_refused_before_the_password(cluster):
    made = cluster(ENDPOINT, trusted=False)
    with pytest.raises(ssl.SSLCertVerificationError):
        connect_to_dsql(ENDPOINT, "love_q", "us-east-1")
    assert made.password is None


def test_a_certificate_for_another_name_is_refused(cluster):
    made = cluster("elsewhere.dsql.us-east-1.on.aws", trusted=True)
    with pytest.raises(ssl.SSLCertVerificationError):
        connect_to_dsql(ENDPOINT, "love_q", "us-east-1")
    assert made.password is None
