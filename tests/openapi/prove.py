"""Runs schemathesis with all its checks against a sandbox of its own."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
# Fixed, so that a run can be repeated.
SEED = "20260105"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program", help="the built altyaa")
    arguments.add_argument("--max-examples", default="400")
    arguments = arguments.parse_args()
    server = subprocess.Popen(
        [arguments.program, "sandbox", "--json", "--limit", "1000000/1", "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = server.stdout.readline()
        if not line:
            sys.exit("the sandbox did not start")
        return prove(json.loads(line), arguments.max_examples, server)
    finally:
        server.terminate()
        server.wait(timeout=10)


def prove(sandbox, max_examples, server):
    with tempfile.TemporaryDirectory() as folder:
        counts = pathlib.Path(folder) / "counts.json"
        environment = {
            **os.environ,
            "ALTYAA_SANDBOX_TOKEN": sandbox["credentials"][0]["token"],
            "ALTYAA_OPENAPI_COUNTS": str(counts),
            "PYTHONPATH": str(HERE),
        }
        command = [
            str(pathlib.Path(sys.executable).with_name("schemathesis")),
            "--config-file", str(HERE / "schemathesis.toml"),
            "run", sandbox["openapi_url"],
            "--checks", "all",
            "--header", f"X-Altyaa-Workspace:{sandbox['workspace']}",
            "--seed", SEED,
            "--max-examples", max_examples,
            "--generation-database", "none",
            "--continue-on-failure",
            "--no-color",
        ]  # fmt: skip
        code = subprocess.run(command, env=environment, cwd=folder, check=False).returncode
        if server.poll() is not None:
            sys.exit("the sandbox ended while it was being asked")
        if not counts.exists():
            sys.exit("no answer was checked")
        seen = json.loads(counts.read_text(encoding="utf-8"))
    print("answers by operation and status:")
    for name, count in sorted(seen["operations"].items()):
        print(f"  {count:6} {name}")
    print(f"answers by status: {seen['answers']}")
    print(f"refusals of schema-valid data by rule: {seen['rules']}")
    print(f"cases: {sum(seen['answers'].values())}")
    return code


if __name__ == "__main__":
    sys.exit(main())
