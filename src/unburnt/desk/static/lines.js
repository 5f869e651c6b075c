// A recognised line and its rectangle on the picture are shown together. Without this file the lines are links to them.
const counterpart = (target) => {
  if (!(target instanceof Element)) return null;
  const line = target.closest("a.line");
  if (line) return [line, document.getElementById(line.hash.slice(1))];
  const spot = target.closest("rect[data-line]");
  return spot ? [document.getElementById(spot.dataset.line), spot] : null;
};

function light(event, on) {
  for (const one of counterpart(event.target) ?? []) one?.classList.toggle("lit", on);
}

for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, (event) => light(event, true));
for (const kind of ["mouseout", "focusout"]) document.addEventListener(kind, (event) => light(event, false));
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("rect[data-line]")) {
    const [line] = counterpart(event.target);
    line?.focus({ preventScroll: true });
    line?.scrollIntoView({ block: "center" });
  }
});
