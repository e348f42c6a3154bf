#!/usr/bin/env python3
"""Validates forebear's SPDX 3.0.1 documents: JSON schema, the model's classes, and the AI profile's rule.

Usage: python3 tests/validate/spdx.py [--require] [--model FOLDER]

Installs into target/validate what it needs; what cannot be installed is skipped, which --require makes a failure. The SHACL shapes and the
JSON-LD context of SPDX come with no package: FOLDER is one that holds them as spdx-model.ttl and spdx-context.jsonld, taken from the
specification's repository; without it that check is left out.
"""

import json
import pathlib
import subprocess
import sys

from bom_tools import Report, documents, python_with, quietly

# Runs inside the virtual environment: the schema that lib4sbom ships, with a validator that is fast enough for large documents.
SCHEMA = """
import json, pathlib, sys
import jsonschema_rs, lib4sbom
schema = json.loads((pathlib.Path(lib4sbom.__file__).parent / "schemas/spdx/3.0-schema.json").read_text())
assert schema["properties"]["@context"]["const"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
validator = jsonschema_rs.Draft202012Validator(schema)
# A validator that lets everything through would show nothing.
assert not validator.is_valid({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{"type": "Relationship"}]})
for path in sys.argv[1:]:
    document = json.loads(open(path, encoding="utf-8").read())
    print(json.dumps([path, [f"{error.instance_path}: {error.message}"[:500] for error in validator.iter_errors(document)]]))
"""

# The classes that are generated from the model's shapes: types, cardinalities, values and references.
CLASSES = """
import json, sys
from spdx_python_model import v3_0_1 as spdx
for path in sys.argv[1:]:
    errors = []
    try:
        objects = spdx.SHACLObjectSet()
        with open(path, "rb") as file:
            spdx.JSONLDDeserializer().read(file, objects)
        missing = objects.link()
        errors.extend(f"{one} is not in the document" for one in sorted(map(str, missing or [])))
        graph = json.load(open(path, encoding="utf-8"))["@graph"]
        if sum(1 for _ in objects.foreach()) < len(graph):
            errors.append("fewer objects were read than the document has")
        if sum(1 for _ in objects.foreach_type(spdx.ai_AIPackage)) != sum(one["type"] == "ai_AIPackage" for one in graph):
            errors.append("the models were not read as models")
        documents = list(objects.foreach_type(spdx.SpdxDocument))
        if len(documents) != 1:
            errors.append(f"{len(documents)} documents in one")
    except Exception as cause:
        errors.append(repr(cause)[:1000])
    print(json.dumps([path, errors]))
"""

# spdx3-validate's own check of a graph against the shapes, with shapes and context from files instead of the web.
SHAPES = """
import json, pathlib, sys
import rdflib
from spdx3_validate.core import check_graph
from spdx3_validate.spdx_versions import SPDX_VERSIONS
folder = pathlib.Path(sys.argv[1])
version = next(one for one in SPDX_VERSIONS if one.pretty == "3.0.1")
shapes = rdflib.Graph().parse(folder / "spdx-model.ttl", format="turtle")
context = json.loads((folder / "spdx-context.jsonld").read_text())["@context"]
def graph_of(document):
    return rdflib.Graph().parse(data=json.dumps({**document, "@context": context}), format="json-ld")
broken = {"@context": "", "@graph": [{"type": "ai_AIPackage", "spdxId": "urn:a:b"}]}
assert check_graph(graph_of(broken), shapes, version, True), "the shapes let everything through"
for path in sys.argv[2:]:
    document = json.loads(open(path, encoding="utf-8").read())
    print(json.dumps([path, [error[:800] for error in check_graph(graph_of(document), shapes, version, True)]]))
"""


def version_of(python, package):
    return quietly(python, "-c", f"import importlib.metadata as m; print(m.version({package!r}))").strip()


def by(report, python, name, program, paths, *arguments):
    done = subprocess.run([python, "-c", program, *arguments, *paths], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != len(paths):
        report.check(name, [done.stderr[-2000:]])
    for line in lines:
        path, errors = json.loads(line)
        report.check(f"{path} by {name}", errors)


def profile(path):
    """Exactly one declared and one concluded licence for each model and data set, and references that resolve."""
    graph = json.loads(path.read_text())["@graph"]
    licenses = [one for one in graph if one["type"].startswith("simplelicensing_LicenseExpression")]
    known = {one["spdxId"] for one in licenses}
    known |= {"expandedlicensing_NoAssertionLicense", "expandedlicensing_NoneLicense"}
    errors = []
    for package in graph:
        if package["type"] not in ("ai_AIPackage", "dataset_DatasetPackage"):
            continue
        for kind in ("hasDeclaredLicense", "hasConcludedLicense"):
            found = [one for one in graph if one.get("relationshipType") == kind and one["from"] == package["spdxId"]]
            if len(found) != 1 or len(found[0]["to"]) != 1 or found[0]["to"][0] not in known:
                errors.append(f"{package['name']}: {len(found)} times {kind}")
    return errors


def main():
    arguments = sys.argv[1:]
    report = Report("--require" in arguments)
    paths = list(documents(["spdx"])["spdx"].values())
    for path in paths:
        report.check(f"{path} by the AI profile's rule of licences", profile(path))
    # Large documents are not for shapes in Python: an hour would not do.
    small = [path for path in paths if path.stat().st_size < 1 << 20]
    python = python_with("lib4sbom", "jsonschema-rs")
    if python is None:
        report.skip("the JSON schema", "lib4sbom and jsonschema-rs cannot be installed")
    else:
        print(f"JSON schema of SPDX 3.0.1 as lib4sbom {version_of(python, 'lib4sbom')} ships it, by jsonschema-rs {version_of(python, 'jsonschema-rs')}")
        by(report, python, "the JSON schema", SCHEMA, paths)
    python = python_with("spdx-python-model")
    if python is None:
        report.skip("spdx-python-model", "it cannot be installed")
    else:
        print(f"spdx-python-model {version_of(python, 'spdx-python-model')}: classes made from the model's shapes")
        by(report, python, "spdx-python-model", CLASSES, paths)
    if "--model" not in arguments:
        print("The SHACL shapes were not checked: no --model was given")
    elif (python := python_with("spdx3-validate")) is None:
        report.skip("spdx3-validate", "it cannot be installed")
    else:
        folder = pathlib.Path(arguments[arguments.index("--model") + 1]).resolve()
        print(f"spdx3-validate {version_of(python, 'spdx3-validate')} (pyshacl {version_of(python, 'pyshacl')}): the SHACL shapes of SPDX 3.0.1")
        by(report, python, "the SHACL shapes", SHAPES, small, folder)
    report.end()


if __name__ == "__main__":
    main()
