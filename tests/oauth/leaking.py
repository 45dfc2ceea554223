"""At the end: nothing that only client and server may know is anywhere but in the keyring."""

import urllib.parse

from needles import Needles, files_below
from program import keyring, read_json
from steps import case, describe


@case("history, report and lists tell of the requests, for the search that follows")
def told(one):
    listed = one.program.run("history", "list").out
    entries = [entry for line in listed.splitlines() for entry in as_list(read_json(line))]
    calls = [entry for entry in entries if entry["method"] == "POST"]
    paths = {urllib.parse.urlsplit(entry["url"]).path for entry in calls}
    one.equal("forms that the history tells of", {"/token", "/token/revocation", "/device/auth"}, paths)
    kept = [next(entry["id"] for entry in calls if entry["url"].endswith(path)) for path in paths]
    out = str(one.program.work / "report.md")
    for words in (
        ("credential", "list"),
        ("credential", "doctor", "code"),
        *(("history", "show", one_id) for one_id in kept),
        *(("report", "--force", "--exchange", one_id, "--out", f"{out}-{one_id}.md") for one_id in kept),
        ("history", "show", "last"),
        ("report", "--force", "--exchange", "last", "--out", out),
    ):
        for json in (True, False):
            done = one.program.run(*words, json=json)
            is_fine = done.code == 0 or done.code == 1 and done.out
            one.holds("exit code", "0, or 1 for a finding", describe(done), is_fine)


def as_list(said):
    return said if isinstance(said, list) else [said]


def canaries(one):
    return {**one.server.secrets(), **one.form_server.secrets(), **one.other_server.secrets()}


@case("no secret is in a file of the program, its database and its write-ahead log among them")
def files(one):
    needles = Needles(canaries(one))
    names = []
    for path, content in files_below(one.program.root, one.home):
        names.append(path.name)
        found = needles.found_in(content)
        one.holds(str(path), "no secret", found[:3], not found)
    one.holds("secrets", "many", len(canaries(one)), len(canaries(one)) >= 60)
    for name in ("history.sqlite3", "history.sqlite3-wal", "credentials.json", "report.md"):
        one.holds("files that were searched", name, sorted(names), name in names)


@case("no secret is in anything that the program printed")
def outputs(one):
    needles = Needles(canaries(one))
    one.holds("commands", "many", len(one.program.ran), len(one.program.ran) >= 40)
    for running in one.program.ran:
        for where, content in (("standard output", running.out), ("standard error", running.err)):
            found = needles.found_in(bytes(content))
            one.holds(f"{where} of {running.command}", "no secret", found[:3], not found)


@case("no secret is in the arguments or the environment of a process")
def processes(one):
    needles = Needles(canaries(one))
    started = 0
    for running in one.program.ran:
        started += bool(running.watch.contents(own=False))
        found = [what for content in running.watch.contents() for what in needles.found_in(content)]
        # The one that a person put into a variable is, by that person's own hand, in the program's own environment.
        if "--client-secret-env" in running.command:
            below = [what for content in running.watch.contents(own=False) for what in needles.found_in(content)]
            of_it = [what for content in running.watch.contents(name="cmdline") for what in needles.found_in(content)]
            found = below + of_it
        one.holds(running.command, "no secret", found[:3], not found)
    one.holds("commands that started a process", "at least one", started, started)
    for words, environment in one.program.opened():
        found = needles.found_in(words.encode() + environment)
        one.holds("what the browser was given", "no secret", found[:3], not found)


@case("the keyring has the newest tokens, and none that were replaced")
def kept(one):
    in_keyring = keyring()
    have = [value for value, name in canaries(one).items() if value.encode() in in_keyring]
    one.holds("secrets in the keyring", "some", len(have), len(have) >= 10)
    for kind in ("code", "code_verifier", "device_code"):
        left = [value for value, name in canaries(one).items() if name == kind and value.encode() in in_keyring]
        one.equal(f"in the keyring, {kind}", 0, len(left))
