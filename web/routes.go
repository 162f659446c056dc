package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
)

// Route is one line of the table: who may ask for what, and who answers.
type Route struct {
	Method, Path string
	Who          Who
	Handler      fiber.Handler
}

// payPath is the one page whose form leads to the payment gateway.
const payPath = "/orders/:no/pay"

// routes are all pages of the shop.
func (s *server) routes() []Route {
	const get, post = fiber.MethodGet, fiber.MethodPost
	p, staff := s.shop, s.staff
	clerks := Merchant(account.Owner, account.Staff)
	table := []Route{
		// Looking around.
		{get, "/", Browsing, p.Home},
		{get, "/flash", Browsing, p.Flash},
		{get, "/categories", Browsing, p.Categories},
		{get, "/categories/:id", Browsing, p.Category},
		{get, "/search", Browsing, p.Search},
		{get, "/search/suggest", Public, p.Suggest},
		{get, "/products/:spu", Browsing, p.Product},
		{get, "/promotions/:promotion", Browsing, p.Promotion},
		{get, "/products/:spu/reviews", Browsing, p.Reviews},
		{post, "/products/:spu/favourite", LoggedIn, p.AddFavourite},
		{post, "/products/:spu/favourite/remove", LoggedIn, p.RemoveFavourite},
		{get, "/sitemap.xml", Public, p.Sitemap},
		{get, "/sitemap/categories.xml", Public, p.SitemapCategories},
		{get, "/sitemap/products/:after.xml", Public, p.SitemapProducts},
		{get, "/media/*", Public, p.Media},
		{post, "/preferences", Anyone, p.SetPreferences},

		// Coupons: who is not logged in is led there and back.
		{get, "/coupons", Anyone, p.CouponCentre},
		{post, "/coupons/code", LoggedIn, p.RedeemCoupon},
		{post, "/coupons/:coupon/claim", Anyone, p.ClaimCoupon},

		// The cart, with and without login.
		{get, "/cart", Anyone, p.Cart},
		{post, "/cart/items", Anyone, p.AddToCart},
		{post, "/cart/items/:sku", Anyone, p.ChangeCartLine},
		{post, "/cart/items/:sku/spec", Anyone, p.RespecifyCartLine},
		{post, "/cart/items/:sku/remove", Anyone, p.RemoveCartLine},
		{post, "/cart/gone/remove", Anyone, p.RemoveGoneLines},
		{post, "/cart/selection", Anyone, p.SelectCart},
		{post, "/cart/ticked/remove", Anyone, p.RemoveTickedLines},
		{post, "/cart/ticked/favour", LoggedIn, p.FavourTickedLines},
		{post, "/cart/undo", Anyone, p.UndoCart},
		{post, "/cart/merge", LoggedIn, p.MergeCart},

		// Coming in and going out.
		{get, "/register", Anyone, p.RegisterForm},
		{post, "/register", Anyone.hashing(), p.Register},
		{get, "/register/check", Anyone, p.CheckNew},
		{get, "/captcha/:id", Anyone, p.Captcha},
		{post, "/captcha", Anyone, p.NewCaptcha},
		{post, "/sms-codes", Anyone, p.SendCode},
		{get, "/login", Anyone, p.LoginForm},
		{post, "/login", Anyone.hashing(), p.Login},
		{post, "/logout", Anyone, p.Logout},
		{get, "/password/forgot", Anyone, p.ForgotForm},
		{post, "/password/forgot", Anyone, p.Forgot},
		{get, "/password/reset", Anyone, p.ResetForm},
		{post, "/password/reset", Anyone.hashing(), p.Reset},
		{get, "/oauth/bind", Anyone, p.BindForm},
		{post, "/oauth/bind", Anyone.hashing(), p.Bind},
		{get, "/oauth/:provider/start", Anyone, p.StartOAuth},
		{get, "/oauth/:provider/callback", Anyone, p.OAuthCallback},

		{get, "/terms", Anyone, p.Terms},
		{get, "/privacy", Anyone, p.Privacy},

		// One's own pages.
		{get, "/account", LoggedIn, p.Account},
		{post, "/account", LoggedIn.takes(onePicture), p.SaveProfile},
		{get, "/account/profile", LoggedIn, p.Profile},
		{post, "/account/identities/:provider/remove", LoggedIn, p.Unbind},
		{get, "/account/sessions", LoggedIn, p.Devices},
		{post, "/account/sessions", LoggedIn, p.EndDevices},
		{get, "/account/password", LoggedIn, p.PasswordForm},
		{post, "/account/password", LoggedIn.hashing(), p.ChangePassword},
		{get, "/account/mobile", LoggedIn, p.MobileForm},
		{post, "/account/mobile", LoggedIn.hashing(), p.ChangeMobile},
		{get, "/account/history", LoggedIn, p.History},
		{post, "/account/history/clear", LoggedIn, p.ClearHistory},
		{post, "/account/history/:spu/remove", LoggedIn, p.RemoveSeen},
		{get, "/account/coupons", LoggedIn, p.HeldCoupons},
		{get, "/account/credits", LoggedIn, p.Credits},
		{get, "/account/purchases", LoggedIn, p.Purchases},
		{get, "/account/purchases/:spu", LoggedIn, p.Purchase},
		{get, "/account/purchases/:spu/files/:material", LoggedIn, p.Download},
		{get, "/account/delete", LoggedIn, p.LeaveForm},
		{post, "/account/delete", LoggedIn.hashing(), p.Leave},
		{get, "/account/addresses", LoggedIn, p.Addresses},
		{post, "/account/addresses", LoggedIn, p.AddAddress},
		{get, "/account/addresses/:id", LoggedIn, p.Address},
		{post, "/account/addresses/:id", LoggedIn, p.EditAddress},
		{post, "/account/addresses/:id/delete", LoggedIn, p.DeleteAddress},
		{post, "/account/addresses/:id/default", LoggedIn, p.DefaultAddress},
		{get, "/areas", Public, p.Areas},
		{get, "/account/favourites", LoggedIn, p.Favourites},
		{get, "/account/reviews", LoggedIn, p.MyReviews},

		// Ordering and paying.
		{get, "/checkout", LoggedIn, p.Checkout},
		{post, "/checkout/quote", LoggedIn, p.QuoteCheckout},
		{post, "/orders", LoggedIn, p.PlaceOrder},
		{get, "/orders", LoggedIn, p.Orders},
		{get, "/orders/:no", LoggedIn, p.Order},
		{get, payPath, LoggedIn, p.Pay},
		{post, payPath, LoggedIn, p.StartPayment},
		{get, "/orders/:no/pay/:provider", LoggedIn, p.PayBy},
		{get, "/orders/:no/pay/:provider/code.png", LoggedIn, p.PayCode},
		{get, "/orders/:no/status", LoggedIn, p.PaymentStatus},
		{get, "/orders/:no/result", LoggedIn, p.PaymentResult},
		{post, "/orders/:no/cancel", LoggedIn, p.CancelOrder},
		{post, "/orders/:no/receipt", LoggedIn, p.ReceiveOrder},
		{post, "/orders/:no/remind", LoggedIn, p.RemindOrder},
		{post, "/orders/:no/reorder", LoggedIn, p.Reorder},
		{get, "/orders/:no/review", LoggedIn, p.ReviewForm},
		{post, "/orders/:no/review", LoggedIn.takes(manyPictures), p.Review},

		// What the gateway sends; its signature is its pass.
		{get, "/payments/:provider/return", Anyone, p.PaymentReturn},
		{post, "/payments/:provider/notify", Gateway, p.PaymentNotify},

		// The merchant's pages.
		{get, "/admin", clerks, staff.Home},
		{get, "/admin/orders", clerks, staff.Orders},
		{get, "/admin/orders/:no", clerks, staff.Order},
		{post, "/admin/orders/:no/ship", clerks, staff.Ship},
		{get, "/admin/refunds", clerks, staff.Refunds},
		{get, "/admin/products", clerks, staff.Goods},
		{get, "/admin/products/new", clerks, staff.NewProductForm},
		{post, "/admin/products", clerks, staff.NewProduct},
		{get, "/admin/products/:spu", clerks, staff.Product},
		{post, "/admin/products/:spu", clerks, staff.SaveProduct},
		{post, "/admin/products/:spu/delete", clerks, staff.DeleteProduct},
		{post, "/admin/products/:spu/specs", clerks, staff.SaveSpecs},
		{post, "/admin/products/:spu/skus", clerks, staff.AddSKUs},
		{post, "/admin/products/:spu/skus/:sku/remove", clerks, staff.RemoveSKU},
		{post, "/admin/products/:spu/pictures", clerks.takes(manyPictures), staff.AddPictures},
		{post, "/admin/products/:spu/pictures/move", clerks, staff.MovePicture},
		{post, "/admin/products/:spu/stock", clerks, staff.ChangeStock},
		{get, "/admin/categories", clerks, staff.Categories},
		{post, "/admin/categories", clerks.takes(onePicture), staff.AddCategory},
		{get, "/admin/categories/new", clerks, staff.NewCategory},
		{get, "/admin/categories/:category", clerks, staff.Category},
		{post, "/admin/categories/:category", clerks.takes(onePicture), staff.SaveCategory},
		{post, "/admin/categories/:category/delete", clerks, staff.DeleteCategory},
		{get, "/admin/brands", clerks, staff.Brands},
		{post, "/admin/brands", clerks.takes(onePicture), staff.AddBrand},
		{get, "/admin/brands/new", clerks, staff.NewBrand},
		{get, "/admin/brands/:brand", clerks, staff.Brand},
		{post, "/admin/brands/:brand", clerks.takes(onePicture), staff.SaveBrand},
		{post, "/admin/brands/:brand/delete", clerks, staff.DeleteBrand},
		{get, "/admin/channels", clerks, staff.Groups},
		{post, "/admin/channels", clerks, staff.AddGroup},
		{get, "/admin/channels/new", clerks, staff.NewGroup},
		{get, "/admin/channels/:group", clerks, staff.Group},
		{post, "/admin/channels/:group", clerks, staff.SaveGroup},
		{post, "/admin/channels/:group/delete", clerks, staff.DeleteGroup},
		{get, "/admin/promotions", clerks, staff.Promotions},
		{post, "/admin/promotions", clerks, staff.AddPromotion},
		{get, "/admin/promotions/new", clerks, staff.NewPromotion},
		{get, "/admin/promotions/trial", clerks, staff.TrialBasket},
		{get, "/admin/promotions/:promotion", clerks, staff.Promotion},
		{post, "/admin/promotions/:promotion", clerks, staff.SavePromotion},
		{post, "/admin/promotions/:promotion/withdraw", clerks, staff.WithdrawPromotion},
		{post, "/admin/promotions/:promotion/delete", clerks, staff.DeletePromotion},
		{get, "/admin/coupons", clerks, staff.Coupons},
		{post, "/admin/coupons", clerks, staff.AddCoupon},
		{get, "/admin/coupons/new", clerks, staff.NewCoupon},
		{get, "/admin/coupons/:coupon", clerks, staff.Coupon},
		{post, "/admin/coupons/:coupon", clerks, staff.SaveCoupon},
		{post, "/admin/coupons/:coupon/delete", clerks, staff.DeleteCoupon},
		{post, "/admin/coupons/:coupon/give", clerks, staff.GiveCoupon},
		{get, "/admin/ads", clerks, staff.Ads},
		{post, "/admin/ads", clerks.takes(onePicture), staff.AddAd},
		{get, "/admin/ads/new", clerks, staff.NewAd},
		{get, "/admin/ads/:ad", clerks, staff.Ad},
		{post, "/admin/ads/:ad", clerks.takes(onePicture), staff.SaveAd},
		{post, "/admin/ads/:ad/delete", clerks, staff.DeleteAd},
		{get, "/admin/credits", clerks, staff.Credits},
		{post, "/admin/credits", clerks, staff.ChangeCredits},
		{get, "/admin/searches", clerks, staff.Searches},
		{get, "/admin/jobs", clerks, staff.Jobs},
		{post, "/admin/jobs/:id/retry", clerks, staff.RetryJob},
		{post, "/admin/jobs/:id/give-up", clerks, staff.GiveUpJob},
		{get, "/admin/reviews", Merchant(account.Owner, account.Staff, account.Support), staff.Reviews},
		{post, "/admin/reviews/:id/reply", clerks, staff.ReplyToReview},
		{post, "/admin/reviews/:id/hide", clerks, staff.HideReview},
		{post, "/admin/reviews/:id/unhide", clerks, staff.UnhideReview},
	}
	if !s.Config.Production {
		table = append(table, Route{get, "/dev/ui", Anyone, p.DevUI})
	}
	return table
}

// notifyPaths are the exact paths that the gateways of this shop post to.
func (s *server) notifyPaths(routes []Route) map[string]bool {
	paths := map[string]bool{}
	for _, r := range routes {
		if !r.Who.gateway {
			continue
		}
		for _, m := range s.Store.Payment.Methods() {
			paths[strings.Replace(r.Path, ":provider", m.ID, 1)] = true
		}
	}
	return paths
}
