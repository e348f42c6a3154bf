#!/usr/bin/env python3
"""Puts the program, its licences and its notices into one archive: target/release-archives/forebear-VERSION-TARGET.tar.gz (or .zip).

Usage: python3 dev/release_archive.py TARGET PROGRAM

TARGET is the Rust target triple that the program was built for. The notices are those that dev/release_notices.py wrote. The same files give
the same bytes.
"""

import gzip
import io
import pathlib
import sys
import tarfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
NOTICES = ROOT / "target" / "release-notices"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    target, program = sys.argv[1], pathlib.Path(sys.argv[2])
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    name = f"forebear-{version}-{target}"
    files = [(program, program.name, 0o755)]
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "LICENSE-APACHE", ROOT / "LICENSE-MIT"):
        files.append((path, path.name, 0o644))
    for path in (NOTICES / "THIRD_PARTY_NOTICES.txt", NOTICES / "forebear.cdx.json"):
        files.append((path, path.name, 0o644))
    folder = ROOT / "target" / "release-archives"
    folder.mkdir(parents=True, exist_ok=True)
    if "windows" in target:
        archive = folder / f"{name}.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
            for path, inside, mode in files:
                info = zipfile.ZipInfo(f"{name}/{inside}")
                info.external_attr = mode << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(info, path.read_bytes())
    else:
        archive = folder / f"{name}.tar.gz"
        # No time and no name of the machine: neither in the archive nor in the gzip header.
        with gzip.GzipFile(filename="", fileobj=archive.open("wb"), mode="wb", mtime=0) as stream:
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as out:
                for path, inside, mode in files:
                    content = path.read_bytes()
                    info = tarfile.TarInfo(f"{name}/{inside}")
                    info.size, info.mode = len(content), mode
                    out.addfile(info, io.BytesIO(content))
    print(archive.relative_to(ROOT))


if __name__ == "__main__":
    main()
