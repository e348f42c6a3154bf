"""SPDX 3.0.1 before its JSON schema, the classes of its model, and the AI profile's rule.

    python3 tests/validate/spdx.py [--require] [--model FOLDER]

The SHACL shapes and the JSON-LD context of SPDX come with no package: FOLDER is one that holds them as spdx-model.ttl and
spdx-context.jsonld, taken from the specification's repository; without it that check is left out.
"""

import json
import pathlib
import sys

import reports
from reports import support

# The schema that lib4sbom ships, with a validator that is fast enough for large documents.
SCHEMA = """
import json, pathlib, sys
import jsonschema_rs, lib4sbom
schema = json.loads((pathlib.Path(lib4sbom.__file__).parent / "schemas/spdx/3.0-schema.json").read_text())
assert schema["properties"]["@context"]["const"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
validator = jsonschema_rs.Draft202012Validator(schema)
# A validator that lets everything through would show nothing.
assert not validator.is_valid({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{"type": "Relationship"}]})
said = {}
for path in sys.argv[1:]:
    document = json.loads(open(path, encoding="utf-8").read())
    said[path] = [f"{error.instance_path}: {error.message}"[:500] for error in validator.iter_errors(document)]
print(json.dumps(said))
"""

# The classes that are generated from the model's shapes: types, cardinalities, values and references.
CLASSES = """
import json, sys
from spdx_python_model import v3_0_1 as spdx
said = {}
for path in sys.argv[1:]:
    errors = said[path] = []
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
print(json.dumps(said))
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
said = {}
for path in sys.argv[2:]:
    document = json.loads(open(path, encoding="utf-8").read())
    said[path] = [error[:800] for error in check_graph(graph_of(document), shapes, version, True)]
print(json.dumps(said))
"""


def by(check, validator, python, program, paths, *arguments):
    for name, errors in python.json(program, *arguments, *paths).items():
        check.says(validator, name.rsplit("/", 1)[-1], errors)


def profile(path):
    """Exactly one declared and one concluded licence for each model and data set, and references that resolve."""
    graph = json.loads(path.read_text(encoding="utf-8"))["@graph"]
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
    parser = support.parser(__doc__)
    parser.add_argument("--model", type=pathlib.Path, metavar="FOLDER", help="the SHACL shapes and the JSON-LD context of SPDX")
    options = parser.parse_args()
    check = support.Check("spdx", options.require)
    paths = reports.written("spdx", one_repository=True)["spdx"]
    print("validator: the AI profile's rule of licences, in this script")
    for path in paths:
        check.says("the AI profile's rule of licences", path.name, profile(path))
    if python := support.python_with(check, "lib4sbom", "jsonschema-rs"):
        print(f"validators: {python.versions}: the JSON schema of SPDX 3.0.1 that lib4sbom ships, by jsonschema-rs")
        by(check, f"the JSON schema in {python.versions}", python, SCHEMA, paths)
    if python := support.python_with(check, "spdx-python-model"):
        print(f"validator: {python.versions}, classes made from the model's shapes")
        by(check, python.versions, python, CLASSES, paths)
    if options.model is None:
        print("The SHACL shapes were not checked: no --model was given")
    elif python := support.python_with(check, "spdx3-validate", "pyshacl"):
        # Large documents are not for shapes in Python: an hour would not do.
        small = [path for path in paths if path.stat().st_size < 1 << 20]
        print(f"validators: {python.versions}, the SHACL shapes of SPDX 3.0.1")
        by(check, f"the SHACL shapes by {python.versions}", python, SHAPES, small, options.model.resolve())
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
