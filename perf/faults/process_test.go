package faults

import (
	"errors"
	"io"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// roleEnv makes the test binary a peer of the proxy instead: a process of its own, so that it can be
// stopped and killed as such.
const roleEnv = "HAPROXY_FAULTS_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleEnv); role != "" {
		servePeer(role)
		return
	}
	m.Run()
}

// stdio is the way to the test that started a peer.
type stdio struct {
	io.Reader
	io.Writer
}

// Close is rpc's.
func (stdio) Close() error { return nil }

// servePeer is a peer's whole life. It ends when the test closes its standard input.
func servePeer(role string) {
	server := rpc.NewServer()
	var err error
	switch role {
	case roleSwitch:
		err = server.RegisterName("Peer", new(SwitchPeer))
	case roleTServer:
		err = server.RegisterName("Peer", new(TServerPeer))
	default:
		err = errors.New("no such role")
	}
	if err != nil {
		panic(err)
	}
	server.ServeConn(stdio{os.Stdin, os.Stdout})
}

// process is a peer as the test sees it.
type process struct {
	t   testing.TB
	cmd *exec.Cmd
	rpc *rpc.Client
	end sync.Once
}

func startPeer(tb testing.TB, role string) *process {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	p := &process{t: tb, cmd: exec.Command(self)}
	p.cmd.Env = append(os.Environ(), roleEnv+"="+role)
	p.cmd.Stderr = os.Stderr
	in, inErr := p.cmd.StdinPipe()
	out, outErr := p.cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, p.cmd.Start()); err != nil {
		tb.Fatal(err)
	}
	p.rpc = rpc.NewClient(struct {
		io.Reader
		io.WriteCloser
	}{out, in})
	tb.Cleanup(p.kill)
	return p
}

// call asks the peer, within patience.
func (p *process) call(method string, args, reply any) {
	p.t.Helper()
	if err := p.try(method, args, reply); err != nil {
		p.t.Fatalf("%s: %v", method, err)
	}
}

func (p *process) try(method string, args, reply any) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case done := <-p.rpc.Go("Peer."+method, args, reply, make(chan *rpc.Call, 1)).Done:
		return done.Error
	case <-timer.C:
		return errors.New("no answer")
	}
}

// signal is SIGSTOP or SIGCONT.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// kill is kill -9, and waits for the end.
func (p *process) kill() {
	p.end.Do(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		_ = p.rpc.Close()
		_ = p.cmd.Wait() // killed is how it ends
	})
}

// errnoOf finds the kernel's reason in an error of a socket.
func errnoOf(err error) (syscall.Errno, bool) {
	var op *net.OpError
	var errno syscall.Errno
	if errors.As(err, &op) && errors.As(op.Err, &errno) {
		return errno, true
	}
	return 0, false
}
