package desk

import (
	"context"
	"time"

	"dashop/store/job"
)

// The kinds of jobs that the merchant's changes leave behind.
const (
	FollowKind      = "catalog_follow"
	DropPictureKind = "drop_picture"
)

// Jobs is what is left to do after the merchant's changes. removePicture takes a picture that nothing names any more out of
// the media folder.
func (d *Desk) Jobs(removePicture func(name string)) []job.Kind {
	return []job.Kind{
		{
			Name: FollowKind, Title: "品牌或分类修改后更新商品", Lane: job.Bulk, Limit: 5 * time.Minute,
			Do: func(ctx context.Context, j job.Job) error { return d.FollowJob(ctx, j.Payload) },
		},
		{
			Name: DropPictureKind, Title: "删除不再使用的图片", Lane: job.Upkeep, Ahead: dropPause,
			Do: func(ctx context.Context, j job.Job) error {
				used, err := d.PictureUsed(ctx, j.Payload)
				if err == nil && !used {
					removePicture(j.Payload)
				}
				return err
			},
		},
	}
}
