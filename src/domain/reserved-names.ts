/** Words that cannot name a variable of `forEach`: CEL's reserved words, and what has a meaning already. */
export const reservedNames: ReadonlySet<string> = new Set(
  (
    'as break const continue else false for function if import in let loop namespace null package return true var void while ' +
    'app base64 cel cluster google json lists math name optional strings values __namespace__ __proto__ prototype constructor'
  ).split(' '),
);
