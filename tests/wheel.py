"""Builds the wheel, and tests it as whoever installs it gets it: in a clean virtual environment, without an index.

    python3 tests/wheel.py [--require] [--release]

--release  build it as it is released, instead of a debug build
"""

import email.parser
import os
import pathlib
import platform
import sys
import tempfile
import venv
import zipfile

import support

WHEELS = support.CHECKS / "wheels"
LICENSES = {"LICENSE-MIT", "LICENSE-APACHE", "THIRD_PARTY_NOTICES.md"}
# What `forebear check` ends with: `a` and `b` owe something, nothing but notes is left in `c`, `d` is an honest derivative.
CODES = {"a": 1, "a --history": 1, "b": 1, "c": 0, "d": 0, "d --history": 0, "nowhere": 2}


def version():
    """The version of the program, as Cargo has it."""
    return support.must("cargo", "pkgid", "--package", "forebear").strip().rsplit("@", 1)[-1].rsplit("#", 1)[-1]


def build(check, release):
    """Builds the wheel; None, and a skip, where maturin cannot be installed."""
    python = support.python_with(check, "maturin")
    if python is None:
        return None
    WHEELS.mkdir(parents=True, exist_ok=True)
    for old in WHEELS.glob("forebear-*"):
        old.unlink()
    profile = ["--release"] if release else []
    # Of this machine alone: whether it fits older ones is the business of whoever builds the release.
    tag = ["--compatibility", "linux"] if platform.system() == "Linux" else []
    options = ["--locked", "--manifest-path", "crates/forebear/Cargo.toml", "--out", WHEELS, *tag]
    support.must(python.program("maturin"), "build", *profile, *options)
    (wheel,) = WHEELS.glob("forebear-*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, built by {python.versions}")
    return wheel


def contents(check, wheel):
    """What the wheel holds, and what it says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        folder = f"forebear-{version()}.dist-info"
        metadata = email.parser.Parser().parsestr(archive.read(f"{folder}/METADATA").decode())
        same = [
            archive.read(f"{folder}/licenses/{name}") == (support.ROOT / name).read_bytes()
            for name in LICENSES
            if f"{folder}/licenses/{name}" in names
        ]
    found = {key: metadata[key] for key in ("Name", "Version", "License-Expression")}
    wanted = {"Name": "forebear", "Version": version(), "License-Expression": "MIT OR Apache-2.0"}
    check.expect(found == wanted, "name, version and licence are those of the program", str(found))
    check.expect(set(metadata.get_all("License-File") or []) == LICENSES, "the metadata names the licences and the notices", str(metadata))
    check.expect(len(same) == len(LICENSES) and all(same), "and they are inside, byte for byte", str(names))
    check.expect(metadata["Requires-Dist"] is None, "it needs no other package", str(metadata))
    own = [name for name in names if not name.startswith(f"{folder}/")]
    program = "forebear.exe" if os.name == "nt" else "forebear"
    check.expect(own == [f"forebear-{version()}.data/scripts/{program}"], "it holds the program and nothing else", str(own))


def installed(check, wheel, folder):
    """Installs it, and checks the stories with it."""
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    clean = support.environment(PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")

    def run(*command):
        return support.run(*command, cwd=folder, env=clean)

    pip = (programs / "python", "-m", "pip")
    before = set(run(*pip, "freeze", "--all").text.splitlines())
    done = run(*pip, "install", "--no-index", wheel)
    check.expect(done.code == 0, "pip installs it without an index", done.text)
    new = [line.split(" @ ")[0] for line in set(run(*pip, "freeze", "--all").text.splitlines()) - before]
    check.expect(new == ["forebear"], "nothing else is installed", str(new))
    done = run(*pip, "check")
    check.expect(done.code == 0, "`pip check` finds nothing wrong", done.text)
    done = run("forebear", "--version")
    check.expect(done.text.split()[:2] == ["forebear", version()], f"it is forebear {version()}", done.text)
    support.stories(folder)
    for words, code in CODES.items():
        done = run("forebear", "check", *words.split())
        check.expect(done.code == code, f"`forebear check {words}` ends with {code}", f"it ended with {done.code}\n{done.text}")
    done = run(*pip, "uninstall", "--yes", "forebear")
    left = [path.name for path in programs.glob("forebear*")]
    check.expect(done.code == 0 and not left, "nothing of it is left when it is uninstalled", done.text)


def main():
    parser = support.parser(__doc__)
    parser.add_argument("--release", action="store_true")
    options = parser.parse_args()
    check = support.Check("wheel", options.require)
    wheel = build(check, options.release)
    if wheel is not None:
        contents(check, wheel)
        with tempfile.TemporaryDirectory(dir=support.CHECKS) as folder:
            installed(check, wheel, pathlib.Path(folder))
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
