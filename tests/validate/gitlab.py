"""GitLab Code Quality: the types of the Code Climate format, and GitLab's own conditions."""

import json
import sys

import reports
from reports import support

# The part of the format that GitLab reads: "Code Quality report format" in its documentation.
PROGRAM = """
import type {{ Issue }} from 'codeclimate-types'
type Read = Required<Pick<Issue, 'description' | 'check_name' | 'fingerprint' | 'severity' | 'location'>>
export const report: Read[] = {}
"""


def errors(path):
    issues = json.loads(path.read_text(encoding="utf-8"))
    if path.read_bytes().startswith(b"\xef\xbb\xbf"):
        yield "a byte order mark, which GitLab refuses"
    seen = set()
    for issue in issues:
        where = issue["location"]["path"]
        if not where or where.startswith(("/", "./")):
            yield f"the path {where!r}"
        if issue["location"]["lines"]["begin"] < 1:
            yield f"the line {issue['location']['lines']}"
        if issue["severity"] not in ("info", "minor", "major", "critical", "blocker"):
            yield f"the severity {issue['severity']}"
        if not issue["description"].strip() or "\n" in issue["description"]:
            yield f"the description {issue['description'][:100]!r}"
        if issue["fingerprint"] in seen:
            yield f"two entries with the fingerprint {issue['fingerprint']}"
        seen.add(issue["fingerprint"])


def main():
    check = reports.check("gitlab", __doc__)
    files = reports.written("gitlab")["gitlab"]
    print("validator: GitLab's conditions, in this script")
    for path in files:
        check.says("GitLab's conditions", path.name, errors(path))
    made = support.node_with(check, "codeclimate-types", "typescript")
    if made is None:
        return check.end()
    modules, version = made.modules, made.versions
    print(f"validator: {version}")
    compile_ = ("node", modules / "typescript" / "bin" / "tsc", "--noEmit", "--strict", "--skipLibCheck")
    options = ("--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext")
    folder = modules.parent / "gitlab"
    folder.mkdir(exist_ok=True)

    def errors_of(path):
        # The compiler reads literals; ten thousand of them are checked as well by the first thousand.
        issues = json.loads(path.read_text(encoding="utf-8"))[:1000]
        program = folder / f"{path.stem}.ts"
        program.write_text(PROGRAM.format(json.dumps(issues)), encoding="utf-8")
        done = support.run(*compile_, *options, program)
        return [done.text] if done.code else []

    for path, found in zip(files, support.each(errors_of, files)):
        check.says(version, path.name, found)
    broken = folder / "broken.ts"
    broken.write_text(PROGRAM.format('[{"description": "x", "severity": "bad"}]'), encoding="utf-8")
    done = support.run(*compile_, *options, broken)
    check.says(version, "a broken report", [] if done.code else ["it was not refused"])
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
