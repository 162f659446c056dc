// Package upload takes the pictures that people send with forms.
package upload

import (
	"io"
	"mime/multipart"
	"strings"

	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/store/media"
)

// CanHoldFiles says whether the form is one that files can come with.
func CanHoldFiles(c *fiber.Ctx) bool {
	return strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm)
}

// Files are the files that a form sends under a name; fields left empty are none, and so is a form without files.
func Files(c *fiber.Ctx, name string) (files []*multipart.FileHeader, err error) {
	if !CanHoldFiles(c) {
		return nil, nil
	}
	form, err := c.MultipartForm()
	if err != nil {
		return nil, fault.New(fault.Invalid, 0, "请求有误").Wrap(err)
	}
	for _, f := range form.File[name] {
		if f.Size > 0 || f.Filename != "" {
			files = append(files, f)
		}
	}
	return files, nil
}

// Keep stores files as pictures of a kind, all or none, and gives their names. What is wrong with one is said beside field.
func Keep(c *fiber.Ctx, store *media.Store, kind media.Kind, field string, files []*multipart.FileHeader) (names []string, err error) {
	for _, file := range files {
		name, err := keep(c, store, kind, file)
		if err != nil {
			Drop(store, names)
			if fault.Is(err, fault.Invalid) {
				wrong := fault.Of(err).Fields["picture"]
				err = fault.Field(field, wrong.Msg, wrong.Args...)
			}
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func keep(c *fiber.Ctx, store *media.Store, kind media.Kind, file *multipart.FileHeader) (string, error) {
	f, err := file.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, media.MaxUpload+1)) // a byte more, so that too large is seen
	if err != nil {
		return "", err
	}
	return store.Upload(c.UserContext(), kind, content)
}

// Drop takes pictures away again that nothing came to show.
func Drop(store *media.Store, names []string) {
	for _, name := range names {
		store.Remove(name)
	}
}
