"""Signing in at the embedded sandbox through a browser, refreshing, and signing out; tokens only in the keyring."""

import json
import os
import sys
import time

import codes
import leaks
import pictures
from console import FAST, Console, must, private_folder
from credentials import closed, in_keyring, opened

NAME = "sandbox-login"

# A browser as far as this needs one: it gets the page, presses Allow and follows the way back.
BROWSER = """#!{python}
import html, json, os, re, sys, urllib.parse, urllib.request
with open({log!r}, "w") as log:
    json.dump({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}, log)
address = sys.argv[1]
page = urllib.request.urlopen(address, timeout=10).read().decode()
ticket = html.unescape(re.search(r'name="ticket" value="([^"]+)"', page).group(1))
action = html.unescape(re.search(r'<form[^>]*action="([^"]+)"', page).group(1))
form = urllib.parse.urlencode({{"ticket": ticket, "decision": "allow"}}).encode()
urllib.request.urlopen(urllib.request.Request(urllib.parse.urljoin(address, action), form), timeout=10).read()
"""


def browser():
    """The path of such a browser, and of the file in which it notes how it was started."""
    folder = private_folder("browser")
    path, log = folder / "browser", folder / "started.json"
    path.write_text(BROWSER.format(python=sys.executable, log=str(log)))
    path.chmod(0o700)
    return path, log


def tokens():
    """Access and refresh token as the keyring has them."""
    entries = in_keyring(NAME)
    must(len(entries) == 1, f"the keyring holds {len(entries)} entries for {NAME}")
    item = json.loads(entries[0])
    return item["secret"], item["refresh"]


def waited_for(what, probe, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if probe():
            return
        time.sleep(0.1)
    must(False, what)


def in_refresh_and_out():
    path, log = browser()
    home = os.environ["HOME"]
    seen = []
    with Console(env={**FAST, "BROWSER": str(path)}) as console:
        opened(console)
        console.press("Sign in (OAuth)", role="page tab")
        console.press("Use the local sandbox")
        console.press("Sign in")
        console.sees(f"~Signed in: {NAME} is ready")
        seen.extend(tokens())
        started = json.loads(log.read_text())
        must("code_challenge_method=S256" in started["arguments"][0], "the browser was given no PKCE challenge")
        told = json.dumps(started)
        must(not any(token in told for token in seen), "the browser was told a token")

        console.press(f"Test {NAME}")
        console.sees("~A JSON Web Token")
        pictures.take(console, "credentials-dialog-signed-in")
        console.audit("the credentials dialog with a sign-in")
        console.press(f"Show secret {NAME}")
        console.sees(seen[0])
        console.press("Hide")
        console.app.gone("label", seen[0])
        console.press(f"Use {NAME}")
        console.app.gone("page tab", "Sign in (OAuth)")

        # The sandbox's API takes the token: what is wrong is the payload, as ever.
        codes.provoked(console, "invalid_request")
        pictures.take(console, "signed-in")
        before = tokens()
        console.press(f"Refresh {NAME}", nth=0)
        console.sees(f"~The token of {NAME} was refreshed")
        waited_for("the keyring holds the old tokens still", lambda: tokens() != before)
        seen.extend(tokens())
        must(len(set(seen)) == 4, "both tokens are new after a refresh")
        codes.provoked(console, "invalid_request")
        for token in seen:
            leaks.must_hold_none(token, home, at_least=8)

        opened(console)
        console.press(f"More of {NAME}")
        console.press(f"Sign out {NAME}")
        console.sees("~taken back and removed")
        must(not in_keyring(NAME), "the keyring still holds the tokens")
        closed(console)
    for token in seen:
        leaks.must_hold_none(token, home, at_least=8)
