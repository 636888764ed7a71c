"""Sign in as a browser does: by SRP (RFC 5054, as Cognito uses it), which never sends the password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

# The 3072-bit group of RFC 3526.
N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2


def _padded(number):
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return b"\0" + raw if raw[0] & 0x80 else raw


def _hashed(*parts):
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def sign_in(cognito, client_id, pool_id, email, password):
    """Sign in a user by SRP and return the tokens."""
    a = secrets.randbelow(N)
    big_a = pow(G, a, N)
    challenge = cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": email, "SRP_A": f"{big_a:x}"}
    )["ChallengeParameters"]
    user, big_b = challenge["USER_ID_FOR_SRP"], int(challenge["SRP_B"], 16)
    pool = pool_id.partition("_")[2]
    x = _hashed(_padded(int(challenge["SALT"], 16)), hashlib.sha256(f"{pool}{user}:{password}".encode()).digest())
    k, u = _hashed(_padded(N), _padded(G)), _hashed(_padded(big_a), _padded(big_b))
    shared = pow(big_b - k * pow(G, x, N), a + u * x, N)
    prk = hmac.new(_padded(u), _padded(shared), hashlib.sha256).digest()
    key = hmac.new(prk, b"Caldera Derived Key\x01", hashlib.sha256).digest()[:16]
    now = datetime.now(UTC)
    timestamp = f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now.year}"
    block = base64.b64decode(challenge["SECRET_BLOCK"])
    proof = hmac.new(key, pool.encode() + user.encode() + block + timestamp.encode(), hashlib.sha256).digest()
    response = cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(proof).decode(),
            "TIMESTAMP": timestamp,
        },
    )
    return response["AuthenticationResult"]
