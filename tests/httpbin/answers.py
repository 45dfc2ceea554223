"""What comes back: encodings, streams, bytes, formats, repeated headers, conditions, large bodies."""

import json
import random

from asking import BINARY_TYPE, body_of
from case import Case, Skip, case
from program import ABSENT

# Repeats itself, so that what is encoded is much shorter.
LONG_LINE = "X-Long: " + "abcdefgh" * 750
LARGE_BYTES = 9_000_000


def encoding_case(path, encoding, member):
    @case(f"encodings: {path} is decoded, its headers stay")
    def decoded(it: Case):
        sent = it.send("GET", path, "-H", LONG_LINE)
        it.answered(sent, 200)
        it.equal("content-encoding", encoding, sent.header("content-encoding"))
        it.equal("response.encodings", [encoding], sent.at("response", "encodings"))
        it.equal("body_encoding", "utf-8", sent.at("response", "body_encoding"))
        body = sent.body_json()
        it.equal(f"the body's {member}", True, ABSENT if body is ABSENT else body.get(member))
        wire, whole = sent.at("response", "wire_bytes"), sent.at("response", "body_bytes")
        it.equal("wire_bytes", sent.header("content-length"), str(wire))
        it.holds("wire_bytes and body_bytes", "the first smaller", (wire, whole), wire is not ABSENT and wire < whole)
        it.equal("truncated", False, sent.at("response", "truncated"))


encoding_case("/gzip", "gzip", "gzipped")
encoding_case("/deflate", "deflate", "deflated")
encoding_case("/brotli", "br", "brotli")


@case("encodings: one behind a redirect is decoded")
def encoded_after_redirect(it):
    sent = it.send("GET", "/redirect-to?url=%2Fgzip")
    it.answered(sent, 200)
    it.equal("response.encodings", ["gzip"], sent.at("response", "encodings"))
    body = sent.body_json()
    it.equal("the body's gzipped", True, ABSENT if body is ABSENT else body.get("gzipped"))


@case("encodings: /encoding/utf8 is every character as it was sent")
def utf8(it):
    sent = it.send("GET", "/encoding/utf8", output=True)
    it.answered(sent, 200)
    it.equal("content-type", "text/html; charset=utf-8", sent.header("content-type"))
    it.same_as_python(sent, "/encoding/utf8")


@case("streams: /stream/20 is twenty lines of JSON, in order")
def lines(it):
    sent = it.send("GET", "/stream/20", output=True)
    it.answered(sent, 200)
    it.equal("transfer-encoding", "chunked", sent.header("transfer-encoding"))
    it.equal("ids", list(range(20)), [json.loads(line)["id"] for line in (sent.raw or b"").splitlines()])
    it.equal("body_bytes", len(sent.raw or b""), sent.at("response", "body_bytes"))


def bytes_case(path):
    @case(f"streams: {path} is byte for byte what Python fetches")
    def same(it: Case):
        sent = it.send("GET", path, output=True)
        it.answered(sent, 200)
        it.same_as_python(sent, path)


for address in (
    "/stream-bytes/100000?seed=1",
    "/stream-bytes/4000?seed=2&chunk_size=7",
    # httpbin sends 102400 bytes at most.
    "/bytes/200000?seed=3",
    "/bytes/1?seed=4",
):
    bytes_case(address)


@case("streams: --output - is the bytes alone on standard output")
def standard_output(it):
    sent = it.send("GET", "/bytes/5000?seed=6", output="-")
    it.equal("exit code", 0, sent.code)
    it.equal("standard output", it.fetch(it.first.base + "/bytes/5000?seed=6")[2], sent.stdout)


@case("streams: a slow /drip within the time is whole")
def drip(it):
    sent = it.send("GET", "/drip?duration=2&numbytes=10&delay=0", "--timeout", "30")
    it.answered(sent, 200)
    it.equal("body", b"*" * 10, sent.body())
    total = sent.at("timing", "total_ms")
    it.holds("timing.total_ms", "1500 at least", total, total is not ABSENT and total >= 1500)
    it.answered(it.send("GET", "/drip?duration=0.2&numbytes=3&code=500"), 500)


@case("streams: a /drip cut by --timeout shows what came")
def cut_drip(it):
    sent = it.send("GET", "/drip?duration=20&numbytes=40&delay=0", "--timeout", "2")
    it.broke(sent, "timeout", "body")
    it.equal("status", 200, sent.status)
    it.equal("truncated", True, sent.at("response", "truncated"))
    came = sent.at("response", "body_bytes")
    it.holds("body_bytes", "between 1 and 39", came, isinstance(came, int) and 1 <= came <= 39)


@case("streams: /delay/3 with --timeout 1 is a timeout")
def delay(it):
    sent = it.send("GET", "/delay/3", "--timeout", "1")
    it.broke(sent, "timeout")
    it.equal("response", None, sent.at("response"))
    total = sent.at("timing", "total_ms")
    it.holds("timing.total_ms", "between 900 and 2900", total, total is not ABSENT and 900 <= total <= 2900)
    it.answered(it.send("GET", "/delay/1", "--timeout", "30"), 200)


@case("streams: /range/1024 whole, in part, and out of range")
def ranges(it):
    sent = it.send("GET", "/range/1024", output=True)
    it.answered(sent, 200)
    it.same_as_python(sent, "/range/1024")
    sent = it.send("GET", "/range/1024", "-H", "Range: bytes=10-19")
    it.answered(sent, 206)
    it.equal("content-range", "bytes 10-19/1024", sent.header("content-range"))
    it.equal("body", b"klmnopqrst", sent.body())
    sent = it.send("GET", "/range/1024", "-H", "Range: bytes=5000-6000")
    it.answered(sent, 416)
    it.equal("content-range", "bytes */1024", sent.header("content-range"))


def format_case(path, kind, body_encoding):
    @case(f"formats: {path} is {kind}, byte for byte")
    def same(it: Case):
        sent = it.send("GET", path, output=True)
        it.answered(sent, 200)
        it.equal("content-type", kind, sent.header("content-type"))
        it.same_as_python(sent, path)
        it.equal("body_encoding", body_encoding, sent.at("response", "body_encoding"))


for place, media_type, printed_as in (
    ("/image/png", "image/png", "base64"),
    ("/image/jpeg", "image/jpeg", "base64"),
    ("/image/webp", "image/webp", "base64"),
    ("/image/svg", "image/svg+xml", "utf-8"),
    ("/html", "text/html; charset=utf-8", "utf-8"),
    ("/xml", "application/xml", "utf-8"),
    ("/json", "application/json", "utf-8"),
    ("/deny", "text/plain", "utf-8"),
    ("/robots.txt", "text/plain", "utf-8"),
):
    format_case(place, media_type, printed_as)


@case("headers: repeated names of an answer stay lines of their own, in order")
def repeated(it):
    sent = it.send("GET", "/response-headers?X-Many=one&X-Many=two%2C%20three&X-Many=one&X-Single=%C2%B5")
    it.answered(sent, 200)
    it.equal("x-many", ["one", "two, three", "one"], sent.headers("x-many"))
    it.equal("how many x-single", 1, len(sent.headers("x-single")))


@case("conditions: /etag answers 200, 304 and 412")
def etag(it):
    sent = it.send("GET", "/etag/abc")
    it.answered(sent, 200)
    it.equal("etag", "abc", sent.header("etag"))
    sent = it.send("GET", "/etag/abc", "-H", 'If-None-Match: "abc"')
    it.answered(sent, 304)
    it.equal("etag", "abc", sent.header("etag"))
    it.equal("body", b"", sent.body())
    it.answered(it.send("GET", "/etag/abc", "-H", 'If-None-Match: "other"'), 200)
    it.answered(it.send("GET", "/etag/abc", "-H", 'If-Match: "other"'), 412)


@case("conditions: /cache answers 304 to If-Modified-Since")
def cache(it):
    sent = it.send("GET", "/cache")
    it.answered(sent, 200)
    modified = sent.header("last-modified")
    it.holds("last-modified", "a date", modified, str(modified).endswith("GMT"))
    sent = it.send("GET", "/cache", "-H", f"If-Modified-Since: {modified}")
    it.answered(sent, 304)
    it.equal("body_bytes", 0, sent.at("response", "body_bytes"))
    sent = it.send("GET", "/cache/60")
    it.answered(sent, 200)
    it.equal("cache-control", "public, max-age=60", sent.header("cache-control"))


@case("large: nine megabytes go there and come back")
def large_echo(it):
    data = random.Random(5).randbytes(LARGE_BYTES)
    file = it.program.file(data)
    sent = it.send("POST", "/anything", "-H", BINARY_TYPE, "--data", f"@{file}", output=True)
    it.answered(sent, 200)
    echo = sent.raw_json()
    it.equal("the body that came back", data, ABSENT if echo is ABSENT else body_of(echo))
    whole = len(sent.raw or b"")
    it.equal("content-length", str(whole), sent.header("content-length"))
    it.equal("body_bytes", whole, sent.at("response", "body_bytes"))
    it.equal("wire_bytes", whole, sent.at("response", "wire_bytes"))
    printed = sent.body()
    size = ABSENT if printed is ABSENT else len(printed)
    it.holds("how much of the body is printed", "1 MiB at most", size, size is not ABSENT and size <= 1 << 20)
    it.equal("truncated", True, sent.at("response", "truncated"))


@case("large: /stream-bytes of nine megabytes")
def large_stream(it):
    path = f"/stream-bytes/{LARGE_BYTES}?seed=5&chunk_size=65536"
    _, _, body = it.fetch(it.first.base + path)
    if len(body) < LARGE_BYTES:
        raise Skip(f"this httpbin sends {len(body)} bytes at most there; the large body is that of /anything")
    sent = it.send("GET", path, output=True)
    it.answered(sent, 200)
    it.equal("bytes of --output", body, sent.raw)
