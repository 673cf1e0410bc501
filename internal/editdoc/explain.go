package editdoc

import (
	"bytes"
	"fmt"
)

// reasonMark begins the line that explains a mistake.
const reasonMark = Mark + " ! "

// Explain puts the reason of a mistake at the top of a text, in place of the previous one.
// It counts lines as the user will see them.
func Explain(text []byte, m *Mistake) []byte {
	was := 0
	for bytes.HasPrefix(text, []byte(reasonMark)) {
		_, text, _ = bytes.Cut(text, []byte("\n"))
		was++
	}
	reason := m.Reason
	if m.Line > 0 {
		reason = fmt.Sprintf("line %d: %s", m.Line-was+1, reason)
	}
	return append([]byte(reasonMark+reason+"\n"), text...)
}
