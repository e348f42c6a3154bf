"""JUnit XML before the schema of Jenkins' xUnit plugin, and another reader."""

import sys

import reports
from reports import support

PROGRAM = """
import json, sys
import xml.etree.ElementTree as tree
import junitparser, xmlschema
schema = xmlschema.XMLSchema(sys.argv[1]) if sys.argv[1] else None
said = {}
for name in sys.argv[2:]:
    wrong = []
    root = tree.parse(name).getroot()
    read = junitparser.JUnitXml.fromfile(name)
    suites = list(read)
    cases = [case for suite in suites for case in suite]
    if len(cases) != len(root.findall(".//testcase")) or len(cases) != int(root.get("tests")):
        wrong.append(f"{len(cases)} cases were read")
    results = [result for case in cases for result in case.result]
    failures = sum(isinstance(result, junitparser.Failure) for result in results)
    skipped = sum(isinstance(result, junitparser.Skipped) for result in results)
    if failures != int(root.get("failures")) or skipped != sum(suite.skipped for suite in suites):
        wrong.append(f"{failures} failures, {skipped} skipped were read")
    if any(not result.message for result in results):
        wrong.append("a result without a message")
    for suite in suites:
        names = [(case.classname, case.name) for case in suite]
        if len(set(names)) != len(names):
            wrong.append("two cases of one name")
    # `file` is GitLab's, and not in the schema.
    for case in root.iter("testcase"):
        case.attrib.pop("file", None)
    if schema is not None:
        wrong += [f"{error.path}: {error.reason}" for error, _ in zip(schema.iter_errors(root), range(20))]
    said[name] = wrong
if schema is not None:
    assert not schema.is_valid(tree.fromstring('<testsuites><testsuite name="a"/></testsuites>'))
print(json.dumps(said))
"""


def main():
    check = reports.check("junit", __doc__)
    files = reports.written("junit")["junit"]
    python = support.python_with(check, "junitparser", "xmlschema")
    if python is None:
        return check.end()
    # The tests of pytest bring the schema; the wheel does not.
    schema = reports.source_of("pytest", "/junit-10.xsd")
    if schema is None:
        check.skip("junit-10.xsd", "pip cannot fetch the source archive of pytest, which has it")
    else:
        print(f"schema: junit-10.xsd of Jenkins' xUnit plugin, in {schema[0]}")
    print(f"validators: {python.versions}")
    for name, wrong in python.json(PROGRAM, schema[1] if schema else "", *files).items():
        check.says(python.versions, name.rsplit("/", 1)[-1], wrong)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
