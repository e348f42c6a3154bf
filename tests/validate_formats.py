"""Runs every report format before its schema or before readers that others wrote.

python3 tests/validate_formats.py [--require] [FORMAT…]

Each format has a file in tests/validate that runs by itself. Validators are installed below target/validate; what cannot be
installed is skipped, and said, and with --require that is a failure. Needs Rust, git and Python 3.11; node for some.
"""

import argparse
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent / "validate"

# A format, and its file in tests/validate.
CHECKS = {
    "sarif": "sarif.py",
    "github": "github.py",
    "gitlab": "gitlab.py",
    "junit": "junit.py",
    "markdown": "markdown.py",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--require", action="store_true", help="a validator that cannot be installed is a failure")
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help=f"which ones: {', '.join(CHECKS)} (all of them)")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.formats if name not in CHECKS]
    if unknown:
        parser.error(f"no such format: {', '.join(unknown)}")
    failed = []
    for name in arguments.formats or CHECKS:
        print(f"== {name}", flush=True)
        command = [sys.executable, FOLDER / CHECKS[name], *(["--require"] if arguments.require else [])]
        if subprocess.run(command).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all formats are as they should be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
