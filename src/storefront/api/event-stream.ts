/** One event of a stream (text/event-stream). */
export interface StreamEvent {
  readonly id?: string;
  readonly type: string;
  readonly data: string;
}

/** Reads a stream piece by piece, wherever it was cut: answers the events that are whole by now. */
export function createEventReader(): (piece: string) => StreamEvent[] {
  let rest = '';
  return (piece) => {
    rest += piece;
    const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/);
    rest = blocks.pop() ?? '';
    return blocks.flatMap(eventOf);
  };
}

function eventOf(block: string): StreamEvent[] {
  let id: string | undefined;
  let type = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    // A line that begins with a colon is a comment: it only says that the server is there.
    if (colon === 0) continue;
    const [name, value] =
      colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (name === 'id') id = value;
    else if (name === 'event') type = value;
    else if (name === 'data') data.push(value);
  }
  if (data.length === 0) return [];
  return [{ ...(id === undefined ? {} : { id }), type, data: data.join('\n') }];
}
