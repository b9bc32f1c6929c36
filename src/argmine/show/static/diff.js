// Ties the list of changes to the text, steps through the changes, and hides kinds that are not wanted.

const items = [...document.querySelectorAll("#am-units li, #am-relations li")];

function select(item, id) {
  for (const old of document.querySelectorAll(".sel")) old.classList.remove("sel");
  if (item) item.classList.add("sel");
  const stretch = document.getElementById(id);
  if (!stretch) return;
  stretch.classList.add("sel");
  stretch.scrollIntoView({ block: "center" });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]");
  if (link) {
    event.preventDefault();
    select(link.closest("li"), link.dataset.go);
    return;
  }
  const stretch = event.target.closest(".u:not(.same)");
  if (!stretch) return;
  const told = document.querySelector(`#am-units [data-go="${stretch.id}"]`);
  select(told && told.closest("li"), stretch.id);
  if (told) told.scrollIntoView({ block: "nearest" });
});

for (const kinds of document.querySelectorAll(".kinds")) kinds.hidden = false;
for (const button of document.querySelectorAll("[data-kind]")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    const list = button.dataset.list;
    const wanted = [...document.querySelectorAll(`[data-list="${list}"][aria-pressed="true"]`)].map((b) => b.dataset.kind);
    for (const item of document.querySelectorAll(`#${list} li`)) {
      item.hidden = !item.dataset.changes.split(" ").some((change) => wanted.includes(change));
    }
  });
}

function step(by) {
  const shown = items.filter((item) => !item.hidden);
  if (!shown.length) return;
  const now = shown.findIndex((item) => item.classList.contains("sel"));
  const next = shown[now < 0 ? (by > 0 ? 0 : shown.length - 1) : (now + by + shown.length) % shown.length];
  const link = next.querySelector("[data-go]");
  link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  select(next, link.dataset.go);
}

if (items.length) {
  document.querySelector(".step").hidden = false;
  document.getElementById("am-next").addEventListener("click", () => step(1));
  document.getElementById("am-previous").addEventListener("click", () => step(-1));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") step(1);
    if (event.key === "p") step(-1);
  });
}
