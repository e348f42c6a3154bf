#!/usr/bin/env python3
"""Packages all crates that are published, looks into each package, and builds the program from the packages alone.

Usage: python3 tests/package.py

Nothing is uploaded, and the network is not needed once the workspace was built. The packages are in target/package/, what is unpacked in
target/package-check/.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]
CHECK = ROOT / "target" / "package-check"
# What the registry of crates takes.
LARGEST = 10 << 20


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, **options)


def published():
    """The packages of the workspace that are published: name -> version."""
    told = run("cargo", "metadata", "--locked", "--no-deps", "--format-version", "1", cwd=ROOT, stdout=subprocess.PIPE).stdout
    return {package["name"]: package["version"] for package in json.loads(told)["packages"] if package["publish"] is None}


def look_into(name, version):
    """Unpacks a package; what is wrong with it."""
    wrong = []
    file = ROOT / "target" / "package" / f"{name}-{version}.crate"
    if file.stat().st_size > LARGEST:
        wrong.append(f"{file.stat().st_size} bytes are more than the registry takes")
    with tarfile.open(file) as archive:
        archive.extractall(CHECK, filter="data")
    folder = CHECK / f"{name}-{version}"
    # All files of a package bear one date of long ago. Cargo tells by it what is new, and would take the crate of an earlier run.
    for path in folder.rglob("*.rs"):
        path.touch()
    for license in ("LICENSE-MIT", "LICENSE-APACHE"):
        text = folder / license
        if not text.is_file() or text.read_bytes() != (ROOT / license).read_bytes():
            wrong.append(f"{license} is not there, or differs")
    if name == "forebear" and not (folder / "README.md").is_file():
        wrong.append("README.md is not there")
    manifest = tomllib.loads((folder / "Cargo.toml").read_text())
    package = manifest["package"]
    for key in ("description", "license", "rust-version", "authors", "keywords", "categories"):
        if not package.get(key):
            wrong.append(f"the manifest has no {key}")
    for table in ("dependencies", "dev-dependencies", "build-dependencies"):
        for dependency, how in manifest.get(table, {}).items():
            if isinstance(how, dict) and ("path" in how or "git" in how):
                wrong.append(f"{dependency} is named by a place")
            if isinstance(how, dict) and "version" not in how:
                wrong.append(f"{dependency} has no version")
    # `include_str!` and its like reach nothing outside of the package.
    for source in folder.rglob("*.rs"):
        for found in re.finditer(r'include(?:_str|_bytes)?!\(\s*"([^"]+)"', source.read_text()):
            target = (source.parent / found.group(1)).resolve()
            if not target.is_relative_to(folder) or not target.exists():
                wrong.append(f"{source.relative_to(folder)} includes {found.group(1)}, which is not in the package")
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix not in (".index", ".pkl") and str(ROOT).encode() in path.read_bytes():
            wrong.append(f"{path.relative_to(folder)} names a folder of this machine")
    return wrong


def build(packages):
    """Builds and runs the program in a workspace of the unpacked packages, which sees nothing of this one but its lock file."""
    root = (ROOT / "Cargo.toml").read_text()
    members = ", ".join(f'"{name}-{version}"' for name, version in packages.items())
    patches = "".join(f'{name} = {{ path = "{name}-{version}" }}\n' for name, version in packages.items())
    # The same profiles, so that the dependencies that the workspace built are used again.
    profiles = root[root.index("[profile."):]
    manifest = f'[workspace]\nresolver = "3"\nmembers = [{members}]\n\n[patch.crates-io]\n{patches}\n{profiles}'
    (CHECK / "Cargo.toml").write_text(manifest)
    shutil.copy(ROOT / "Cargo.lock", CHECK / "Cargo.lock")
    # The lock file of the workspace knows a crate that is not published, so it cannot be `--locked`.
    # The target folder is shared: the dependencies are those of the workspace, and only its own crates are built anew.
    options = ["--quiet", "--offline", "--target-dir", ROOT / "target"]
    run("cargo", "build", *options, "-p", "forebear", cwd=CHECK)
    binary = ROOT / "target" / "debug" / "forebear"
    version = run(binary, "--version", stdout=subprocess.PIPE).stdout.strip()
    if version != f"forebear {packages['forebear']}":
        sys.exit(f"the program of the packages says {version!r}")
    run(binary, "licenses", "show", "MIT", stdout=subprocess.DEVNULL)
    run(binary, "check", "--fail-on", "never", ROOT, stdout=subprocess.DEVNULL)
    print(f"{version} was built from the packages alone, and runs")


def main():
    packages = published()
    shutil.rmtree(CHECK, ignore_errors=True)
    CHECK.mkdir(parents=True)
    options = ["--locked", "--no-verify", "--allow-dirty", "--quiet"]
    run("cargo", "package", "--workspace", "--exclude", "forebear-testkit", *options, cwd=ROOT, stderr=subprocess.DEVNULL)
    failed = 0
    for name, version in packages.items():
        wrong = look_into(name, version)
        for what in wrong:
            print(f"FAILED {name}: {what}")
        failed += bool(wrong)
    print(f"{len(packages) - failed} passed, {failed} failed")
    if failed:
        sys.exit(1)
    build(packages)


if __name__ == "__main__":
    main()
