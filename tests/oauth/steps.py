"""What the cases about the program do again and again: begin a sign-in, end it, read why it failed."""

import json

from browser import Browser, deliver
from server import secret_of

CASES = []


def case(name):
    """Makes a function of one Case a case; the order of the files is that of the run."""

    def add(function):
        CASES.append((name, function))
        return function

    return add


def begin(one, name, *words, client="native", flow="code", server=None, scopes=("openid", "posts:read"), **more):
    """Starts `oauth login`; the secret of a client that has one goes through standard input."""
    server = server or one.server
    scope_words = [word for scope in scopes for word in ("--scope", scope)]
    secret = server.clients.get(client)
    if "--client-secret-env" in words:
        more["env"] = {words[words.index("--client-secret-env") + 1]: secret}
    elif secret:
        words = ("--client-secret-stdin", *words)
        more.setdefault("stdin", secret.encode() + b"\n")
    flags = () if "--browser" in words or flow == "client_credentials" else ("--no-browser",)
    words = [word for word in words if word != "--browser"]
    return one.program.start(
        "oauth", "login", name, "--issuer", server.issuer, "--client-id", client, "--flow", flow,
        "--origin", server.api, *flags, *scope_words, *words, **more,
    )  # fmt: skip


def open_url(one, running):
    """The address that the program wants opened; the case breaks off without one."""
    said = running.event("open")
    if not said or not isinstance(said.get("url"), str):
        raise AssertionError(f"no address to open: {describe(running.end(1))}")
    return said["url"]


def sign_in(one, name, **more):
    """A whole sign-in by code; returns how the command ended."""
    running = begin(one, name, **more)
    deliver(Browser().sign_in(open_url(one, running)))
    done = running.end()
    succeeded(one, done, name)
    return done


def succeeded(one, done, name):
    """Exit code 0, and the last line tells of the credential."""
    one.equal(f"exit code of {done.command}", 0, done.code)
    lines = done.lines()
    said = lines[-1] if lines else None
    if not isinstance(said, dict) or said.get("event") != "done":
        raise AssertionError(f"no `done`: {describe(done)}")
    one.equal("the credential's name", name, said.get("credential", {}).get("name"))
    return said["credential"]


def failed(one, done, word):
    """Not 0, a `failed` line, and `word` stands in it; returns the line."""
    one.holds(f"exit code of {done.command}", "1, 3 or 4", done.code, done.code in (1, 3, 4))
    one.equal("`done`", None, done.event("done"))
    said = done.event("failed")
    if not one.holds("standard output", "a line `failed`", describe(done), said is not None):
        return {}
    one.holds("the line", f"one that names {word}", said, word in json.dumps(said))
    return said


def token_requests(one, since, **wanted):
    return one.server.entries("token", since=since, **wanted)


def tokens_of(entry):
    """Access and refresh token of an answer of the token endpoint, the newest of each."""
    given = {}
    for secret in entry["secrets"]:
        given[secret["name"]] = secret["value"]
    return given.get("access_token"), given.get("refresh_token")


def api_tokens(one, since):
    """The tokens that the API was shown, in order."""
    return [secret_of(entry, "access_token") for entry in one.server.entries("api", since=since)]


def status(sent):
    return (sent.json().get("response") or {}).get("status")


def describe(done):
    return f"{done.command}\n        exit code {done.code}, said {done.text()[:1500]!r}"
