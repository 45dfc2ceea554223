#!/usr/bin/python3
"""How much memory a large answer takes: in the terminal program while it writes it to a file, and in the window.

    tests/engine/memory.py terminal MEBIBYTES PROGRAM      peak of `altyaa send --output FILE`
    tests/engine/memory.py window MEBIBYTES BIN_DIR        growth of the window over idle; inside tests/tools/desktop-session

The answer comes from a server of our own on 127.0.0.1. Prints rows for docs/figures.md; fails where a bound is passed.
"""

import hashlib
import http.server
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIB = 1 << 20
TERMINAL_PEAK_MIB = 120
WINDOW_GROWTH_MIB = 60
# Lines of JSON that are all different, as logs and exports are.
BLOCK = b"".join(b'{"n":%06d,"title":"Winter launch","state":"scheduled"}\n' % n for n in range(1200))[: 1 << 16]


class Answer(http.server.BaseHTTPRequestHandler):
    """Every GET of /large is that many bytes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        left = self.server.bytes
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Content-Length", str(left))
        self.end_headers()
        while left > 0:
            piece = BLOCK[: min(left, len(BLOCK))]
            self.wfile.write(piece)
            left -= len(piece)

    def log_message(self, *_):
        pass


def serving(mebibytes):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.bytes = mebibytes * MIB
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}/large"


def expected_hash(total):
    digest = hashlib.sha256()
    while total > 0:
        piece = BLOCK[: min(total, len(BLOCK))]
        digest.update(piece)
        total -= len(piece)
    return digest.hexdigest()


def file_hash(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def row(what, value):
    print(f"| {what} | {value} |", flush=True)


def terminal(mebibytes, program):
    server, url = serving(mebibytes)
    with tempfile.TemporaryDirectory(prefix="altyaa-memory-") as folder:
        out = Path(folder) / "body"
        environment = {**os.environ, "ALTYAA_CACHE_DIR": str(Path(folder) / "cache")}
        argv = [program, "--quiet", "--json", "--data-dir", Path(folder) / "data", "send", "GET", url, "--no-credential", "--output", out]
        start = time.monotonic()
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=environment)
        # The kernel's own account of the finished process.
        _, status, usage = os.wait4(process.pid, 0)
        secs = time.monotonic() - start
        code = os.waitstatus_to_exitcode(status)
        same = out.exists() and file_hash(out) == expected_hash(server.bytes)
        left = [entry for entry in Path(folder).rglob("spill-*")]
    peak = usage.ru_maxrss / 1024
    row(f"`altyaa send --output FILE` of {mebibytes} MiB: peak memory, MiB (at most {TERMINAL_PEAK_MIB})", f"{peak:.0f}")
    row("seconds for it, spill file and copy included", f"{secs:.1f}")
    faults = []
    if code != 0:
        faults.append(f"the program ended with {code}")
    if not same:
        faults.append("the file is not what the server sent")
    if left:
        faults.append(f"spill files are left: {left}")
    if peak > TERMINAL_PEAK_MIB:
        faults.append(f"the peak is over {TERMINAL_PEAK_MIB} MiB")
    return faults


def status_mib(pid, name):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", text).group(1)) / 1024


def window(mebibytes, bin_dir):
    os.environ["ALTYAA_BIN_DIR"] = str(bin_dir)
    sys.path[:0] = [str(HERE.parent / "desktop"), str(HERE.parent / "tools")]
    import console as desk

    server, url = serving(mebibytes)
    # Other programs of this desktop draw nothing; the memory of the software renderer is part of both figures.
    with desk.Console(env={**desk.FAST, "ALTYAA_CACHE_DIR": os.environ["HOME"] + "/cache"}) as console:
        pid = console.process.pid
        # One exchange first, so that fonts, panels and the history are there already.
        console.send("invalid_request")
        console.put("Payload", "")
        console.choose("Method", "GET")
        console.put("URL", url)
        time.sleep(3)
        idle = status_mib(pid, "VmRSS")
        # From here on the high-water mark is that of the large answer.
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        console.app.timeout_secs = 300
        console.press("Send")
        console.sees(f"~of {mebibytes * MIB}")
        time.sleep(2)
        peak = status_mib(pid, "VmHWM")
        after = status_mib(pid, "VmRSS")
        desk.SCREENS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["import", "-window", "root", desk.SCREENS / "large-body.png"], check=False)
    row(f"window, {mebibytes} MiB received: growth of peak memory over idle, MiB (at most {WINDOW_GROWTH_MIB})", f"{peak - idle:.0f}")
    row("window: idle before, after the answer, MiB", f"{idle:.0f}, {after:.0f}")
    return [f"the window grew by more than {WINDOW_GROWTH_MIB} MiB"] if peak - idle > WINDOW_GROWTH_MIB else []


def main():
    kind, mebibytes, where = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]).resolve()
    faults = {"terminal": terminal, "window": window}[kind](mebibytes, where)
    for fault in faults:
        print(f"fault: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
