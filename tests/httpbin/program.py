"""Runs `altyaa --json send` and reads what it says."""

import base64
import json
import os
import pathlib
import shlex
import subprocess

# Longer than any case takes, a debug build on a busy machine included.
END_SECONDS = 120
# Part of every made-up secret that is sent in a header; no JSON may hold it.
CANARY = "canary"


class Absent:
    """A member that the JSON does not have."""

    def __repr__(self):
        return "absent"


ABSENT = Absent()


class Sent:
    """What one command did: exit code, the JSON object, the bytes of --output."""

    def __init__(self, command, code, stdout, stderr, output):
        self.command = command
        self.code = code
        self.stdout = stdout
        self.stderr = stderr
        # The bytes that --output wrote; None where it was not asked for or wrote no file.
        self.raw = output
        try:
            self.json = json.loads(stdout)
        except ValueError:
            self.json = None

    def at(self, *path):
        """A member of the JSON by names and indexes, ABSENT where there is none."""
        value = self.json
        for step in path:
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
                value = value[step]
            else:
                return ABSENT
        return value

    @property
    def status(self):
        return self.at("response", "status")

    def headers(self, name):
        """The values of a response header, in order."""
        lines = self.at("response", "headers")
        return [] if lines is ABSENT else [value for key, value in lines if key.lower() == name]

    def header(self, name):
        return next(iter(self.headers(name)), ABSENT)

    def body(self):
        """The printed body's bytes."""
        text = self.at("response", "body")
        if not isinstance(text, str):
            return text
        if self.at("response", "body_encoding") == "base64":
            return base64.b64decode(text, validate=True)
        return text.encode()

    def body_json(self):
        """The printed body as JSON; ABSENT where it is none."""
        return read_json(self.body())

    def raw_json(self):
        """The bytes of --output as JSON; ABSENT where they are none."""
        return read_json(self.raw)

    def redirects(self):
        """The steps that were followed, oldest first; ABSENT where the JSON does not tell."""
        return self.at("redirects")


class Program:
    """The built program, with a data directory of its own."""

    def __init__(self, path, folder):
        self.path = path
        self.folder = pathlib.Path(folder)
        drop = {"http_proxy", "https_proxy", "all_proxy", "no_proxy", "altyaa_data_dir"}
        self.environment = {name: value for name, value in os.environ.items() if name.lower() not in drop}
        self.count = 0

    def file(self, contents):
        """A file that holds `contents`, for --data @FILE."""
        self.count += 1
        path = self.folder / f"payload-{self.count}"
        path.write_bytes(contents)
        return path

    def send(self, method, url, *options, output=None, stdin=b""):
        """`altyaa send`. `output`: True for --output into a file, "-" for standard output."""
        arguments = ["--json", "--quiet", "--data-dir", str(self.folder / "data"), "send", method, url, *options]
        path = None
        if output == "-":
            arguments += ["--output", "-"]
        elif output:
            self.count += 1
            path = self.folder / f"output-{self.count}"
            arguments += ["--output", str(path)]
        command = "altyaa " + " ".join(shlex.quote(shorten(argument)) for argument in arguments)
        try:
            ended = subprocess.run(
                [self.path, *arguments],
                input=stdin,
                capture_output=True,
                env=self.environment,
                cwd=self.folder,
                timeout=END_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return Sent(command, f"none within {END_SECONDS} s", error.stdout or b"", error.stderr or b"", None)
        raw = path.read_bytes() if path and path.exists() else None
        return Sent(command, ended.returncode, ended.stdout, ended.stderr, raw)


def read_json(body):
    try:
        return json.loads(body)
    except (TypeError, ValueError):
        return ABSENT


def shorten(text):
    return text if len(text) <= 200 else f"{text[:60]}…({len(text)} characters)"
