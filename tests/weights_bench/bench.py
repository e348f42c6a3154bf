"""What every part of the bench uses: the program, numpy, packages, and folders below target/weights-bench/."""

import functools
import json
import pathlib

import support
from weights_bench import packages

WORK = support.TARGET / "weights-bench"
# Groups of tests in the order of the tables, with the short name of each.
GROUPS = {"norms": "zN", "weights": "zW", "embeddings": "zE", "column-norms": "zC"}


class Bench:
    """A run of one part."""

    def __init__(self, check, forebear=None):
        self.check, self.given = check, forebear
        self.work = WORK

    @functools.cached_property
    def forebear(self):
        """The program: as given, else built for release."""
        return self.given.resolve() if self.given else support.program(release=True)

    @functools.cached_property
    def version(self):
        """What the program calls itself."""
        return support.must(self.forebear, "--version").strip()

    @functools.cached_property
    def python(self):
        """The environment of Python packages with numpy; None, and a skip, where it cannot be had."""
        return support.python_with(self.check, "numpy")

    @functools.cached_property
    def numpy(self):
        """The module numpy; None where it cannot be had."""
        return self.python.module("numpy") if self.python else None

    def folder(self, *names):
        """A folder for work data, made if it is not there."""
        folder = self.work.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def package(self, name):
        """The folder of an unpacked package of `packages.TABLE`; None, and a skip, where it cannot be had."""
        return packages.unpacked(self, name)

    def fingerprint(self, path, output, *options):
        """Writes a fingerprint; gives what the program says of it."""
        words = ("fingerprint", path, "--output", output, "--format", "json", *options)
        return self.json(*words)

    def compare(self, suspect, base, *options):
        """What `forebear compare --format json` says."""
        return self.json("compare", suspect, base, "--format", "json", *options)

    def json(self, *words):
        """Runs the program, which prints JSON. What it says on standard error is in the JSON, too."""
        done = support.run(self.forebear, *words, env=support.environment(), apart=True)
        # Where there is nothing to compare it says so, and the exit code is 3.
        if done.code not in {0, 3}:
            support.sys.exit(f"forebear {' '.join(map(str, words))} ended with {done.code}:\n{done.errors}")
        return json.loads(done.text)


def groups(comparison):
    """z by the short names of groups; in robust mode only the groups that it tests."""
    return {GROUPS[group["name"]]: group["z"] for group in comparison["groups"] if group["name"] in GROUPS}


def relative(path):
    """A path for a result: below the project, so that no machine's folder is stored."""
    return pathlib.Path(path).resolve().relative_to(support.ROOT).as_posix()
