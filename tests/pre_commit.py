"""Runs the hooks of `.pre-commit-hooks.yaml` with the real pre-commit, in a scratch repository.

    python3 tests/pre_commit.py [--require] [--release] [--source]

Builds the wheel and commits: a licence that was deleted blocks the commit, whatever way it was made; `forebear check --fix` makes
it pass. Everything stays below the target folder.

--release  build the wheel as it is released, and say how long the hook takes
--source   run `forebear-src` too, which compiles
"""

import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import support
import wheel

HOME = support.CHECKS / "pre-commit"
RUNS = 21


def hook_repository(folder):
    """This project as pre-commit clones it, with what is not committed yet."""
    files = support.must("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, files):
        source = support.ROOT / name
        if source.exists() or source.is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name, follow_symlinks=False)
    for command in (["init", "--initial-branch", "main"], ["add", "--all", "--force"], ["commit", "--message", "hooks"]):
        must_git(folder, *command)
    return must_git(folder, "rev-parse", "HEAD").strip()


def environment():
    """What pre-commit and git see: packages are those of a folder, and nothing is the user's own."""
    return support.environment(
        PRE_COMMIT_HOME=str(HOME),
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS=str(wheel.WHEELS),
        PIP_CACHE_DIR=str(support.CHECKS / "pip"),
        CARGO_TARGET_DIR=str(support.TARGET),
    )


def git(folder, *command):
    return support.run("git", *command, cwd=folder, env=environment())


def must_git(folder, *command):
    return support.must("git", *command, cwd=folder, env=environment())


def story(check, folder, hooks, revision, hook, tool):
    """A publisher's commits; each is tried as a person would make it."""
    model = support.stories(folder) / "d"
    (model / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n  - id: forebear-fix\n"
    )
    support.must(tool, "install", cwd=model, env=environment())
    must_git(model, "add", "--all")
    first = git(model, "commit", "--message", "Add the hook")
    check.expect(first.code == 0, f"{hook}: an honest model is committed", first.text)

    must_git(model, "rm", "--quiet", "LICENSE")
    blocked = git(model, "commit", "--message", "Tidy up")
    print(blocked.text)
    check.expect(blocked.code != 0 and "missing-license-text" in blocked.text, f"{hook}: a deletion blocks the commit", blocked.text)

    (model / "README.md").write_text((model / "README.md").read_text() + "\nMore words.\n")
    part = git(model, "commit", "--message", "Words only", "README.md")
    check.expect(part.code == 0, f"{hook}: a commit of another file alone goes through, as it keeps the licence", part.text)

    all_of_it = git(model, "commit", "--all", "--message", "All of it")
    check.expect(all_of_it.code != 0, f"{hook}: `git commit --all` is blocked", all_of_it.text)

    fixed = support.run(tool, "run", "forebear-fix", "--hook-stage", "manual", cwd=model, env=environment())
    check.expect("fixed: " in fixed.text, f"{hook}: the hook forebear-fix writes what is missing", fixed.text)
    must_git(model, "add", "--all")
    allowed = git(model, "commit", "--allow-empty", "--message", "Keep the licence")
    check.expect(allowed.code == 0, f"{hook}: the commit is allowed after --fix", allowed.text)

    tree = folder / "tree"
    must_git(model, "worktree", "add", "--quiet", "-b", "other", tree)
    linked = [path for path in tree.iterdir() if path.name.startswith(("LICENSE", "NOTICE", "THIRD_PARTY"))]
    check.expect(bool(linked), f"{hook}: the licence is in the linked work tree")
    for path in linked:
        path.unlink()
    unstaged = git(tree, "commit", "--allow-empty", "--message", "Nothing is staged")
    check.expect(unstaged.code == 0, f"{hook}: a deletion that is not staged is no part of a commit", unstaged.text)
    must_git(tree, "add", "--all")
    in_tree = git(tree, "commit", "--message", "Tidy up here")
    check.expect(in_tree.code != 0 and "missing-license-text" in in_tree.text, f"{hook}: a linked work tree is checked", in_tree.text)

    empty = folder / "empty"
    empty.mkdir()
    must_git(empty, "init", "--quiet")
    shutil.copy2(model / ".pre-commit-config.yaml", empty)
    support.must(tool, "install", cwd=empty, env=environment())
    must_git(empty, "add", "--all")
    nothing = git(empty, "commit", "--message", "Begin")
    check.expect(nothing.code == 0, f"{hook}: a repository with nothing to check is no failure", nothing.text)
    return model, next(HOME.glob("repo*/py_env-*/bin/forebear"))


def versions(check):
    """The hook's project, the wheel and the program have one version."""
    version = wheel.version()
    text = (support.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    right = f'version = "{version}"' in text and f'"forebear=={version}"' in text
    check.expect(right, f"the hook asks for forebear {version}")


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


def packages(check, python):
    """What the hook's own project is built with, so that it installs without an index."""
    names = [f"{name}{support.PYTHON[name]}" for name in ("setuptools", "maturin")]
    # What is there is not asked for again: with links alone first, then from the index.
    pip = (python.program("python"), "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--dest", wheel.WHEELS)
    if support.run(*pip, "--no-index", "--find-links", wheel.WHEELS, *names).code == 0:
        return True
    done = support.run(*pip, *names)
    if done.code != 0:
        check.skip("setuptools and maturin", f"pip cannot fetch them: {done.last()}")
    return done.code == 0


def main():
    parser = support.parser(__doc__)
    parser.add_argument("--release", action="store_true")
    parser.add_argument("--source", action="store_true")
    options = parser.parse_args()
    check = support.Check("pre-commit", options.require)
    versions(check)
    python = support.python_with(check, "pre-commit")
    if python is None or wheel.build(check, options.release) is None or not packages(check, python):
        return check.end()
    print(python.versions)
    shutil.rmtree(HOME, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=support.CHECKS) as folder:
        folder = pathlib.Path(folder)
        hooks = folder / "hooks"
        hooks.mkdir()
        revision = hook_repository(hooks)
        for hook in ["forebear"] + (["forebear-src"] if options.source else []):
            (folder / hook).mkdir()
            model, forebear = story(check, folder / hook, hooks, revision, hook, python.program("pre-commit"))
            if options.release:
                speed(model, forebear)
            # The next hook gets an environment of its own.
            shutil.rmtree(HOME, ignore_errors=True)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
