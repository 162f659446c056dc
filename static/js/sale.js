// Sales: how long until they end, or begin, by the server's clock. The answer tells that clock apart from the page, which may be a kept one.
// Without this script the page says the time at which they do.

const answer = performance.getEntriesByType("navigation")[0];
const told = Number(answer?.serverTiming?.find((entry) => entry.name === "now")?.description);
const since = told ? told - answer.responseStart : performance.timeOrigin;
const over = new WeakSet();
let early = 5; // how often to ask anew for what was over when it came, since the shop may be a moment late

function piece(text, kind) {
	const span = document.createElement("span");
	span.textContent = text;
	span.className = kind;
	return span;
}

function countdown(clock) {
	const left = Math.max(0, Math.ceil((Number(clock.dataset.until) - since - performance.now()) / 1000));
	const days = Math.floor(left / 86400);
	const parts = [Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60, left % 60];
	const pieces = parts.flatMap((n) => [piece(":", "tiles__colon"), piece(String(n).padStart(2, "0"), "tile")]).slice(1);
	if (days > 0) pieces.unshift(piece(days, "tile"), piece(clock.dataset.days, "tiles__word"));
	if (left === 0 && !over.has(clock) && (clock.childElementCount > 0 || early-- > 0)) {
		over.add(clock);
		setTimeout(() => clock.dispatchEvent(new Event("over", { bubbles: true })), 1500 + Math.random() * 2000);
	}
	clock.replaceChildren(piece(clock.dataset.label, "tiles__word"), ...pieces);
}

const countdowns = () => document.querySelectorAll("[data-until]").forEach(countdown);
countdowns();
setInterval(countdowns, 1000);
document.addEventListener("htmx:after:swap", countdowns);
