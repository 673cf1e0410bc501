# bash completion for credfile

_credfile() {
    local line="${COMP_LINE:0:$COMP_POINT}" words=() cur out directive split value
    read -r -a words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    cur="${words[${#words[@]}-1]}"
    # bash has split the word at characters such as : and @, and replaces only the last part, $2.
    split="${cur%"$2"}"
    out=$("${words[0]}" __completeNoDesc "${words[@]:1}" 2>/dev/null) || return
    directive="${out##*:}"
    out="${out%:*}"
    COMPREPLY=()
    while IFS= read -r value; do
        [[ -n $value && $value == "$cur"* ]] && COMPREPLY+=("${value#"$split"}")
    done <<<"$out"
    ((directive & 2)) && type compopt &>/dev/null && compopt -o nospace
    ((directive & 4)) && type compopt &>/dev/null && compopt +o default
    return 0
}

complete -o default -F _credfile credfile
