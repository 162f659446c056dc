package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/recent"
	"dashop/store/typed"
)

// life is how long a session lasts: idle after its last use, and never longer than total.
type life struct{ idle, total time.Duration }

// How long sessions last. Visitors lose no more than a cart; shoppers choose whether to stay logged in; staff see other people's money
// and addresses, so an unattended screen is soon logged out.
var (
	visitorLife    = life{14 * 24 * time.Hour, 30 * 24 * time.Hour}
	rememberedLife = life{14 * 24 * time.Hour, 30 * 24 * time.Hour}
	shopperLife    = life{12 * time.Hour, 24 * time.Hour}
	merchantLife   = life{30 * time.Minute, 12 * time.Hour}
)

func lifeOf(role *Role, remember bool) life {
	switch {
	case role == nil:
		return visitorLife
	case *role != Shopper:
		return merchantLife
	case remember:
		return rememberedLife
	}
	return shopperLife
}

// touchEvery is how precisely the last use is stored: an hour, so that looking around writes next to nothing, but finer where the idle
// time is short.
func (l life) touchEvery() time.Duration { return min(l.idle/12, time.Hour) }

func (l life) ends(created, seen time.Time) time.Time {
	if end := created.Add(l.total); end.Before(seen.Add(l.idle)) {
		return end
	}
	return seen.Add(l.idle)
}

// Session is what the server keeps of one browser.
type Session struct {
	User       *User // nil for a visitor
	Data       []byte
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
	Remember   bool // its cookie outlives the browser
	NewDay     bool // this is its first use on another day of its life
}

// Device is one session of a user, as its owner sees it.
type Device struct {
	ID                    string // to end it by; worth nothing as a cookie
	UserAgent, Address    string
	CreatedAt, LastSeenAt time.Time
	Current               bool // this browser
}

// SessionStart describes a new session. Replaces, if set, is the id of the session that it replaces.
type SessionStart struct {
	ID, Replaces  string
	UserID        int64 // 0 for a visitor
	Data          []byte
	UserAgent, IP string
	Remember      bool
}

// SessionNames are what Session tells of, for those who keep it for a moment.
func SessionNames(id string, kept Session) []recent.Name {
	names := []recent.Name{sessionNamed(hashID(id))}
	if kept.User != nil {
		names = append(names, userNamed(kept.User.ID))
	}
	return names
}

func sessionNamed(hash string) recent.Name { return recent.NameOf("session", hash) }
func userNamed(id int64) recent.Name       { return recent.NameOf("user", id) }

// Ended says whether a session that was read a moment ago has come to its end since.
func (s *Service) Ended(kept Session) bool { return !kept.ExpiresAt.After(s.clock()) }

// Changes are what this program has changed, for those who keep sessions for a moment.
func (s *Service) Changes() *recent.Changes { return s.db.Changes() }

// StartSession stores a new session and ends the one that it replaces. Only a hash of the id is stored.
func (s *Service) StartSession(ctx context.Context, in SessionStart) error {
	now := s.clock()
	var user *int64
	if in.UserID != 0 {
		user = &in.UserID
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		var role *Role
		if user != nil {
			if err := tx.Get(ctx, &role, "SELECT role FROM users WHERE id = ?", in.UserID); err != nil {
				return err
			}
		}
		if in.Replaces != "" {
			tx.Changed(sessionNamed(hashID(in.Replaces)))
			if _, err := tx.Exec(ctx, "DELETE FROM sessions WHERE id_hash = ?", hashID(in.Replaces)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO sessions (id_hash, user_id, data, user_agent, ip, remember, created_at, last_seen_at, expires_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			hashID(in.ID), user, in.Data, typed.Clip(tidy(in.UserAgent), 200), typed.Clip(in.IP, 45), in.Remember, now, now,
			lifeOf(role, in.Remember).ends(now, now))
		return err
	})
}

type sessionRow struct {
	UserID     *int64     `db:"user_id"`
	Data       []byte     `db:"data"`
	CreatedAt  time.Time  `db:"created_at"`
	LastSeenAt time.Time  `db:"last_seen_at"`
	ExpiresAt  time.Time  `db:"expires_at"`
	Remember   bool       `db:"remember"`
	Username   *string    `db:"username"`
	Mobile     *string    `db:"mobile"`
	Nickname   *string    `db:"nickname"`
	Avatar     *string    `db:"avatar"`
	Role       *Role      `db:"role"`
	Disabled   *bool      `db:"disabled"`
	UserSince  *time.Time `db:"user_since"`
}

// Session returns a session by its id and records now and then that it is in use. Ended, expired and unknown sessions, and
// those of disabled users, are NotFound.
func (s *Service) Session(ctx context.Context, id string) (Session, error) {
	now := s.clock()
	var row sessionRow
	err := s.db.Get(s.db.PointRead(ctx), &row, `SELECT s.user_id, s.data, s.created_at, s.last_seen_at, s.expires_at, s.remember,
			u.username, u.mobile, u.nickname, u.avatar, u.role, u.disabled, u.created_at AS user_since
		FROM sessions s LEFT JOIN users u ON u.id = s.user_id
		WHERE s.id_hash = ? AND s.expires_at > ?`, hashID(id), now)
	if err != nil {
		return Session{}, err
	}
	out := Session{Data: row.Data, CreatedAt: row.CreatedAt, LastSeenAt: row.LastSeenAt, ExpiresAt: row.ExpiresAt, Remember: row.Remember}
	out.NewDay = daysBetween(row.CreatedAt, now) > daysBetween(row.CreatedAt, row.LastSeenAt)
	if row.UserID != nil {
		if row.Username == nil || *row.Disabled {
			return Session{}, fault.Missing()
		}
		out.User = &User{
			ID: *row.UserID, Username: *row.Username, Mobile: row.Mobile, Nickname: *row.Nickname, Avatar: *row.Avatar,
			Role: *row.Role, CreatedAt: *row.UserSince,
		}
	}
	if out.NewDay || now.Sub(row.LastSeenAt) >= lifeOf(row.Role, row.Remember).touchEvery() {
		s.touch(ctx, id, row, now)
	}
	return out, nil
}

// touch extends the idle limit. A failure is only logged: pages should still be readable while the disk is full.
func (s *Service) touch(ctx context.Context, id string, row sessionRow, now time.Time) {
	_, err := s.db.Exec(ctx, "UPDATE sessions SET last_seen_at = ?, expires_at = ? WHERE id_hash = ? AND last_seen_at = ?",
		now, lifeOf(row.Role, row.Remember).ends(row.CreatedAt, now), hashID(id), row.LastSeenAt)
	if err != nil {
		s.opt.Log.WarnContext(ctx, "session not touched", "error", err)
	}
}

// SaveSession stores new data for a session; one that has ended meanwhile is NotFound and stays ended.
func (s *Service) SaveSession(ctx context.Context, id string, data []byte) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		tx.Changed(sessionNamed(hashID(id)))
		rows, err := tx.Exec(ctx, "UPDATE sessions SET data = ? WHERE id_hash = ?", data, hashID(id))
		if err != nil {
			return fmt.Errorf("save session: %w", err)
		}
		if rows == 0 {
			return fault.Missing()
		}
		return nil
	})
}

// EndSession ends one session; repeating it does no harm.
func (s *Service) EndSession(ctx context.Context, id string) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		tx.Changed(sessionNamed(hashID(id)))
		_, err := tx.Exec(ctx, "DELETE FROM sessions WHERE id_hash = ?", hashID(id))
		return err
	})
}

// EndSessions ends all sessions of a user but the one with the id except, which may be "".
func (s *Service) EndSessions(ctx context.Context, userID int64, except string) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error { return endSessions(ctx, tx, userID, except) })
}

func endSessions(ctx context.Context, tx *db.Tx, userID int64, except string) error {
	tx.Changed(userNamed(userID))
	_, err := tx.Exec(ctx, "DELETE FROM sessions WHERE user_id = ? AND id_hash <> ?", userID, hashID(except))
	return err
}

// Devices returns the active sessions of a user, the last used first. current is the session id of the requesting browser.
func (s *Service) Devices(ctx context.Context, userID int64, current string) ([]Device, error) {
	var rows []struct {
		Hash       string    `db:"id_hash"`
		UserAgent  string    `db:"user_agent"`
		IP         string    `db:"ip"`
		CreatedAt  time.Time `db:"created_at"`
		LastSeenAt time.Time `db:"last_seen_at"`
	}
	err := s.db.Select(ctx, &rows, `SELECT id_hash, user_agent, ip, created_at, last_seen_at FROM sessions
		WHERE user_id = ? AND expires_at > ? ORDER BY last_seen_at DESC, created_at DESC LIMIT 100`, userID, s.clock())
	if err != nil {
		return nil, err
	}
	list := make([]Device, len(rows))
	for i, r := range rows {
		list[i] = Device{
			ID: r.Hash, UserAgent: r.UserAgent, Address: r.IP, CreatedAt: r.CreatedAt, LastSeenAt: r.LastSeenAt,
			Current: current != "" && r.Hash == DeviceID(current),
		}
	}
	return list, nil
}

// DeviceID is the ID of the Device whose session has this id.
func DeviceID(session string) string { return hashID(session) }

var deviceForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// EndDevice ends one session of a user by the ID of its Device; an unknown one, or another user's, is NotFound.
func (s *Service) EndDevice(ctx context.Context, userID int64, id string) error {
	if !deviceForm.MatchString(id) {
		return fault.Missing()
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		tx.Changed(sessionNamed(id))
		rows, err := tx.Exec(ctx, "DELETE FROM sessions WHERE user_id = ? AND id_hash = ?", userID, id)
		if err == nil && rows == 0 {
			return fault.Missing()
		}
		return err
	})
}

func daysBetween(a, b time.Time) int { return int(b.Sub(a) / (24 * time.Hour)) }

func hashID(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}
