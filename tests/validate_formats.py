"""Runs every report format before its schema or before readers that others wrote.

    python3 tests/validate_formats.py [--require] [FORMAT…]

Each format has a script that runs by itself, for most of them in tests/validate; HTML is read by a browser. What cannot be
installed is skipped, and said, and with --require that is a failure. Needs Rust, git and Python 3.11; node for some, Chromium for
HTML.
"""

import sys
import time

import support

# A format, and its script.
CHECKS = {
    "sarif": "validate/sarif.py",
    "github": "validate/github.py",
    "gitlab": "validate/gitlab.py",
    "junit": "validate/junit.py",
    "markdown": "validate/markdown.py",
    "cyclonedx": "validate/cyclonedx.py",
    "spdx": "validate/spdx.py",
    "html": "html_report.py",
}


def main():
    parser = support.parser(__doc__)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help=f"which ones: {', '.join(CHECKS)} (all of them)")
    options = parser.parse_args()
    unknown = [name for name in options.formats if name not in CHECKS]
    if unknown:
        parser.error(f"no such format: {', '.join(unknown)}")
    failed = []
    for name in options.formats or CHECKS:
        print(f"== {name}", flush=True)
        begun = time.monotonic()
        done = support.run(sys.executable, support.ROOT / "tests" / CHECKS[name], *(["--require"] if options.require else []))
        print(f"{done.text}{time.monotonic() - begun:.0f} s", flush=True)
        if done.code:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all formats are as they should be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
