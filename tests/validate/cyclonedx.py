"""CycloneDX before its own schemas and two readers of it."""

import json
import pathlib
import re
import sys

import reports
from reports import support

# Documents against the strict JSON schema, then read as objects.
SCHEMA = """
import json, sys
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

version = {"cyclonedx": SchemaVersion.V1_7, "cyclonedx-1.6": SchemaVersion.V1_6}[sys.argv[1]]
validator = JsonStrictValidator(version)
# A validator that lets everything through would show nothing.
assert validator.validate_str('{"bomFormat": "CycloneDX", "specVersion": "9", "components": 1}') is not None
said = {}
for path in sys.argv[2:]:
    text = open(path, encoding="utf-8").read()
    errors = said[path] = []
    error = validator.validate_str(text)
    if error is not None:
        errors.append(str(error)[:2000])
        continue
    try:
        read = Bom.from_json(json.loads(text))
        if read.metadata.component is None or str(read.serial_number.urn) != json.loads(text)["serialNumber"]:
            errors.append("read back without its component or its serial number")
    except Exception as cause:
        errors.append(f"cannot be read: {cause!r}"[:2000])
print(json.dumps(said))
"""


def python_library(check, files):
    python = support.python_with(check, "cyclonedx-python-lib[json-validation]")
    if python is None:
        return
    print(f"validator: {python.versions}, the strict JSON schemas of 1.6 and 1.7, and reading back")
    for said in support.each(lambda form: python.json(SCHEMA, form, *files[form]), files):
        for name, errors in said.items():
            check.says(python.versions, name.rsplit("/", 1)[-1], errors)


def cdxgen(check, files):
    made = support.node_with(check, "@cyclonedx/cdxgen")
    if made is None:
        return
    print(f"validator: cdx-validate of {made.versions}, schema, references, package URLs and metadata")
    package = made.modules / "@cyclonedx" / "cdxgen"

    def errors(path):
        told = path.with_name(f"{path.name}.told")
        options = ["--input", path, "--report", "json", "--report-file", told, "--fail-severity", "critical"]
        return cdxgen_errors(support.run("node", package / "bin" / "validate.js", *options), told)

    every = [path for paths in files.values() for path in paths]
    for path, found in zip(every, support.each(errors, every)):
        check.says(f"cdx-validate of {made.versions}", path.name, found)
    ids(check, json.loads((package / "data" / "spdx.schema.json").read_text(encoding="utf-8")))


def cdxgen_errors(done, told):
    """The reader also scores documents by what an organisation may want of them; only validity counts here."""
    if not told.exists():
        return [f"exit code {done.code}: {done.text[-1000:]}"]
    answer = json.loads(told.read_text(encoding="utf-8"))
    told.unlink()
    if answer["schemaValid"] is True and answer["deepValid"] is True:
        return []
    return [f"schema {answer['schemaValid']}, deep {answer['deepValid']}", done.text[-1000:]]


def ids(check, schema):
    """What forebear may write as `license.id` is in the schema's list: the ids of the crate `spdx`, without those of `NEWER`."""
    packages = json.loads(support.must("cargo", "metadata", "--format-version", "1", "--locked", apart=True))["packages"]
    (folder,) = [pathlib.Path(one["manifest_path"]).parent for one in packages if one["name"] == "spdx"]
    table = (folder / "src" / "identifiers.rs").read_text(encoding="utf-8").split("const LICENSES:")[1].split("\n];")[0]
    known = re.findall(r'^        name: "([^"]+)"', table, re.M)
    newer = (support.ROOT / "crates/report/src/cyclonedx/ids.rs").read_text(encoding="utf-8")
    missing = {one for one in known if f'"{one}"' not in newer} - set(schema["enum"])
    assert len(known) > 700, "the crate has another form"
    check.says("the schema of ids", "ids that may stand as license.id", sorted(missing))


def main():
    check = reports.check("cyclonedx", __doc__)
    files = reports.written("cyclonedx", "cyclonedx-1.6", one_repository=True)
    python_library(check, files)
    cdxgen(check, files)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
