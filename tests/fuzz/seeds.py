#!/usr/bin/env python3
"""Writes the seeds of every fuzz target from the golden cases and the profiles.

seeds.py FOLDER: FOLDER/TARGET gets one file a case, named by its content, so that a second run adds nothing.
"""
import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(sys.argv[1])


def seed(target, data):
    data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    folder = FOLDER / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


STATUSES = [200, 207, 301, 400, 401, 404, 409, 422, 429, 500, 503]

for path in sorted((ROOT / "tests/core/golden").glob("*/*.case.json")):
    case = json.loads(path.read_text())
    expected = json.loads(pathlib.Path(str(path).replace(".case.", ".expected.")).read_text())
    headers = case.get("headers") or {}
    pairs = headers.items() if isinstance(headers, dict) else headers
    head = "\n".join(f"{name}: {value}" for name, value in pairs)
    status = case["status"]
    first = bytes([STATUSES.index(status) if status in STATUSES else 3])
    body = case.get("body") or ""
    seed("envelope", first + f"{head}\n\n{body}".encode("utf-8", "surrogatepass"))
    payload = case.get("request") or ""
    seed("document", body)
    seed("document", payload)
    for field in expected.get("fields") or []:
        seed("path", f"{field['path']}\n{payload}")
    answer = f"HTTP/1.1 {status} X\r\n{head}\r\n\r\n{body}"
    url, method = case.get("url") or "https://api.example.com/v1", case.get("method") or "POST"
    quoted = "'" + payload.replace("'", "'\\''") + "'"
    seed("curl", f"curl -X {method} '{url}' -H 'Content-Type: application/json' --data-raw {quoted}")
    seed("paste", answer)
    seed("paste", f"curl -i '{url}' -d {quoted}\n{answer}")
    seed("paste", json.dumps({"level": "error", "status": status, "response_body": body, "url": url}))
    entry = {
        "request": {"method": method, "url": url, "headers": [], "postData": {"text": payload}},
        "response": {"status": status, "headers": [], "content": {"text": body}},
    }
    seed("har", json.dumps({"log": {"version": "1.2", "entries": [entry]}}))

for path in sorted((ROOT / "assets/profiles").glob("*.toml")):
    seed("profile", path.read_text())

for command in [
    "curl -sSL -u user:pass $'https://a.example/\\u00e9' --json '{\"a\":1}' -F 'f=@/x;type=a/b' --next -o out",
    "curl ^\"https://a.example/^\" ^\n  -H ^\"A: b^\" --data-raw ^\"{^\\^\"a^\\^\":1}^\"",
    "Invoke-WebRequest -Uri \"https://a.example\" -Method \"POST\" -Body \"{`\"a`\":1}\"",
]:
    seed("curl", command)
    seed("paste", command)
