#!/usr/bin/env python3
"""Validates forebear's CycloneDX documents with the schemas of CycloneDX and with a second, independent reader.

Usage: python3 tests/validate/cyclonedx.py [--require]

Installs into target/validate what it needs; what cannot be installed is skipped, which --require makes a failure.
"""

import json
import subprocess
import sys

from bom_tools import ROOT, Report, documents, node_package, python_with, quietly

# Runs inside the virtual environment: documents against the strict JSON schema, then read as objects.
SCHEMA = """
import json, sys
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

version = {"cyclonedx": SchemaVersion.V1_7, "cyclonedx-1.6": SchemaVersion.V1_6}[sys.argv[1]]
validator = JsonStrictValidator(version)
# A validator that lets everything through would show nothing.
assert validator.validate_str('{"bomFormat": "CycloneDX", "specVersion": "9", "components": 1}') is not None
for path in sys.argv[2:]:
    text = open(path, encoding="utf-8").read()
    errors = []
    error = validator.validate_str(text)
    if error is not None:
        errors.append(str(error)[:2000])
    else:
        try:
            read = Bom.from_json(json.loads(text))
            if read.metadata.component is None or str(read.serial_number.urn) != json.loads(text)["serialNumber"]:
                errors.append("read back without its component or its serial number")
        except Exception as cause:
            errors.append(f"cannot be read: {cause!r}"[:2000])
    print(json.dumps([path, errors]))
"""


def python_library(report, found):
    python = python_with("cyclonedx-python-lib[json-validation]")
    if python is None:
        report.skip("cyclonedx-python-lib", "it cannot be installed")
        return
    version = quietly(python, "-c", "import importlib.metadata as m; print(m.version('cyclonedx-python-lib'))")
    print(f"cyclonedx-python-lib {version.strip()}: strict JSON schema 1.6 and 1.7, and reading back")
    for name, paths in found.items():
        done = subprocess.run([python, "-c", SCHEMA, name, *paths.values()], capture_output=True, text=True)
        lines = done.stdout.splitlines()
        if done.returncode != 0 or len(lines) != len(paths):
            report.check(f"{name} by cyclonedx-python-lib", [done.stderr[-2000:]])
        for line in lines:
            path, errors = json.loads(line)
            report.check(f"{path} by cyclonedx-python-lib", errors)


def cdxgen(report, found):
    package = node_package("@cyclonedx/cdxgen")
    if package is None:
        report.skip("cdx-validate of @cyclonedx/cdxgen", "node is not there, or it cannot be installed")
        return
    version = json.loads((package / "package.json").read_text())["version"]
    print(f"cdx-validate of @cyclonedx/cdxgen {version}: schema, references, package URLs and metadata")
    for name, paths in found.items():
        for story, path in paths.items():
            told = path.with_suffix(".told")
            options = ["--input", path, "--report", "json", "--report-file", told, "--fail-severity", "critical"]
            done = subprocess.run(["node", package / "bin" / "validate.js", *options], capture_output=True, text=True)
            report.check(f"{name} {story} by cdx-validate", cdxgen_errors(done, told))
    ids(report, json.loads((package / "data" / "spdx.schema.json").read_text()))


def cdxgen_errors(done, told):
    """The reader also scores documents by what an organisation may want of them; only validity counts here."""
    if not told.exists():
        return [f"exit code {done.returncode}: {(done.stderr or done.stdout)[-1000:]}"]
    answer = json.loads(told.read_text())
    told.unlink()
    if answer["schemaValid"] is True and answer["deepValid"] is True:
        return []
    return [f"schema {answer['schemaValid']}, deep {answer['deepValid']}", (done.stdout + done.stderr)[-1000:]]


def ids(report, schema):
    """The ids that forebear writes as `license.id` are in the schema's list."""
    source = quietly("cargo", "run", "--quiet", "--locked", "-p", "forebear", "--", "licenses", "--format", "json")
    known = {license["id"] for license in json.loads(source)}
    newer = (ROOT / "crates/report/src/cyclonedx/ids.rs").read_text()
    missing = [one for one in known - set(schema["enum"]) if not one.startswith("LicenseRef-") and f'"{one}"' not in newer]
    report.check("ids that may stand as license.id", sorted(missing))


def main():
    report = Report("--require" in sys.argv[1:])
    found = documents(["cyclonedx", "cyclonedx-1.6"])
    python_library(report, found)
    cdxgen(report, found)
    report.end()


if __name__ == "__main__":
    main()
