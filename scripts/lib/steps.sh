# shellcheck shell=bash
# Runs the steps of the set-up in the background, in parallel where possible, and shows their progress.
#   launch NAME HINT COMMAND...   starts a step and logs it in $LOGS; HINT says what to do when it fails
#   await [NAME]                  waits for that step, or for all; the first to fail stops the others and the script

steps=0
reported=0
step_names=() step_hints=() step_logs=() step_pids=() step_starts=() step_states=()

launch() {
    step_names[steps]=$1 step_hints[steps]=$2 step_starts[steps]=$SECONDS step_states[steps]=running
    step_logs[steps]=$LOGS/$(printf %s "$1" | tr -cs 'A-Za-z0-9' _).log
    mkdir -p "$LOGS"
    shift 2
    set -m # its own process group, so that the step and all it starts can be killed together
    ("$@") </dev/null >"${step_logs[steps]}" 2>&1 &
    set +m
    step_pids[steps]=$!
    steps=$((steps + 1))
    trap stop_steps EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

await() {
    local i
    while waiting_for "${1:-}"; do
        for ((i = 0; i < steps; i++)); do
            [ "${step_states[i]}" = running ] || continue
            kill -0 "${step_pids[i]}" 2>/dev/null || finish_step "$i"
        done
        show_running
        sleep 0.3
    done
}

waiting_for() { # NAME: is that step still running? Without a name: is any?
    local i
    for ((i = 0; i < steps; i++)); do
        [ "${step_states[i]}" = running ] && { [ -z "$1" ] || [ "$1" = "${step_names[i]}" ]; } && return 0
    done
    return 1
}

finish_step() {
    local i=$1 seconds=$((SECONDS - step_starts[$1])) code=0
    wait "${step_pids[i]}" || code=$?
    step_states[i]=ended
    clear_line
    if [ "$code" = 0 ]; then
        echo "  done    ${step_names[i]} ($seconds s)"
        return
    fi
    {
        echo "  FAILED  ${step_names[i]} after $seconds s; the last lines of ${step_logs[i]}:"
        tail -n 25 "${step_logs[i]}" | sed 's/^/    | /'
        echo "  What to do: ${step_hints[i]}"
    } >&2
    exit 1
}

# On a terminal, one line that is rewritten; elsewhere, a new line every half minute.
show_running() {
    local i line=
    for ((i = 0; i < steps; i++)); do
        [ "${step_states[i]}" = running ] || continue
        line="$line${line:+ · }${step_names[i]} $((SECONDS - step_starts[i])) s"
    done
    [ -n "$line" ] || return 0
    if [ -t 1 ]; then
        printf '\r\033[K  ...     %.*s' "$(($(tput cols 2>/dev/null || echo 80) - 12))" "$line"
    elif [ $((SECONDS - reported)) -ge 30 ]; then
        reported=$SECONDS
        echo "  ...     $line"
    fi
}

clear_line() { [ ! -t 1 ] || printf '\r\033[K'; }

stop_steps() {
    local i
    for ((i = 0; i < steps; i++)); do
        [ "${step_states[i]}" = running ] || continue
        kill -- "-${step_pids[i]}" 2>/dev/null || true
    done
}
