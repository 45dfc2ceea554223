"""Five of the seven codes, provoked by hand in the embedded sandbox, explained and exported.

The other two need a hand on the sandbox itself (a small limit, an outage): see credentials.py.
"""

from console import FAST, Console, must

NO_POST = "post_01KE019DW0HM2417AT3DNDGN00"
FUTURE = """{
  "title": "Desktop launch",
  "slug": "desktop-launch",
  "publishAt": "2099-01-05T09:00:00Z",
  "channels": [{ "name": "blog" }],
  "notify": true
}"""
# What the document says of each code.
MEANINGS = {
    "unauthorized": "Missing or invalid credentials.",
    "forbidden": "Authenticated but lacks permission.",
    "invalid_request": "Payload validation error.",
    "not_found": "Resource does not exist or is outside workspace scope.",
    "conflict": "Action contradicts current state (e.g., duplicate slug).",
    "rate_limit_exceeded": "Too many requests in a window.",
    "service_unavailable": "Temporary downtime or external dependency failure.",
}
STATUSES = {
    "unauthorized": 401, "forbidden": 403, "invalid_request": 400, "not_found": 404,
    "conflict": 409, "rate_limit_exceeded": 429, "service_unavailable": 503,
}


def provoked(console, code):
    """Sends; the code is shown with its meaning and in the grouped errors, and exported with its request id."""
    console.send(code)
    console.sees(MEANINGS[code])
    console.sees(f"~{STATUSES[code]} ")
    console.app.find("toggle button", f"~{code} ", 0)
    request_id = console.request_id()
    text = console.export()
    for fact in (code, request_id, f"- **Status:** {STATUSES[code]}"):
        must(fact in text, f"the report of {code} does not say {fact!r}")
    return text


def five_in_the_embedded_sandbox():
    with Console(env=FAST) as console:
        provoked(console, "invalid_request")

        console.choose("Credential", "No credential")
        text = provoked(console, "unauthorized")
        must("authorization: " not in text, "no credential was chosen, but the report shows one that was sent")

        console.choose("Credential", "local.read-only-key")
        console.put("Payload", FUTURE)
        provoked(console, "forbidden")

        console.choose("Credential", "local.editor-key")
        console.press("Send")
        # A call that works shows its answer first, and no error.
        console.sees("201 Created")
        console.press("Diagnosis", role="page tab")
        console.sees("The call worked")
        provoked(console, "conflict")

        console.choose("Method", "GET")
        console.put("Payload", "")
        console.put("URL", "{{base}}/v1/posts/" + NO_POST)
        provoked(console, "not_found")

        # The request of a profile comes back whole, and a nested field is found in a payload typed by keyboard.
        console.press("POST Schedule a post", role="toggle button")
        console.put("Payload", FUTURE.replace('"blog"', '"pigeon"').replace("desktop-launch", "other-launch"))
        console.send("invalid_request")
        console.sees("~channels[0].name, line 5, column ", "*")
        must(len(console.reports()) == 5, f"five reports were written, {len(console.reports())} are there")
