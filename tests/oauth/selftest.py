"""Proves server and browser with the client of our own: what a program is judged by must itself be right."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import browser
import needles
import server as servers
import watch
from client import Client, ask, call_api

CASES = []


def case(name):
    def add(function):
        CASES.append((name, function))
        return function

    return add


def signed_in(one, client, **asked):
    """Through the whole code flow; returns the answer of the token endpoint."""
    back = browser.Browser().sign_in(client.begin_code(**asked))
    got = browser.query(back)
    one.equal("state", client.state, got.get("state"))
    one.equal("iss", one.server.issuer, got.get("iss"))
    answer = client.redeem(got["code"])
    one.equal("status of the token endpoint", 200, answer.status)
    return answer.json


def native(one):
    return one.clients.setdefault("native", Client(one.server.issuer, "native"))


def with_secret(one, name):
    auth = {"basic": "basic", "post": "form"}[name]
    return one.clients.setdefault(name, Client(one.server.issuer, name, one.server.clients[name], auth))


@case("the server announces itself")
def announces(one):
    said = native(one).announced
    one.equal("issuer", one.server.issuer, said["issuer"])
    one.equal("iss in redirects", True, said["authorization_response_iss_parameter_supported"])
    one.equal("PKCE methods", ["S256"], said["code_challenge_methods_supported"])
    for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "device_authorization_endpoint"):
        one.holds(name, "an address below the issuer", said.get(name), said.get(name, "").startswith(one.server.issuer))
    elsewhere = ask(f"{one.server.issuer}/elsewhere/.well-known/openid-configuration").json
    one.equal("issuer that /elsewhere names", one.server.issuer, elsewhere.get("issuer"))


@case("code with PKCE gives tokens that the API takes")
def code(one):
    got = signed_in(one, native(one), scope="openid offline_access posts:read")
    one.equal("the API", 200, call_api(one.server.api, got["access_token"]))
    one.equal("the API with another token", 401, call_api(one.server.api, got["access_token"][::-1]))
    one.equal("token type", "Bearer", got["token_type"])
    one.equal("expires_in", 3600, got["expires_in"])
    one.holds("what came", "a refresh token and an id token", sorted(got), {"refresh_token", "id_token"} <= set(got))


@case("a wrong verifier and a code used twice are invalid_grant")
def wrong_verifier(one):
    client = native(one)
    back = browser.query(browser.Browser().sign_in(client.begin_code()))
    answer = client.redeem(back["code"], code_verifier="w" * 43)
    one.equal("wrong verifier", (400, "invalid_grant"), (answer.status, answer.error))
    back = browser.query(browser.Browser().sign_in(client.begin_code()))
    first, again = client.redeem(back["code"]), client.redeem(back["code"])
    one.equal("used twice", (200, 400, "invalid_grant"), (first.status, again.status, again.error))
    one.equal("the API, with what the first use gave", 401, call_api(one.server.api, first.json["access_token"]))


@case("PKCE is demanded")
def pkce(one):
    for missing in ({"code_challenge": None, "code_challenge_method": None}, {"code_challenge_method": "plain"}):
        end = browser.Browser().open(native(one).begin_code(**missing))
        one.equal(f"without {missing}", "invalid_request", browser.query(end).get("error"))


@case("a redirect to any port of this machine is taken, to another host not")
def redirects(one):
    for redirect in ("http://127.0.0.1:50123/callback", "http://[::1]:50124/callback"):
        end = browser.Browser().sign_in(native(one).begin_code(redirect=redirect))
        one.holds("sent back to", redirect, end, end.startswith(f"{redirect}?"))
    page = browser.Browser().open(native(one).begin_code(redirect="http://127.0.0.2:50123/callback"))
    one.equal("another host", 400, page.status)


@case("a refresh token is good for one refresh, its second use ends the sign-in")
def rotation(one):
    client = native(one)
    first = signed_in(one, client)
    second = client.refresh(first["refresh_token"])
    third = client.refresh(second.json["refresh_token"])
    one.equal("two refreshes", (200, 200), (second.status, third.status))
    every = {first["refresh_token"], second.json["refresh_token"], third.json["refresh_token"]}
    one.equal("different refresh tokens", 3, len(every))
    old = client.refresh(first["refresh_token"])
    one.equal("the first once more", (400, "invalid_grant"), (old.status, old.error))
    newest = client.refresh(third.json["refresh_token"])
    one.equal("the newest after that", (400, "invalid_grant"), (newest.status, newest.error))


@case("an access token lapses when it should")
def lapses(one):
    one.server.set(accessTokenSecs=1)
    try:
        got = signed_in(one, native(one))
    finally:
        one.server.set(accessTokenSecs=3600)
    one.equal("expires_in", 1, got["expires_in"])
    deadline = time.monotonic() + 10
    while call_api(one.server.api, got["access_token"]) == 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    one.equal("the API", 401, call_api(one.server.api, got["access_token"]))


@case("client credentials, in a Basic header and in the form")
def client_credentials(one):
    for name in ("basic", "post"):
        client = with_secret(one, name)
        got = client.token("client_credentials", scope="posts:read")
        one.equal(name, 200, got.status)
        one.equal(f"the API for {name}", 200, call_api(one.server.api, got.json.get("access_token")))
        one.equal(f"refresh token for {name}", None, got.json.get("refresh_token"))
        wrong = Client(one.server.issuer, name, "not the secret", client.auth).token("client_credentials")
        one.equal(f"{name}, wrong secret", (401, "invalid_client"), (wrong.status, wrong.error))


@case("a client with a secret signs a person in and refreshes")
def confidential(one):
    for name in ("basic", "post"):
        got = signed_in(one, with_secret(one, name))
        one.equal(f"refresh of {name}", 200, with_secret(one, name).refresh(got["refresh_token"]).status)


@case("the device flow is pending until it is allowed")
def device(one):
    client = native(one)
    begun = client.begin_device().json
    waiting = client.poll_device(begun["device_code"])
    one.equal("before", (400, "authorization_pending"), (waiting.status, waiting.error))
    browser.Browser().enter_device_code(begun["verification_uri"], begun["user_code"].lower())
    got = client.poll_device(begun["device_code"])
    one.equal("after", 200, got.status)
    one.equal("the API", 200, call_api(one.server.api, got.json.get("access_token")))
    one.equal("its refresh", 200, client.refresh(got.json.get("refresh_token")).status)


@case("a person can refuse")
def denied(one):
    client = native(one)
    back = browser.query(browser.Browser().sign_in(client.begin_code(), deny=True))
    seen = [back.get(name) for name in ("error", "state", "iss")]
    one.equal("code flow", ["access_denied", client.state, one.server.issuer], seen)
    begun = client.begin_device().json
    browser.Browser().enter_device_code(begun["verification_uri"], begun["user_code"], deny=True)
    got = client.poll_device(begun["device_code"])
    one.equal("device flow", (400, "access_denied"), (got.status, got.error))


@case("who is unknown is invalid_client")
def unknown(one):
    client = Client(one.server.issuer, "nobody")
    for what, got in (("token", client.refresh("x")), ("device", client.begin_device())):
        one.equal(what, "invalid_client", got.error)
    page = browser.Browser().open(client.begin_code())
    says_so = getattr(page, "status", 0) == 400 and "invalid_client" in page.text
    one.holds("authorization", "a page that says so, and no redirect", page, says_so)


@case("what is revoked is dead")
def revoked(one):
    client = native(one)
    got = signed_in(one, client)
    one.equal("revocation", 200, client.revoke(got["refresh_token"]).status)
    again = client.refresh(got["refresh_token"])
    one.equal("refresh", (400, "invalid_grant"), (again.status, again.error))
    one.equal("the API", 401, call_api(one.server.api, got["access_token"]))


@case("the server can be slow, and writes each request down")
def slow(one):
    client = with_secret(one, "basic")
    mark = one.server.mark()
    one.server.set(tokenDelayMs=400)
    try:
        started = time.monotonic()
        both = [threading.Thread(target=client.token, args=("client_credentials",)) for _ in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        took = time.monotonic() - started
    finally:
        one.server.set(tokenDelayMs=0)
    one.holds("two requests at once", "0.4 s, and not twice that", took, 0.4 <= took < 0.8)
    written = one.server.wait_for("token", since=mark, count=2, grant_type="client_credentials")
    one.equal("written down", [(200, "basic")] * 2, [(entry["status"], entry["auth"]) for entry in written])


@case("every secret that a client had in its hands is written down")
def recorded(one):
    known = one.server.secrets()
    for name, client in one.clients.items():
        one.equal(f"not written down of {name}", 0, len(client.seen - set(known)))
        one.holds(f"secrets of {name}", "some", len(client.seen), len(client.seen) >= 2)
    one.holds("kinds of secrets", "all", sorted(set(known.values())), {
        "access_token", "refresh_token", "id_token", "code", "code_verifier", "device_code", "authorization", "token",
        "client_secret of basic", "client_secret of post",
    } - {"token"} <= set(known.values()))  # fmt: skip


@case("the search notices a secret in every spelling, and nothing where there is none")
def search(one):
    every = one.server.secrets().items()
    known = {value: name for value, name in every if "client_secret" in name or name == "access_token"}
    wanted = needles.Needles(known)
    one.holds("secrets", "several", len(known), len(known) >= 3)
    for value in known:
        for how, needle in needles.spellings(value):
            found = wanted.found_in(b"before" + needle + b"after")
            one.holds(how, "a finding", found, found)
    one.equal("in other bytes", [], wanted.found_in(b"a text, base64 YSB0ZXh0IG9mIHNvbWUgbGVuZ3Ro and \\u0041" * 100))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "below").mkdir()
        value = next(iter(known))
        (Path(folder) / "below" / "db-wal").write_bytes(b"\0\1" + value.encode() + b"\0")
        found = [what for _, content in needles.files_below(folder) for what in wanted.found_in(content)]
        one.holds("in a file further down", "a finding", found, found)


@case("the watch sees arguments and environment of what a program starts")
def watching(one):
    inner = [sys.executable, "-c", "import time; time.sleep(0.3)", "canary-argument"]
    outer = f"import os, subprocess; subprocess.run({inner!r}, env={{**os.environ, 'NOTE': 'canary-variable'}})"
    process = subprocess.Popen([sys.executable, "-c", outer], env=dict(os.environ))
    seen = watch.Watch(process.pid)
    process.wait()
    seen.stop()
    below = b"\n".join(seen.contents(own=False))
    for what in (b"canary-argument", b"NOTE=canary-variable"):
        one.holds(what.decode(), "seen", len(below), what in below)


@case("the server of another kind: JWTs, no iss, a refresh that brings no new refresh token")
def other_kind(one):
    with tempfile.TemporaryDirectory() as folder:
        other = servers.Server(one.modules, folder, script="other.mjs")
        client = Client(other.issuer, "native")
        back = browser.query(browser.Browser().sign_in(client.begin_code()))
        one.equal("redirect", (client.state, None), (back.get("state"), back.get("iss")))
        got = client.redeem(back["code"]).json
        one.equal("parts of the access token", 3, len(got["access_token"].split(".")))
        one.equal("the API", 200, call_api(other.api, got["access_token"]))
        for _ in range(2):
            again = client.refresh(got["refresh_token"])
            one.equal("refresh", (200, None), (again.status, again.json.get("refresh_token")))
        one.equal("the API again", 200, call_api(other.api, again.json["access_token"]))
        one.equal("not written down", 0, len(client.seen - set(other.secrets())))
        one.equal("revocation", 200, client.revoke(got["refresh_token"]).status)
        one.equal("refresh with another token", "invalid_grant", client.refresh("x").error)
        one.equal("exit code", 0, other.stop())


@case("a second server takes the form only, gives refresh tokens with consent only, ends with its standard input")
def ends(one):
    with tempfile.TemporaryDirectory() as folder:
        second = servers.Server(one.modules, folder, "form")
        one.equal("another port than the first", False, second.issuer == one.server.issuer)
        client = Client(second.issuer, "post", second.clients["post"], "form")
        methods = client.announced["token_endpoint_auth_methods_supported"]
        one.equal("methods", ["none", "client_secret_post"], methods)
        one.equal("client credentials", 200, client.token("client_credentials").status)
        for prompt in ("consent", None):
            back = browser.query(browser.Browser().sign_in(client.begin_code(prompt=prompt)))
            given = "refresh_token" in client.redeem(back["code"]).json
            one.equal(f"refresh token with prompt {prompt}", prompt == "consent", given)
        started = time.monotonic()
        one.equal("exit code", 0, second.stop())
        one.holds("seconds", "at most 5", time.monotonic() - started, time.monotonic() - started < 5)
