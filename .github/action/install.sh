#!/usr/bin/env bash
# Brings the released program of one version and checks it against the release's list of checksums. Nothing is compiled, nothing is
# installed outside of the runner's own folders, and no input reaches a command as anything but a value.
set -euo pipefail

# What cannot go on: shown as an error of the job, with what to do.
stop() {
  printf '::error title=forebear::%s\n' "$1"
  exit 2
}

version=${FOREBEAR_VERSION#v}
if [ -z "$version" ]; then
  version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/pyproject.toml")
fi
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || stop 'the input version is not a version; write 0.1.0'

case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-gnu ;;
  Linux-ARM64) target=aarch64-unknown-linux-gnu ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *) stop "there is no released program for $RUNNER_OS on $RUNNER_ARCH; build forebear from source in a step of your own" ;;
esac
program=forebear
archive=tar.gz
if [ "$RUNNER_OS" = Windows ]; then
  program=forebear.exe
  archive=zip
fi

folder="${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/forebear/$version/$target"
name="forebear-$version-$target.$archive"
if [ ! -x "$folder/$program" ]; then
  work=$(mktemp -d "$RUNNER_TEMP/forebear.XXXXXX")
  release="$GITHUB_SERVER_URL/$FOREBEAR_REPOSITORY/releases/download/v$version"
  # The token goes through a file: arguments of a process are seen by all others.
  printf 'header = "Authorization: Bearer %s"\n' "$FOREBEAR_TOKEN" > "$work/curl"
  for file in "$name" SHA256SUMS; do
    # Without the token where the release is public and the server refuses it.
    curl --fail --silent --show-error --location --retry 3 --config "$work/curl" --output "$work/$file" "$release/$file" ||
      curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$release/$file" ||
      stop "cannot download $file of version $version from $FOREBEAR_REPOSITORY; check the input version"
  done
  rm "$work/curl"
  expected=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")
  [[ $expected =~ ^[0-9a-f]{64}$ ]] || stop "the checksums of version $version do not list $name"
  if command -v sha256sum > /dev/null; then
    actual=$(sha256sum < "$work/$name")
  else
    actual=$(shasum -a 256 < "$work/$name")
  fi
  [ "${actual%% *}" = "$expected" ] || stop "$name is not what the checksums of version $version say: it was not used"
  mkdir -p "$work/unpacked" "$(dirname "$folder")"
  if [ "$archive" = zip ]; then
    unzip -q "$work/$name" -d "$work/unpacked"
  else
    tar -xzf "$work/$name" -C "$work/unpacked"
  fi
  # The program, its licences and its notices lie in one folder.
  unpacked="$work/unpacked/${name%".$archive"}"
  [ -f "$unpacked/$program" ] || stop "$name does not hold $program"
  # Whole or not at all, whatever runs beside.
  mv "$unpacked" "$folder" 2> /dev/null || [ -x "$folder/$program" ]
  rm -rf "$work"
fi

mkdir -p "$RUNNER_TEMP/forebear-cache"
{
  echo "program=$folder/$program"
  echo "version=$version"
  echo "cache=$RUNNER_TEMP/forebear-cache"
} >> "$GITHUB_OUTPUT"
