package locale

// The words of the merchant's page of background work.
var _ = add(map[string]string{
	"后台任务": "Jobs",
	"短信、图片、商品列表等后台工作。失败的会自动重试多次，还不成功才需要您处理。": "Messages, pictures, lists of products and other work behind the pages. What fails is tried again by itself; only what fails for good needs you.",
	"失败待处理":     "Failed",
	"执行中":       "Running",
	"等待执行":      "Waiting",
	"失败时间":      "Failed at",
	"最迟结束":      "Ends by",
	"执行时间":      "Due",
	"没有失败的任务":   "Nothing has failed",
	"现在没有任务在执行": "Nothing is running now",
	"没有等待的任务":   "Nothing is waiting",
	"任务会自动执行，不需要您操作。": "Work is done by itself; there is nothing for you to do.",
	"任务":         "Work",
	"说明":         "Details of the last try",
	"重试":         "Try again",
	"放弃":         "Give up",
	"任务已重新排队":    "It is queued again",
	"任务已放弃":      "It is given up",
	"这项任务已经处理过了": "Somebody has seen to this already",
	"有 %d 项后台任务失败了，需要您处理。": "%d pieces of background work have failed and need you.",

	"发送短信验证码":      "Send a code by SMS",
	"通知原手机号":       "Tell the former mobile number",
	"更新商品列表的价格和库存": "Update prices and stock in lists",
	"定时统计筛选项":      "Count filters at intervals",
	"商品修改后统计筛选项":   "Count filters after a change",
	"品牌或分类修改后更新商品": "Update products after a brand or category changed",
	"删除不再使用的图片":    "Remove pictures that nothing uses",
	"清理过期数据":       "Remove what has run out",
})
