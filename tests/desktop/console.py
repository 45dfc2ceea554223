"""One running altyaa-console: started on a data directory of its own, used through the accessibility bus."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

import a11y

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "altyaa-console"
BIN = Path(os.environ.get("ALTYAA_BIN_DIR", ROOT / "target/debug"))
SCREENS = Path(os.environ.get("ALTYAA_SCREENS_DIR", ROOT / "target/screens"))
# OpenGL in software draws a frame several times as fast as Vulkan in software: for what is about more than drawing.
FAST = {"ALTYAA_RENDERER": "glow"}
# A software renderer under load takes its time for the first frame.
START_SECS = 60
STEP_SECS = 15

_outputs = []


class Fault(Exception):
    """The window is not as it must be; the text says what was seen instead."""


def must(condition, what):
    if not condition:
        raise Fault(what)


def kept_output():
    """What the last program said on its streams, for a failure's message."""
    if not _outputs or not _outputs[-1].exists():
        return ""
    text = _outputs[-1].read_text(errors="replace")[-3000:]
    return f"    the program said:\n{text}\n" if text.strip() else ""


def private_folder(kind):
    """A folder below the private home, closed to others as the program wants it."""
    return Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=os.environ["HOME"]))


class Console:
    """A window, from its start to its end; use it in a `with`."""

    def __init__(self, *arguments, data_dir=None, env=None):
        self.data_dir = data_dir or private_folder("data")
        self.output = private_folder("output") / "streams.txt"
        self.app = a11y.App(PROGRAM, STEP_SECS)
        argv = [BIN / PROGRAM, "--data-dir", self.data_dir, *arguments]
        with open(self.output, "wb") as stream:
            self.process = subprocess.Popen(argv, env={**os.environ, **(env or {})}, stdout=stream, stderr=stream)
        _outputs.append(self.output)

    def __enter__(self):
        try:
            self._wait_for_send()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_for_send(self):
        deadline = time.monotonic() + START_SECS
        while not any(self.app.matches("push button", "Send")):
            must(self.process.poll() is None, f"{PROGRAM} ended at its start with {self.process.returncode}")
            must(time.monotonic() < deadline, f"no Send button within {START_SECS} s")
            time.sleep(a11y.POLL_SECS)
        # The sandbox's keys arrive a moment after the window; Send would be refused before.
        self.app.find("label", "~Local sandbox at ")

    def __exit__(self, kind, *_):
        if kind:
            SCREENS.mkdir(parents=True, exist_ok=True)
            subprocess.run(["import", "-window", "root", SCREENS / "failure.png"])
        self.stop()

    def stop(self):
        """Ends the program and waits until the bus has forgotten it, so that a next one is not mistaken for it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        self.app.until("the window is still on the bus", lambda: None if self.app.root() else True)

    # What a person does.

    def press(self, name, nth=None, role="push button"):
        self.app.find(role, name, nth).click()

    def choose(self, combo, option):
        """Opens a combo box and takes an entry of its list."""
        self.press(combo, role="combo box")
        self.press(option, role="toggle button")
        # A list closes by itself for the pointer only; Escape closes it for everybody.
        self.key("Escape")
        self.app.gone("list box", "*")

    def put(self, name, text):
        """Replaces what a field holds, the way an assistive technology does."""
        self.app.find("entry", name).set_text(text)
        self.app.until(f"{name} does not hold the text", lambda: self.app.find("entry", name).text == text or None)

    def type(self, role, name, text):
        """Gives a field the keyboard and types instead of what it holds."""
        node = self.app.find(role, name)
        node.focus()
        self.app.until(f"{name} has no focus", lambda: "focused" in self.app.find(role, name).states or None)
        self.key("ctrl+a")
        subprocess.run(["xdotool", "type", "--delay", "4", "--", text], check=True)
        # Keys arrive later than calls on the bus; a hidden text is told by as many signs.
        self.app.until(
            f"{name} does not hold what was typed",
            lambda: len(self.app.find(role, name).text or "") == len(text) or None,
        )

    def key(self, keys):
        subprocess.run(["xdotool", "key", keys], check=True)

    def resize(self, width, height):
        window = self.window()
        subprocess.run(["xdotool", "windowsize", "--sync", window, str(width), str(height)], check=True)

    # What a person sees.

    def window(self):
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "^Altyaa Console$"], capture_output=True, text=True
        ).stdout.split()
        must(found, "the X server shows no window")
        return found[-1]

    def sees(self, text, role="label"):
        """Waits for a node of that name, or with a part of it ("~")."""
        self.app.until(f'no {role} "{text}"', lambda: next(self.app.matches(role, text), None))

    def send(self, code):
        """Sends, and waits for the diagnosis of an answer that was not there before."""
        before = self.request_id()
        self.press("Send")
        self.app.until("no new answer", lambda: self.request_id() not in ("", before) or None)
        self.sees(code)

    def request_id(self):
        return next((node.name for node in self.app.matches("label", "~req_")), "")

    def export(self):
        """Presses Export report; returns the text of the file that was written, after looking at its mode."""
        before = set(self.reports())
        self.press("Export report", 0)
        new = self.app.until("no report was written", lambda: set(self.reports()) - before or None)
        must(len(new) == 1, f"one report was wanted, {len(new)} came")
        path = new.pop()
        must(path.stat().st_mode & 0o777 == 0o600, f"{path.name} can be read by others: {path.stat().st_mode:o}")
        self.sees(f"~{path.name}")
        return path.read_text()

    def reports(self):
        return list((self.data_dir / "reports").glob("*.md"))

    def audit(self, where):
        """Nothing that the keyboard reaches is without a name."""
        findings = [f"{node} at {node.place}: {why}" for node, why in self.app.unnamed()]
        must(not findings, f"{where}: {'; '.join(findings[:5])}")
