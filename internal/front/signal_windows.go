package front

import "os"

var allSignals = []os.Signal{os.Interrupt}

func ends(os.Signal) bool { return false }
