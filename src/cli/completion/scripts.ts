/** Completion scripts. Each asks `appstore __complete` with the words so far; the last one is the one being typed. */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `# bash completion for appstore; load with: source <(appstore completion bash)
_appstore() {
  local cur words candidates
  # COMP_WORDS splits at ':' and '='; the line as it was typed does not.
  read -r -a words <<< "\${COMP_LINE:0:COMP_POINT}"
  [[ "\${COMP_LINE:COMP_POINT-1:1}" == ' ' ]] && words+=('')
  cur="\${words[\${#words[@]}-1]}"
  candidates="$(appstore __complete -- "\${words[@]:1}" 2>/dev/null)"
  if [[ "$candidates" == ':files' ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$cur"))
    return
  fi
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$candidates" -- "$cur"))
}
complete -F _appstore appstore
`,
  zsh: `#compdef appstore
# zsh completion for appstore; load after compinit with: source <(appstore completion zsh)
_appstore() {
  local -a candidates
  candidates=("\${(@f)$(appstore __complete -- "\${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  if [[ "\${candidates[1]}" == ':files' ]]; then
    _files
    return
  fi
  [[ -n "\${candidates[1]}" ]] && compadd -- "\${candidates[@]}"
}
compdef _appstore appstore
`,
  fish: `# fish completion for appstore; load with: appstore completion fish | source
function __appstore_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l candidates (appstore __complete -- $words[2..-1] 2>/dev/null)
  if test "$candidates[1]" = ':files'
    __fish_complete_path (commandline -ct)
    return
  end
  printf '%s\\n' $candidates
end
complete -c appstore -f -a '(__appstore_complete)'
`,
};

/** What `__complete` prints where the shell itself knows best. */
export const fileCandidates = ':files';
