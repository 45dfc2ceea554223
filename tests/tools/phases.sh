# Phases with their seconds. Sourced by tests/run, tests/long and .ci/run.
# shellcheck shell=bash

phase_names=()
phase_secs=()
phase_states=()

# phase NAME COMMAND...: runs the command, notes how long it took and whether it went well.
# A failed phase does not end the run; `phases_report` tells at the end.
phase() {
  local name=$1 start=$SECONDS state=ok status=0
  shift
  printf '\n==> %s\n' "$name"
  # A subshell of its own keeps `set -e` in force inside functions.
  set +e
  (set -e; "$@")
  status=$?
  set -e
  [[ $status -eq 0 ]] || state="FAILED ($status)"
  phase_names+=("$name")
  phase_secs+=($((SECONDS - start)))
  phase_states+=("$state")
  return 0
}

# must_phase NAME COMMAND...: like `phase`, but nothing after it makes sense if it fails.
must_phase() {
  phase "$@"
  if [[ ${phase_states[-1]} != ok ]]; then
    phases_report
    exit 1
  fi
}

# phases_report: prints the table; fails if a phase did.
phases_report() {
  local i failed=0 total=0
  printf '\n%8s  %-28s %s\n' seconds phase result
  for i in "${!phase_names[@]}"; do
    printf '%8d  %-28s %s\n' "${phase_secs[i]}" "${phase_names[i]}" "${phase_states[i]}"
    total=$((total + phase_secs[i]))
    [[ ${phase_states[i]} == ok ]] || failed=1
  done
  printf '%8d  total\n' "$total"
  return "$failed"
}
