"""PyPI's authlib against our OAuth and OpenID Connect provider, and PyPI's pyotp as a person's authenticator.

    provider.py http://127.0.0.1:8000
"""

import json
import secrets
import sys
import time
import urllib.error
import urllib.parse
from pathlib import Path

import pyotp
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from people import check, get, report, until

BACK = "https://diary.example/back"
SCOPE = "openid email offline_access"


def main():
    base = sys.argv[1]
    email, password = f"bob-{secrets.token_hex(4)}@example.org", secrets.token_hex(12)
    known = {}

    def post(path, body):
        return json.loads(get(base + path, json.dumps(body).encode()))

    def refusal(path, body):
        try:
            return post(path, body)
        except urllib.error.HTTPError as error:
            return json.loads(error.read())["error"]["code"]

    def web():
        # No proxy stands between programs of one machine.
        session = OAuth2Session(
            known["client"]["client_id"], known["client"]["client_secret"], scope=SCOPE, redirect_uri=BACK,
            code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic")
        session.trust_env = False
        return session

    def consent(url):
        """The person says yes; gives the address that the browser is sent back to."""
        page = requests.Session()
        page.trust_env = False
        asked = urllib.parse.urlsplit(page.get(url, allow_redirects=False).headers["Location"])
        token = post("/api/auth/login", {"email": email, "password": password})["tokens"]["access_token"]
        decided = page.post(f"{base}/oauth/consent", allow_redirects=False, data={
            "request": urllib.parse.parse_qs(asked.query)["request"][0], "decision": "allow", "access_token": token})
        return decided.headers["Location"]

    def discovery():
        known["user"] = post("/api/auth/register", {"email": email, "password": password, "first_name": "Bob"})["user_id"]
        metadata = OpenIDProviderMetadata(json.loads(get(base + "/.well-known/openid-configuration")))
        # authlib asks for https, and whoever runs a mesh on one machine has none.
        faults, gaps = [], ["https"]
        for name in OpenIDProviderMetadata.REGISTRY_KEYS:
            try:
                getattr(metadata, f"validate_{name}", lambda: None)()
            except ValueError as fault:
                if not any(gap in str(fault) for gap in gaps):
                    faults.append(str(fault))
        check(not faults, faults)
        known["metadata"] = metadata

    def registration():
        known["client"] = post("/oauth/register", {
            "client_name": "Diary of others", "redirect_uris": [BACK], "scope": SCOPE,
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "id_token_signed_response_alg": "RS256"})
        check(known["client"]["client_secret"], known["client"])

    def code():
        metadata, session = known["metadata"], web()
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(8)
        url, state = session.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
        answer = consent(url)
        token = session.fetch_token(
            metadata["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier)
        keys = KeySet.import_key_set(json.loads(get(metadata["jwks_uri"])))
        decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
        claims = CodeIDToken(decoded.claims, decoded.header, {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": known["client"]["client_id"]}}, {"nonce": nonce})
        claims.validate(now=int(time.time()), leeway=5)
        check(claims["sub"] == known["user"], claims)
        known.update(session=session, keys=keys, token=token, url=url, answer=answer, verifier=verifier)

    def twice():
        again = web()
        again.token = None
        try:
            again.fetch_token(
                known["metadata"]["token_endpoint"], authorization_response=known["answer"],
                code_verifier=known["verifier"])
        except Exception as error:
            check(getattr(error, "error", "") == "invalid_grant", repr(error))
            return
        check(False, "a code was taken twice")

    def tampered():
        head, body, signature = known["token"]["id_token"].split(".")
        for token in (f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}x.{signature}"):
            try:
                jwt.decode(token, known["keys"], algorithms=["RS256"])
            except (JoseError, ValueError):
                continue
            check(False, token)

    def fresh():
        # A used code ends what came of it (RFC 6749, 4.1.2), so this is a session of its own.
        known["session"].token = None
        code()

    def userinfo():
        said = known["session"].get(known["metadata"]["userinfo_endpoint"]).json()
        check(said["sub"] == known["user"] and said["email"] == email, said)
        check("name" not in said, f"the scope has no profile: {said}")

    def refresh():
        before = known["session"].token
        after = known["session"].refresh_token(known["metadata"]["token_endpoint"])
        check(after["access_token"] != before["access_token"] and after["refresh_token"] != before["refresh_token"], after)

    def introspection():
        said = known["session"].introspect_token(
            known["metadata"]["introspection_endpoint"], token=known["session"].token["access_token"]).json()
        check(said["active"] and said["sub"] == known["user"] and said["client_id"] == known["client"]["client_id"], said)

    def revocation():
        session, metadata = known["session"], known["metadata"]
        access = session.token["access_token"]
        session.revoke_token(metadata["revocation_endpoint"], token=session.token["refresh_token"])
        said = session.introspect_token(metadata["introspection_endpoint"], token=access).json()
        check(said["active"] is False, said)

    def client_credentials():
        session = OAuth2Session(
            known["client"]["client_id"], known["client"]["client_secret"], token_endpoint_auth_method="client_secret_post")
        session.trust_env = False
        token = session.fetch_token(known["metadata"]["token_endpoint"], grant_type="client_credentials")
        check(token["access_token"] and "refresh_token" not in token, token)

    def enrol():
        enrolled = post(f"/api/users/{known['user']}/second-factor", {})
        known["authenticator"] = pyotp.parse_uri(enrolled["otpauth_uri"])
        check(known["authenticator"].secret == enrolled["secret"], enrolled)
        confirmed = post(f"/api/users/{known['user']}/second-factor/confirm", {"code": known["authenticator"].now()})
        known["recovery"] = confirmed["recovery_codes"]

    def login(**more):
        return refusal("/api/auth/login", {"email": email, "password": password, **more})

    def second_factor():
        check(login() == "SECOND_FACTOR_REQUIRED", "no code was asked for")
        used = known["authenticator"].now()
        # The one that confirmed it is used; the next is good as soon as it shows.
        until("pyotp's next code never came", lambda: known["authenticator"].now() != used)
        good = known["authenticator"].now()
        check("tokens" in login(code=good), "pyotp's code is refused")
        check(login(code=good) == "CODE_INVALID", "a code was taken twice")
        wrong = f"{(int(good) + 1) % 1_000_000:06}"
        check(login(code=wrong) == "CODE_INVALID", "a wrong code was taken")

    def recovery():
        check("tokens" in login(code=known["recovery"][0]), "a recovery code is refused")
        check(login(code=known["recovery"][0]) == "CODE_INVALID", "a recovery code was taken twice")

    authlib = report("authlib", [
        ("finds the provider, and its metadata are sound", discovery), ("an app registers", registration),
        ("a code with PKCE gives tokens, and an id_token that it takes", code), ("a code is good once", twice),
        ("a changed id_token is refused", tampered), ("the person says yes again", fresh),
        ("userinfo has the claims of the scope and no others", userinfo), ("refreshes", refresh),
        ("introspects", introspection), ("revokes", revocation), ("gets a token of the app's own", client_credentials)])
    authenticator = report("pyotp", [
        ("takes our secret, and we its code", enrol), ("its codes are good once", second_factor),
        ("recovery codes are good once", recovery)])
    sys.exit(0 if authlib and authenticator else 1)


if __name__ == "__main__":
    main()
