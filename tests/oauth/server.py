"""Starts server.mjs or other.mjs, reads what it wrote down, and asks it to behave otherwise."""

import json
import os
import pathlib
import queue
import subprocess
import threading
import time

START_SECONDS = 30
# No token of these servers is shorter.
SECRET_CHARS = 20
# What would change how Node runs the server.
FOREIGN = ("NODE_OPTIONS", "NODE_PATH", "DEBUG")


class DidNotStart(Exception):
    """What the server said instead of its addresses."""


class Server:
    """One authorization server and its API, at addresses that end with the server."""

    def __init__(self, modules, folder, *words, script="server.mjs"):
        self.record = pathlib.Path(folder) / "record.jsonl"
        self.log = pathlib.Path(folder) / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["node", script, str(self.record), *words],
                cwd=modules,
                env={name: value for name, value in os.environ.items() if name not in FOREIGN},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.answers = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            ready = self.answers.get(timeout=START_SECONDS)
        except queue.Empty:
            ready = None
        if ready is None:
            self.stop()
            raise DidNotStart(self.log.read_text(errors="replace")[-4000:] or f"nothing within {START_SECONDS} s")
        self.issuer = ready["issuer"]
        self.api = ready["api"]
        self.node = ready["node"]
        # Client ids and their secrets; none for the public one.
        self.clients = ready["clients"]

    def _read(self):
        for line in self.process.stdout:
            self.answers.put(json.loads(line))
        self.answers.put(None)

    def set(self, **settings):
        """What the server calls its `settings`; a change holds for what comes after it."""
        self.process.stdin.write(json.dumps({"set": settings}).encode() + b"\n")
        self.process.stdin.flush()
        return self.answers.get(timeout=START_SECONDS)["settings"]

    def entries(self, *endpoints, since=0, **wanted):
        """The requests written down so far, from the `since`th on, of these endpoints and with these members."""
        with self.record.open() as lines:
            every = [json.loads(line) for line in lines][since:]
        return [
            entry
            for entry in every
            if (not endpoints or entry["endpoint"] in endpoints)
            and all(entry.get(name) == value for name, value in wanted.items())
        ]

    def mark(self):
        """How many requests are written down: later `since` starts here."""
        return len(self.entries())

    def wait_for(self, *endpoints, since=0, seconds=30, count=1, **wanted):
        """As `entries`, once there are `count`; fewer where they do not come in time."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.entries(*endpoints, since=since, **wanted)
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.05)

    def secrets(self):
        """Everything that only a client and the server may know: {value: name}; short ones were made up for a case."""
        found = {value: f"client_secret of {name}" for name, value in self.clients.items() if value}
        for entry in self.entries():
            for secret in entry["secrets"]:
                if len(secret["value"]) >= SECRET_CHARS:
                    found.setdefault(secret["value"], secret["name"])
        return found

    def stop(self):
        """Closes its standard input, which ends it; returns how it ended."""
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def secret_of(entry, name):
    """A secret of one request that was written down; None where it had none of that name."""
    return next((secret["value"] for secret in entry["secrets"] if secret["name"] == name), None)
