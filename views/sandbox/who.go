package sandbox

// Who is a provider's page that asks who one is.
type Who struct {
	Provider string // "alipay" or "qq"
	Scope    string
	Redirect string // where the browser goes back to
	Shop     string
	People   []string
	Action   string // where the form goes
	Wrong    string // what is wrong with the nickname, a key of T, or ""
	Nickname string // as it was typed
}

// providerName is whom the page pretends to be.
func providerName(v View, provider string) string {
	if provider == "qq" {
		return v.T("模拟 QQ 登录")
	}
	return v.T("模拟支付宝登录")
}
