"""What goes wrong on the way: interrupts, a gateway, a server that is away. Nothing is lost, the reason is named."""

import signal
import time

from program import keyring
from renewing import SHORT_SECS, send, shortly, signed_in, sleep_until
from server import Server
from steps import case, describe, failed, sign_in, status, token_requests, tokens_of


@case("an interrupt during a refresh loses nothing of what the server gave")
def interrupted(one):
    _, before = signed_in(one, "interrupted-refresh")
    one.server.set(tokenDelayMs=1500)
    mark = one.server.mark()
    running = one.program.start("oauth", "refresh", "interrupted-refresh")
    time.sleep(0.8)
    running.process.send_signal(signal.SIGINT)
    ended = running.end()
    one.server.set(tokenDelayMs=0)
    time.sleep(1.5)
    one.equal(f"token requests, {describe(ended)}", [200], [entry["status"] for entry in token_requests(one, mark)])
    done = one.program.run("oauth", "refresh", "interrupted-refresh")
    one.equal(f"exit code of the next, {describe(done)}", 0, done.code)
    one.equal("the API", 200, status(send(one, "interrupted-refresh")))


@case("an interrupt of a request that is renewing its token loses nothing either")
def interrupted_send(one):
    _, _, given = shortly(one, "interrupted-send")
    sleep_until(given + SHORT_SECS + 1)
    one.server.set(accessTokenSecs=3600, tokenDelayMs=1500)
    mark = one.server.mark()
    words = ("--quiet", "send", "GET", f"{one.server.api}/posts", "--credential", "interrupted-send")
    running = one.program.start(*words)
    time.sleep(0.8)
    running.process.send_signal(signal.SIGINT)
    ended = running.end()
    one.server.set(tokenDelayMs=0)
    time.sleep(1.5)
    one.equal(f"token requests, {describe(ended)}", [200], [entry["status"] for entry in token_requests(one, mark)])
    sent = send(one, "interrupted-send")
    one.equal(f"the API the next time, {describe(sent)}", 200, status(sent))


@case("a gateway that answers for the server: the reason is named, and nothing is lost")
def gateway(one):
    _, _, given = shortly(one, "gateway")
    one.server.set(accessTokenSecs=3600, isGatewayDown=True)
    done = one.program.run("oauth", "refresh", "gateway")
    failed(one, done, "502")
    one.equal("exit code for an answer of 502", 1, done.code)
    sleep_until(given + SHORT_SECS + 1)
    sent = send(one, "gateway")
    one.holds("exit code of a request", "not 0", sent.code, sent.code != 0)
    one.holds("what a request says", "that the server answered 502", describe(sent), "502" in sent.text())
    one.server.set(isGatewayDown=False)
    one.equal("the API, once it is back", 200, status(send(one, "gateway")))


@case("a server that is away: the refresh fails and keeps what there is, a logout removes it all the same")
def away(one):
    folder = one.program.root.parent / "away"
    folder.mkdir()
    server = Server(one.modules, folder)
    try:
        mark = server.mark()
        sign_in(one, "away", server=server)
        access, refresh = tokens_of(server.entries("token", since=mark)[-1])
    finally:
        server.stop()
    done = one.program.run("oauth", "refresh", "away")
    failed(one, done, "no_answer")
    one.equal("exit code where no answer came", 3, done.code)
    kept = keyring()
    one.equal("in the keyring", (True, True), (access.encode() in kept, refresh.encode() in kept))
    done = one.program.run("oauth", "logout", "away")
    says_so = "did not take" in done.text()
    one.holds("what the logout says", "that the server did not take it back", describe(done), says_so)
    kept = keyring()
    one.equal("in the keyring after it", (False, False), (access.encode() in kept, refresh.encode() in kept))
    one.equal("in the list", None, one.program.credential("away"))
