"""Opens HTML reports in a headless Chromium: nothing is fetched, nothing of a repository runs, everybody can use them.

    python3 tests/html_report.py               says that it skips where node, npm, Chromium or the network is missing
    python3 tests/html_report.py --require     such a skip is a failure
    python3 tests/html_report.py --shots DIR   keeps screenshots and a PDF

The reports are those of the four stories, of all of them in one file, of a repository whose every text is markup (made here, with
git), of 10,000 findings and of 2,000 repositories. Node packages (playwright-core, axe-core) go to `target/browser`.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "target" / "browser"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# It ends an attribute, is an element, and tells when it runs. No slash: it is the name of a file as well.
EVIL = "\"><img src=x onerror=window.__owned=1><svg onload=window.__owned=1>'"
SCRIPT = "</script><script>window.__owned=1</script>"


class Skip(Exception):
    """Something is missing that is no fault of the project."""


def run(command, **options):
    """Runs a command, and shows what it said where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def browser():
    """The browser's program, and the folder of the Node packages."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Skip("node and npm are needed")
    program = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if program is None:
        raise Skip("Chromium is needed")
    TARGET.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "tests" / "browser" / "package.json", TARGET)
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    done = subprocess.run(install, cwd=TARGET, capture_output=True, text=True)
    if done.returncode != 0:
        raise Skip(f"npm could not install playwright-core and axe-core: {done.stderr.strip()[-300:]}")
    return program, TARGET / "node_modules"


def hostile_repository(folder):
    """A git repository that tries to run something, from everywhere that a report shows."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = dict(
        os.environ,
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_CONFIG_NOSYSTEM="1",
        GIT_COMMITTER_NAME="Eve",
        GIT_COMMITTER_EMAIL="eve@example.org",
        GIT_AUTHOR_NAME="\"' onmouseover=window.__owned=1 x='",
        GIT_AUTHOR_EMAIL="\"onload=window.__owned=1@example.org",
    )

    def git(*arguments, day, stdin=None):
        moment = f"2026-03-{day:02}T12:00:00Z"
        dated = dict(environment, GIT_AUTHOR_DATE=moment, GIT_COMMITTER_DATE=moment)
        return run(["git", *arguments], cwd=folder, env=dated, input=stdin).strip()

    def write(name, text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    # A configuration that is that of a known base, so that there are findings with excerpts.
    config = json.loads((TARGET / "stories" / "b" / "config.json").read_text(encoding="utf-8"))
    config["_name_or_path"] = "evil/" + SCRIPT.replace("/", "") + EVIL
    git("init", "--quiet", "--initial-branch=main", day=1)
    license_text = (ROOT / "LICENSE-MIT").read_text(encoding="utf-8")
    license_text = f"{SCRIPT}\n{license_text}\nCopyright (c) 2026 {EVIL}\n"
    write(f"{EVIL}/LICENSE", license_text)
    write("LICENSE", license_text)
    write(f"LICENSE {EVIL}.pdf", "not a PDF")
    write("config.json", json.dumps(config, indent=1))
    write("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0a" * 32 + "\nsize 4096\n")
    card = {"license": SCRIPT + EVIL, "license_name": EVIL, "license_link": "javascript:window.__owned=1", "base_model": "evil/" + EVIL}
    lines = [f"{key}: {json.dumps(value)}" for key, value in card.items()]
    write("README.md", "\n".join(["---", *lines, "---", f"# {SCRIPT}", f"Fine-tuned from {EVIL}", ""]))
    waiver = f'[[waiver]]\nrule = "license-mismatch-with-base"\nreason = {json.dumps(SCRIPT + EVIL)}\nowner = {json.dumps(EVIL)}\n'
    write("forebear.toml", waiver)
    git("add", "--all", day=1)
    git("commit", "--quiet", f"--message={SCRIPT}{EVIL}", day=1)
    # An author that git would clean, written as an object.
    (folder / "LICENSE").unlink()
    (folder / EVIL / "LICENSE").unlink()
    git("add", "--all", day=9)
    tree = git("write-tree", day=9)
    parent = git("rev-parse", "HEAD", day=9)
    commit = (
        f"tree {tree}\nparent {parent}\nauthor {SCRIPT.replace('<', '').replace('>', '')}<{EVIL}> 1773057600 +0000\n"
        f"committer Eve <eve@example.org> 1773057600 +0000\n\nRemove {EVIL}\n"
    )
    name = git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", day=9, stdin=commit)
    git("update-ref", "refs/heads/main", name, day=9)
    git("tag", "v1\"'><script>window.__owned=1<", day=9)
    return folder


def reports():
    """Makes the reports; gives what the browser should look at."""
    cargo = ["cargo", "build", "--quiet", "--locked", "--package", "forebear"]
    run(cargo, cwd=ROOT)
    run(["cargo", "run", "--quiet", "--locked", "--package", "forebear-testkit", "--example", "stories", "--", TARGET / "stories"], cwd=ROOT)
    program = ROOT / "target" / "debug" / "forebear"
    made = []

    def check(name, folders, kinds, **more):
        file = TARGET / f"{name}.html"
        command = [program, "check", *folders, "--history", "--output", f"html={file}", "--output", f"json={file}.json"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT)
        if done.returncode not in (0, 1):
            sys.exit(f"forebear check failed for {name}:\n{done.stderr}")
        report = {"name": name, "file": str(file), "kinds": kinds, **more}
        if len(folders) == 1:
            report["findings"] = file.read_text(encoding="utf-8").count('class="finding"')
        made.append(report)

    def large(name, kind, number, kinds, **more):
        file = TARGET / f"{name}.html"
        example = ["cargo", "run", "--quiet", "--locked", "--package", "forebear-report", "--example", "large_html", "--"]
        run([*example, kind, number, file], cwd=ROOT)
        made.append({"name": name, "file": str(file), "kinds": kinds, **more})

    stories = [TARGET / "stories" / name for name in "abcd"]
    whole = ["looks", "findings", "paper", "without-script"]
    for folder in stories:
        kinds = whole + (["keyboard"] if folder.name == "a" else [])
        check(f"story-{folder.name}", [folder], kinds)
    check("stories", stories, ["looks", "several", "paper"], repositories=4)
    evil = hostile_repository(TARGET / "hostile")
    # What proves that the texts are in the report at all.
    places = ["onerror=window.__owned=1", "&lt;/script&gt;&lt;script&gt;window.__owned=1", "onmouseover=window.__owned=1"]
    check("hostile", [evil], ["looks", "hostile", "paper"], places=places)
    large("life", "life", 1, ["looks", "keyboard", "paper"])
    large("family", "life", 2, ["looks"])
    large("findings-10000", "findings", 10_000, ["findings"], findings=10_000)
    large("repositories-2000", "repositories", 2_000, ["several"], repositories=2_000)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--require", action="store_true", help="fail where something is missing")
    parser.add_argument("--shots", type=pathlib.Path, help="keep screenshots in this folder")
    options = parser.parse_args()
    try:
        program, modules = browser()
    except Skip as why:
        print(f"skipped: {why}")
        return 1 if options.require else 0
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    spec = {
        "chromium": program,
        "flags": FLAGS,
        "shots": str(options.shots.resolve()) if options.shots else None,
        "reports": reports(),
    }
    file = TARGET / "spec.json"
    file.write_text(json.dumps(spec, indent=1), encoding="utf-8")
    environment = dict(os.environ, FOREBEAR_MODULES=str(modules))
    return subprocess.run(["node", ROOT / "tests" / "browser" / "report.js", file], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
