#!/usr/bin/env bash
# Checks, writes the reports, shows the annotations and the job summary. Findings do not end this step, so that SARIF is uploaded
# first: the verdict is a step of its own.
set -euo pipefail

stop() {
  printf '::error title=forebear::%s\n' "$1"
  exit 2
}

reports=$(mktemp -d "$RUNNER_TEMP/forebear-reports.XXXXXX")
arguments=(check --fail-on "$FOREBEAR_FAIL_ON" --allow-empty)
case "$FOREBEAR_HISTORY" in
  true) arguments+=(--history) ;;
  false) ;;
  *) stop 'the input history is neither true nor false' ;;
esac
[ -z "$FOREBEAR_BASELINE" ] || arguments+=("--baseline=$FOREBEAR_BASELINE")
while IFS= read -r base; do
  [ -z "$base" ] || arguments+=("--base=$base")
done <<< "$FOREBEAR_BASE"

arguments+=(
  --output "json=$reports/forebear.json"
  --output "sarif=$reports/forebear.sarif"
  --output "github-summary=$reports/summary.md"
  --output "github=$reports/annotations.txt"
  --output text=-
)
for format in ${FOREBEAR_FORMAT//,/ }; do
  case "$format" in
    json | sarif) ;;
    html) arguments+=(--output "html=$reports/forebear.html") ;;
    markdown) arguments+=(--output "markdown=$reports/forebear.md") ;;
    junit) arguments+=(--output "junit=$reports/forebear.junit.xml") ;;
    gitlab) arguments+=(--output "gitlab=$reports/forebear.codequality.json") ;;
    cyclonedx) arguments+=(--output "cyclonedx=$reports/forebear.cdx.json") ;;
    cyclonedx-1.6) arguments+=(--output "cyclonedx-1.6=$reports/forebear-1.6.cdx.json") ;;
    spdx) arguments+=(--output "spdx=$reports/forebear.spdx.json") ;;
    *) stop 'the input format names a report that the action does not write' ;;
  esac
done

paths=()
while IFS= read -r path; do
  [ -z "$path" ] || paths+=("$path")
done <<< "$FOREBEAR_PATH"
[ "${#paths[@]}" -gt 0 ] || stop 'the input path is empty'

# Lines of the report may begin with what strangers wrote. While they are printed, the runner takes no commands from them.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
exit=0
"$FOREBEAR_PROGRAM" "${arguments[@]}" -- "${paths[@]}" || exit=$?
echo "::$token::"

case "$exit" in
  0 | 1 | 3 | 4) ;;
  *) stop "forebear could not check the repository (exit code $exit); its message is above" ;;
esac

cat "$reports/annotations.txt"
cat "$reports/summary.md" >> "$GITHUB_STEP_SUMMARY"

# How many of one severity: of one repository or of all of them.
count() {
  awk -v key="\"$1\":" '$1 == key { sub(",", "", $2); sum += $2 } END { print sum + 0 }' "$reports/forebear.json"
}
{
  echo "violations=$(count violations)"
  echo "warnings=$(count warnings)"
  echo "notes=$(count notes)"
  echo "exit-code=$exit"
  echo "sarif=$reports/forebear.sarif"
  echo "json=$reports/forebear.json"
  echo "reports=$reports"
} >> "$GITHUB_OUTPUT"
