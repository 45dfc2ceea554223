"""Signs in at an authorization server that others wrote, with the built program, and looks at what happens.

    prove.py --modules DIR --self-test [--only TEXT]
    prove.py --modules DIR [--only TEXT] PROGRAM

DIR holds server.mjs and its node_modules. The self-test, always run, proves the server and the browser with a client
of our own. With a PROGRAM the keyring is written to, so the session must be a private one (ALTYAA_TEST_KEYRING=1).
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

import selftest
import steps

# Each of these adds its cases, and is run in this order.
import signing_in  # noqa: F401
import renewing  # noqa: F401
import losing  # noqa: F401
import refusing  # noqa: F401
import leaking  # noqa: F401
from case import Run
from program import Program
from server import DidNotStart, Server


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--modules", required=True, help="where server.mjs and its node_modules are")
    arguments.add_argument("--self-test", action="store_true", help="without a program")
    arguments.add_argument("--only", default="", help="only the cases that have this in their name")
    arguments.add_argument("program", nargs="?", help="the built altyaa")
    arguments = arguments.parse_args()
    if bool(arguments.program) == arguments.self_test:
        sys.exit("either a program or --self-test")
    if arguments.program and os.environ.get("ALTYAA_TEST_KEYRING") != "1":
        sys.exit("this writes to the keyring: start it by tests/oauth/run, in a private session")
    # A run that is ended from outside ends its server as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    run = Run(arguments.only)
    with tempfile.TemporaryDirectory(prefix="altyaa-oauth-") as folder:
        try:
            server = Server(arguments.modules, folder)
        except DidNotStart as error:
            sys.exit(f"the authorization server did not start:\n{error}")
        try:
            print(f"oidc-provider at {server.issuer}, Node {server.node}", flush=True)
            clients = {}
            for name, function in selftest.CASES:
                run.run(f"server: {name}", function, server=server, clients=clients, modules=arguments.modules)
            if arguments.program:
                prove(run, arguments, server, Path(folder))
        finally:
            server.stop()
    return run.end()


def prove(run, arguments, server, folder):
    for made in ("form", "other"):
        (folder / made).mkdir()
    form_server = Server(arguments.modules, folder / "form", "form")
    other_server = Server(arguments.modules, folder / "other", script="other.mjs")
    program = Program(os.path.abspath(arguments.program), folder / "program")
    try:
        needs = {
            "server": server,
            "form_server": form_server,
            "other_server": other_server,
            "modules": arguments.modules,
            "program": program,
            # Of the private session; what the program writes outside its data directory is found there.
            "home": Path.home(),
        }
        for name, function in steps.CASES:
            # What a case before it changed and, broken off, did not set back.
            server.set(accessTokenSecs=3600, deviceCodeSecs=600, tokenDelayMs=0, isGatewayDown=False)
            run.run(name, function, **needs)
    finally:
        program.stop()
        form_server.stop()
        other_server.stop()


if __name__ == "__main__":
    sys.exit(main())
