"""A case: a name, a function, and what it expected and saw."""

import hashlib

from program import ABSENT, CANARY

CASES = []


def case(name):
    """Makes a function of one Case a case; the order of the file is that of the run."""

    def add(function):
        CASES.append((name, function))
        return function

    return add


class Skip(Exception):
    """Why a case cannot be run with this httpbin."""


class Case:
    """What a case's function is handed: the program, the servers, and its own findings."""

    def __init__(self, program, first, second, fetch):
        self.program = program
        # The server that is asked, and one of another origin.
        self.first = first
        self.second = second
        self.fetch = fetch
        self.faults = []
        self.commands = []

    def send(self, method, target, *options, **more):
        """Sends to the first server; `target` is a path or a whole address."""
        url = target if "://" in target else self.first.base + target
        sent = self.program.send(method, url, *options, **more)
        self.commands.append(sent)
        if CANARY.encode() in (sent.stderr if more.get("output") == "-" else sent.stdout):
            self.fault("the JSON", "no secret that was sent", f"one that holds {CANARY!r}")
        return sent

    def answered(self, sent, status):
        """Status, exit code and transport error of a whole answer."""
        self.equal("status", status, sent.status)
        self.equal("transport_error", None, sent.at("transport_error"))
        self.equal("exit code", 1 if status >= 400 else 0, sent.code)

    def broke(self, sent, kind, layer=None):
        """No whole answer, for a reason that has a name."""
        self.equal("exit code", 3, sent.code)
        self.equal("transport_error.kind", kind, sent.at("transport_error", "kind"))
        if layer:
            self.equal("transport_error.layer", layer, sent.at("transport_error", "layer"))

    def same_as_python(self, sent, url_path):
        """The bytes, of --output and printed, are those that Python fetches."""
        _, headers, body = self.fetch(self.first.base + url_path)
        self.equal("bytes of --output", body, sent.raw)
        self.equal("body", body, sent.body())
        self.equal("body_bytes", len(body), sent.at("response", "body_bytes"))
        self.equal("body_encoding", "utf-8" if is_text(body) else "base64", sent.at("response", "body_encoding"))
        self.equal("truncated", False, sent.at("response", "truncated"))
        self.equal("content-type", headers["Content-Type"], sent.header("content-type"))

    def equal(self, what, expected, seen):
        if type(expected) is not type(seen) or expected != seen:
            self.fault(what, brief(expected), brief(seen) + difference(expected, seen))

    def holds(self, what, expected, seen, is_so):
        """For what is no equality: `expected` in words."""
        if not is_so:
            self.fault(what, expected, brief(seen))

    def fault(self, what, expected, seen):
        self.faults.append((what, expected, seen))


def is_text(body):
    try:
        body.decode()
        return True
    except UnicodeDecodeError:
        return False


def brief(value):
    if value is ABSENT or value is None:
        return repr(value)
    if isinstance(value, (bytes, bytearray)):
        if len(value) <= 80:
            return repr(bytes(value))
        digest = hashlib.sha256(value).hexdigest()[:12]
        return f"{len(value)} bytes, sha256 {digest}…, beginning {bytes(value[:40])!r}"
    text = repr(value)
    return text if len(text) <= 400 else f"{text[:400]}… ({len(text)} characters)"


def difference(expected, seen):
    """Where two long bodies part."""
    if not isinstance(expected, bytes) or not isinstance(seen, bytes) or max(len(expected), len(seen)) <= 80:
        return ""
    shorter = min(len(expected), len(seen))
    at = next((i for i in range(shorter) if expected[i] != seen[i]), shorter)
    return f"; they part at byte {at}"
