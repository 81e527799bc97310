// A Socket.IO client of the Go proxy (zishang520), which knows nothing of ours: connects by each transport, gets what
// happens to the person, and goes on from its offset after it was away. Writes "ok ..." and "not ok ..." lines.
//
//	device DEVICES_URL PERSON COMMAND...
//
// COMMAND makes something happen to the person, by another way into the mesh; the number of the time is added to it.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/zishang520/socket.io/clients/engine/v3/transports"
	"github.com/zishang520/socket.io/clients/socket/v3"
	"github.com/zishang520/socket.io/v3/pkg/types"
)

const patience = 30 * time.Second

var failed, happened = false, 0

func check(name string, holds bool, said any) {
	word := "ok"
	if !holds {
		word, failed = "not ok", true
		fmt.Fprintln(os.Stderr, name, said)
	}
	fmt.Printf("%s go socket.io client: %s\n", word, name)
}

// A device, and what it is told, as "name" and the first argument.
type told struct {
	name string
	what map[string]any
}

func connect(url string, auth map[string]any, transport transports.TransportCtor) (*socket.Socket, chan told) {
	options := socket.DefaultOptions()
	options.SetTransports(types.NewSet(transport))
	options.SetReconnection(false)
	options.SetForceNew(true)
	options.SetAuth(auth)
	device, err := socket.Connect(url, options)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	queue := make(chan told, 100)
	for _, name := range []string{"ready", "event", "gap"} {
		device.On(types.EventName(name), func(arguments ...any) {
			what, _ := arguments[0].(map[string]any)
			queue <- told{name, what}
		})
	}
	device.On("connect_error", func(arguments ...any) { queue <- told{"connect_error", nil} })
	return device, queue
}

func next(queue chan told) told {
	select {
	case one := <-queue:
		return one
	case <-time.After(patience):
		return told{"nothing", nil}
	}
}

func number(value any) int64 {
	switch n := value.(type) {
	case float64:
		return int64(n)
	case string:
		parsed, _ := strconv.ParseInt(n, 10, 64)
		return parsed
	}
	return -1
}

func happen() {
	happened++
	command := exec.Command(os.Args[3], append(os.Args[4:], strconv.Itoa(happened))...)
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		check("something happens", false, err)
	}
}

func main() {
	url := os.Args[1]
	person, _ := strconv.ParseInt(os.Args[2], 10, 64)
	refused, answer := connect(url, nil, transports.WebSocket)
	check("is refused without saying who it is", next(answer).name == "connect_error", nil)
	refused.Disconnect()

	position := int64(0)
	for _, way := range []struct {
		name string
		by   transports.TransportCtor
	}{{"WebSocket", transports.WebSocket}, {"polling", transports.Polling}} {
		device, queue := connect(url, map[string]any{"user_id": person, "offset": position}, way.by)
		ready := next(queue)
		check("enters by "+way.name, ready.name == "ready" && number(ready.what["user_id"]) == person, ready)
		happen()
		event := next(queue)
		at := number(event.what["position"])
		check("gets what happens by "+way.name, event.name == "event" && at > position, event)
		position = at
		device.Disconnect()

		happen() // While it is away.
		again, missed := connect(url, map[string]any{"user_id": person, "offset": position}, way.by)
		check("enters again by "+way.name, next(missed).name == "ready", nil)
		event = next(missed)
		check("gets what it missed by "+way.name, number(event.what["position"]) == position+1, event)
		position++
		again.Disconnect()
	}
	if failed {
		os.Exit(1)
	}
}
