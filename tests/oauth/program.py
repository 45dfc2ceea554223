"""Runs `altyaa` and keeps all that it says, and all that the processes have which it starts."""

import json
import os
import pathlib
import queue
import shlex
import sqlite3
import stat
import subprocess
import threading
import time

from watch import Watch

# Longer than any step takes, a debug build on a busy machine included.
STEP_SECONDS = 60
# Writes down what it is given, and stays long enough to be seen.
FAKE_BROWSER = """#!/bin/sh
n=$(mktemp "$FAKE_BROWSER_DIR/opened-XXXXXX")
cat /proc/$$/environ >"$n.environ"
printf '%s\\n' "$@" >"$n.arguments"
sleep 0.2
"""


class Running:
    """A command under way."""

    def __init__(self, program, words, stdin, env):
        self.command = "altyaa " + " ".join(map(shlex.quote, words))
        self.process = subprocess.Popen(
            [program.path, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            cwd=program.work,
        )
        self.watch = Watch(self.process.pid)
        self.out = bytearray()
        self.err = bytearray()
        self.lines = queue.Queue()
        self.readers = [threading.Thread(target=read, daemon=True) for read in (self._read_out, self._read_err)]
        for reader in self.readers:
            reader.start()
        self.process.stdin.write(stdin)
        self.process.stdin.close()

    def _read_out(self):
        for line in self.process.stdout:
            self.out += line
            self.lines.put(line)
        self.lines.put(None)

    def _read_err(self):
        for line in self.process.stderr:
            self.err += line

    def event(self, name, seconds=STEP_SECONDS):
        """The next line of JSON with that `event`; None if the output ends or the time is over before."""

        def read(line):
            said = read_json(line)
            return said if isinstance(said, dict) and said.get("event") == name else None

        return self._next(read, seconds)

    def line_with(self, text, seconds=STEP_SECONDS):
        """The next line that holds this text; None as above."""
        return self._next(lambda line: line.decode().strip() if text.encode() in line else None, seconds)

    def _next(self, read, seconds):
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                return None
            if line is None:
                self.lines.put(None)
                return None
            said = read(line)
            if said:
                return said

    def end(self, seconds=STEP_SECONDS):
        """Waits for its end, or ends it."""
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = f"none within {seconds} s"
        for reader in self.readers:
            reader.join(timeout=10)
        self.watch.stop()
        return Done(self.command, code, bytes(self.out), bytes(self.err))


class Done:
    """What a command did."""

    def __init__(self, command, code, out, err):
        self.command = command
        self.code = code
        self.out = out
        self.err = err

    def lines(self):
        """Every line of standard output as JSON; None for one that is none."""
        return [read_json(line) for line in self.out.splitlines()]

    def event(self, name):
        return next((said for said in self.lines() if isinstance(said, dict) and said.get("event") == name), None)

    def json(self):
        """Standard output as one JSON value; {} where it is none."""
        said = read_json(self.out)
        return said if isinstance(said, dict) else {}

    def text(self):
        return (self.out + self.err).decode(errors="replace")


class Program:
    """The built program, in folders of its own that can all be searched afterwards."""

    def __init__(self, path, folder):
        self.path = path
        self.root = pathlib.Path(folder)
        self.work = self.root / "work"
        self.data = self.root / "data"
        self.browsers = self.root / "browsers"
        temporary = self.root / "tmp"
        for made in (self.work, self.browsers, temporary):
            made.mkdir(parents=True)
        script = self.root / "browser"
        script.write_text(FAKE_BROWSER)
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        drop = {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "altyaa_data_dir"}
        self.env = {name: value for name, value in os.environ.items() if name.lower() not in drop}
        self.env |= {"BROWSER": str(script), "FAKE_BROWSER_DIR": str(self.browsers), "TMPDIR": str(temporary)}
        self.history = None
        # Every command that was run.
        self.ran = []

    def start(self, *words, stdin=b"", env=None, json=True):
        options = ["--json"] if json else []
        running = Running(self, [*options, "--data-dir", str(self.data), *words], stdin, {**self.env, **(env or {})})
        self.ran.append(running)
        return running

    def run(self, *words, seconds=STEP_SECONDS, **more):
        return self.start(*words, **more).end(seconds)

    def send(self, url, credential, *words, **more):
        return self.run("--quiet", "send", "GET", url, "--credential", credential, *words, **more)

    def hold_history(self):
        """Keeps the database open, so that its write-ahead log stays and can be searched."""
        if not self.history:
            self.history = sqlite3.connect(f"file:{self.data / 'history.sqlite3'}?mode=ro", uri=True)
            self.history.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def stop(self):
        """Ends what a case that broke off left running."""
        for running in self.ran:
            if running.process.poll() is None:
                running.process.kill()
                running.end()

    def opened(self):
        """What the browsers were given that the program opened: (arguments, environment)."""
        found = []
        for path in sorted(self.browsers.glob("*.arguments")):
            found.append((path.read_text(), path.with_suffix(".environ").read_bytes()))
        return found

    def credential(self, name):
        """What `credential list` says of one; None where there is none of that name."""
        listed = read_json(self.run("credential", "list").out)
        for one in listed if isinstance(listed, list) else [listed]:
            if isinstance(one, dict) and one.get("name") == name:
                return one
        return None


def keyring():
    """All that the program has in the keyring, as another program reads it."""
    found = subprocess.run(
        ["secret-tool", "search", "--all", "service", "altyaa-console"], capture_output=True, check=False, timeout=30
    )
    return found.stdout + found.stderr


def read_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return None
