/**
 * What each shell sources. All three hand the words up to the cursor to `appstore __complete`, which answers one candidate a
 * line with its meaning behind a tab, or `:files` where the shell itself knows best. What is answered is never evaluated.
 */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `# bash completion for appstore; load with: source <(appstore completion bash)
_appstore() {
  local candidate about current="\${COMP_WORDS[COMP_CWORD]}" program="\${1/#\\~/$HOME}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate about; do
    if [[ "$candidate" == ':files' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "$current")
      return
    fi
    COMPREPLY+=("$candidate")
  done < <("$program" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _appstore appstore
`,
  zsh: `#compdef appstore
# zsh completion for appstore; load after compinit with: source <(appstore completion zsh)
_appstore() {
  local -a found
  local line about program=\${(Q)words[1]}
  for line in "\${(@f)$(\${~program} __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ':files'* ]]; then
      _files
      return
    fi
    about=\${line#*$'\\t'}
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}\${about:+:$about}")
  done
  (( \${#found} )) && _describe -t appstore appstore found
}
if [[ "\${funcstack[1]}" == _appstore ]]; then
  _appstore "$@"
else
  compdef _appstore appstore
fi
`,
  fish: `# fish completion for appstore; load with: appstore completion fish | source
function __appstore_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l program $words[1]
  set -e words[1]
  set -l found ($program __complete -- $words "$current" 2>/dev/null)
  if string match -q ':files*' -- $found[1]
    __fish_complete_path "$current"
  else
    printf '%s\\n' $found
  end
end
complete -c appstore -f -a '(__appstore_complete)'
`,
};
