// What makes the pages a little easier where scripts run. Everything works without it.
"use strict";

// What went wrong, or came of it, is read first.
const first = document.querySelector("[data-focus]");
if (first) first.focus();

// A form that is on its way is not sent a second time.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
// Whoever comes back to the page may send it again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A link to be sent, with the way that led here.
for (const link of document.querySelectorAll("[data-here]")) {
  link.textContent = location.origin + link.dataset.here;
}

// Another language as soon as it is chosen by mouse or touch; the button stays for the keyboard.
const language = document.getElementById("language");
if (language) {
  let pointed = false;
  language.addEventListener("pointerdown", () => { pointed = true; });
  language.addEventListener("keydown", () => { pointed = false; });
  language.addEventListener("change", () => { if (pointed) language.form.requestSubmit(); });
}

// Four side by side at most, as the page says.
const most = 4;
document.addEventListener("change", (event) => {
  if (event.target.name !== "with") return;
  const boxes = [...event.target.form.elements.with];
  const full = boxes.filter((box) => box.checked).length >= most;
  for (const box of boxes) box.disabled = full && !box.checked;
});
