package db

import (
	"container/list"
	"context"
	"database/sql/driver"
	"strings"
)

// SQLite spends most of a short query on reading its text. So each connection that reads keeps those that come again prepared,
// as many as the bounds say, and lets go of the one that was not used for the longest time. MySQL reads the text anyway, and
// would need another round trip.
const (
	mostPrepared = 150
	mostLists    = 40 // of them with lists of placeholders: there is one for each length, so they have a bound of their own
	mostSeen     = 2000
	sightings    = 3 // how often a text is seen before it counts as one that comes again
)

// readers opens the connections of SQLite that read.
type readers struct {
	driver driver.Driver
	dsn    string
}

// Connect opens one.
func (r readers) Connect(context.Context) (driver.Conn, error) {
	conn, err := r.driver.Open(r.dsn)
	if err != nil {
		return nil, err
	}
	return &reader{sqliteConn: conn.(sqliteConn), seen: map[string]int{},
		plain: newPrepared(mostPrepared), lists: newPrepared(mostLists)}, nil
}

// Driver is that of SQLite.
func (r readers) Driver() driver.Driver { return r.driver }

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

// reader is a connection with its prepared statements. Like any connection it is used by one goroutine at a time.
type reader struct {
	sqliteConn
	plain, lists *prepared
	seen         map[string]int
}

// QueryContext runs a query, prepared or not.
func (r *reader) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s := r.statement(ctx, query)
	if s == nil || s.open {
		return r.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.open = true
	return preparedRows{rows, s}, nil
}

// Close lets go of everything.
func (r *reader) Close() error {
	r.plain.shrink(0)
	r.lists.shrink(0)
	return r.sqliteConn.Close()
}

// statement gives the statement for a text, or nil where it is to be run as it is.
func (r *reader) statement(ctx context.Context, query string) *statement {
	if s := r.plain.get(query); s != nil {
		return s
	}
	if s := r.lists.get(query); s != nil {
		return s
	}
	if len(r.seen) >= mostSeen {
		clear(r.seen)
	}
	if r.seen[query]++; r.seen[query] < sightings {
		return nil
	}
	delete(r.seen, query)
	stmt, err := r.PrepareContext(ctx, query)
	if err != nil {
		return nil // the query says itself what is wrong
	}
	s := &statement{query: query, stmt: stmt.(preparedStmt)}
	if strings.Contains(query, "(?, ?") {
		r.lists.put(s)
	} else {
		r.plain.put(s)
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
