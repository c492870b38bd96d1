package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// plainYAML makes JSON of YAML as programs write it: maps and lists by indentation, texts of any common style, and what has one
// meaning only. Definitions are of this kind, and large: the library takes several times as long for them. Whatever might mean
// anything else (anchors, tags, flow style, comments behind values, `yes`, keys that stand twice, errors) is left to the library: the second
// answer is false.
func plainYAML(text string) ([]byte, bool) {
	if !plainCharacters(text) {
		return nil, false
	}
	reader := &plainReader{rest: text, json: make([]byte, 0, len(text)+len(text)/8)}
	reader.next()
	if reader.indent != 0 || !reader.mapping(0, 0) || !reader.ended {
		return nil, false
	}
	return reader.json, true
}

// deepestPlain is far deeper than any definition is.
const deepestPlain = 500

// plainReader reads line by line; each method reads one thing, writes it as JSON, and answers false where it leaves it to the library.
type plainReader struct {
	// rest begins behind the current line.
	rest string
	json []byte
	// indent and content are those of the current line, which holds something; spaces at its end are cut off, where there are any.
	indent  int
	content string
	cut     bool
	// passed is true where empty lines or comments stand before it.
	passed bool
	ended  bool
}

// plainCharacters refuses tabs, control characters, and what is a line break for YAML 1.1 and nothing else.
func plainCharacters(text string) bool {
	ascii := true
	for index := range len(text) {
		switch each := text[index]; {
		case each >= utf8.RuneSelf:
			ascii = false
		case each < ' ' && each != '\n', each == 0x7f:
			return false
		}
	}
	if ascii {
		return true
	}
	if !utf8.ValidString(text) {
		return false
	}
	for _, each := range text {
		if each >= 0x7f && each < 0xa0 || each == 0x2028 || each == 0x2029 || each >= 0xe000 {
			return false
		}
	}
	return true
}

// line takes the next line, whatever it is.
func (r *plainReader) line() (line string, found bool) {
	if r.rest == "" {
		return "", false
	}
	line, r.rest, _ = strings.Cut(r.rest, "\n")
	return line, true
}

// next goes to the next line that holds something.
func (r *plainReader) next() {
	r.passed = false
	for {
		line, found := r.line()
		if !found {
			r.indent, r.content, r.ended = -1, "", true
			return
		}
		content := strings.TrimLeft(line, " ")
		if content == "" || content[0] == '#' {
			r.passed = true
			continue
		}
		r.indent, r.content = len(line)-len(content), strings.TrimRight(content, " ")
		r.cut = len(r.content) < len(content)
		return
	}
}

// block reads the list or map that begins with the current line.
func (r *plainReader) block(depth int) bool {
	if depth > deepestPlain {
		return false
	}
	if isEntry(r.content) {
		return r.sequence(r.indent, depth)
	}
	return r.mapping(r.indent, depth)
}

func isEntry(content string) bool {
	return content == "-" || strings.HasPrefix(content, "- ")
}

func (r *plainReader) sequence(indent, depth int) bool {
	r.json = append(r.json, '[')
	for first := true; r.indent == indent && isEntry(r.content); first = false {
		if !first {
			r.json = append(r.json, ',')
		}
		rest := strings.TrimLeft(r.content[1:], " ")
		if rest == "" {
			if r.next(); !r.nested(indent, depth) {
				return false
			}
			continue
		}
		if _, _, isPair := pairOf(rest); isPair || isEntry(rest) {
			// What begins behind the dash is as far in as it stands.
			r.indent, r.content = indent+len(r.content)-len(rest), rest
			if !r.block(depth + 1) {
				return false
			}
			continue
		}
		if !r.scalar(rest, indent) {
			return false
		}
	}
	r.json = append(r.json, ']')
	return r.indent <= indent
}

// nested reads what stands in the lines below a key or dash of that indentation, or writes null where nothing does.
func (r *plainReader) nested(indent, depth int) bool {
	if r.indent > indent {
		return r.block(depth + 1)
	}
	r.json = append(r.json, "null"...)
	return true
}

// entry of a map: its key, and where it stands in the JSON.
type plainEntry struct {
	key      string
	from, to int
}

func (r *plainReader) mapping(indent, depth int) bool {
	r.json = append(r.json, '{')
	start := len(r.json)
	var entries []plainEntry
	for r.indent == indent && !isEntry(r.content) {
		key, value, isPair := pairOf(r.content)
		if !isPair {
			return false
		}
		from := len(r.json)
		r.json = append(append(append(r.json, '"'), key...), `":`...)
		if !r.value(value, indent, depth) {
			return false
		}
		r.json = append(r.json, ',')
		entries = append(entries, plainEntry{key, from, len(r.json)})
	}
	if len(entries) == 0 || r.indent > indent || !r.sorted(entries, start) {
		return false
	}
	r.json[len(r.json)-1] = '}'
	return true
}

func (r *plainReader) value(value string, indent, depth int) bool {
	if value != "" {
		return r.scalar(value, indent)
	}
	r.next()
	if r.indent == indent && isEntry(r.content) {
		return r.sequence(indent, depth+1)
	}
	return r.nested(indent, depth)
}

func byKey(one, other plainEntry) int { return strings.Compare(one.key, other.key) }

// sorted brings the entries into the order of their keys, as the library's JSON has them; a key that stands twice is left to it.
func (r *plainReader) sorted(entries []plainEntry, start int) bool {
	if !slices.IsSortedFunc(entries, byKey) {
		slices.SortFunc(entries, byKey)
		moved := make([]byte, 0, len(r.json)-start)
		for _, each := range entries {
			moved = append(moved, r.json[each.from:each.to]...)
		}
		r.json = append(r.json[:start], moved...)
	}
	for index := 1; index < len(entries); index++ {
		if entries[index-1].key == entries[index].key {
			return false
		}
	}
	return true
}

// longestKey is less than what YAML allows of a key without a question mark.
const longestKey = 200

// pairOf takes a line apart at its key; a key that needs quotes, or that means something, is none.
func pairOf(content string) (key, value string, isPair bool) {
	end := 0
	for end < len(content) && isKeyCharacter(content[end], end == 0) {
		end++
	}
	if end == 0 || end > longestKey || end == len(content) || content[end] != ':' || isWordWithMeaning(content[:end]) {
		return "", "", false
	}
	if behind := content[end+1:]; behind == "" || behind[0] == ' ' {
		return content[:end], strings.TrimLeft(behind, " "), true
	}
	return "", "", false
}

func isKeyCharacter(each byte, first bool) bool {
	return isLetter(each) || strings.IndexByte("$_/", each) >= 0 ||
		!first && (each >= '0' && each <= '9' || each == '.' || each == '-')
}

func isLetter(each byte) bool {
	return each >= 'a' && each <= 'z' || each >= 'A' && each <= 'Z'
}

// isWordWithMeaning is true for what YAML 1.1 may take for something else than text.
func isWordWithMeaning(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return true
	}
	return false
}

// scalar reads a value that begins with this text on the current line, below something of that indentation.
func (r *plainReader) scalar(text string, indent int) bool {
	switch text[0] {
	case '|':
		return r.literal(text[1:], indent)
	case '\'', '"':
		return r.quoted(text, indent)
	case '[', '{':
		if text != "[]" && text != "{}" {
			return false
		}
		r.json = append(r.json, text...)
		r.next()
		return r.indent <= indent
	}
	return r.plain(text, indent)
}

var (
	plainNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,14})(\.[0-9]{1,6})?$`)
	// An amount with its unit, or a version.
	plainAmount = regexp.MustCompile(`^[1-9][0-9]{0,14}(ms|s|m|h|Mi|Gi|%)$|^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$`)
)

func (r *plainReader) plain(text string, indent int) bool {
	joined := text
	r.next()
	if r.indent > indent {
		var ok bool
		if joined, ok = r.continued(text, indent); !ok {
			return false
		}
	}
	isNumeric := joined[0] == '-' || joined[0] >= '0' && joined[0] <= '9'
	switch {
	case joined == "true", joined == "false", joined == "null", isNumeric && plainNumber.MatchString(joined):
		r.json = append(r.json, joined...)
		return true
	case isNumeric && plainAmount.MatchString(joined), isPlainText(joined):
		return r.text(joined)
	}
	return false
}

// continued adds the lines that a plain text goes on in. Where empty lines or comments stand between them the library has to say what that is.
func (r *plainReader) continued(text string, indent int) (string, bool) {
	var joined strings.Builder
	joined.WriteString(text)
	for r.indent > indent {
		if r.passed || isEntry(r.content) {
			return "", false
		}
		joined.WriteByte(' ')
		joined.WriteString(r.content)
		r.next()
	}
	return joined.String(), true
}

// isPlainText is true for text without quotes that cannot be anything else.
func isPlainText(text string) bool {
	switch first := text[0]; {
	case isLetter(first), strings.IndexByte("/$(^_", first) >= 0:
	// A path of JSON; what is as short may be .inf or .nan.
	case first == '.' && len(text) > len(".inf") && isLetter(text[1]):
	default:
		return false
	}
	return !strings.Contains(text, ": ") && !strings.Contains(text, " #") && text[len(text)-1] != ':' && !isWordWithMeaning(text)
}

// literal reads the lines behind `|`, of which the first says how far in they all are.
func (r *plainReader) literal(header string, indent int) bool {
	if header != "" && header != "-" && header != "+" {
		return false
	}
	var lines strings.Builder
	inner, empty := 0, 0
	for {
		before := r.rest
		line, found := r.line()
		if !found {
			break
		}
		spaces := len(line) - len(strings.TrimLeft(line, " "))
		if spaces == len(line) {
			if spaces > inner {
				return false
			}
			empty++
			continue
		}
		if inner == 0 {
			inner = spaces
		}
		if spaces < inner || inner <= indent {
			r.rest = before
			break
		}
		for ; empty > 0; empty-- {
			lines.WriteByte('\n')
		}
		lines.WriteString(line[inner:])
		lines.WriteByte('\n')
	}
	text := lines.String()
	if text == "" {
		return false
	}
	switch header {
	case "-":
		text = text[:len(text)-1]
	case "+":
		text += strings.Repeat("\n", empty)
	}
	r.next()
	return r.text(text)
}

// quoted reads text in quotes of either kind, over several lines where it has them: one line break is a space, more are one less.
func (r *plainReader) quoted(text string, indent int) bool {
	var read []byte
	line, cut := text[1:], r.cut
	for {
		part, behind, closed, ok := quotedPart(line, text[0])
		if !ok || closed && behind != "" {
			return false
		}
		read = append(read, part...)
		if closed {
			r.next()
			return r.indent <= indent && r.text(string(read))
		}
		joins := behind == `\`
		if joins && cut {
			return false
		}
		breaks := 0
		for line = ""; line == ""; breaks++ {
			whole, found := r.line()
			if !found {
				return false
			}
			line = strings.Trim(whole, " ")
			cut = strings.HasSuffix(whole, " ")
			if line != "" && !strings.HasPrefix(whole, strings.Repeat(" ", indent+1)) {
				return false
			}
		}
		switch {
		case joins && breaks > 1:
			return false
		case joins:
		case breaks == 1:
			read = append(read, ' ')
		default:
			read = append(read, strings.Repeat("\n", breaks-1)...)
		}
	}
}

// quotedPart reads one line of a quoted text up to its end or the closing quote. Behind is what follows the quote, or a backslash with which
// the line ends.
func quotedPart(line string, quote byte) (part []byte, behind string, closed, ok bool) {
	for index := 0; index < len(line); index++ {
		each := line[index]
		switch {
		case each == quote && quote == '\'' && index+1 < len(line) && line[index+1] == '\'':
			index++
			part = append(part, each)
		case each == quote:
			return part, line[index+1:], true, true
		case each == '\\' && quote == '"' && index+1 == len(line):
			return part, `\`, false, true
		case each == '\\' && quote == '"':
			index++
			at := strings.IndexByte(`"\nt `, line[index])
			if at < 0 {
				return nil, "", false, false
			}
			part = append(part, "\"\\\n\t "[at])
		default:
			part = append(part, each)
		}
	}
	return part, "", false, true
}

// text writes a text of JSON.
func (r *plainReader) text(text string) bool {
	simple := true
	for index := 0; simple && index < len(text); index++ {
		simple = text[index] >= ' ' && text[index] != '"' && text[index] != '\\'
	}
	if simple {
		r.json = append(append(append(r.json, '"'), text...), '"')
		return true
	}
	quoted, err := json.Marshal(text)
	r.json = append(r.json, quoted...)
	return err == nil
}
