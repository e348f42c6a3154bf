"""Checks the project's prose: relative links lead somewhere, fences are closed, nothing names a machine's folders.

Run from anywhere: python3 tests/check_docs.py. Needs nothing but Python.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# Folders of the machines that people work on have no place in what is published.
MACHINE = re.compile(r"(?:^|[\s\"'(`=])/(?:work|home|root|Users)/[A-Za-z0-9_.-]+")


def tracked(pattern):
    """Files git knows that match, plus new ones it does not ignore."""
    arguments = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    names = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines() if (ROOT / name).is_file()]


def check_markdown(path):
    """Yields what is wrong in one Markdown file."""
    fence = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if mark:
            if fence is None:
                fence = (mark.group(1), number)
            elif mark.group(1).startswith(fence[0]):
                fence = None
            continue
        if fence:
            continue
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:", target) or target.startswith("#"):
                continue
            if not (path.parent / target.split("#")[0]).exists():
                yield f"{number}: the link {target} leads nowhere"
    if fence:
        yield f"{fence[1]}: the fence {fence[0]} is not closed"


def main():
    wrong = []
    for path in tracked("*.md"):
        wrong += [f"{path.relative_to(ROOT)}:{what}" for what in check_markdown(path)]
    for path in tracked("*"):
        if path.name == "Cargo.lock" or path == pathlib.Path(__file__).resolve():
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if MACHINE.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: names a folder of a machine")
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
