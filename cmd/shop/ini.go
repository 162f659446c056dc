package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	configparser "github.com/bigkevmcd/go-configparser"
)

// defaultFile is read if it exists and no other is given.
const defaultFile = "shop.ini"

// loadConfig reads the settings: the defaults, over them the file, over them the environment. What is unknown or of the
// wrong form is named, all of it at once.
func loadConfig(file string, env []string) (*Config, error) {
	values := map[string]string{}
	for _, s := range settings {
		values[s.name()] = s.value
	}
	if err := readFile(file, values); err != nil {
		return nil, err
	}
	if err := readEnv(env, values); err != nil {
		return nil, err
	}
	c := &Config{}
	var wrong []error
	for _, s := range settings {
		if err := s.set(c, values[s.name()]); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", s.name(), err))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return c, c.check()
}

func readFile(file string, values map[string]string) error {
	if file == "" {
		if _, err := os.Stat(defaultFile); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		file = defaultFile
	}
	if err := checkLines(file); err != nil {
		return err
	}
	parsed, err := configparser.Parse(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, section := range parsed.Sections() {
		items, err := parsed.Items(section)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for key, value := range items {
			name := setting{section: section, key: key}.name()
			if _, known := values[name]; !known {
				return fmt.Errorf("%s: unknown key %s", file, name)
			}
			values[name] = value
		}
	}
	return nil
}

var (
	sectionLine = regexp.MustCompile(`^\[([A-Za-z0-9_]+)\]$`)
	keyLine     = regexp.MustCompile(`^([a-z0-9_]+)\s*[=:]\s*(.*)$`)
	comment     = regexp.MustCompile(`\s[#;]`)
	brackets    = regexp.MustCompile(`\[[^\]]+\]`)
)

// longestLine is the longest line that the parser reads whole; it would take the rest for another line.
const longestLine = 4000

// checkLines refuses the lines that the parser would misread without a word: it skips what it does not understand, takes
// a comment behind a value for a part of it, a bracket in a value for a section, and adds a repeated section to the one before.
func checkLines(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var wrong []error
	seen := map[string]bool{}
	section := ""
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		bad := func(what string) { wrong = append(wrong, fmt.Errorf("%s:%d: %s: %q", file, i+1, what, shorten(line))) }
		if line == "" || line[0] == '#' {
			continue
		}
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			section = m[1]
			switch {
			case !knownSection(section):
				bad("unknown section")
			case seen[section]:
				bad("this section was there before")
			}
			seen[section] = true
			continue
		}
		m := keyLine.FindStringSubmatch(line)
		switch {
		case line[0] == ';':
			bad("a comment begins with #")
		case m == nil:
			bad("neither [section] nor key=value nor # comment")
		case section == "":
			bad("no section before this")
		case len(line) > longestLine:
			bad("line too long")
		case brackets.MatchString(line):
			bad("a value with brackets cannot be read from a file; put it into " + setting{section: section, key: m[1]}.env())
		case comment.MatchString(m[2]):
			bad("a comment needs a line of its own")
		case seen[section+"."+m[1]]:
			bad("this key was there before")
		}
		if m != nil {
			seen[section+"."+m[1]] = true
		}
	}
	return errors.Join(wrong...)
}

// shorten keeps secrets out of messages: it returns the part before the value.
func shorten(line string) string {
	if i := strings.IndexAny(line, "=:"); i >= 0 {
		line = line[:i+1] + "…"
	}
	return line[:min(len(line), 60)]
}

func knownSection(section string) bool {
	for _, s := range settings {
		if s.section == section {
			return true
		}
	}
	return false
}

// readEnv takes SHOP_SECTION_KEY from the environment. A variable of a known section with an unknown key is a mistake;
// others that begin with SHOP_ may belong to something else.
func readEnv(env []string, values map[string]string) error {
	known := map[string]string{}
	for _, s := range settings {
		known[s.env()] = s.name()
	}
	for _, line := range env {
		name, value, _ := strings.Cut(line, "=")
		if key, ok := known[name]; ok {
			values[key] = strings.TrimSpace(value)
			continue
		}
		rest, ours := strings.CutPrefix(name, "SHOP_")
		section, _, _ := strings.Cut(rest, "_")
		if ours && knownSection(strings.ToLower(section)) {
			return fmt.Errorf("unknown setting %s in the environment", name)
		}
	}
	return nil
}
