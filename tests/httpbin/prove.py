"""Sends to an httpbin of its own with the built program and compares what comes back."""

import argparse
import os
import signal
import sys
import tempfile
import traceback

import case

# Each of these adds its cases, and is run in this order.
import asking  # noqa: F401
import following  # noqa: F401
import answers  # noqa: F401
from program import Program
from server import DidNotStart, Server, fetch


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", help="the built altyaa")
    arguments.add_argument("--only", default="", help="only the cases that have this in their name")
    arguments = arguments.parse_args()
    # A run that is ended from outside ends its servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    cases = [(name, function) for name, function in case.CASES if arguments.only in name]
    if not cases:
        sys.exit(f"no case has {arguments.only!r} in its name")
    with tempfile.TemporaryDirectory(prefix="altyaa-httpbin-") as folder:
        servers = []
        try:
            for name in ("first", "second"):
                servers.append(Server(folder, name))
            for server in servers:
                server.wait()
            return prove(cases, Program(os.path.abspath(arguments.program), folder), servers)
        except DidNotStart as error:
            sys.exit(str(error))
        finally:
            for server in servers:
                server.stop()


def prove(cases, program, servers):
    passed = failed = 0
    for name, function in cases:
        one = case.Case(program, *servers, fetch)
        try:
            function(one)
        except case.Skip as why:
            print(f"skip  {name}: {why}", flush=True)
            continue
        except Exception:  # a case that breaks off has failed; the others are still of interest
            one.fault("the case", "to come to its end", traceback.format_exc(limit=-2))
        if one.faults:
            failed += 1
            tell(name, one)
        else:
            passed += 1
            print(f"ok    {name}", flush=True)
    for server in servers:
        if server.process.poll() is not None:
            print(f"httpbin at {server.base} ended meanwhile; its log:\n{server.log.read_text(errors='replace')}")
            failed += 1
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


def tell(name, one):
    print(f"FAIL  {name}")
    for what, expected, seen in one.faults:
        print(f"      {what}")
        print(f"        expected: {expected}")
        print(f"        seen:     {seen}")
    for sent in one.commands:
        print(f"      command: {sent.command}")
        said = sent.stderr.decode(errors="replace").strip()
        if said:
            print(f"        standard error: {said[:300]}")
        if sent.json is None and sent.stdout:
            print(f"        standard output: {case.brief(sent.stdout)}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
