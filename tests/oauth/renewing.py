"""Renewing: rotation, one renewal at a time, before the token lapses, never in a loop; and giving tokens back."""

import time

from client import Client, call_api
from program import keyring
from steps import api_tokens, begin, case, describe, failed, sign_in, status, succeeded, token_requests, tokens_of

# So short that a case can wait for it; a quarter of it, and at most a minute, is the time for renewing.
SHORT_SECS = 6


def send(one, name):
    return one.program.send(f"{one.server.api}/posts", name)


def signed_in(one, name, **more):
    """Signs in; returns the access and the refresh token."""
    mark = one.server.mark()
    sign_in(one, name, **more)
    return tokens_of(token_requests(one, mark)[-1])


def kinds(entries):
    return [(entry["grant_type"], entry["status"]) for entry in entries]


def shortly(one, name):
    """Signs in while tokens are given for a short time; returns the tokens and when they were given."""
    one.server.set(accessTokenSecs=SHORT_SECS)
    mark = one.server.mark()
    tokens = signed_in(one, name)
    return *tokens, token_requests(one, mark)[-1]["at"]


def sleep_until(at):
    time.sleep(max(0.0, at - time.time()))


@case("refreshed twice: each time with the newest refresh token, which replaces the one before")
def rotation(one):
    tokens = [signed_in(one, "rotated")]
    for _ in range(2):
        mark = one.server.mark()
        done = one.program.run("oauth", "refresh", "rotated")
        succeeded(one, done, "rotated")
        entries = token_requests(one, mark)
        one.equal("token requests", [("refresh_token", 200)], kinds(entries))
        tokens.append(tokens_of(entries[-1]))
        kept = keyring()
        for what, old, new in zip(("access", "refresh"), tokens[-2], tokens[-1]):
            one.equal(f"{what} tokens: old and new kept", (False, True), (old.encode() in kept, new.encode() in kept))
    one.equal("different refresh tokens", 3, len({refresh for _, refresh in tokens}))
    mark = one.server.mark()
    one.equal("the API", 200, status(send(one, "rotated")))
    one.equal("what the API was shown", [tokens[-1][0]], api_tokens(one, mark))


@case("two refreshes at the same time are one token request, and both end well")
def two_at_once(one):
    signed_in(one, "twice")
    mark = one.server.mark()
    one.server.set(tokenDelayMs=1500)
    both = [one.program.start("oauth", "refresh", "twice") for _ in range(2)]
    ended = [running.end() for running in both]
    one.server.set(tokenDelayMs=0)
    for done in ended:
        succeeded(one, done, "twice")
    one.equal("token requests", [200], [entry["status"] for entry in token_requests(one, mark)])
    one.equal("the API", 200, status(send(one, "twice")))


@case("a token about to lapse is renewed before it is sent, one with time left is not")
def about_to_lapse(one):
    access, _, given = shortly(one, "lapsing")
    mark = one.server.mark()
    one.equal("the API, at once", 200, status(send(one, "lapsing")))
    one.equal("token requests, at once", 0, len(token_requests(one, mark)))
    sleep_until(given + SHORT_SECS - 1.2)
    mark = one.server.mark()
    one.equal("the API, shortly before the end", 200, status(send(one, "lapsing")))
    entries = token_requests(one, mark)
    one.equal("token requests", [("refresh_token", 200)], kinds(entries))
    shown = api_tokens(one, mark)
    one.equal("tokens that the API was shown", 1, len(shown))
    one.equal("the old one among them", False, access in shown)


@case("two requests with a lapsed token are one token request, and both get their answer")
def two_sends(one):
    _, _, given = shortly(one, "lapsed")
    sleep_until(given + SHORT_SECS + 1)
    one.server.set(accessTokenSecs=3600, tokenDelayMs=1500)
    mark = one.server.mark()
    words = ("--quiet", "send", "GET", f"{one.server.api}/posts", "--credential", "lapsed")
    both = [one.program.start(*words) for _ in range(2)]
    ended = [running.end() for running in both]
    one.equal("the API", [200, 200], [status(done) for done in ended])
    one.equal("token requests", [200], [entry["status"] for entry in token_requests(one, mark)])


@case("a refresh token that the server took back: one request, sign in again, and no loop")
def revoked(one):
    _, refresh = signed_in(one, "revoked")
    one.equal("revocation", 200, Client(one.server.issuer, "native").revoke(refresh).status)
    mark = one.server.mark()
    done = one.program.run("oauth", "refresh", "revoked")
    failed(one, done, "invalid_grant")
    one.equal("token requests", ["invalid_grant"], [entry["error"] for entry in token_requests(one, mark)])
    mark = one.server.mark()
    said = one.program.run("oauth", "refresh", "revoked", json=False)
    one.holds("what a person reads", "to sign in again", describe(said), "sign in again" in said.text().lower())
    one.equal("token requests of a second try", 0, len(token_requests(one, mark)))
    sent = send(one, "revoked")
    is_refused = status(sent) in (401, None) and sent.code != 0
    one.holds("a request with it", "401, or refused before", describe(sent), is_refused)
    one.equal("token requests of a request", 0, len(token_requests(one, mark)))
    one.holds("requests to the API", "at most one", api_tokens(one, mark), len(api_tokens(one, mark)) <= 1)
    signed_in(one, "revoked")
    one.equal("the API after a new sign-in", 200, status(send(one, "revoked")))


@case("a lapsed token whose refresh is refused: the request is not sent, and says to sign in again")
def lapsed_and_refused(one):
    _, refresh, given = shortly(one, "refused")
    one.server.set(accessTokenSecs=3600)
    Client(one.server.issuer, "native").revoke(refresh)
    sleep_until(given + SHORT_SECS + 1)
    for tries in (1, 0):
        mark = one.server.mark()
        sent = send(one, "refused")
        one.holds(f"exit code, {sent.command}", "not 0", sent.code, sent.code != 0)
        one.holds("what it says", "to sign in again", describe(sent), "sign in again" in sent.text().lower())
        one.equal("token requests", tries, len(token_requests(one, mark)))
        one.holds("what the API was shown", "nothing", api_tokens(one, mark), not api_tokens(one, mark))


@case("client credentials are renewed as they were got, and before they lapse")
def client_credentials(one):
    one.server.set(accessTokenSecs=SHORT_SECS)
    mark = one.server.mark()
    done = begin(one, "renewed", flow="client_credentials", client="basic", scopes=("posts:read",)).end()
    succeeded(one, done, "renewed")
    given = token_requests(one, mark)[-1]["at"]
    sleep_until(given + SHORT_SECS - 1.2)
    mark = one.server.mark()
    one.equal("the API", 200, status(send(one, "renewed")))
    done = one.program.run("oauth", "refresh", "renewed")
    succeeded(one, done, "renewed")
    one.equal("token requests", [("client_credentials", "posts:read", 200)] * 2, [
        (entry["grant_type"], entry.get("scope"), entry["status"]) for entry in token_requests(one, mark)])  # fmt: skip


@case("logout takes the tokens back at the server and out of the keyring")
def logout(one):
    access, refresh = signed_in(one, "leaving")
    mark = one.server.mark()
    done = one.program.run("oauth", "logout", "leaving")
    one.equal(f"exit code, {describe(done)}", 0, done.code)
    entries = one.server.entries("revocation", since=mark)
    taken = {secret["value"] for entry in entries for secret in entry["secrets"]}
    one.equal("statuses", {200}, {entry["status"] for entry in entries})
    one.equal("the refresh token was given back", True, refresh in taken)
    one.equal("the API with the old token", 401, call_api(one.server.api, access))
    one.equal("refresh with the old token", "invalid_grant", Client(one.server.issuer, "native").refresh(refresh).error)
    kept = keyring()
    one.equal("in the keyring", (False, False), (access.encode() in kept, refresh.encode() in kept))
    one.equal("in the list", None, one.program.credential("leaving"))
    one.holds("a request with it", "not sent", send(one, "leaving").code, send(one, "leaving").code in (2, 4))
