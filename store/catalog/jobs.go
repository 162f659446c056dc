package catalog

import (
	"context"
	"time"

	"dashop/store/job"
)

// Jobs is the work behind the pages of the catalogue. removePicture takes a picture that nothing names any more out of the media folder.
func (s *Service) Jobs(removePicture func(name string)) []job.Kind {
	facets := func(ctx context.Context, _ job.Job) error { return s.RefreshFacets(ctx) }
	return []job.Kind{
		{
			Name: "refresh_cards", Title: "更新商品列表的价格和库存", Lane: job.Figures, Every: 10 * time.Second,
			Do: func(ctx context.Context, _ job.Job) error {
				_, err := s.RefreshChanged(ctx)
				return err
			},
		},
		{Name: "refresh_facets", Title: "定时统计筛选项", Lane: job.Bulk, Every: 10 * time.Minute, Limit: 5 * time.Minute, Do: facets},
		{Name: RecountKind, Title: "商品修改后统计筛选项", Lane: job.Bulk, Limit: 5 * time.Minute, Do: facets},
		{
			Name: FollowKind, Title: "品牌或分类修改后更新商品", Lane: job.Bulk, Limit: 5 * time.Minute,
			Do: func(ctx context.Context, j job.Job) error { return s.FollowJob(ctx, j.Payload) },
		},
		{
			Name: DropPictureKind, Title: "删除不再使用的图片", Lane: job.Upkeep, Ahead: dropPause,
			Do: func(ctx context.Context, j job.Job) error {
				used, err := s.PictureUsed(ctx, j.Payload)
				if err == nil && !used {
					removePicture(j.Payload)
				}
				return err
			},
		},
	}
}
