"""What must not work: other issuers, other states, other sites, refusals, unknown clients, secrets as arguments."""

import signal
import socket

import browser
from browser import Browser, changed_query, deliver
from steps import begin, case, describe, failed, open_url, status, succeeded, token_requests


def nothing_kept(one, name):
    one.equal("in the list of credentials", None, one.program.credential(name))


def still_there(one, running, back, name):
    """The sign-in that was disturbed goes on as if nothing had been."""
    one.equal("status for the right redirect", 200, deliver(back).status)
    succeeded(one, running.end(), name)


@case("a server that calls itself another issuer is not signed in at")
def other_issuer(one):
    done = one.program.run(
        "oauth", "login", "elsewhere", "--issuer", f"{one.server.issuer}/elsewhere", "--client-id", "native",
        "--origin", one.server.api, "--no-browser", seconds=20,
    )  # fmt: skip
    failed(one, done, one.server.issuer)
    one.equal("an address to open", None, done.event("open"))
    nothing_kept(one, "elsewhere")


@case("a redirect that names another issuer, or none where one is announced, brings no token")
def other_iss(one):
    for iss in ("https://other.example", None):
        mark = one.server.mark()
        running = begin(one, "other-iss")
        back = Browser().sign_in(open_url(one, running))
        page = deliver(changed_query(back, iss=iss))
        one.holds(f"page for iss {iss}", "400 or above", page.status, page.status >= 400)
        try:
            # Where it goes on waiting it may take the right one; it must not have taken the other.
            running.process.wait(timeout=2)
            failed(one, running.end(), "iss")
        except Exception:
            running.process.send_signal(signal.SIGINT)
            running.end(10)
        one.equal(f"token requests for iss {iss}", 0, len(token_requests(one, mark)))
        nothing_kept(one, "other-iss")


@case("another state is refused, and the right redirect is still taken")
def other_state(one):
    mark = one.server.mark()
    running = begin(one, "other-state")
    back = Browser().sign_in(open_url(one, running))
    for state in ("x" * 22, browser.query(back)["state"][:-1] + "~", "", None):
        page = deliver(changed_query(back, state=state))
        one.holds(f"status for state {state!r}", "400 or above", page.status, page.status >= 400)
    one.equal("token requests", 0, len(token_requests(one, mark)))
    still_there(one, running, back, "other-state")


@case("the same redirect once more brings no second token request")
def replay(one):
    mark = one.server.mark()
    one.server.set(tokenDelayMs=1000)
    running = begin(one, "replayed")
    back = Browser().sign_in(open_url(one, running))
    one.equal("status of the page", 200, deliver(back).status)
    for _ in range(3):
        try:
            page = deliver(back)
            one.holds("status of the second page", "no server error", page.status, page.status < 500)
        except OSError:
            pass
    succeeded(one, running.end(), "replayed")
    one.equal("token requests", [200], [entry["status"] for entry in token_requests(one, mark)])


@case("other sites and other names get nothing from the listener")
def other_sites(one):
    mark = one.server.mark()
    running = begin(one, "other-sites")
    back = Browser().sign_in(open_url(one, running))
    port = back.split("/")[2].split(":")[1]
    tries = {
        "a cross-site fetch": {"sec_fetch_mode": "cors", "sec_fetch_dest": "empty", "origin": "https://evil.example"},
        "a cross-site image": {"sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"},
        "a frame": {"sec_fetch_dest": "iframe"},
        "a cross-site form": {"method": "POST", "body": b"a=b", "origin": "https://evil.example"},
        "a rebinding Host": {"host": f"evil.example:{port}"},
        "a Host of another port": {"host": "127.0.0.1:1"},
    }
    for what, changed in tries.items():
        page = deliver(back, **changed)
        one.holds(f"status for {what}", "403", page.status, page.status == 403)
        allowed = [name for name in page.headers if name.lower().startswith("access-control-")]
        one.equal(f"CORS headers for {what}", [], allowed)
    one.equal("token requests", 0, len(token_requests(one, mark)))
    still_there(one, running, back, "other-sites")


@case("a person's no ends the sign-in and is named")
def denied(one):
    running = begin(one, "denied")
    page = deliver(Browser().sign_in(open_url(one, running), deny=True))
    one.holds("page", "no word of success", page.body, b"has arrived" not in page.body and page.status == 200)
    failed(one, running.end(), "denied")
    nothing_kept(one, "denied")
    running = begin(one, "denied", flow="device")
    said = running.event("code") or {}
    Browser().enter_device_code(said["verification_uri"], said["user_code"], deny=True)
    failed(one, running.end(), "access_denied")
    nothing_kept(one, "denied")


@case("a device code that nobody enters lapses, and is not asked for any longer")
def lapsed_code(one):
    one.server.set(deviceCodeSecs=7)
    mark = one.server.mark()
    running = begin(one, "late", flow="device")
    said = running.event("code") or {}
    one.equal("expires_in_s", 7, said.get("expires_in_s"))
    failed(one, running.end(20), "expired")
    asked = [entry["error"] for entry in token_requests(one, mark)]
    one.holds("token requests", "pending, and at most one after the end", asked, len(asked) <= 2)
    nothing_kept(one, "late")


@case("foreign words in a redirect come alive nowhere")
def foreign_words(one):
    running = begin(one, "foreign")
    asked = browser.query(open_url(one, running))
    words = "<script>alert(1)</script>\x1b[31mred\u202e"
    answer = {"error": "access_denied", "error_description": words, "state": asked["state"], "iss": one.server.issuer}
    page = deliver(changed_query(asked["redirect_uri"], **answer))
    one.holds("page", "no script", page.body, b"<script" not in page.body.lower())
    done = running.end()
    failed(one, done, "denied")
    for sign in ("\x1b", "\u202e"):
        one.holds("output", f"no {sign!r} as it came", done.text(), sign not in done.text())


@case("a client that the server does not know, and a wrong secret, are invalid_client")
def unknown_client(one):
    done = begin(one, "nobody", client="nobody", flow="device").end()
    failed(one, done, "invalid_client")
    mark = one.server.mark()
    done = begin(one, "nobody", client="basic", flow="client_credentials", stdin=b"not-the-secret-of-it\n").end()
    failed(one, done, "invalid_client")
    one.equal("token requests", ["invalid_client"], [entry["error"] for entry in token_requests(one, mark)])
    nothing_kept(one, "nobody")


@case("the token goes to no other origin, not even to that of its own server")
def bound(one):
    mark = one.server.mark()
    running = begin(one, "bound")
    deliver(Browser().sign_in(open_url(one, running)))
    succeeded(one, running.end(), "bound")
    sent = one.program.send(f"{one.server.issuer}/me", "bound")
    one.holds("exit code", "2 or 4", describe(sent), sent.code in (2, 4))
    one.equal("answer", None, status(sent))
    one.equal("what the API was shown", [], one.server.entries("api", since=mark))


@case("a secret as an argument is refused")
def as_argument(one):
    for words in (["--client-secret", "no-secret-1"], ["--client-secret=no-secret-1"], ["--token", "no-secret-1"]):
        done = one.program.run(
            "oauth", "login", "argument", "--issuer", one.server.issuer, "--client-id", "basic", "--flow",
            "client_credentials", "--origin", one.server.api, *words, seconds=20,
        )  # fmt: skip
        one.equal(f"exit code with {words[0]}", 2, done.code)
        one.holds("output", "not the secret", done.text(), "no-secret-1" not in done.text())


@case("an issuer that is not there, and one without encryption, end it at once")
def nobody_there(one):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for issuer, codes in ((closed, (3,)), ("http://login.example", (2,))):
            done = one.program.run(
                "oauth", "login", "nowhere", "--issuer", issuer, "--client-id", "native", "--origin", one.server.api,
                "--no-browser", seconds=30,
            )  # fmt: skip
            one.holds(f"exit code for {issuer}", codes, describe(done), done.code in codes)
    nothing_kept(one, "nowhere")


@case("an interrupt ends the wait, closes the listener and keeps nothing")
def interrupted(one):
    running = begin(one, "interrupted")
    redirect = browser.query(open_url(one, running))["redirect_uri"]
    running.process.send_signal(signal.SIGINT)
    done = running.end(10)
    is_ended = isinstance(done.code, int) and done.code != 0
    one.holds("exit code", "not 0, and an end within ten seconds", done.code, is_ended)
    try:
        deliver(redirect)
        one.fault("the listener", "to be gone", "it answers")
    except OSError:
        pass
    nothing_kept(one, "interrupted")
