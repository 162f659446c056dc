package storetest

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"dashop/store/db"
)

// Verdict is what a Wire does with a query.
type Verdict int

// The verdicts. All but Pass and Refuse are for the connection's whole life from then on.
const (
	Pass      Verdict = iota
	Refuse            // answered with 1047, as by a cluster node that has lost its group; the server never sees it
	Blackhole         // the server does it, but its answers are lost
	Mute              // the query is lost, and what follows
	Reset             // the server does it, and the connection is cut at once
)

// Wire is a faulty wire between the shop and a MySQL server: every query can be refused, lost or left without an answer, and
// all of it be cut. It is safe for concurrent use.
type Wire struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	judge func(query string) Verdict
	cut   bool
	conns map[net.Conn]bool
}

// NewWire lays a wire to the server of c, which is to be MySQL, and gives the configuration of the database at its near end.
func NewWire(t testing.TB, c db.Config) (*Wire, db.Config) {
	t.Helper()
	dsn, err := mysql.ParseDSN(c.DSN)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{listener: l, target: dsn.Addr, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = l.Close(); w.Cut() })
	go w.accept()
	near := dsn.User
	if dsn.Passwd != "" {
		near += ":" + dsn.Passwd
	}
	return w, db.Config{Driver: db.MySQL, DSN: near + "@tcp(" + l.Addr().String() + ")/" + dsn.DBName}
}

// Judge has each query judged; nil passes all.
func (w *Wire) Judge(judge func(query string) Verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.judge = judge
}

// Cut ends all connections and lets no new one through, until Heal.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	for c := range w.conns {
		reset(c)
	}
}

// Heal lets connections through again, and all queries on them.
func (w *Wire) Heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.judge = false, nil
}

// reset closes a connection without a farewell.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

func (w *Wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", w.target)
		if err != nil || !w.hold(near, far) {
			reset(near)
			continue
		}
		quiet := make(chan struct{})
		go w.answers(near, far, quiet)
		go w.queries(near, far, quiet)
	}
}

// hold notes the two ends of a connection, unless the wire is cut.
func (w *Wire) hold(ends ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range ends {
		if c != nil && !w.cut {
			w.conns[c] = true
		}
	}
	return !w.cut
}

func (w *Wire) drop(ends ...net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range ends {
		delete(w.conns, c)
		_ = c.Close()
	}
}

// answers copies what the server says, until quiet is closed; from then on it is thrown away.
func (w *Wire) answers(near, far net.Conn, quiet chan struct{}) {
	defer w.drop(near, far)
	buf := make([]byte, 64<<10)
	for {
		n, err := far.Read(buf)
		if err != nil {
			return
		}
		select {
		case <-quiet:
			continue
		default:
		}
		if _, err := near.Write(buf[:n]); err != nil {
			return
		}
	}
}

// queries copies what the shop says, packet by packet, and judges the queries among it.
func (w *Wire) queries(near, far net.Conn, quiet chan struct{}) {
	defer w.drop(near, far)
	mute := false
	for {
		packet, err := readPacket(near)
		if err != nil {
			return
		}
		verdict := Pass
		if packet[3] == 0 && len(packet) > 5 && packet[4] == 3 { // the first packet of a command, and it is a query
			w.mu.Lock()
			if w.judge != nil {
				verdict = w.judge(string(packet[5:]))
			}
			w.mu.Unlock()
		}
		switch verdict {
		case Refuse:
			if _, err := near.Write(refused); err != nil {
				return
			}
			continue
		case Blackhole, Reset: // an answer must not be faster than the reset
			select {
			case <-quiet:
			default:
				close(quiet)
			}
		case Mute:
			mute = true
		}
		if mute {
			continue
		}
		if _, err := far.Write(packet); err != nil {
			return
		}
		if verdict == Reset {
			reset(near)
			return
		}
	}
}

func readPacket(from io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	size := int(binary.LittleEndian.Uint32(append(head[:3:3], 0)))
	packet := append(head, make([]byte, size)...)
	_, err := io.ReadFull(from, packet[4:])
	return packet, err
}

// refused is the packet of an error with the number 1047.
var refused = func() []byte {
	body := append([]byte{0xff, 0x17, 0x04}, "#08S01WSREP has not yet prepared node for application use"...)
	return append([]byte{byte(len(body)), 0, 0, 1}, body...)
}()
