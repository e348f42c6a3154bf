#!/usr/bin/env python3
"""Checks that the tag, the crates and the changelog name one version, and prints the notes of it.

Usage: python3 dev/release_version.py [--notes]

The tag is taken from REF_TYPE and REF_NAME, as a workflow sets them; without a tag, only the crates are read. Writes `version=…` to the file
that GITHUB_OUTPUT names. With --notes, prints the changelog's section instead.
"""

import os
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]


def section(version):
    """The changelog's lines of a version, without the heading; None if it has none."""
    text = (ROOT / "CHANGELOG.md").read_text()
    found = re.search(rf"^## {re.escape(version)}\b.*?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(1).strip() if found else None


def main():
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    version = workspace["package"]["version"]
    for name, how in workspace["dependencies"].items():
        if name.startswith("forebear-") and how.get("version", version) != version:
            sys.exit(f"Cargo.toml asks for {name} {how['version']}, and the version is {version}")
    if "--notes" in sys.argv[1:]:
        print(section(version) or sys.exit(f"CHANGELOG.md has no section {version}"))
        return
    if os.environ.get("REF_TYPE") == "tag":
        tag = os.environ.get("REF_NAME", "")
        if tag != f"v{version}":
            sys.exit(f"the tag is {tag}, and the crates have version {version}: v{version} was expected")
        if section(version) is None:
            sys.exit(f"CHANGELOG.md has no section {version}; rename `Unreleased`")
    print(version)
    if output := os.environ.get("GITHUB_OUTPUT"):
        with open(output, "a", encoding="utf-8") as file:
            file.write(f"version={version}\n")


if __name__ == "__main__":
    main()
