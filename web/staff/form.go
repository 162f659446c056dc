package staff

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog/desk"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/store/money"
	"dashop/web/form"
	"dashop/web/upload"
)

func spuID(c *fiber.Ctx) (int64, error) { return form.PathID(c, "spu") }

// amounts reads prices from a form, in yuan, and gathers what is wrong with them.
type amounts struct {
	typed url.Values
	bad   *fault.Error
}

func amountsOf(typed url.Values) *amounts {
	return &amounts{typed, fault.Form()}
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

// options splits what was typed as several options at commas of either script, and at line ends.
func options(text string) (list []desk.OptionInput) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、;；", r) || unicode.IsControl(r) }) {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, desk.OptionInput{Value: word})
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
