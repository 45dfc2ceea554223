"""Runs httpbin under gunicorn on a free port of 127.0.0.1."""

import os
import pathlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

START_SECONDS = 30
# Settings of a person's own that would change the server.
FOREIGN = ("GUNICORN_CMD_ARGS", "HTTPBIN_TRACKING", "BUGSNAG_API_KEY", "DEBUG")
# Asked without any proxy that the environment may name.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class DidNotStart(Exception):
    """What the server said instead of answering."""


class Server:
    """One httpbin; `base` is its address, such as `http://127.0.0.1:40001`."""

    def __init__(self, folder, name):
        self.log = pathlib.Path(folder) / f"{name}.log"
        # The socket is ours before the server starts, so that no other program can take the port in between.
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(64)
            self.peer = "127.0.0.1:{}".format(listener.getsockname()[1])
            self.base = f"http://{self.peer}"
            with self.log.open("wb") as log:
                self.process = subprocess.Popen(
                    [
                        sys.executable, "-m", "gunicorn",
                        "--bind", f"fd://{listener.fileno()}",
                        "--worker-class", "gthread",
                        "--workers", "1",
                        "--threads", "8",
                        "--graceful-timeout", "1",
                        "--worker-tmp-dir", str(folder),
                        "--no-control-socket",
                        "httpbin:app",
                    ],
                    cwd=folder,
                    env={name: value for name, value in os.environ.items() if name not in FOREIGN},
                    pass_fds=(listener.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )  # fmt: skip

    def wait(self):
        """Returns once it answers; raises DidNotStart with its log where it does not."""
        deadline = time.monotonic() + START_SECONDS
        why = "it ended"
        while self.process.poll() is None:
            left = deadline - time.monotonic()
            if left <= 0:
                why = f"no answer within {START_SECONDS} s"
                break
            try:
                # Until a worker takes it, the connection waits in the listener's queue.
                with DIRECT.open(f"{self.base}/get", timeout=left) as answer:
                    if answer.status == 200:
                        return
                    why = f"it answers {answer.status}"
                    break
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise DidNotStart(f"httpbin did not start, {why}; its log:\n{self.log.read_text(errors='replace')}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def fetch(url, headers=(), method="GET"):
    """The same request by Python: status, headers, the body's bytes. Follows redirects, decodes nothing."""
    request = urllib.request.Request(url, headers=dict(headers), method=method)
    try:
        with DIRECT.open(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
