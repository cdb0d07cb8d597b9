// Command haproxy shares one CTI link of a telephone switch between several T-Servers.
package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(execute(context.Background(), newRoot(openProxy), os.Args[1:], os.Stdout, os.Stderr))
}
