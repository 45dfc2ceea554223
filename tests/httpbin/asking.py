"""What is sent: methods, bodies, addresses, headers, credentials; and the statuses that answer."""

import base64
import json
import time

from case import Case, case
from program import ABSENT

JSON_TYPE = "Content-Type: application/json"
BINARY_TYPE = "Content-Type: application/octet-stream"
# Nothing of it is valid UTF-8 for long, and all bytes are there.
BINARY = bytes(range(256)) * 8 + b"\r\n\0\xff\xfe\r\n"
UNICODE = '{"title":"Grüße, 世界 🌍","line":"a\\nb","nul":"\\u0000","e\u0301":"\u202eabc"}\n'


def echoed(it, sent, method, data):
    """What /anything says it received, read from the bytes of --output."""
    it.answered(sent, 200)
    echo = sent.raw_json()
    if echo is ABSENT:
        raise ValueError(f"--output wrote no JSON of /anything but {sent.raw!r}")
    it.equal("the method that arrived", method, echo["method"])
    it.equal("the body that arrived", data, body_of(echo))
    it.equal("the content-length that arrived", str(len(data)), echo["headers"].get("Content-Length", "0"))
    return echo


def body_of(echo):
    """The body's bytes; httpbin writes what is no UTF-8 as a data URL."""
    prefix = "data:application/octet-stream;base64,"
    data = echo["data"]
    return base64.b64decode(data[len(prefix) :]) if data.startswith(prefix) else data.encode()


@case("methods: GET, and the members that every answer has")
def get(it):
    sent = it.send("GET", "/get")
    it.answered(sent, 200)
    it.equal("http_version", "HTTP/1.1", sent.at("response", "http_version"))
    it.equal("content-type", "application/json", sent.header("content-type"))
    it.equal("the body's url", f"{it.first.base}/get", sent.body_json()["url"])
    it.equal("body_bytes", len(sent.body()), sent.at("response", "body_bytes"))
    it.equal("wire_bytes", len(sent.body()), sent.at("response", "wire_bytes"))
    it.equal("request.method", "GET", sent.at("request", "method"))
    it.equal("request.url", f"{it.first.base}/get", sent.at("request", "url"))
    it.equal("response.encodings", [], sent.at("response", "encodings"))
    it.equal("redirects", [], sent.redirects())
    it.equal("attempts[0].n", 1, sent.at("attempts", 0, "n"))
    it.equal("attempts[1]", ABSENT, sent.at("attempts", 1))
    it.equal("attempts[0].connection.peer", it.first.peer, sent.at("attempts", 0, "connection", "peer"))
    total = sent.at("timing", "total_ms")
    it.holds("timing.total_ms", "a number above 0", total, isinstance(total, (int, float)) and total > 0)


@case("methods: GET /anything without a body arrives without one")
def get_anything(it):
    echo = echoed(it, it.send("GET", "/anything", output=True), "GET", b"")
    it.equal("Content-Length", None, echo["headers"].get("Content-Length"))
    it.equal("Transfer-Encoding", None, echo["headers"].get("Transfer-Encoding"))


def body_cases(method):
    @case(f"methods: {method} with JSON on the command line")
    def typed(it: Case):
        data = '{"a": [1, 2.50, -0, 1e3], "b": null}'
        sent = it.send(method, "/anything", "-H", JSON_TYPE, "--data", data, output=True)
        echo = echoed(it, sent, method, data.encode())
        it.equal("Content-Type", "application/json", echo["headers"].get("Content-Type"))
        it.equal("what httpbin reads from it", json.loads(data), echo["json"])

    @case(f"methods: {method} with Unicode from a file")
    def unicode(it: Case):
        file = it.program.file(UNICODE.encode())
        sent = it.send(method, "/anything", "-H", JSON_TYPE, "--data", f"@{file}", output=True)
        echoed(it, sent, method, UNICODE.encode())
        it.equal("request.body", UNICODE, sent.at("request", "body"))

    @case(f"methods: {method} with bytes that are no text")
    def binary(it: Case):
        file = it.program.file(BINARY)
        sent = it.send(method, "/anything", "-H", BINARY_TYPE, "--data", f"@{file}", output=True)
        echoed(it, sent, method, BINARY)
        it.equal("request.body_encoding", "base64", sent.at("request", "body_encoding"))
        it.equal("request.body_bytes", len(BINARY), sent.at("request", "body_bytes"))


for name in ("POST", "PUT", "PATCH", "DELETE"):
    body_cases(name)


@case("methods: a body with GET arrives")
def get_with_body(it):
    echoed(it, it.send("GET", "/anything", "--data", "a body", output=True), "GET", b"a body")


@case("methods: POST without a body")
def post_nothing(it):
    echoed(it, it.send("POST", "/anything", output=True), "POST", b"")


@case("methods: --data-raw begins with @, --data @- is standard input")
def raw_and_stdin(it):
    echoed(it, it.send("POST", "/anything", "--data-raw", "@no-file", output=True), "POST", b"@no-file")
    sent = it.send("POST", "/anything", "--data", "@-", output=True, stdin=BINARY)
    echoed(it, sent, "POST", BINARY)


@case("methods: a form and its parts are read as such")
def forms(it):
    form = "Content-Type: application/x-www-form-urlencoded"
    sent = it.send("POST", "/anything", "-H", form, "--data", "a=1&a=2&b=%C3%A9%26", output=True)
    it.answered(sent, 200)
    it.equal("form", {"a": ["1", "2"], "b": "é&"}, sent.raw_json()["form"])
    parts = (
        b'--edge\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--edge\r\nContent-Disposition: form-data; name="upload"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\xff\xfe\r\n\r\n--edge--\r\n"
    )
    file = it.program.file(parts)
    sent = it.send(
        "POST", "/anything", "-H", "Content-Type: multipart/form-data; boundary=edge", "--data", f"@{file}", output=True
    )
    it.answered(sent, 200)
    it.equal("form", {"note": "hello"}, sent.raw_json()["form"])
    it.equal("files", {"upload": "data:application/octet-stream;base64,//4NCg=="}, sent.raw_json()["files"])


@case("methods: HEAD has headers and no body, also of what would be encoded")
def head(it):
    for path in ("/anything", "/bytes/1000", "/gzip", "/brotli", "/image/png"):
        sent = it.send("HEAD", path, output=True)
        it.answered(sent, 200)
        length = sent.header("content-length")
        it.holds("content-length", "a number above 0", length, length not in (ABSENT, "0"))
        it.equal("body", b"", sent.body())
        it.equal("body_bytes", 0, sent.at("response", "body_bytes"))
        it.equal("truncated", False, sent.at("response", "truncated"))
        it.equal("bytes of --output", b"", sent.raw)


@case("methods: OPTIONS says what is allowed")
def options(it):
    sent = it.send("OPTIONS", "/post")
    it.answered(sent, 200)
    allowed = str(sent.header("allow"))
    it.equal("allow", ["OPTIONS", "POST"], sorted(word.strip() for word in allowed.split(",")))
    it.equal("body", b"", sent.body())


@case("methods: one that is not allowed is 405")
def not_allowed(it):
    sent = it.send("GET", "/post")
    it.answered(sent, 405)
    it.holds("allow", "POST among them", sent.header("allow"), "POST" in str(sent.header("allow")))


@case("address: query and escapes arrive as typed")
def address(it):
    sent = it.send("GET", "/anything/a%2Fb/%E2%82%AC?q=a%20b%26c&q=%C3%A9&plus=1%2B1&empty=&eq=a%3Db", output=True)
    it.answered(sent, 200)
    expected = {"q": ["a b&c", "é"], "plus": "1+1", "empty": "", "eq": "a=b"}
    it.equal("args", expected, sent.raw_json()["args"])
    sent = it.send("GET", "/anything?x=%2520", output=True)
    it.answered(sent, 200)
    it.equal("args", {"x": "%20"}, sent.raw_json()["args"])


@case("headers: custom, empty, repeated, and in place of our own")
def headers(it):
    lines = ["X-Trace: Value, with: colon", "X-Two: first", "X-Two: second", "X-Empty:", "User-Agent: proof/1.0"]
    sent = it.send("GET", "/headers", *(part for line in lines for part in ("-H", line)), output=True)
    it.answered(sent, 200)
    arrived = sent.raw_json()["headers"]
    it.equal("X-Trace", "Value, with: colon", arrived.get("X-Trace"))
    # WSGI joins the lines of one name.
    it.equal("X-Two", ["first", "second"], [part.strip() for part in arrived.get("X-Two", "").split(",")])
    it.equal("X-Empty", "", arrived.get("X-Empty"))
    it.equal("User-Agent", "proof/1.0", arrived.get("User-Agent"))
    it.equal("Host", it.first.peer, arrived.get("Host"))
    shown = [value for name, value in sent.at("request", "headers") if name.lower() == "x-two"]
    it.equal("request.headers", ["first", "second"], shown)


def basic(user, password):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@case("auth: basic with the right password is 200, and the JSON does not hold it")
def basic_right(it):
    line = basic("ada", "Open-Sesame-4711")
    sent = it.send("GET", "/hidden-basic-auth/ada/Open-Sesame-4711", "-H", line)
    it.answered(sent, 200)
    it.equal("body", {"authenticated": True, "user": "ada"}, sent.body_json())
    is_held = line.split()[-1].encode() in sent.stdout
    it.holds("the JSON", "no credential that was sent", "one that holds it", not is_held)


@case("auth: basic with a wrong password or none is 401 with its challenge")
def basic_wrong(it):
    for more in ([], ["-H", basic("ada", "wrong")]):
        sent = it.send("GET", "/basic-auth/ada/right", *more)
        it.answered(sent, 401)
        it.equal("www-authenticate", 'Basic realm="Fake Realm"', sent.header("www-authenticate"))
        it.equal("diagnosis.status", 401, sent.at("diagnosis", "status"))


@case("auth: bearer arrives whole, and the JSON does not hold it")
def bearer(it):
    token = "tok-canary-7f3a91c2e5d84b60"
    sent = it.send("GET", "/bearer", "-H", f"Authorization: Bearer {token}", output=True)
    it.answered(sent, 200)
    it.equal("bytes of --output", {"authenticated": True, "token": token}, sent.raw_json())
    it.equal("the body's authenticated", True, sent.body_json()["authenticated"])


@case("auth: no bearer is 401 with its challenge")
def no_bearer(it):
    sent = it.send("GET", "/bearer")
    it.answered(sent, 401)
    it.equal("www-authenticate", "Bearer", sent.header("www-authenticate"))
    it.equal("body", b"", sent.body())


@case("auth: the digest challenge is shown")
def digest(it):
    sent = it.send("GET", "/digest-auth/auth/ada/right")
    it.answered(sent, 401)
    challenge = str(sent.header("www-authenticate"))
    is_whole = challenge.startswith('Digest realm="') and 'qop="auth"' in challenge
    it.holds("www-authenticate", "Digest with realm and qop", challenge, is_whole)


def status_case(status):
    @case(f"status: {status} is shown and exits {1 if status >= 400 else 0}")
    def shown(it: Case):
        sent = it.send("GET", f"/status/{status}")
        it.answered(sent, status)
        it.equal("attempts[1]", ABSENT, sent.at("attempts", 1))
        if status in (204, 304):
            it.equal("body", b"", sent.body())
        if status == 418:
            it.holds("body", "a teapot", sent.body(), b"teapot" in sent.body())
        if status >= 400:
            it.equal("diagnosis.status", status, sent.at("diagnosis", "status"))


for number in (200, 204, 304, 400, 404, 418, 429, 500, 503):
    status_case(number)


@case("status: PUT and DELETE get theirs as well")
def other_methods(it):
    it.answered(it.send("PUT", "/status/201", "--data", "{}"), 201)
    it.answered(it.send("DELETE", "/status/409"), 409)


@case("retry: --retry 1 asks again after 503, not after 404")
def retry(it):
    began = time.monotonic()
    sent = it.send("GET", "/status/503", "--retry", "1")
    it.answered(sent, 503)
    attempts = sent.at("attempts")
    attempts = attempts if isinstance(attempts, list) else []
    it.equal("attempts", [(1, 503), (2, 503)], [(each["n"], each["status"]) for each in attempts])
    waited = sum(each["waited_ms"] for each in attempts)
    took = (time.monotonic() - began) * 1000
    it.holds("waited_ms together", f"above 0 and below {took:.0f}", waited, 0 < waited < took)
    sent = it.send("GET", "/status/404", "--retry", "1")
    it.answered(sent, 404)
    it.equal("attempts[0].status", 404, sent.at("attempts", 0, "status"))
    it.equal("attempts[1]", ABSENT, sent.at("attempts", 1))
