package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// largestFrame bounds what is read into memory at once; a package of files has at most 20 MiB.
const largestFrame = 256 << 20

// wire carries frames: the length of all that follows, the length of the header, the header in JSON, the body. Lengths are four
// bytes, little-endian.
type wire struct {
	in  io.Reader
	out io.Writer
	// failed is the first error of reading or writing: the conversation is over then.
	failed error
}

// receive reads one frame.
func (w *wire) receive(header any) ([]byte, error) {
	body, err := w.read(header)
	if err != nil {
		w.failed = err
	}
	return body, err
}

func (w *wire) read(header any) ([]byte, error) {
	var lengths [8]byte
	if _, err := io.ReadFull(w.in, lengths[:]); err != nil {
		return nil, err
	}
	total := binary.LittleEndian.Uint32(lengths[:4])
	size := binary.LittleEndian.Uint32(lengths[4:])
	if total > largestFrame || total < 4 || size > total-4 {
		return nil, errors.New("this is not a frame")
	}
	content := make([]byte, total-4)
	if _, err := io.ReadFull(w.in, content); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(content[:size], header); err != nil {
		return nil, fmt.Errorf("the header of a frame cannot be read: %w", err)
	}
	return content[size:], nil
}

// send writes one frame without a body.
func (w *wire) send(header any) error {
	content, err := json.Marshal(header)
	if err != nil {
		return err
	}
	frame := make([]byte, 8, 8+len(content))
	binary.LittleEndian.PutUint32(frame[:4], uint32(len(content)+4))
	binary.LittleEndian.PutUint32(frame[4:], uint32(len(content)))
	if _, err := w.out.Write(append(frame, content...)); err != nil {
		w.failed = err
		return err
	}
	return nil
}

// reply answers a call; an error of the other side is told as text.
type reply struct {
	Value json.RawMessage `json:"value"`
	Error string          `json:"error"`
}

// call asks the other side for something and waits for the answer.
func (w *wire) call(name string, arguments any, value any) error {
	if err := w.send(map[string]any{"type": "call", "name": name, "arguments": arguments}); err != nil {
		return err
	}
	var answer reply
	if _, err := w.receive(&answer); err != nil {
		return err
	}
	if answer.Error != "" {
		return errors.New(answer.Error)
	}
	return json.Unmarshal(answer.Value, value)
}
