"""Whether a token is in a file, in any spelling that a program writes by accident."""

import base64
import json
import os
import re
import shutil
from pathlib import Path
from urllib.parse import quote

from console import Fault, must, private_folder

# The tokens that the embedded sandbox makes at each start, and nobody but it knows.
SANDBOX_TOKEN = re.compile(rb"altyaa_(sandbox|control)_[0-9a-f]{40}")


def spellings(token):
    """The token as bytes: plain, base64 at every offset, percent-encoded, UTF-16, JSON-escaped, hexadecimal."""
    raw = token.encode()
    yield "plain", raw
    yield "reversed", raw[::-1]
    for skip in range(3):
        # Inside a longer text the base64 of a token depends on where it begins; both ends are left out.
        text = base64.b64encode(b"x" * skip + raw).rstrip(b"=")[4:-4]
        yield f"base64 at offset {skip}", text
        yield f"base64url at offset {skip}", text.replace(b"+", b"-").replace(b"/", b"_")
    for byte in ("%{:02x}", "%{:02X}"):
        yield "percent-encoded whole", "".join(byte.format(b) for b in raw).encode()
    yield "percent-encoded", quote(token, safe="").encode()
    yield "UTF-16 LE", token.encode("utf-16-le")
    yield "UTF-16 BE", token.encode("utf-16-be")
    yield "JSON", json.dumps(token)[1:-1].encode()
    for escape in ("\\u{:04x}", "\\u{:04X}"):
        yield "JSON escapes", "".join(escape.format(ord(c)) for c in token).encode()
    yield "hexadecimal", raw.hex().encode()


def files_below(*folders):
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place) / name
                if path.is_file() and not path.is_symlink():
                    yield path


def must_hold_none(token, *folders, at_least=1):
    """No file below holds the token; fails as well if there were not even `at_least` files to look into."""
    wanted = list(spellings(token))
    seen = 0
    for path in files_below(*folders):
        content = path.read_bytes()
        for spelling, needle in wanted:
            must(needle not in content and needle not in str(path).encode(), f"{path} holds the token, {spelling}")
        seen += 1
    must(seen >= at_least, f"only {seen} files were there to be searched, {at_least} were expected")


def must_hold_no_sandbox_token(*folders, at_least=1):
    """No file below holds one of the embedded sandbox's own tokens."""
    seen = 0
    for path in files_below(*folders):
        must(not SANDBOX_TOKEN.search(path.read_bytes()), f"{path} holds a token of the sandbox")
        seen += 1
    must(seen >= at_least, f"only {seen} files were there to be searched, {at_least} were expected")


def must_notice(token):
    """The search finds every spelling: otherwise its silence would say nothing."""
    for spelling, needle in spellings(token):
        folder = private_folder("leak")
        (folder / "file").write_bytes(b"before " + needle + b" after")
        try:
            must_hold_none(token, folder)
        except Fault:
            continue
        finally:
            shutil.rmtree(folder)
        raise Fault(f"the search does not notice the token as {spelling}")
