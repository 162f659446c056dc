// The shop's small behaviours, tied to data- attributes. Every page works without this file.

const on = (type, handler) => document.addEventListener(type, handler);
const near = (event, selector) => event.target instanceof Element && event.target.closest(selector);

// Steppers: − and + beside a number. The change event lets auto-submit and htmx follow.
on("click", (event) => {
	const button = near(event, "[data-step]");
	if (!button) return;
	const input = button.closest("[data-stepper]").querySelector("input");
	const before = input.value;
	Number(button.dataset.step) > 0 ? input.stepUp() : input.stepDown();
	if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
});

on("input", (event) => near(event, "[data-stepper]") && greyEnds(event.target));
on("change", (event) => near(event, "[data-stepper]") && greyEnds(event.target));

function greyEnds(input) {
	const value = Number(input.value);
	for (const button of input.closest("[data-stepper]").querySelectorAll("[data-step]")) {
		button.disabled = Number(button.dataset.step) > 0 ? value >= Number(input.max) : value <= Number(input.min);
	}
}

// Auto-submit: a changed choice sends its form at once.
on("change", (event) => {
	// In a sheet that is open over the page one chooses first and sends then.
	if (!near(event, "[data-autosubmit]") || !event.target.form || near(event, ":popover-open")) return;
	event.target.form.requestSubmit();
});

// Confirm: a form that asks before it is sent.
document.addEventListener("submit", (event) => {
	const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
	if (!question || window.confirm(question)) return;
	event.preventDefault();
	event.stopImmediatePropagation();
}, true);

// Waiting: a pressed button is disabled and says so until the page or the answer comes.
on("submit", (event) => {
	const button = event.submitter;
	if (!button?.dataset.wait || (event.defaultPrevented && !event.target.matches("[hx-post], [hx-get]"))) return;
	// After the form data has been gathered, or a disabled button would not be part of it.
	setTimeout(() => wait(button));
});

function wait(button) {
	if (button.dataset.waiting !== undefined) return;
	button.dataset.waiting = "";
	button.said = [...button.childNodes];
	const icon = new URL("img/icons.svg", import.meta.url).pathname + "#refresh-cw";
	button.innerHTML = `<svg class="icon icon--16" viewBox="0 0 24 24" aria-hidden="true"><use href="${icon}"></use></svg>`;
	button.append(button.dataset.wait);
	button.disabled = true;
}

function stopWaiting(root) {
	for (const button of root.querySelectorAll("[data-waiting]")) {
		if (button.said) button.replaceChildren(...button.said);
		delete button.dataset.waiting;
		button.disabled = false;
	}
}

on("htmx:finally:request", () => stopWaiting(document));
addEventListener("pageshow", (event) => event.persisted && stopWaiting(document));

// Copy: puts a text on the clipboard and says so.
on("click", async (event) => {
	const button = near(event, "[data-copy]");
	if (!button || !navigator.clipboard) return;
	await navigator.clipboard.writeText(button.dataset.copy);
	const said = button.querySelector("[aria-live]");
	if (!said) return;
	said.textContent = button.dataset.copied;
	setTimeout(() => (said.textContent = ""), 2000);
});

// Countdowns: run on the difference to the server's clock, so a wrong local clock does no harm.
const ends = new WeakMap();

function tick() {
	const now = Date.now();
	for (const element of document.querySelectorAll("[data-countdown]")) {
		if (!ends.has(element)) ends.set(element, now + Number(element.dataset.countdown) * 1000);
		const left = Math.max(0, Math.round((ends.get(element) - now) / 1000));
		show(element, left);
		if (left === 0 && element.dataset.reload !== undefined && element.dataset.countdown !== "0") {
			delete element.dataset.reload;
			setTimeout(() => location.reload(), 1500);
		}
	}
}

const two = (n) => String(n).padStart(2, "0");

function show(element, left) {
	const hours = Math.floor(left / 3600);
	const minutes = Math.floor(left / 60) % 60;
	const tiles = element.querySelectorAll("[data-part]");
	if (tiles.length === 0) {
		element.textContent = (hours ? `${hours}:` : "") + `${two(minutes)}:${two(left % 60)}`;
		return;
	}
	const days = element.querySelector("[data-part=d]") ? Math.floor(hours / 24) : 0;
	const parts = { d: String(days), h: two(hours - days * 24), m: two(minutes), s: two(left % 60) };
	for (const tile of tiles) tile.textContent = parts[tile.dataset.part];
}

// Again: a button that may be pressed again after some seconds, and says how many.
function again() {
	const now = Date.now();
	for (const button of document.querySelectorAll("[data-again]")) {
		if (!ends.has(button)) {
			ends.set(button, now + Number(button.dataset.again) * 1000);
			button.label = button.textContent;
		}
		const left = Math.ceil((ends.get(button) - now) / 1000);
		button.disabled = left > 0;
		button.textContent = left > 0 ? `${left} ${button.dataset.againText}` : button.label;
		if (left <= 0) delete button.dataset.again;
	}
}

// Reveal: shows a password while one wants to see it.
on("click", (event) => {
	const button = near(event, "[data-reveal]");
	if (!button) return;
	const input = document.getElementById(button.dataset.reveal);
	const shown = input.type === "text";
	input.type = shown ? "password" : "text";
	button.setAttribute("aria-pressed", String(!shown));
});

// Play: a link to a sound plays it and leaves the page where it is.
on("click", (event) => {
	const link = near(event, "a[data-play]");
	if (!link) return;
	event.preventDefault();
	new Audio(link.href).play();
});

const seconds = () => (tick(), again());
seconds();
setInterval(seconds, 1000);
on("htmx:after:swap", again);

// Menus: a <details> that closes when one clicks elsewhere or presses Escape.
on("click", (event) => {
	for (const menu of document.querySelectorAll("details[data-menu][open]")) {
		const scope = menu.parentElement.matches(".drop, .cats__group") ? menu.parentElement : menu;
		if (!scope.contains(event.target)) menu.open = false;
	}
});

on("keydown", (event) => {
	if (event.key !== "Escape") return;
	const open = [...document.querySelectorAll("details[data-menu][open]")].pop();
	if (!open) return;
	open.open = false;
	open.querySelector("summary").focus();
});

// Sent only when open: what stands in a closed part of a form does not go out. To choose one of the cards beside it closes it.
function closedStays() {
	for (const part of document.querySelectorAll("details[data-sent-open]")) part.querySelector("fieldset").disabled = !part.open;
}

document.addEventListener("toggle", closedStays, true);
on("htmx:after:swap", closedStays);
closedStays();

on("click", (event) => { // also on the one that is chosen already
	const part = near(event, "input[name=address_id]")?.closest("section").querySelector("details[data-sent-open]");
	if (part) part.open = false;
});

// Suggestions: the arrow keys walk from the search box through the list and back; Escape leads back and closes it.
on("keydown", (event) => {
	const box = near(event, ".search");
	const links = [...(box?.querySelectorAll(".suggest a") ?? [])];
	if (event.isComposing || links.length === 0 || !["ArrowDown", "ArrowUp", "Escape"].includes(event.key)) return;
	const stops = [box.querySelector("input"), ...links];
	const here = Math.max(0, stops.indexOf(document.activeElement));
	const step = event.key === "ArrowDown" ? 1 : -1;
	event.preventDefault();
	if (event.key === "Escape") box.querySelector(".suggest").replaceChildren();
	stops[event.key === "Escape" ? 0 : (here + step + stops.length) % stops.length].focus();
});

// Theme: shows at once what the form then stores.
on("click", (event) => {
	const choice = near(event, "[data-theme-choice]");
	if (!choice) return;
	if (choice.dataset.themeChoice === "auto") delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = choice.dataset.themeChoice;
});
