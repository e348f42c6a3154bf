#!/usr/bin/env python3
"""Tests what a release is made of: notices and bill of materials of the program, the archive, and the version.

Usage: python3 tests/release.py

Builds the program if needed; needs no network once the workspace was built. The bill of materials is validated by
tests/validate/cyclonedx.py.
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]
failed = []
checked = 0


def check(what, holds):
    global checked
    checked += 1
    if not holds:
        failed.append(what)
        print(f"FAILED {what}")


def run(*command, **variables):
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600", **variables}
    return subprocess.run([str(word) for word in command], cwd=ROOT, env=environment, capture_output=True, text=True)


def notices():
    folder = ROOT / "target" / "release-notices"
    done = run(sys.executable, "dev/release_notices.py", "--forebear", ROOT / "target/debug/forebear")
    check(f"every crate carries its licence: {done.stdout}{done.stderr}", done.returncode == 0)
    if done.returncode != 0:
        return
    text = (folder / "THIRD_PARTY_NOTICES.txt").read_text()
    bill = json.loads((folder / "forebear.cdx.json").read_text())
    # What cargo itself says is linked, on every platform.
    tree = run("cargo", "tree", "--locked", "-p", "forebear", "--edges", "normal", "--target", "all", "--prefix", "none", "--format", "{p}")
    crates = {tuple(line.split()[:2]) for line in tree.stdout.splitlines() if line and not line.startswith("forebear")}
    check(f"only {len(crates)} crates were listed", len(crates) > 50)
    for name, version in crates:
        version = version.removeprefix("v")
        check(f"{name} {version} is not in the notices", f"\n{name} {version}, " in text)
        found = [one for one in bill["components"] if (one["name"], one["version"]) == (name, version)]
        check(f"{name} {version} is {len(found)} times in the bill of materials", len(found) == 1)
        check(f"{name} {version} has no digest", all(re.fullmatch("[0-9a-f]{64}", one["hashes"][0]["content"]) for one in found))
    refs = [one["bom-ref"] for one in bill["components"]] + [bill["metadata"]["component"]["bom-ref"]]
    check("a name is used twice in the bill of materials", len(refs) == len(set(refs)))
    for one in bill["dependencies"]:
        check(f"{one['ref']} leads nowhere", {one["ref"], *one["dependsOn"]} <= set(refs))
    # The C libraries that crates bundle: libgit2 with its linking exception, libdeflate.
    for words in ("LINKING EXCEPTION", "Copyright 2016 Eric Biggers"):
        check(f"“{words}” is not in the notices", words in text)
    check("a folder of this machine is in the notices", str(ROOT) not in text and str(pathlib.Path.home()) not in text)
    before = (text, bill)
    run(sys.executable, "dev/release_notices.py", "--forebear", ROOT / "target/debug/forebear")
    after = ((folder / "THIRD_PARTY_NOTICES.txt").read_text(), json.loads((folder / "forebear.cdx.json").read_text()))
    check("two runs differ", before == after)


def archive():
    digests = []
    for _ in range(2):
        done = run(sys.executable, "dev/release_archive.py", "x86_64-unknown-linux-gnu", ROOT / "LICENSE-MIT")
        check(f"the archive was not written: {done.stderr}", done.returncode == 0)
        path = ROOT / done.stdout.strip()
        digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
    check("two archives of the same files differ", digests[0] == digests[1])
    with tarfile.open(path) as read:
        names = {name.split("/", 1)[1] for name in read.getnames()}
    wanted = {"README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "THIRD_PARTY_NOTICES.txt", "forebear.cdx.json"}
    check(f"the archive holds {names}", wanted <= names)
    path.unlink()


def version():
    number = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    check("without a tag the version is told", run(sys.executable, "dev/release_version.py", REF_TYPE="branch").stdout.strip() == number)
    wrong = run(sys.executable, "dev/release_version.py", REF_TYPE="tag", REF_NAME="v99.0.0")
    check("a tag of another version is refused", wrong.returncode != 0 and f"v{number} was expected" in wrong.stderr)


def main():
    subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "forebear"], cwd=ROOT, check=True)
    notices()
    archive()
    version()
    print(f"{checked - len(failed)} passed, {len(failed)} failed")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
