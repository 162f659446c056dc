package catalog

import (
	"context"
	"time"

	"dashop/store/job"
)

// RecountKind is the kind of the job that counts what lists can be narrowed by, after the merchant has changed something.
const RecountKind = "catalog_recount"

// Jobs is the work behind the pages of the catalogue.
func (s *Service) Jobs() []job.Kind {
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
	}
}
