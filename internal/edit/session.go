package edit

import (
	"bytes"
	"errors"
	"os"

	"github.com/credfile/credfile/internal/editdoc"
	"github.com/credfile/credfile/vaultfile"
	"github.com/credfile/credfile/vaultfile/merge"
)

// Reasons why an edit ended without being applied.
var (
	ErrUncorrected = errors.New("the text was saved without correcting the mistake")
	ErrUnsaved     = errors.New("the editor closed without saving")
	ErrTries       = errors.New("the text was still invalid after 100 tries")
)

// maxTries stops an editor that is a program and makes a mistake every time.
const maxTries = 100

// Session gives a text to the editor until it can be applied, or the user gives up.
type Session struct {
	*Draft
	Notes   []string // shown at the top, unless there is a mistake
	Resumed bool     // it continues a kept text

	// Edit runs the editor. first is false once the user may have typed something.
	Edit func(text []byte, first bool) (Saved, error)
	// Apply applies what was saved. It returns an [*editdoc.Mistake] for the user to
	// correct, or a [*Conflict] for the user to decide.
	Apply func([]editdoc.Profile) error
	// Words returns the notes about a conflict, and what to show beside the credentials that
	// another writer changed, by profile and name.
	Words func(*Conflict) (notes []string, beside map[string]map[string][]string)
	// Signal returns a signal that arrived, if any.
	Signal func() error

	wrong bool // the text last given to the editor has a mistake
}

// Run returns whether anything was applied.
//
// Errors: those of Edit, Apply and Signal; [ErrUncorrected], [ErrUnsaved], [ErrTries].
func (s *Session) Run() (applied bool, err error) {
	given := s.Given
	if s.Resumed {
		given = s.Text
	}
	for n := range maxTries {
		if err := s.Signal(); err != nil {
			return false, err
		}
		later := s.Resumed || n > 0
		saved, err := s.Edit(given, !later)
		if !saved.Empty() {
			s.Text = saved.Text
		}
		if err != nil {
			return false, err
		}
		_ = s.Signal() // a Ctrl-C in the editor was meant for the editor
		profiles, err := editdoc.Parse(saved.Text)
		if done, end := s.ends(given, &saved, later, len(profiles) == 0 && err == nil); done {
			return false, end
		}
		if err == nil {
			err = s.Apply(profiles)
		}
		if given, err = s.again(saved.Text, err); err != nil || given == nil {
			return err == nil, err
		}
	}
	return false, ErrTries
}

// ends reports whether the session ends with what was saved, before it is looked at.
func (s *Session) ends(given []byte, saved *Saved, later, empty bool) (done bool, err error) {
	switch {
	case bytes.Equal(saved.Text, given) && s.wrong:
		return true, ErrUncorrected
	case later && (empty || !saved.Written):
		return true, ErrUnsaved
	case empty, !later && bytes.Equal(saved.Text, s.Given):
		return true, nil // nothing changed
	}
	return false, nil
}

// again returns the text to give to the editor after an error that the user can see to. It
// returns nil if there was none.
func (s *Session) again(saved []byte, err error) ([]byte, error) {
	var mistake *editdoc.Mistake
	var conflict *Conflict
	switch {
	case errors.As(err, &mistake):
		s.wrong = true
		return editdoc.Explain(saved, mistake), nil
	case errors.As(err, &conflict):
		s.Base, s.wrong = conflict.Base, false
		notes, beside := s.Words(conflict)
		return s.Render(conflict.Merged, beside, append(notes, s.Notes...)), nil
	}
	return nil, err
}

// Conflict reports that another writer changed what the user changed.
type Conflict struct {
	Base, Merged map[string][]merge.Entry // by profile
	Found        []Found
}

// Found is a conflict in a profile.
type Found struct {
	Profile string
	merge.Conflict
}

func (c *Conflict) Error() string { return "someone else changed it in the meantime" }

// Done is what was changed in a profile.
type Done struct {
	Profile string
	vaultfile.Rewritten
}

// ApplyTo applies a text to the profiles that it changes, merged with what others changed
// since the text was made. unlock unlocks a profile for writing.
//
// Errors: those of unlock and [Apply]; [*Conflict].
func (d *Draft) ApplyTo(unlock func(name string) (*vaultfile.Profile, error), profiles []editdoc.Profile) (done []Done, err error) {
	c := &Conflict{Base: map[string][]merge.Entry{}, Merged: map[string][]merge.Entry{}}
	for _, edited := range profiles {
		name, base := edited.Name, d.Base[edited.Name]
		wanted := Wanted(edited, base)
		c.Base[name], c.Merged[name] = base, wanted
		if Same(base, wanted) {
			continue
		}
		p, err := unlock(name)
		if err != nil {
			return nil, err
		}
		r, err := Apply(p, base, wanted)
		if err != nil {
			return nil, err
		}
		c.Base[name], c.Merged[name] = r.Now, r.Merged
		for _, x := range r.Conflicts {
			c.Found = append(c.Found, Found{name, x})
		}
		done = append(done, Done{name, r.Done})
	}
	if len(c.Found) > 0 {
		return nil, c
	}
	return done, nil
}

// Arrived returns the last signal that arrived on a channel, or nil.
func Arrived(signals <-chan os.Signal) (last os.Signal) {
	for {
		select {
		case last = <-signals:
		default:
			return last
		}
	}
}
