package db

import (
	"container/list"
	"context"
	"database/sql/driver"
	"strings"
)

// SQLite spends most of a short statement on reading its text. So each connection keeps those that come again prepared,
// as many as the bounds say, and lets go of the one that was not used for the longest time. MySQL reads the text anyway, and
// would need another round trip.
const (
	mostPrepared = 150
	mostLists    = 40 // of them with lists of placeholders: there is one for each length, so they have a bound of their own
	mostSeen     = 2000
	sightings    = 3    // how often a text is seen before it counts as one that comes again
	longestText  = 8000 // one that is longer, such as of many rows, would take more memory than it saves time
)

// cachingConnector opens connections of SQLite that keep statements prepared.
type cachingConnector struct{ driver.Connector }

// Connect opens one.
func (c cachingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &cachingConn{sqliteConn: conn.(sqliteConn), seen: map[string]int{},
		plain: newPrepared(mostPrepared), lists: newPrepared(mostLists)}, nil
}

// sqliteConn is what a connection of SQLite can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// cachingConn is a connection with its prepared statements. Like any connection it is used by one goroutine at a time.
type cachingConn struct {
	sqliteConn
	plain, lists *prepared
	seen         map[string]int
}

// QueryContext runs a query, prepared or not.
func (c *cachingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s := c.statement(ctx, query)
	if s == nil || s.open {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.open = true
	return preparedRows{rows, s}, nil
}

// ExecContext runs a statement that gives no rows, prepared or not.
func (c *cachingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s := c.statement(ctx, query)
	if s == nil || s.open {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.stmt.ExecContext(ctx, args)
}

// Close lets go of everything.
func (c *cachingConn) Close() error {
	c.plain.shrink(0)
	c.lists.shrink(0)
	return c.sqliteConn.Close()
}

// statement gives the statement for a text, or nil where it is to be run as it is.
func (c *cachingConn) statement(ctx context.Context, query string) *statement {
	if s := c.plain.get(query); s != nil {
		return s
	}
	if s := c.lists.get(query); s != nil {
		return s
	}
	if len(query) > longestText {
		return nil
	}
	if len(c.seen) >= mostSeen {
		clear(c.seen)
	}
	if c.seen[query]++; c.seen[query] < sightings {
		return nil
	}
	delete(c.seen, query)
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil // the query says itself what is wrong
	}
	s := &statement{query: query, stmt: stmt.(preparedStmt)}
	if strings.Contains(query, "IN (?,") || strings.Contains(query, "),(") {
		c.lists.put(s)
	} else {
		c.plain.put(s)
	}
	return s
}

// prepared are statements, the one used last in front.
type prepared struct {
	most  int
	byKey map[string]*list.Element
	used  list.List // of *statement
}

type statement struct {
	query string
	stmt  preparedStmt
	open  bool // its rows are being read
}

type preparedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func newPrepared(most int) *prepared { return &prepared{most: most, byKey: map[string]*list.Element{}} }

func (p *prepared) get(query string) *statement {
	e, ok := p.byKey[query]
	if !ok {
		return nil
	}
	p.used.MoveToFront(e)
	return e.Value.(*statement)
}

func (p *prepared) put(s *statement) {
	p.byKey[s.query] = p.used.PushFront(s)
	p.shrink(p.most)
}

// shrink lets go of the statements used least lately, but not of one whose rows are being read.
func (p *prepared) shrink(most int) {
	for e := p.used.Back(); e != nil && p.used.Len() > most; {
		s, before := e.Value.(*statement), e.Prev()
		if most == 0 || !s.open && e != p.used.Front() {
			p.used.Remove(e)
			delete(p.byKey, s.query)
			_ = s.stmt.Close()
		}
		e = before
	}
}

// preparedRows are the rows of a prepared statement, which is free again when they are closed.
type preparedRows struct {
	driver.Rows
	of *statement
}

// Close ends the reading.
func (r preparedRows) Close() error {
	r.of.open = false
	return r.Rows.Close()
}
