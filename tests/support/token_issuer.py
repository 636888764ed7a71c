"""An OpenID issuer on loopback, with real keys and HTTP, that signs valid and invalid tokens."""

from __future__ import annotations

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


class Issuer:
    """Serves its public key and signs tokens.

    ``fetches`` counts the requests for the key. ``body`` replaces the reply to them.
    """

    client_id = "love-q-web-test"

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = str(uuid.uuid4())
        self.fetches = 0
        self.body = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/pool"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Stop answering. Tokens can still be signed."""
        self._server.shutdown()
        self._server.server_close()

    def key_set(self):
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return json.dumps({"keys": [jwk | {"kid": self.key_id, "use": "sig", "alg": "RS256"}]}).encode()

    def claims(self, sub, **changes):
        now = int(time.time())
        claims = {
            "sub": sub,
            "email": f"{sub[:8]}@example.com",
            "iss": self.url,
            "aud": self.client_id,
            "token_use": "id",
            "cognito:username": sub,
            "iat": now,
            "exp": now + 3600,
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def token(self, sub, *, key=None, key_id=None, algorithm="RS256", **changes):
        headers = {"kid": key_id or self.key_id}
        return jwt.encode(self.claims(sub, **changes), key or self.key, algorithm=algorithm, headers=headers)

    def _handler(issuer):  # noqa: N805 (the class inside has its own self)
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.fetches += 1
                body = issuer.key_set() if issuer.body is None else issuer.body
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
