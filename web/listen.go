package web

import (
	"container/list"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	lingerPause = 500 * time.Millisecond // how long a client may send nothing
	lingerWhole = 5 * time.Second
)

// ConnLimits bound how many connections may be open at once. Where a bound is reached, a new connection takes the place of the
// one that has waited longest without a request. If all are at work, it gets a reserved place, where only health checks and
// messages of gateways are answered; if these are at work, too, it is closed.
type ConnLimits struct {
	Total      int
	Reserved   int // beyond Total; both together are less than the server's Concurrency
	PerAddress int
	Trusted    []netip.Prefix // proxies, which bring everybody's requests: PerAddress is not for them
}

// DefaultConnLimits are for a shop behind these proxies, or behind none. Programs on the same machine count as proxies.
func DefaultConnLimits(proxies []netip.Prefix) ConnLimits {
	own := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	return ConnLimits{Total: 3500, Reserved: 64, PerAddress: 200, Trusted: append(own, proxies...)}
}

// Listen opens the address that the shop answers at. Its connections are ended gently: who is told in the middle of
// sending that it is too much must be able to read that. A connection closed with bytes unread is cut by the kernel,
// and takes the answer with it.
func Listen(addr string, limits ConnLimits) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &listener{
		TCPListener: l.(*net.TCPListener), limits: limits, close: sync.OnceValue(l.Close), waiting: list.New(),
		byAddress: map[netip.Addr]int{},
	}, nil
}

type listener struct {
	*net.TCPListener
	limits ConnLimits
	close  func() error

	mu        sync.Mutex
	open      int // without those in reserved places
	reserved  int
	byAddress map[netip.Addr]int
	waiting   *list.List // of *conn: those without a request, the longest waiting first
}

// Close takes no more connections. It may be called again, as by the server when it shuts down, which would take an error for its own.
func (l *listener) Close() error { return l.close() }

// Accept waits for the next connection that may stay.
func (l *listener) Accept() (net.Conn, error) {
	for {
		tcp, err := l.AcceptTCP()
		if err != nil {
			return nil, err
		}
		if c := l.admit(tcp); c != nil {
			return c, nil
		}
		_ = tcp.Close()
	}
}

// admit makes room for a connection, or is nil when there is none.
func (l *listener) admit(tcp *net.TCPConn) *conn {
	c := &conn{TCPConn: tcp, listener: l}
	if a, ok := tcp.RemoteAddr().(*net.TCPAddr); ok {
		c.addr = a.AddrPort().Addr().Unmap()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.trusted(c.addr) && l.byAddress[c.addr] >= l.limits.PerAddress &&
		!l.dropWaiting(func(other *conn) bool { return other.addr == c.addr }) {
		return nil
	}
	if l.open >= l.limits.Total && !l.dropWaiting(func(other *conn) bool { return !other.reserved }) {
		// Whoever floods these places takes them from himself first.
		if l.reserved >= l.limits.Reserved &&
			!l.dropWaiting(func(other *conn) bool { return other.reserved && other.addr == c.addr }) &&
			!l.dropWaiting(func(other *conn) bool { return other.reserved }) {
			return nil
		}
		c.reserved = true
		l.reserved++
	} else {
		l.open++
	}
	l.byAddress[c.addr]++
	c.place = l.waiting.PushBack(c)
	return c
}

func (l *listener) trusted(addr netip.Addr) bool {
	for _, p := range l.limits.Trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// dropWaiting ends the connection that has waited longest among those that fit. mu must be held.
func (l *listener) dropWaiting(fits func(*conn) bool) bool {
	for e := l.waiting.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*conn); fits(c) {
			l.release(c)
			c.dropped = true
			_ = c.TCPConn.SetReadDeadline(time.Unix(1, 0)) // the server, which waits for a request, closes it
			return true
		}
	}
	return false
}

// release takes a connection out of the count, once. mu must be held.
func (l *listener) release(c *conn) {
	if c.released {
		return
	}
	c.released = true
	if c.reserved {
		l.reserved--
	} else {
		l.open--
	}
	if l.byAddress[c.addr]--; l.byAddress[c.addr] == 0 {
		delete(l.byAddress, c.addr)
	}
	c.leaveWaiting()
}

// noteIdle keeps in mind which connections have had their answer and wait for another request. It is the server's hook.
func noteIdle(nc net.Conn, state fasthttp.ConnState) {
	c, ok := nc.(*conn)
	if !ok || state != fasthttp.StateIdle {
		return
	}
	l := c.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.released && c.place == nil {
		c.place = l.waiting.PushBack(c)
	}
}

// conn is one connection of a listener, whose mutex guards the fields below it.
type conn struct {
	*net.TCPConn
	listener *listener
	addr     netip.Addr
	reserved bool // in a reserved place; never changes

	place    *list.Element // among those that wait; nil while a request is at work
	released bool
	dropped  bool // to make room for another
}

// leaveWaiting ends the wait. The listener's mutex must be held.
func (c *conn) leaveWaiting() {
	if c.place != nil {
		c.listener.waiting.Remove(c.place)
		c.place = nil
	}
}

// Read ends the wait with the first byte of a request. The server itself takes a new connection for active before one has come.
// In a reserved place only a whole request ends it, so that slow senders cannot hold those few places.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if n > 0 && !c.reserved {
		c.endWait()
	}
	return n, err
}

func (c *conn) endWait() {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	c.leaveWaiting()
}

// SetReadDeadline leaves a connection that was dropped past its deadline.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	if c.dropped {
		return nil
	}
	return c.TCPConn.SetReadDeadline(t)
}

// SetDeadline is SetReadDeadline for both directions.
func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// Close says that nothing more will come, and goes on reading for a moment, into nothing.
func (c *conn) Close() error {
	c.listener.mu.Lock()
	c.listener.release(c)
	c.listener.mu.Unlock()
	if err := c.CloseWrite(); err != nil {
		_ = c.TCPConn.Close()
		return err
	}
	go c.drain()
	return nil
}

func (c *conn) drain() {
	defer func() { _ = c.TCPConn.Close() }()
	var nothing [16 << 10]byte
	for end := time.Now().Add(lingerWhole); time.Now().Before(end); {
		_ = c.TCPConn.SetReadDeadline(time.Now().Add(lingerPause))
		if _, err := c.TCPConn.Read(nothing[:]); err != nil {
			return
		}
	}
}
