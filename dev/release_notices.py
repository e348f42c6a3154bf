#!/usr/bin/env python3
"""Writes the notices and the bill of materials of the program itself, which go out with its binaries.

Usage: python3 dev/release_notices.py [--forebear PROGRAM] [--output FOLDER]

It reads what is linked into the program from `cargo metadata` (every platform), and every legal file in the source of each crate, bundled
C libraries included. What a text is, and whose copyright lines it holds, is told by forebear's own recognition. Writes
THIRD_PARTY_NOTICES.txt and forebear.cdx.json (CycloneDX 1.6) to target/release-notices/, and fails if the texts in a crate do not carry the
licence that it names and no text stands in for it (STAND_INS).
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
OWN = re.compile(r"^forebear(-|$)")
LEGAL = re.compile(r"^(un)?licen[cs]e|^copying|^copyright|^notice|^authors$|^patents$", re.IGNORECASE)
# Sources and data are no legal files, whatever they are called; tests of a crate are not part of the program.
NO_TEXT = {".rs", ".c", ".h", ".py", ".sh", ".toml", ".json", ".yml", ".html", ".cmake"}
NOT_LINKED = {"tests", "test", "fuzz", "fuzzer", "examples", "benches", "ci", "script", "docs"}

# Crates whose source holds no text of a licence that they name: the file of this repository that holds the same text, with nobody's
# copyright line in it, and the licence that it is. A crate that is neither here nor carries its text fails the run; one that is here
# and needs no stand-in does too.
STAND_INS = {}


def output_of(*command):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{command[0]} failed: {done.stderr}")
    return done.stdout


def linked(metadata):
    """The packages that the program is linked from, by id, with what each needs."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    start = next(one for one, package in packages.items() if package["name"] == "forebear")
    needs, waiting = {}, [start]
    while waiting:
        one = waiting.pop()
        if one in needs:
            continue
        # What only builds or tests a crate is not in the program.
        needs[one] = sorted(
            dependency["pkg"] for dependency in nodes[one]["deps"] if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        )
        waiting.extend(needs[one])
    return {one: (packages[one], needs[one]) for one in needs}


def legal_files(folder):
    found = []
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        # Only at the top: deeper ones are data, as the texts of the SPDX list in the crate `spdx`.
        in_folder = len(inside) == 2 and inside[0].lower().strip(".") in ("licenses", "licences")
        is_legal = LEGAL.match(path.name) or in_folder
        if path.is_file() and path.suffix.lower() not in NO_TEXT and is_legal and not NOT_LINKED & set(inside[:-1]):
            found.append(path)
    return sorted(found, key=lambda path: (len(path.parts), path))


def identify(program, files):
    """What forebear recognises in files: path -> (whole licences, copyright lines)."""
    told = {}
    files = [str(path) for path in files]
    for start in range(0, len(files), 200):
        for one in json.loads(output_of(program, "licenses", "identify", "--format", "json", *files[start : start + 200])):
            whole = {license["id"] for license in one["licenses"] if license["status"] in ("exact", "complete")}
            told[one["path"]] = (whole, one["copyright"])
    return told


def choices(expression):
    """The ways to keep to a licence expression: sets of ids, all of each. `A OR (B AND C)` -> {A}, {B, C}."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def any_of():
        found = all_of()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            found = found + all_of()
        return found

    def all_of():
        found = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            right = one()
            found = [left | other for left in found for other in right]
        return found

    def one():
        word = tokens.pop(0)
        if word == "(":
            found = any_of()
            tokens.pop(0)
            return found
        if tokens and tokens[0] == "WITH":
            # The exception stands in the same file as the licence that it belongs to.
            tokens[:2] = []
        return [frozenset([word.removesuffix("+")])]

    return any_of()


def same(one, other):
    ending = re.compile(r"-only$|-or-later$")
    return ending.sub("", one) == ending.sub("", other)


def is_met(expression, found):
    return any(all(any(same(id, other) for other in found) for id in way) for way in choices(expression))


def time_of_build():
    """The time of the commit, so that the same commit gives the same files."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or output_of("git", "log", "-1", "--format=%ct").strip() or "0"
    return datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def notices(entries):
    lines = ["Third-party notices of forebear", "", "The program contains the crates below, each with the legal files of its source.", ""]
    for package, files, _, _ in entries:
        lines.append(f"- {package['name']} {package['version']}: {package['license']}")
    texts = {}
    for package, files, _, _ in entries:
        for path, text in files:
            texts.setdefault(text.strip(), []).append(f"{package['name']} {package['version']}, {path}")
    for text, places in sorted(texts.items(), key=lambda one: one[1]):
        lines += ["", "=" * 100, *places, "=" * 100, "", text]
    return "\n".join(lines) + "\n"


def bill(entries, needs, own, digests, time):
    def reference(package):
        return f"pkg:cargo/{package['name']}@{package['version']}"

    def purl(package):
        return reference(package).replace("+", "%2B")

    def licenses(package):
        return [{"expression": package["license"].replace("/", " OR "), "acknowledgement": "declared"}] if package["license"] else []

    def component(package, found, copyright):
        evidence = {}
        if found:
            evidence["licenses"] = [{"license": {"name" if id.startswith("LicenseRef-") else "id": id}} for id in sorted(found)]
        if copyright:
            evidence["copyright"] = [{"text": line} for line in copyright]
        told = {"type": "library", "bom-ref": reference(package), "name": package["name"], "version": package["version"]}
        told |= {"licenses": licenses(package), "purl": purl(package)}
        digest = digests.get((package["name"], package["version"]))
        if digest:
            told["hashes"] = [{"alg": "SHA-256", "content": digest}]
        if evidence:
            told["evidence"] = evidence
        return told

    root = next(package for package in own if package["name"] == "forebear")
    main = {"type": "application", "bom-ref": reference(root), "name": "forebear", "version": root["version"]}
    main |= {"licenses": licenses(root), "purl": purl(root)}
    components = [component(package, set(), []) for package in own if package is not root]
    components += [component(package, found, copyright) for package, _, found, copyright in entries]
    by_id = {one["id"]: reference(one) for one in [*own, *(entry[0] for entry in entries)]}
    dependencies = [{"ref": by_id[one], "dependsOn": sorted(by_id[other] for other in needs[one])} for one in needs]
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": time, "component": main},
        "components": sorted(components, key=lambda one: one["bom-ref"]),
        "dependencies": sorted(dependencies, key=lambda one: one["ref"]),
    }
    content = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).digest()
    document["serialNumber"] = f"urn:uuid:{uuid.UUID(bytes=bytes([*content[:6], content[6] & 15 | 128, content[7], content[8] & 63 | 128, *content[9:16]]))}"
    return document


def main():
    parser = argparse.ArgumentParser(description="Writes the notices and the bill of materials of the program itself.")
    parser.add_argument("--forebear", help="the program; without it, it is built")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "target" / "release-notices")
    options = parser.parse_args()
    program = options.forebear
    if program is None:
        subprocess.run(["cargo", "build", "--quiet", "--locked", "-p", "forebear"], cwd=ROOT, check=True)
        program = ROOT / "target" / "debug" / "forebear"
    packages = linked(json.loads(output_of("cargo", "metadata", "--locked", "--format-version", "1")))
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    digests = {(one["name"], one["version"]): one.get("checksum") for one in lock["package"]}
    foreign = sorted((one for one, _ in packages.values() if not OWN.match(one["name"])), key=lambda one: (one["name"], one["version"]))
    files = {one["id"]: legal_files(pathlib.Path(one["manifest_path"]).parent) for one in foreign}
    recognised = identify(program, [path for paths in files.values() for path in paths])
    entries, lacking, stood_in = [], [], set()
    for package in foreign:
        folder = pathlib.Path(package["manifest_path"]).parent
        texts = [(str(path.relative_to(folder)), path.read_text(errors="replace")) for path in files[package["id"]]]
        found = set().union(*(recognised[str(path)][0] for path in files[package["id"]]), set())
        copyright = list(dict.fromkeys(line for path in files[package["id"]] for line in recognised[str(path)][1]))
        if not package["license"] or not is_met(package["license"], found):
            file, license = STAND_INS.get(package["name"], (None, None))
            if file is None or not package["license"] or not is_met(package["license"], found | {license}):
                lacking.append(f"{package['name']} {package['version']} ({package['license']}): its texts are {sorted(found) or 'none'}")
                continue
            stood_in.add(package["name"])
            authors = ", ".join(package["authors"]) or "not named"
            texts.append(("the manifest", f"{package['name']}: no legal file. Licence {package['license']}, authors {authors}."))
            texts.append((f"under {license}", (ROOT / file).read_text()))
        entries.append((package, texts, found, copyright))
    for name in STAND_INS.keys() - stood_in:
        lacking.append(f"{name} has a stand-in and needs none")
    for what in lacking:
        print(f"LACKING {what}")
    print(f"{len(entries)} passed, {len(lacking)} failed")
    if lacking:
        sys.exit(1)
    own = [one for one, _ in packages.values() if OWN.match(one["name"])]
    needs = {one: needed for one, (_, needed) in packages.items()}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "THIRD_PARTY_NOTICES.txt").write_text(notices(entries))
    document = bill(entries, needs, own, digests, time_of_build())
    (options.output / "forebear.cdx.json").write_text(json.dumps(document, indent=2) + "\n")
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
