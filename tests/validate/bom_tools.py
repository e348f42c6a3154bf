"""What the validators of bills of materials share: the documents to look at, and the tools that they need."""

import os
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "target"


class Report:
    """Counts what passed, failed and was skipped, and ends with a plain line."""

    def __init__(self, require):
        self.require = require
        self.passed = self.failed = self.skipped = 0

    def check(self, name, errors):
        """One document before one validator; `errors` is empty if it is valid."""
        if not errors:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {name}")
        for error in errors[:10]:
            print(f"    {error}")
        if len(errors) > 10:
            print(f"    and {len(errors) - 10} more")

    def skip(self, what, why):
        print(f"SKIPPED {what}: {why}")
        self.skipped += 1

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed or (self.skipped and self.require) else 0)


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, cwd=ROOT, **options)


def quietly(*command):
    """The output of a command, or None if it fails."""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def documents(formats):
    """Writes the four stories (with and without their history) and the hand-built runs; format -> {name: path}."""
    run("cargo", "build", "--quiet", "--locked", "-p", "forebear")
    stories = TARGET / "validate" / "stories"
    run("cargo", "run", "--quiet", "--locked", "-p", "forebear-testkit", "--example", "stories", "--", stories, stdout=subprocess.DEVNULL)
    binary = TARGET / "debug" / "forebear"
    found = {}
    for name in formats:
        folder = TARGET / "validate" / name
        shutil.rmtree(folder, ignore_errors=True)
        run("cargo", "run", "--quiet", "--locked", "-p", "forebear-report", "--example", "hand_built", "--", name, folder)
        for story in "abcd":
            for history in ([], ["--history"]):
                file = folder / f"story-{story}{'-history' if history else ''}.{name}"
                command = [binary, "check", stories / story, "--fail-on", "never", "--output", f"{name}={file}", *history]
                run(*command, stdout=subprocess.DEVNULL)
        found[name] = {path.name.removesuffix(f".{name}"): path for path in sorted(folder.iterdir())}
    return found


def python_with(*packages):
    """A Python of a virtual environment that has the packages, or None if they cannot be installed."""
    folder = TARGET / "validate" / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    installed = quietly(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    return None if installed is None else python


def node_package(name):
    """The folder of an npm package, or None if node is not there or it cannot be installed. No script of a package runs."""
    folder = TARGET / "validate" / "node"
    package = folder / "node_modules" / name
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    if not package.exists():
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--silent"]
        if quietly("npm", "install", "--prefix", folder, *options, name) is None:
            return None
    return package
