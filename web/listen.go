package web

import (
	"net"
	"time"
)

const (
	lingerPause = 500 * time.Millisecond // how long a client may send nothing
	lingerWhole = 5 * time.Second
)

// Listen opens the address that the shop answers at. Its connections are ended gently: who is told in the middle of
// sending that it is too much must be able to read that. A connection closed with bytes unread is cut by the kernel,
// and takes the answer with it.
func Listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return gentle{l.(*net.TCPListener)}, nil
}

type gentle struct{ *net.TCPListener }

func (l gentle) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return gentleConn{c}, nil
}

type gentleConn struct{ *net.TCPConn }

// Close says that nothing more will come, and goes on reading for a moment, into nothing.
func (c gentleConn) Close() error {
	if err := c.CloseWrite(); err != nil {
		_ = c.TCPConn.Close()
		return err
	}
	go c.drain()
	return nil
}

func (c gentleConn) drain() {
	defer func() { _ = c.TCPConn.Close() }()
	var nothing [16 << 10]byte
	for end := time.Now().Add(lingerWhole); time.Now().Before(end); {
		_ = c.SetReadDeadline(time.Now().Add(lingerPause))
		if _, err := c.Read(nothing[:]); err != nil {
			return
		}
	}
}
