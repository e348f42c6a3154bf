"""Opens HTML reports in a headless Chromium: nothing is fetched, nothing of a repository runs, everybody can use them.

    python3 tests/html_report.py [--require] [--shots DIR]

The reports are those of the four stories, of all of them in one file, of a repository whose every text is markup (made here, with
git), of runs and comparisons that are built by hand, of 10,000 findings and of 2,000 repositories. Needs Chromium, node and npm, with
playwright-core and axe-core.

--shots  keep screenshots and PDFs in a folder
"""

import json
import os
import pathlib
import shutil
import sys

import support

WORK = support.CHECKS / "html"
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


def hostile_repository(folder):
    """A git repository that tries to run something, from everywhere that a report shows."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = support.environment(
        GIT_COMMITTER_NAME="Eve",
        GIT_COMMITTER_EMAIL="eve@example.org",
        GIT_AUTHOR_NAME="\"' onmouseover=window.__owned=1 x='",
        GIT_AUTHOR_EMAIL="\"onload=window.__owned=1@example.org",
    )

    def git(*arguments, day, stdin=None):
        moment = f"2026-03-{day:02}T12:00:00Z"
        dated = dict(environment, GIT_AUTHOR_DATE=moment, GIT_COMMITTER_DATE=moment)
        return support.must("git", *arguments, cwd=folder, env=dated, input=stdin).strip()

    def write(name, text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    # A configuration that is that of a known base, so that there are findings with excerpts.
    config = json.loads((WORK / "stories" / "b" / "config.json").read_text(encoding="utf-8"))
    config["_name_or_path"] = "evil/" + SCRIPT.replace("/", "") + EVIL
    git("init", "--quiet", "--initial-branch=main", day=1)
    license_text = (support.ROOT / "LICENSE-MIT").read_text(encoding="utf-8")
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
    program = support.program()
    stories = support.stories(WORK / "stories")
    made = []

    def check(name, folders, kinds, **more):
        file = WORK / f"{name}.html"
        done = support.run(program, "check", *folders, "--history", "--output", f"html={file}")
        if done.code not in (0, 1):
            sys.exit(f"forebear check failed for {name}:\n{done.text}")
        report = {"name": name, "file": str(file), "kinds": kinds, **more}
        if len(folders) == 1:
            report["findings"] = file.read_text(encoding="utf-8").count('class="finding"')
        made.append(report)

    def hand_built(name, kinds, **more):
        made.append({"name": name, "file": str(WORK / "hand-built" / f"{name}.html"), "kinds": kinds, **more})

    four = [stories / name for name in "abcd"]
    whole = ["looks", "findings", "paper", "without-script"]
    for folder in four:
        kinds = whole + (["keyboard"] if folder.name == "a" else [])
        check(f"story-{folder.name}", [folder], kinds)
    check("stories", four, ["looks", "several", "paper"], repositories=4)
    evil = hostile_repository(WORK / "hostile")
    # What proves that the texts are in the report at all.
    places = ["onerror=window.__owned=1", "&lt;/script&gt;&lt;script&gt;window.__owned=1", "onmouseover=window.__owned=1"]
    check("hostile", [evil], ["looks", "hostile", "paper"], places=places)
    names = ["life", "family", "weights", "many", "large", "crowd", "compared"]
    support.example("forebear-report", "hand_built", WORK / "hand-built", "html", *names)
    hand_built("life", ["looks", "keyboard", "paper"])
    hand_built("family", ["looks"])
    hand_built("weights", ["looks", "paper"])
    for name in ["compared-dropped", "compared-deep"]:
        hand_built(name, ["looks", "paper"])
    hand_built("compared-withheld", ["looks", "hostile", "paper"], places=["onerror=alert(1)", "&lt;script&gt;alert(1)"])
    hand_built("many", ["looks"])
    hand_built("large", ["findings"], findings=10_000)
    hand_built("crowd", ["several"], repositories=2_000)
    return made


def main():
    parser = support.parser(__doc__)
    parser.add_argument("--shots", type=pathlib.Path)
    options = parser.parse_args()
    check = support.Check("html", options.require)
    chromium = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    node = support.node_with(check, "playwright-core", "axe-core")
    if chromium is None:
        check.skip("Chromium", "it is not there")
    if chromium is None or node is None:
        return check.end()
    print(f"validators: {node.versions}")
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    WORK.mkdir(parents=True, exist_ok=True)
    spec = {
        "chromium": chromium,
        "flags": FLAGS,
        "shots": str(options.shots.resolve()) if options.shots else None,
        "reports": reports(),
    }
    file = WORK / "spec.json"
    file.write_text(json.dumps(spec, indent=1), encoding="utf-8")
    environment = dict(os.environ, FOREBEAR_MODULES=str(node.modules))
    done = support.run("node", support.ROOT / "tests" / "browser" / "report.js", file, env=environment)
    # The last line that it prints is how many checks there were, and what failed.
    *said, last = done.text.strip().splitlines() or [""]
    print("\n".join(said))
    try:
        counts = json.loads(last)
    except ValueError:
        counts = {"checks": 0, "wrong": [last]}
    check.passed += counts["checks"] - len(counts["wrong"])
    for wrong in counts["wrong"]:
        check.says("Chromium", "the reports", [wrong])
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
