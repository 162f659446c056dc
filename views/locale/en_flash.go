package locale

// Sales: the price of a moment, how long it lasts, and how much there is of it.
var _ = add(map[string]string{
	"去首页逛逛":     "Go to the home page",
	"限时抢购":      "Flash sales",
	"秒杀":        "Flash",
	"限时":        "Sale",
	"距结束":       "Ends in",
	"距开始":       "Starts in",
	"%s 结束":     "ends %s",
	"%s 开抢":     "starts %s",
	"每人限购 %d 件": "%d per person",
	"本场仅剩 %d 件": "Only %d left at this price",
	"现在没有限时抢购":  "No flash sale at the moment",
	"新的场次会在这里预告，过些时候再来看看。": "The next one will be announced here. Come back later.",
	"下一场：%s 开抢":       "Next one starts %s",
	"已抢完":             "Sold out",
	"已抢 %d%%":         "%d%% sold",
	"限量 %d 件，每人 %d 件": "%d pieces, %d per person",
	"限量 %d 件":         "%d pieces",
})
