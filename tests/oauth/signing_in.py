"""Signing in: code with PKCE, device flow, client credentials; where the tokens go, and that the API takes them."""

import time

import browser
from browser import Browser, deliver
from program import keyring
from steps import api_tokens, begin, case, describe, open_url, sign_in, status, succeeded, token_requests, tokens_of


@case("code with PKCE: the tokens lie in the keyring, and the API takes them")
def code(one):
    mark = one.server.mark()
    running = begin(one, "code", scopes=("openid", "offline_access", "posts:read"))
    url = open_url(one, running)
    asked = browser.query(url)
    one.holds("address", "one of the server", url, url.startswith(f"{one.server.issuer}/auth?"))
    one.equal("what is asked", ("code", "S256", "native"), (
        asked.get("response_type"), asked.get("code_challenge_method"), asked.get("client_id")))  # fmt: skip
    one.equal("length of the challenge", 43, len(asked.get("code_challenge", "")))
    one.holds("state", "16 characters or more", asked.get("state"), len(asked.get("state", "")) >= 16)
    one.equal("scopes", {"openid", "offline_access", "posts:read"}, set(asked.get("scope", "").split()))
    redirect = asked.get("redirect_uri", "")
    one.holds("redirect", "http on the literal 127.0.0.1", redirect, redirect.startswith("http://127.0.0.1:"))
    back = Browser().sign_in(url)
    page = deliver(back)
    one.equal("status of the page", 200, page.status)
    text = page.body.decode()
    for secret in (browser.query(back)["code"], asked["state"]):
        one.holds("the page", "no secret", text, secret not in text)
    for foreign in ("<script", "src=", "url(", "@import", "<link", "<form"):
        one.holds("the page", f"no {foreign}", text, foreign not in text.lower())
    done = running.end()
    facts = succeeded(one, done, "code")
    one.equal("where it is", ("keyring", "oauth"), (facts.get("stored"), facts.get("kind")))
    one.equal("origins", [one.server.api], facts.get("origins"))
    requests = token_requests(one, mark)
    one.equal("token requests", [("authorization_code", 200, "none")], [
        (entry["grant_type"], entry["status"], entry["auth"]) for entry in requests])  # fmt: skip
    access, refresh = tokens_of(requests[0])
    kept = keyring()
    for name, token in (("access token", access), ("refresh token", refresh)):
        one.holds("keyring", f"the {name}", len(kept), token.encode() in kept)
    mark = one.server.mark()
    one.equal("the API", 200, status(one.program.send(f"{one.server.api}/posts", "code")))
    one.equal("what the API was shown", [access], api_tokens(one, mark))
    one.equal("token requests for it", 0, len(token_requests(one, mark)))
    one.program.hold_history()
    try:
        deliver(redirect)
        one.fault("the listener", "to be gone", "it answers")
    except OSError:
        pass


@case("the browser is opened with the address and with nothing else, not even the variable with the client's secret")
def opened(one):
    before = len(one.program.opened())
    words = ("--browser", "--client-secret-env", "PROOF_CLIENT_SECRET")
    running = begin(one, "opened", *words, client="basic")
    url = open_url(one, running)
    deadline = time.monotonic() + 20
    while len(one.program.opened()) == before and time.monotonic() < deadline:
        time.sleep(0.05)
    one.equal("arguments of the browser", [f"{url}\n"], [words for words, _ in one.program.opened()[before:]])
    environment = one.program.opened()[-1][1].split(b"\0")
    left = [line.split(b"=")[0] for line in environment if line.startswith(b"PROOF_CLIENT_SECRET")]
    one.equal("the variable in the browser's environment", [], left)
    deliver(Browser().sign_in(url))
    succeeded(one, running.end(), "opened")
    one.equal("the API", 200, status(one.program.send(f"{one.server.api}/posts", "opened")))


@case("a person who reads along gets the address in words, and no secret")
def in_words(one):
    running = begin(one, "in-words", json=False)
    line = running.line_with(one.server.issuer)
    deliver(Browser().sign_in(line))
    done = running.end()
    one.equal(f"exit code, {describe(done)}", 0, done.code)
    says_so = "in-words" in done.text() and one.server.api in done.text()
    one.holds("what it says", "the name and the place", done.text(), says_so)


@case("device flow: it waits, at the server's pace, until the code is typed in elsewhere")
def device(one):
    mark = one.server.mark()
    running = begin(one, "device", flow="device")
    said = running.event("code") or {}
    one.equal("members", {"event", "user_code", "verification_uri", "expires_in_s"} - set(said), set())
    one.equal("address", f"{one.server.issuer}/device", said.get("verification_uri"))
    one.holds("expires_in_s", "about ten minutes", said.get("expires_in_s"), 500 <= said.get("expires_in_s", 0) <= 600)
    pending = one.server.wait_for("token", since=mark, error="authorization_pending", count=1, seconds=20)
    one.holds("polls before the person is there", "at least one", len(pending), pending)
    Browser().enter_device_code(said["verification_uri"], said["user_code"])
    done = running.end()
    succeeded(one, done, "device")
    times = [entry["at"] for entry in (*one.server.entries("device", since=mark), *token_requests(one, mark))]
    gaps = [round(after - before, 1) for before, after in zip(times, times[1:])]
    is_patient = all(gap >= 4.9 for gap in gaps)
    one.holds("seconds between polls", "5 or more, as the server names no other pace", gaps, is_patient)
    one.equal("the API", 200, status(one.program.send(f"{one.server.api}/posts", "device")))
    one.equal("its refresh", 0, one.program.run("oauth", "refresh", "device").code)


def as_itself(one, name, server, auth, *words, **more):
    mark = server.mark()
    done = begin(one, name, *words, flow="client_credentials", server=server, scopes=("posts:read",), **more).end()
    succeeded(one, done, name)
    entries = server.entries("token", since=mark)
    one.equal("token requests", [("client_credentials", 200, auth)], [
        (entry["grant_type"], entry["status"], entry["auth"]) for entry in entries])  # fmt: skip
    one.equal("events", ["done"], [said.get("event") for said in done.lines()])
    one.equal("the API", 200, status(one.program.send(f"{server.api}/posts", name)))


@case("client credentials in a Basic header, the secret from standard input")
def basic(one):
    as_itself(one, "as-itself", one.server, "basic", client="basic")


@case("client credentials in a Basic header, the secret from a variable")
def variable(one):
    as_itself(one, "by-variable", one.server, "basic", "--client-secret-env", "PROOF_CLIENT_SECRET", client="basic")


@case("client credentials in the form, where the server announces only that")
def form(one):
    as_itself(one, "in-form", one.form_server, "form", client="post")


@case("a client with a secret signs a person in and renews with it")
def confidential(one):
    mark = one.server.mark()
    sign_in(one, "confidential", client="basic")
    one.equal("exit code of the refresh", 0, one.program.run("oauth", "refresh", "confidential").code)
    entries = token_requests(one, mark)
    one.equal("token requests", [("authorization_code", 200, "basic"), ("refresh_token", 200, "basic")], [
        (entry["grant_type"], entry["status"], entry["auth"]) for entry in entries])  # fmt: skip
    one.equal("the API", 200, status(one.program.send(f"{one.server.api}/posts", "confidential")))


@case("who asks for offline_access gets a refresh token, and is asked for consent as OpenID Connect has it")
def offline(one):
    mark = one.form_server.mark()
    sign_in(one, "offline", client="native", server=one.form_server, scopes=("openid", "offline_access"))
    _, refresh = tokens_of(one.form_server.entries("token", since=mark)[-1])
    one.holds("what the server gave", "a refresh token", refresh, refresh)
    one.equal("exit code of the refresh", 0, one.program.run("oauth", "refresh", "offline").code)


@case("a server of another kind: JWTs, no iss, and a refresh token that stays good")
def other_kind(one):
    mark = one.other_server.mark()
    sign_in(one, "other-kind", server=one.other_server)
    for _ in range(2):
        one.equal("exit code of the refresh", 0, one.program.run("oauth", "refresh", "other-kind").code)
    entries = one.other_server.entries("token", since=mark)
    one.equal("token requests", [("authorization_code", 200), ("refresh_token", 200), ("refresh_token", 200)], [
        (entry["grant_type"], entry["status"]) for entry in entries])  # fmt: skip
    access, _ = tokens_of(entries[-1])
    _, refresh = tokens_of(entries[0])
    kept = keyring()
    one.equal("in the keyring", (True, True), (access.encode() in kept, refresh.encode() in kept))
    one.equal("the API", 200, status(one.program.send(f"{one.other_server.api}/posts", "other-kind")))
