"""SARIF before the schema of the standard, Microsoft's validator with GitHub's rules, and another reader."""

import gzip
import json
import platform
import re
import sys

import reports
from reports import support

# Warnings of the validator that hold, and why they do.
ACCEPTED = {
    # The address of the documentation is given where whoever built forebear named one; the development build names none.
    "SARIF2005": "informationUri",
}

SCHEMA = """
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1], encoding="utf-8"))
validator = jsonschema.validators.validator_for(schema)(schema)
# A validator that lets everything through would show nothing.
assert list(validator.iter_errors({"version": "2.1.0", "runs": [{"results": [{"level": "bad"}]}]}))
said = {}
for name in sys.argv[2:]:
    errors = validator.iter_errors(json.load(open(name, encoding="utf-8")))
    said[name] = [f"{error.json_path}: {error.message[:200]}" for error, _ in zip(errors, range(20))]
print(json.dumps(said))
"""

READER = """
import contextlib, io, json, sys
from sarif import loader
said = {}
for name in sys.argv[1:]:
    log = json.load(open(name, encoding="utf-8"))
    expected = {}
    for run in log["runs"]:
        for result in run["results"]:
            expected[result["level"]] = expected.get(result["level"], 0) + 1
    with contextlib.redirect_stdout(io.StringIO()):
        read = loader.load_sarif_file(name)
        records, report = read.get_records(), read.get_report()
    wrong = []
    if len(records) != sum(expected.values()):
        wrong.append(f"{len(records)} records of {sum(expected.values())} results")
    wrong += [f"a record without a place: {record}" for record in records if not record["Location"] or not record["Line"]]
    for level, number in expected.items():
        if report.get_issue_count_for_severity(level) != number:
            wrong.append(f"{level}: {report.get_issue_count_for_severity(level)} instead of {number}")
    said[name] = wrong
print(json.dumps(said))
"""


def within_limits(path):
    """GitHub's limits, counted anew: "SARIF support for code scanning" in its documentation."""
    text = path.read_bytes()
    log = json.loads(text)
    if len(gzip.compress(text)) > 10_000_000:
        yield "more than 10 MB when compressed"
    if len(log["runs"]) > 20:
        yield f"{len(log['runs'])} runs"
    categories = [run["automationDetails"]["id"].rsplit("/", 1)[0] for run in log["runs"]]
    if len(set(categories)) != len(categories):
        yield "two runs of one category"
    seen = set()
    for run in log["runs"]:
        rules = run["tool"]["driver"]["rules"]
        if len(run["results"]) > 5_000:
            yield f"{len(run['results'])} results"
        for rule in rules:
            if len(rule["properties"]["tags"]) > 10 or len(rule["fullDescription"]["text"]) > 1024:
                yield f"{rule['id']}: tags or description"
        for result in run["results"]:
            if result["kind"] == "pass" or "suppressions" in result:
                yield f"{result['ruleId']}: would be an alert, and is met or waived"
            name = (result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"])
            if name in seen:
                yield f"{name}: two results, one alert"
            seen.add(name)
            flows = result.get("codeFlows", [])
            if sum(len(flow["threadFlows"][0]["locations"]) for flow in flows) > 1_000:
                yield f"{result['ruleId']}: too many steps"


def multitool(tool, path, kinds):
    """What the Multitool finds in a file, but for what is accepted."""
    log = path.with_name(f"{path.name}.multitool")
    options = ("--rule-kind", kinds, "--level", "Error;Warning", "--kind", "Fail", "--log", "ForceOverwrite")
    done = support.run(tool, "validate", path, *options, "--output", log)
    if not log.exists():
        return [done.text]
    results = json.loads(log.read_text(encoding="utf-8-sig"))["runs"][0].get("results", [])
    log.unlink()
    found = [f"{one['ruleId']}: {json.dumps(one.get('message'))} {json.dumps(one['locations'])[:200]}" for one in results]
    return [one for one in found if not re.match("|".join(ACCEPTED), one)]


def microsoft(check, files):
    """The Multitool; gives the schema that it brings."""
    if platform.system() != "Linux":
        return check.skip("Microsoft's SARIF Multitool", "the package that is installed here is for Linux")
    made = support.node_with(check, "@microsoft/sarif-multitool-linux")
    if made is None:
        return None
    folder = made.modules / "@microsoft" / "sarif-multitool-linux"
    tool, version = folder / "Sarif.Multitool", made.versions
    tool.chmod(0o755)
    print(f"validator: {version}, rules of SARIF and, for code scanning, of GitHub")
    for form, paths in files.items():
        kinds = "Sarif" if form == "sarif-audit" else "Sarif;Gh;Ghas"
        found = support.each(lambda path: multitool(tool, path, kinds), paths)
        for path, errors in zip(paths, found):
            check.says(version, path.name, errors)
    # A validator that lets everything through would show nothing.
    broken = json.loads(files["sarif"][-1].read_bytes())
    del broken["runs"][0]["tool"]["driver"]["rules"][0]["help"]
    wrong = reports.WORK / "broken.sarif"
    wrong.write_text(json.dumps(broken), encoding="utf-8")
    refused = any("GH" in one for one in multitool(tool, wrong, "Sarif;Gh;Ghas"))
    check.says(version, "a rule without help", [] if refused else ["it was not refused"])
    return folder / "sarif-2.1.0.json"


def main():
    check = reports.check("sarif", __doc__)
    files = reports.written("sarif", "sarif-audit")
    every = files["sarif"] + files["sarif-audit"]
    print("validator: GitHub's limits, in this script")
    for path in files["sarif"]:
        check.says("GitHub's limits", path.name, within_limits(path))
    errata = microsoft(check, files)
    standard = support.node_with(check, "@microsoft/jest-sarif")
    python = support.python_with(check, "jsonschema", "sarif-tools")
    if python is None:
        return check.end()
    print(f"validators: {python.versions}")
    readers = [("sarif-tools", READER, [])]
    if standard:
        schema = standard.modules / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
        readers.append((f"the standard's schema (rtm.5) in {standard.versions}", SCHEMA, [schema]))
    if errata:
        readers.append(("the schema with errata that the Multitool brings", SCHEMA, [errata]))
    said = support.each(lambda reader: python.json(reader[1], *reader[2], *every), readers)
    for (words, *_), found in zip(readers, said):
        print(f"read by {words}")
        for name, wrong in found.items():
            check.says(words, name.rsplit("/", 1)[-1], wrong)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
