// Command haproxy shares one CTI link of a telephone switch between several T-Servers.
package main

func main() {}
