// Single-key shortcuts: / to the search box, j and k between hits. All of it also works without this file.
const hits = () => [...document.querySelectorAll("[data-hit]")];
let current = -1;

function typing(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function move(step) {
  const all = hits();
  if (all.length === 0) return;
  const focused = all.indexOf(document.activeElement);
  current = Math.min(Math.max((focused >= 0 ? focused : current) + step, 0), all.length - 1);
  all[current].focus({ preventScroll: true });
  all[current].scrollIntoView({ block: "center" });
}

document.addEventListener("keydown", (event) => {
  const off = document.body.dataset.shortcuts !== "on";
  if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    event.preventDefault();
    const box = document.getElementById("query");
    box.focus();
    box.select();
  } else if (event.key === "j" || event.key === "k") {
    move(event.key === "j" ? 1 : -1);
  }
});
