package front

// OutputError reports that a command succeeded but its output could not be passed on.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "the output could not be written: " + e.Err.Error() }
func (e *OutputError) Unwrap() error { return e.Err }
