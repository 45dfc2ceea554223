"""Redirects, what goes along with them, and cookies."""

import json
import socket
from itertools import pairwise
from urllib.parse import quote

from asking import body_of
from case import Case, case
from program import ABSENT

BODY = '{"title":"Grüße","n":1}'
TYPED = ("-H", "Content-Type: application/json", "--data", BODY)
SECRETS = {
    "authorization": "Bearer tok-canary-1f8e2d7c6b5a4930",
    "cookie": "sid=sid-canary-90a1b2c3d4e5f607",
    "x-altyaa-workspace": "ws_0123456789",
}
SECRET_LINES = [part for name, value in SECRETS.items() for part in ("-H", f"{name}: {value}")]


def to(target, status=302):
    """The path that redirects to `target`."""
    return f"/redirect-to?url={quote(target, safe='')}&status_code={status}"


def steps(it, sent, count):
    """The steps that were followed; a fault and what there is where it is another number."""
    told = sent.redirects()
    if not isinstance(told, list):
        it.fault("redirects", f"a list of {count}", repr(told))
        return []
    it.equal("how many redirects", count, len(told))
    return told


def chain_case(kind):
    @case(f"redirects: /{kind}/3 is followed step by step")
    def chain(it: Case):
        sent = it.send("GET", f"/{kind}/3", output=True)
        it.answered(sent, 200)
        base = it.first.base
        told = steps(it, sent, 3)
        # /redirect goes on as /relative-redirect.
        after = "relative-redirect" if kind == "redirect" else kind
        path = [f"{base}/{kind}/3", f"{base}/{after}/2", f"{base}/{after}/1", f"{base}/get"]
        expected = [
            {"status": 302, "method": "GET", "from": place, "to": following, "dropped": []}
            for place, following in pairwise(path)
        ]
        it.equal("redirects", expected, [{name: step.get(name, ABSENT) for name in expected[0]} for step in told])
        echo = sent.raw_json()
        it.equal("the url of the last answer", f"{base}/get", ABSENT if echo is ABSENT else echo.get("url"))


for word in ("redirect", "absolute-redirect", "relative-redirect"):
    chain_case(word)


def method_case(method, status, arrives):
    is_kept = arrives == method

    @case(f"redirects: {method} after {status} goes on as {arrives} {'with its' if is_kept else 'without a'} body")
    def follows(it: Case):
        sent = it.send(method, to("/anything", status), *TYPED, output=True)
        it.answered(sent, 200)
        told = steps(it, sent, 1)
        if told:
            it.equal("redirects[0].status", status, told[0].get("status"))
            it.equal("redirects[0].to", f"{it.first.base}/anything", told[0].get("to"))
        echo = sent.raw_json()
        if echo is ABSENT:
            it.fault("bytes of --output", "the JSON of /anything", repr(sent.raw))
            return
        it.equal("the method that arrived", arrives, echo["method"])
        it.equal("the body that arrived", BODY.encode() if is_kept else b"", body_of(echo))
        expected_type = "application/json" if is_kept else None
        it.equal("the Content-Type that arrived", expected_type, echo["headers"].get("Content-Type"))
        length = echo["headers"].get("Content-Length", "0")
        it.equal("the Content-Length that arrived", str(len(BODY.encode())) if is_kept else "0", length)


# RFC 9110, 15.4, and what browsers made of its choices (Fetch, HTTP-redirect fetch).
for asked, code, arriving in (
    ("POST", 301, "GET"),
    ("POST", 302, "GET"),
    ("POST", 303, "GET"),
    ("POST", 307, "POST"),
    ("POST", 308, "POST"),
    ("PUT", 301, "PUT"),
    ("PUT", 302, "PUT"),
    ("PUT", 303, "GET"),
    ("PUT", 308, "PUT"),
    ("DELETE", 303, "GET"),
):
    method_case(asked, code, arriving)


@case("redirects: HEAD stays HEAD after 302, 303 and 307")
def head(it):
    for status in (302, 303, 307):
        sent = it.send("HEAD", to("/bytes/1000", status))
        it.answered(sent, 200)
        told = steps(it, sent, 1)
        it.equal("redirects[0].method", "HEAD", told[0].get("method") if told else ABSENT)
        it.equal("content-length", "1000", sent.header("content-length"))
        it.equal("body", b"", sent.body())


@case("redirects: the bytes of a long body go along with 307")
def long_body(it):
    data = bytes(range(256)) * 4096
    file = it.program.file(data)
    sent = it.send("POST", to("/anything", 307), "--data", f"@{file}", output=True)
    it.answered(sent, 200)
    steps(it, sent, 1)
    echo = sent.raw_json()
    it.equal("the body that arrived", data, ABSENT if echo is ABSENT else body_of(echo))


@case("redirects: /redirect/30 ends as redirect_loop with exit 3")
def loop(it):
    sent = it.send("GET", "/redirect/30")
    it.broke(sent, "redirect_loop")
    told = sent.redirects()
    count = len(told) if isinstance(told, list) else told
    it.holds("how many redirects", "between 1 and 29", count, isinstance(count, int) and 1 <= count <= 29)


@case("redirects: --max-redirects 0 shows the 302 itself")
def none_followed(it):
    sent = it.send("GET", "/redirect/3", "--max-redirects", "0")
    it.answered(sent, 302)
    it.equal("location", "/relative-redirect/2", sent.header("location"))
    it.equal("redirects", [], sent.redirects())


@case("redirects: --max-redirects 3 follows three, --max-redirects 2 ends before the third")
def few_followed(it):
    sent = it.send("GET", "/redirect/3", "--max-redirects", "3")
    it.answered(sent, 200)
    steps(it, sent, 3)
    it.broke(it.send("GET", "/redirect/3", "--max-redirects", "2"), "redirect_loop")


@case("redirects: the last answer's status decides the exit code")
def last_decides(it):
    sent = it.send("GET", to("/status/404"))
    it.answered(sent, 404)
    steps(it, sent, 1)


@case("redirects: one without a place to go to is shown itself")
def no_location(it):
    sent = it.send("GET", "/status/308")
    it.answered(sent, 308)
    it.equal("location", ABSENT, sent.header("location"))
    it.equal("redirects", [], sent.redirects())


@case("redirects: one to a file is not followed")
def to_file(it):
    file = it.program.file(b"the contents of a file")
    sent = it.send("GET", to(f"file://{file}"))
    it.holds("status", "no 200", sent.status, sent.status != 200)
    it.holds("the JSON", "without the file's contents", "one with them", b"the contents of a file" not in sent.stdout)
    is_shown = sent.code == 0 and sent.status == 302
    it.holds("exit code", "0 with the 302 shown, or 3", sent.code, is_shown or sent.code == 3)


@case("redirects: one to a port where nothing listens is refused, after one step")
def to_nothing(it):
    # Bound and not listening: nothing else can take the port.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        sent = it.send("GET", to("http://127.0.0.1:{}/".format(taken.getsockname()[1])))
    it.broke(sent, "refused", "tcp")
    steps(it, sent, 1)


@case("redirects: on the same origin the credentials go along")
def same_origin(it):
    sent = it.send("GET", to("/headers"), *SECRET_LINES, output=True)
    it.answered(sent, 200)
    told = steps(it, sent, 1)
    it.equal("redirects[0].dropped", [], told[0].get("dropped") if told else ABSENT)
    arrived = arrived_headers(sent)
    it.equal("the credentials that arrived", SECRETS, {name: arrived.get(name) for name in SECRETS})


def other_origin_case(status, method, body):
    with_body = " and its body" if body else ""

    @case(f"redirects: to another origin after {status} {method}{with_body} drops the credentials")
    def other_origin(it: Case):
        target = f"{it.second.base}/anything"
        sent = it.send(method, to(target, status), *SECRET_LINES, *body, output=True)
        it.answered(sent, 200)
        told = steps(it, sent, 1)
        if told:
            it.equal("redirects[0].to", target, told[0].get("to"))
            dropped = {str(name).lower() for name in told[0].get("dropped", [])}
            it.holds("redirects[0].dropped", f"with {sorted(SECRETS)}", sorted(dropped), dropped >= set(SECRETS))
        echo = sent.raw_json()
        if echo is ABSENT:
            it.fault("bytes of --output", "the JSON of /anything", repr(sent.raw))
            return
        arrived = arrived_headers(sent)
        it.equal("the Host that arrived", it.second.peer, arrived.get("host"))
        it.equal("the credentials that arrived", {}, {name: arrived[name] for name in SECRETS if name in arrived})
        # Under another name neither.
        text = json.dumps(echo)
        for name, value in SECRETS.items():
            core = value.split("=")[-1].split()[-1]
            it.holds(f"the value of {name}", "nowhere in what arrived", text, core not in text)


other_origin_case(302, "GET", ())
other_origin_case(303, "POST", TYPED)
other_origin_case(307, "POST", ())


def arrived_headers(sent):
    """Of /headers and /anything, by lower-case name."""
    echo = sent.raw_json()
    return {} if echo is ABSENT else {name.lower(): value for name, value in echo.get("headers", {}).items()}


@case("cookies: with --cookies one that is set comes back after the redirect")
def cookies_on(it):
    sent = it.send("GET", "/cookies/set?flavour=oat&size=large", "--cookies", output=True)
    it.answered(sent, 200)
    steps(it, sent, 1)
    it.equal("what arrived at /cookies", {"cookies": {"flavour": "oat", "size": "large"}}, sent.raw_json())


@case("cookies: without --cookies one that is set does not come back")
def cookies_off(it):
    sent = it.send("GET", "/cookies/set?flavour=rye", output=True)
    it.answered(sent, 200)
    steps(it, sent, 1)
    it.equal("what arrived at /cookies", {"cookies": {}}, sent.raw_json())


@case("cookies: a line of one's own is sent as typed, and the JSON does not hold it")
def cookies_typed(it):
    sent = it.send("GET", "/cookies", "-H", "Cookie: flavour=oat-canary-5b6c7d8e; size=large", output=True)
    it.answered(sent, 200)
    it.equal("what arrived", {"cookies": {"flavour": "oat-canary-5b6c7d8e", "size": "large"}}, sent.raw_json())
