"""The main job: Send, the marked field, the diagnosis, the report; then sizes, colours and dialogs."""

import leaks
import pictures
from console import FAST, Console, must

MARK = "publishAt, line 4, column 16: value is in the past"
MESSAGE = "publishAt must be a future timestamp"


def sends_and_sees_the_field(console):
    console.send("invalid_request")
    # AT-SPI has no role for a mark of its own; it is told as static text with its place and reason as the name.
    console.sees(MARK, "*")
    for label in (MESSAGE, "400 Bad Request", "line 4, column 16", "value is in the past", "Payload validation error."):
        console.sees(label)
    console.sees("Check Payloads: failed", "image")
    console.sees("Go to publishAt", "push button")


def send_read_export():
    with Console() as console:
        console.audit("the window before the first Send")
        sends_and_sees_the_field(console)
        console.audit("the window after an error")
        dark = pictures.take(console, "main-window-dark")
        console.press("Light colours")
        console.sees("Dark colours", "push button")
        light = pictures.take(console, "main-window-light")
        pictures.must_stay(console, "main-window-light")
        must(dark < 0.3 and light > 0.7, f"dark colours are {dark:.2f} bright, light ones {light:.2f}")
        console.press("Dark colours")
        console.sees("Light colours", "push button")

        request_id = console.request_id()
        text = console.export()
        for fact in (
            request_id, "POST http://127.0.0.1:", "/v1/posts", "Local sandbox", "400 Bad Request", "invalid_request",
            MESSAGE, "publishAt", "line 4, column 16", "value is in the past", '>  4 |   "publishAt": "2024-01-05T09:00:00Z"',
            "x-altyaa-workspace: ws_northwind", "Validate Authentication", "Check Payloads", "Inspect Logs",
            "Use Sandbox", "Monitor Webhooks",
        ):
            must(fact in text, f"the report does not say {fact!r}")
        must("‹" in text, "nothing stands in the report where the token was")
        # A second export is a second file: nothing is overwritten.
        must(console.export().splitlines()[0] == text.splitlines()[0], "the second report is another kind of file")
        leaks.must_hold_no_sandbox_token(console.data_dir, console.output.parent, at_least=4)


def sizes_and_dialogs():
    with Console(env=FAST) as console:
        sends_and_sees_the_field(console)
        dialogs = {
            "Preview": ("report-preview", "label", "The report as it will be written"),
            "Keyring unlocked": ("credentials-dialog", "label", "Credentials"),
            "Help": ("help", "label", "~what the program contacts"),
            "Run a command": ("palette", "*", "Send the request"),
        }
        for button, (picture, role, name) in dialogs.items():
            console.press(button)
            console.sees(name, role)
            pictures.take(console, picture)
            console.audit(picture)
            console.key("Escape")
            console.app.gone(role, name)
        for combo in ("Environment", "Credential", "Method"):
            console.press(combo, role="combo box")
            console.sees("*", "list box")
            console.audit(f"the list of {combo}")
            console.key("Escape")
            console.app.gone("list box", "*")
        for tab in ("Params", "Headers", "Auth"):
            console.press(tab, role="page tab", nth=0)
            console.audit(f"the tab {tab}")
        for tab in ("Answer", "Timing", "Log", "Diagnosis"):
            console.press(tab, role="page tab")
            console.audit(f"the tab {tab}")
        console.press("~Body", role="page tab")
        console.resize(800, 600)
        # The checks have no room beside the answer now, and are a tab of it.
        console.sees("Checks", "page tab")
        pictures.take(console, "main-window-800x600")
        console.audit("the window at 800x600")
        console.press("Checks", role="page tab")
        console.sees("Check Payloads: failed", "image")
        pictures.take(console, "checks-800x600")
        console.resize(640, 480)
        console.sees("Send", "push button")
        pictures.take(console, "main-window-640x480")
        console.audit("the window at 640x480")
