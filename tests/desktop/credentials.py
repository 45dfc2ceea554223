"""Tokens: from the form into the keyring, into a request, into no file, and out of the keyring again."""

import json
import os
import subprocess
import urllib.request
from contextlib import contextmanager

import codes
import leaks
import pictures
from console import BIN, FAST, ROOT, Console, must, private_folder

# Characters that every spelling changes: quotes, slashes, plus, percent.
CANARY = 'canary+/"%q7Xw93LmZt\\0sK'
LIMIT = 4


def in_keyring(name):
    """What another program finds in the keyring: the secret parts of entries whose user begins with that name."""
    told = subprocess.run(
        ["secret-tool", "search", "--all", "--unlock", "service", "altyaa-console"],
        capture_output=True, text=True, timeout=20,
    )
    # Attributes go to standard error, entries to standard output; one entry after the other in both.
    users = [line.partition("=")[2].strip() for line in told.stderr.splitlines() if line.startswith("attribute.username")]
    secrets = [line.partition("=")[2].strip() for line in told.stdout.splitlines() if line.startswith("secret =")]
    must(len(users) == len(secrets), f"secret-tool tells of {len(users)} names and {len(secrets)} secrets")
    return [secret for user, secret in zip(users, secrets) if user.partition("@")[0] == name]


def holds(entries, token):
    return len(entries) == 1 and json.loads(entries[0])["secret"] == token


def opened(console):
    """Opens the dialog by the keyring's words in the bar below."""
    console.app.find("push button", "~keyring", 0).click()
    console.app.find("page tab", "Add a credential")


def closed(console):
    console.press("Close")
    console.app.gone("page tab", "Add a credential")


def typed(console, name, origins, token):
    """Fills the form in with the keyboard and stores it."""
    console.type("entry", "Credential name", name)
    console.type("entry", "Credential origins", origins)
    console.type("password text", "Secret", token)
    field = console.app.find("password text", "Secret")
    must(token not in (field.text or ""), "the accessibility bus tells the secret in clear")
    console.press("Store credential")


@contextmanager
def sandbox():
    """A sandbox in a process of its own, as `altyaa sandbox` starts it; gives what it printed."""
    argv = [BIN / "altyaa", "sandbox", "--json", "--quiet", "--limit", f"{LIMIT}/3600", "--data-dir", private_folder("data")]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


def control(printed, change):
    request = urllib.request.Request(
        printed["control_url"], json.dumps(change).encode(),
        {"Authorization": f"Bearer {printed['control_key']}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        must(answer.status == 200, f"the control endpoint answered {answer.status}")


def profile_for(printed):
    """The built-in profile with the address of that sandbox, as a person writes the one of an account."""
    text = (ROOT / "assets/profiles/altyaa.toml").read_text()
    address = "https://sandbox.altyaa.example"
    must(address in text, f"the profile no longer names {address}")
    path = private_folder("profile") / "desktop.toml"
    path.write_text(text.replace(address, printed["url"]))
    return path


def keyring_and_two_more_codes():
    leaks.must_notice(CANARY)
    home = os.environ["HOME"]
    with sandbox() as printed:
        editor = printed["credentials"][0]["token"]
        profile = profile_for(printed)
        with Console("--profile", profile, env=FAST) as console:
            data_dir = console.data_dir
            console.choose("Environment", "Sandbox")
            console.put("Workspace", printed["workspace"])
            for name, token in (("canary", CANARY), ("editor", editor)):
                opened(console)
                typed(console, name, printed["url"], token)
                console.sees(f"~Credential {name} is stored in the keyring")
                must(holds(in_keyring(name), token), f"secret-tool does not find {name} in the keyring")
                if name == "editor":
                    pictures.take(console, "credentials-dialog-stored")
                    console.audit("the credentials dialog with two entries")
                closed(console)

            console.choose("Credential", "canary")
            text = codes.provoked(console, "unauthorized")
            must("‹" in text and CANARY not in text, "the report does not hide the token")

            # Every send but the last one is accepted by the limit; the key came out of the keyring.
            console.choose("Credential", "editor")
            for _ in range(LIMIT):
                console.send("invalid_request")
            codes.provoked(console, "rate_limit_exceeded")
            console.sees("~after ")
            control(printed, {"limit": {"requests": 100, "per_s": 1}, "outage_requests": 1, "retry_after_s": 7})
            codes.provoked(console, "service_unavailable")
            console.sees("after 7 s")
            pictures.take(console, "service-unavailable")
            # The outage is over; the same request shows what it always was.
            codes.provoked(console, "invalid_request")
            for token in (CANARY, editor):
                leaks.must_hold_none(token, home, at_least=8)
        for token in (CANARY, editor):
            leaks.must_hold_none(token, home, at_least=8)

        # A later start finds them in the keyring; what is removed in the window is gone for every program.
        with Console("--profile", profile, data_dir=data_dir, env=FAST) as console:
            opened(console)
            for name in ("canary", "editor"):
                console.press(f"Remove {name}")
                must(in_keyring(name), f"{name} was removed before that was confirmed")
                console.press(f"Remove {name} for good")
                console.app.gone("push button", f"~Remove {name}")
                must(not in_keyring(name), f"secret-tool still finds {name}")
            closed(console)


def without_a_keyring():
    """A session on whose bus no Secret Service answers: said in words, and the token lives as long as the window."""
    with Console(env=FAST) as console:
        data_dir = console.data_dir
        console.sees("No keyring answers on this computer", "push button")
        opened(console)
        console.sees("~Start a Secret Service")
        pictures.take(console, "credentials-dialog-no-keyring")
        typed(console, "canary", "https://api.altyaa.example", CANARY)
        console.sees("~this session only")
        console.sees("~canary")
        console.press("Close")
        pictures.take(console, "no-keyring")
        console.audit("the window without a keyring")
        # The rest of the program works as before.
        console.send("invalid_request")
        leaks.must_hold_none(CANARY, os.environ["HOME"], at_least=3)
    leaks.must_hold_none(CANARY, os.environ["HOME"], at_least=3)
    with Console(data_dir=data_dir, env=FAST) as console:
        opened(console)
        console.app.find("page tab", "Add a credential")
        must(not any(console.app.matches("push button", "Remove canary")), "the token outlived its session")
