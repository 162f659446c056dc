package locale

// The words of the pages on which people look after their own account.
var _ = add(map[string]string{
	// One's own page
	"编辑资料": "Edit profile",
	"资产":   "Assets",
	"优惠券":  "Coupons",
	"积分":   "Credits",
	"已购课程": "Courses bought",
	"语言":   "Language",

	// Profile
	"个人资料":                    "Profile",
	"头像":                      "Picture",
	"PNG、JPEG 或 WebP，最大 2 MB": "PNG, JPEG or WebP, 2 MB at most",
	"昵称":                      "Nickname",
	"保存":                      "Save",
	"资料已保存":                   "Profile saved",
	"登录方式":                    "Ways to log in",
	"还没有":                     "None yet",
	"更换":                      "Change",
	"绑定":                      "Link",
	"已绑定":                     "Linked",
	"解除绑定":                    "Unlink",
	"解除绑定 %s？":                "Unlink %s?",
	"已解除绑定":                   "It is unlinked",

	// Password and devices
	"密码与设备": "Password and devices",
	"修改密码":  "Change password",
	"改密码以后，其他设备上的登录都会退出。": "After a change of password all other devices are logged out.",
	"现在的密码":   "Present password",
	"新密码":     "New password",
	"再输一次新密码": "New password once more",
	"密码已改好，其他设备都已退出": "Password changed; all other devices are logged out",
	"登录中的设备":         "Devices logged in",
	"这台设备":           "This device",
	"未知浏览器":          "Unknown browser",
	"登录于 %s":         "logged in %s",
	"最近使用 %s":        "last used %s",
	"退出":             "Log out",
	"退出 %s":          "Log out %s",
	"那台设备已退出":        "That device is logged out",
	"退出其他所有设备":       "Log out all other devices",
	"退出其他所有设备？":      "Log out all other devices?",
	"其他设备都已退出":       "All other devices are logged out",

	// Another mobile
	"更换手机号": "Change mobile number",
	"新手机号":  "New mobile number",
	"先用现在的手机号 %s 收一条验证码，再用新的收一条；每次都要看一张图。": "Get one code on your present number %s and one on the new number; each takes a picture to read.",
	"手机号已更换": "Mobile number changed",

	// Leaving
	"注销账号":     "Delete account",
	"注销以后会删除：": "Deleting the account removes:",
	"用户名、昵称、头像、手机号、密码和第三方登录": "user name, nickname, picture, mobile number, password and linked logins",
	"收货地址、购物车、浏览记录和收藏":       "addresses, cart, browsing history and favourites",
	"所有设备上的登录":               "the logins on all devices",
	"会留下：订单和付款记录，但不再有您的姓名、电话和详细地址；写过的评价，不再有您的名字。": "What stays: orders and payments, but without your name, phone and street; your reviews, but without your name.",
	"注销不能撤销。":     "This cannot be undone.",
	"我明白注销不能撤销":   "I understand that this cannot be undone",
	"请先确认注销不能撤销":  "Please confirm first that this cannot be undone",
	"正在注销…":       "Deleting…",
	"看我的订单":       "See my orders",
	"账号已注销，谢谢您来过": "Your account is deleted; thank you for having been here",
})
