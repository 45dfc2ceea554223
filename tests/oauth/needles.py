"""Whether a secret is in some bytes, in any spelling that a program writes by accident."""

import base64
import json
import os
import pathlib
import urllib.parse


def spellings(secret):
    """(how, bytes): plain, base64 at each offset, percent-encoded, UTF-16, JSON, hexadecimal."""
    raw = secret.encode()
    yield "plain", raw
    for skip in range(3):
        # Inside a longer text the base64 of a secret depends on where it begins; both ends are left out.
        text = base64.b64encode(b"x" * skip + raw).rstrip(b"=")[4:-4]
        yield f"base64 at offset {skip}", text
        yield f"base64url at offset {skip}", text.replace(b"+", b"-").replace(b"/", b"_")
    yield "percent-encoded", urllib.parse.quote(secret, safe="").encode()
    yield "form-encoded", urllib.parse.quote_plus(secret).encode()
    yield "percent-encoded whole", "".join(f"%{byte:02x}" for byte in raw).encode()
    yield "percent-encoded whole, in capitals", "".join(f"%{byte:02X}" for byte in raw).encode()
    yield "UTF-16 LE", secret.encode("utf-16-le")
    yield "UTF-16 BE", secret.encode("utf-16-be")
    yield "JSON", json.dumps(secret)[1:-1].encode()
    yield "JSON escapes", "".join(f"\\u{ord(char):04x}" for char in secret).encode()
    yield "JSON escapes in capitals", "".join(f"\\u{ord(char):04X}" for char in secret).encode()
    yield "hexadecimal", raw.hex().encode()
    yield "hexadecimal in capitals", raw.hex().upper().encode()


class Needles:
    """Many secrets, each in every spelling, to be looked for in many places."""

    def __init__(self, secrets):
        """`secrets`: {value: name}."""
        self.wanted = {}
        for value, name in secrets.items():
            for how, needle in spellings(value):
                self.wanted.setdefault(needle, f"{name} ({value[:4]}…), {how}")

    def found_in(self, content):
        """What is in these bytes, in words that hold no secret."""
        return [what for needle, what in self.wanted.items() if needle in content]


def files_below(*folders):
    """Every file, also those that come and go while they are looked for."""
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                path = pathlib.Path(place) / name
                try:
                    if path.is_file() and not path.is_symlink():
                        yield path, os.fsencode(name) + b"\n" + path.read_bytes()
                except OSError:
                    continue
