// A service that knows nothing of keepers: it reads a JSON file when it starts, and again on SIGHUP.
//
//	keeper exec --as cluster=push,role=gate --render push/gate=/run/gate.json --signal HUP -- gate /run/gate.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type config struct {
	MaxConnections int    `json:"maxConnections"`
	IdleMs         int64  `json:"idleMs"`
	Greeting       string `json:"greeting"`
}

func (c config) idle() time.Duration { return time.Duration(c.IdleMs) * time.Millisecond }

func read(file string) (config, error) {
	var c config
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, err
	}
	if c.MaxConnections > 1_000_000 {
		return c, fmt.Errorf("maxConnections %d: this machine has no memory for them", c.MaxConnections)
	}
	return c, nil
}

func mustRead(file string) config {
	c, err := read(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(3)
	}
	return c
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gate FILE")
		os.Exit(2)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM)
	c := mustRead(os.Args[1])
	fmt.Printf("serving %d connections, idle %v: %s\n", c.MaxConnections, c.idle(), c.Greeting)
	for s := range signals {
		if s == syscall.SIGTERM {
			fmt.Println("bye")
			return
		}
		c = mustRead(os.Args[1])
		fmt.Printf("now %d connections, idle %v: %s\n", c.MaxConnections, c.idle(), c.Greeting)
	}
}
