"""Runs the hooks of `.pre-commit-hooks.yaml` with the real pre-commit, in a scratch repository.

    python3 tests/pre_commit.py [--require] [--release] [--source]

Builds the wheel, installs pre-commit and maturin into a virtual environment under `target/`, and commits: a licence that was
deleted blocks the commit, whatever way it was made; `forebear check --fix` makes it pass. Everything stays under `target/`.

--require  a tool that cannot be installed is a failure; without, the script says that it skips
--release  build the wheel as it is released, and say how long the hook takes
--source   run `forebear-src` too, which compiles
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "target" / "pre-commit"
VENV = TARGET / "venv"
WHEELS = TARGET / "wheels"
RUNS = 21


def run(*command, cwd=ROOT, env=None, check=True):
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if check and done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done


def tools(require):
    """pre-commit and maturin, in an environment of their own; None where they cannot be installed."""
    if not (VENV / "bin" / "pip").exists():
        made = run(sys.executable, "-m", "venv", VENV, check=False)
        if made.returncode != 0:
            return missing("a virtual environment", made, require)
    pip = run(VENV / "bin" / "pip", "--quiet", "install", "pre-commit>=4,<5", "maturin>=1.9,<2", check=False)
    if pip.returncode != 0:
        return missing("pre-commit and maturin", pip, require)
    # What the hook's own project is built with, so that the hook installs without an index.
    WHEELS.mkdir(parents=True, exist_ok=True)
    pip = run(VENV / "bin" / "pip", "--quiet", "download", "--dest", WHEELS, "setuptools>=77", "maturin>=1.9,<2", check=False)
    if pip.returncode != 0:
        return missing("setuptools", pip, require)
    for tool in ("pre-commit", "maturin"):
        print(run(VENV / "bin" / tool, "--version").stdout.strip())
    return VENV / "bin"


def missing(what, done, require):
    said = done.stdout.strip().splitlines()
    words = f"{what} cannot be installed here: {said[-1] if said else 'no message'}"
    if require:
        sys.exit(words)
    print(f"skipped: {words}")
    return None


def build_wheel(bin, release):
    for old in WHEELS.glob("forebear-*"):
        old.unlink()
    profile = ["--release"] if release else []
    run(bin / "maturin", "build", *profile, "--manifest-path", "crates/forebear/Cargo.toml", "--out", WHEELS, "--compatibility", "linux")
    (wheel,) = WHEELS.glob("forebear-*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    return wheel


def hook_repository(folder):
    """This project as pre-commit clones it, with what is not committed yet."""
    files = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout.split("\0")
    for name in filter(None, files):
        source = ROOT / name
        if source.exists() or source.is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name, follow_symlinks=False)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "hooks")
    return git(folder, "rev-parse", "HEAD").stdout.strip()


def environment():
    """Nothing of the machine's own configuration, and nothing outside the target folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT", "PIP_", "FOREBEAR"))}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Kaguya",
        "GIT_AUTHOR_EMAIL": "kaguya@example.org",
        "GIT_COMMITTER_NAME": "Kaguya",
        "GIT_COMMITTER_EMAIL": "kaguya@example.org",
        "PRE_COMMIT_HOME": str(TARGET / "home"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "PIP_CACHE_DIR": str(TARGET / "pip"),
        "CARGO_TARGET_DIR": str(ROOT / "target"),
    }


def git(folder, *command, check=True):
    return run("git", *command, cwd=folder, env=environment(), check=check)


def expect(condition, words, output=""):
    if not condition:
        sys.exit(f"FAILED: {words}\n{output}")
    print(f"ok: {words}")


def story(folder, hooks, revision, hook, bin):
    """A publisher's commits; each is tried as a person would make it."""
    run("cargo", "run", "--quiet", "--locked", "--package", "forebear-testkit", "--example", "stories", "--", folder)
    model = folder / "d"
    (model / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n  - id: forebear-fix\n"
    )
    run(bin / "pre-commit", "install", cwd=model, env=environment())
    git(model, "add", "--all")
    first = git(model, "commit", "--message", "Add the hook", check=False)
    expect(first.returncode == 0, f"{hook}: an honest model is committed", first.stdout)

    git(model, "rm", "--quiet", "LICENSE")
    blocked = git(model, "commit", "--message", "Tidy up", check=False)
    print(blocked.stdout)
    expect(blocked.returncode != 0 and "missing-license-text" in blocked.stdout, f"{hook}: a deletion blocks the commit", blocked.stdout)

    (model / "README.md").write_text((model / "README.md").read_text() + "\nMore words.\n")
    part = git(model, "commit", "--message", "Words only", "README.md", check=False)
    expect(part.returncode == 0, f"{hook}: a commit of another file alone goes through, as it keeps the licence", part.stdout)

    all_of_it = git(model, "commit", "--all", "--message", "All of it", check=False)
    expect(all_of_it.returncode != 0, f"{hook}: `git commit --all` is blocked", all_of_it.stdout)

    fixed = run(bin / "pre-commit", "run", "forebear-fix", "--hook-stage", "manual", cwd=model, env=environment(), check=False)
    expect("fixed: " in fixed.stdout, f"{hook}: the hook forebear-fix writes what is missing", fixed.stdout)
    git(model, "add", "--all")
    allowed = git(model, "commit", "--allow-empty", "--message", "Keep the licence", check=False)
    expect(allowed.returncode == 0, f"{hook}: the commit is allowed after --fix", allowed.stdout)

    tree = folder / "tree"
    git(model, "worktree", "add", "--quiet", "-b", "other", tree)
    linked = [path for path in tree.iterdir() if path.name.startswith(("LICENSE", "NOTICE", "THIRD_PARTY"))]
    expect(bool(linked), f"{hook}: the licence is in the linked work tree")
    for path in linked:
        path.unlink()
    unstaged = git(tree, "commit", "--allow-empty", "--message", "Nothing is staged", check=False)
    expect(unstaged.returncode == 0, f"{hook}: a deletion that is not staged is no part of a commit", unstaged.stdout)
    git(tree, "add", "--all")
    in_tree = git(tree, "commit", "--message", "Tidy up here", check=False)
    expect(in_tree.returncode != 0 and "missing-license-text" in in_tree.stdout, f"{hook}: a linked work tree is checked", in_tree.stdout)

    empty = folder / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    shutil.copy2(model / ".pre-commit-config.yaml", empty)
    run(bin / "pre-commit", "install", cwd=empty, env=environment())
    git(empty, "add", "--all")
    nothing = git(empty, "commit", "--message", "Begin", check=False)
    expect(nothing.returncode == 0, f"{hook}: a repository with nothing to check is no failure", nothing.stdout)
    return model, next((TARGET / "home").glob("repo*/py_env-*/bin/forebear"))


def versions():
    """The hook's project, the wheel and the program have one version."""
    program = run("cargo", "pkgid", "--package", "forebear").stdout.strip().rsplit("@", 1)[-1].rsplit("#", 1)[-1]
    text = (ROOT / "pyproject.toml").read_text()
    expect(f'version = "{program}"' in text and f'"forebear=={program}"' in text, f"the hook asks for forebear {program}")


def speed(model, forebear):
    """How long the hook's own program takes, of the whole process."""
    def median(command):
        times = []
        for _ in range(RUNS):
            start = time.perf_counter()
            subprocess.run(command, cwd=model, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            times.append((time.perf_counter() - start) * 1000)
        return statistics.median(times), max(times)

    for command in (["git", "status"], [forebear, "check", "--staged"]):
        middle, worst = median(command)
        print(f"{pathlib.Path(command[0]).name} {' '.join(command[1:])}: median {middle:.0f} ms, worst {worst:.0f} ms of {RUNS}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--require", action="store_true")
    parser.add_argument("--release", action="store_true")
    parser.add_argument("--source", action="store_true")
    options = parser.parse_args()
    versions()
    bin = tools(options.require)
    if bin is None:
        return
    shutil.rmtree(TARGET / "home", ignore_errors=True)
    build_wheel(bin, options.release)
    with tempfile.TemporaryDirectory(dir=TARGET) as folder:
        folder = pathlib.Path(folder)
        hooks = folder / "hooks"
        hooks.mkdir()
        revision = hook_repository(hooks)
        for hook in ["forebear"] + (["forebear-src"] if options.source else []):
            (folder / hook).mkdir()
            model, forebear = story(folder / hook, hooks, revision, hook, bin)
            if options.release:
                speed(model, forebear)
            # The next hook gets an environment of its own.
            shutil.rmtree(TARGET / "home", ignore_errors=True)


main()
