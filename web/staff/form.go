package staff

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/store/money"
	"dashop/web/upload"
)

// pathID reads an id from the path. What is no id leads nowhere, so it is NotFound.
func pathID(c *fiber.Ctx, name string) (int64, error) {
	id := number(c.Params(name))
	if id < 1 {
		return 0, fault.Missing()
	}
	return id, nil
}

func spuID(c *fiber.Ctx) (int64, error) { return pathID(c, "spu") }

// number reads a whole number in plain digits; anything else is -1, which no field takes.
func number(text string) int64 {
	n, err := strconv.ParseUint(text, 10, 53)
	if err != nil || strings.HasPrefix(text, "+") {
		return -1
	}
	return int64(n)
}

// numberOr is number where an empty field means something.
func numberOr(text string, empty int64) int64 {
	if text == "" {
		return empty
	}
	return number(text)
}

// typedForm is a form as it was sent, with what is no text left out. Files are not part of it.
func typedForm(c *fiber.Ctx) url.Values {
	typed := url.Values{}
	keep := func(name, value string) { typed.Set(name, strings.TrimSpace(strings.ToValidUTF8(value, ""))) }
	for name, value := range c.Request().PostArgs().All() {
		keep(string(name), string(value))
	}
	if upload.CanHoldFiles(c) {
		if form, err := c.MultipartForm(); err == nil {
			for name, values := range form.Value {
				for _, value := range values {
					keep(name, value)
				}
			}
		}
	}
	return typed
}

// amounts reads prices from a form, in yuan, and gathers what is wrong with them.
type amounts struct {
	typed url.Values
	bad   fault.Error
}

func amountsOf(typed url.Values) *amounts {
	return &amounts{typed, fault.Error{Kind: fault.Invalid, Text: fault.Text{Msg: "请检查标出的内容"}}}
}

func (a *amounts) read(field string, optional bool) money.Fen {
	text := a.typed.Get(field)
	if text == "" && optional {
		return 0
	}
	fen, err := money.Parse(text)
	if err != nil {
		a.bad.With(field, "请填金额，如 19.90")
	}
	return fen
}

// refused says whether a form is to be shown again with what is wrong with it.
func refused(err error) bool { return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) }

// options splits what was typed as several options at commas of either script, and at line ends.
func options(text string) (list []catalog.OptionInput) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、;；", r) || unicode.IsControl(r) }) {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, catalog.OptionInput{Value: word})
		}
	}
	return list
}

// keepPictures keeps the pictures sent under a name, at most so many; what is wrong with one is said beside the field. When it
// fails none is left behind.
func (p Pages) keepPictures(c *fiber.Ctx, kind media.Kind, field string, most int) (names []string, err error) {
	files, err := upload.Files(c, field)
	if err != nil {
		return nil, err
	}
	if len(files) > most {
		return nil, fault.Field(field, "一次最多 %d 张图片", most)
	}
	return upload.Keep(c, p.Store.Media, kind, field, files)
}

// withPicture keeps the one picture that a form may send, has save use its name, and takes it away again when that fails. A
// commit whose outcome nobody knows may have used it, so then it stays.
func (p Pages) withPicture(c *fiber.Ctx, kind media.Kind, save func(name string) error) error {
	names, err := p.keepPictures(c, kind, "picture", 1)
	if err != nil {
		return err
	}
	name := ""
	if len(names) > 0 {
		name = names[0]
	}
	err = save(name)
	if err != nil && !fault.Is(err, fault.Unknown) {
		upload.Drop(p.Store.Media, names)
	}
	return err
}
