"""A client of our own, so that the server and the browser are proved before a program is: nothing but what RFCs say."""

import base64
import hashlib
import http.client
import json
import secrets
import urllib.parse

LIMIT_SECONDS = 30


class Answer:
    def __init__(self, status, json_body):
        self.status = status
        self.json = json_body

    @property
    def error(self):
        return self.json.get("error")


def ask(url, form=None, headers=None):
    """GET, or POST of a form."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=LIMIT_SECONDS)
    try:
        body = urllib.parse.urlencode(form) if form is not None else None
        sent = dict(headers or {})
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        target = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
        connection.request("GET" if body is None else "POST", target, body, sent)
        answer = connection.getresponse()
        content = answer.read()
        try:
            return Answer(answer.status, json.loads(content or b"{}"))
        except ValueError:
            return Answer(answer.status, {})
    finally:
        connection.close()


class Client:
    """One client; `auth` is none, basic or form."""

    def __init__(self, issuer, client_id, secret=None, auth="none"):
        self.announced = ask(f"{issuer}/.well-known/openid-configuration").json
        self.id = client_id
        self.secret = secret
        self.auth = auth
        # Every secret that this client has had in its hands.
        self.seen = set()

    def _post(self, endpoint, form):
        form, headers = dict(form), {}
        if self.auth == "basic":
            # RFC 6749, section 2.3.1: both are form-encoded before they are put together.
            pair = ":".join(urllib.parse.quote_plus(part) for part in (self.id, self.secret))
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
            self.seen.add(headers["Authorization"].split()[1])
        else:
            form["client_id"] = self.id
            if self.auth == "form":
                form["client_secret"] = self.secret
        answer = ask(self.announced[endpoint], form, headers)
        for source in (form, answer.json):
            for name in ("access_token", "refresh_token", "id_token", "code", "code_verifier", "device_code", "token"):
                if source.get(name):
                    self.seen.add(source[name])
        return answer

    def token(self, grant_type, **form):
        return self._post("token_endpoint", {"grant_type": grant_type, **form})

    def begin_code(self, redirect="http://127.0.0.1:1/callback", scope="openid offline_access", **changed):
        """The address to open; what is needed later is kept."""
        self.verifier = secrets.token_urlsafe(48)
        self.state = secrets.token_urlsafe(16)
        self.redirect = redirect
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self.id, "redirect_uri": redirect, "scope": scope,
            "state": self.state, "code_challenge": challenge, "code_challenge_method": "S256", "prompt": "consent",
        }  # fmt: skip
        asked = {name: value for name, value in {**asked, **changed}.items() if value is not None}
        return f"{self.announced['authorization_endpoint']}?{urllib.parse.urlencode(asked)}"

    def redeem(self, code, **changed):
        form = {"code": code, "redirect_uri": self.redirect, "code_verifier": self.verifier, **changed}
        return self.token("authorization_code", **form)

    def refresh(self, token):
        return self.token("refresh_token", refresh_token=token)

    def begin_device(self, scope="openid offline_access"):
        return self._post("device_authorization_endpoint", {"scope": scope})

    def poll_device(self, device_code):
        return self.token("urn:ietf:params:oauth:grant-type:device_code", device_code=device_code)

    def revoke(self, token):
        return self._post("revocation_endpoint", {"token": token})


def call_api(api, token):
    """The status with which the API answers whoever brings this token."""
    return ask(f"{api}/posts", headers={"Authorization": f"Bearer {token}"}).status
