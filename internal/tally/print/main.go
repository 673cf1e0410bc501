// Print prints the table of the tally on its standard input.
package main

import (
	"log"
	"os"

	"github.com/credfile/credfile/internal/tally"
)

func main() {
	if err := tally.Table(os.Stdout, os.Stdin); err != nil {
		log.Fatal(err)
	}
}
