// What scripts add: nothing here is needed for any task.
"use strict";

// Ctrl+K (or Cmd+K) goes to the search box; the key is said in the box only where it works.
const find = document.getElementById("find");
if (find) {
  find.placeholder += ` (${find.dataset.findKey})`;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      find.focus();
      find.select();
    }
  });
}

// The search box proposes what it finds while somebody types: arrows choose, Enter opens, Escape closes. Without
// scripts, or without an answer, the box searches on a page of its own as ever.
const proposals = document.getElementById("proposals");
if (find && proposals) {
  const options = () => [...proposals.querySelectorAll("[role=option]")];
  const count = document.getElementById("proposals-count");
  let asked = 0, pause;
  const choose = (option) => {
    for (const each of options()) each.setAttribute("aria-selected", each === option);
    if (option) {
      find.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else find.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    asked++;
    clearTimeout(pause);
    proposals.hidden = true;
    find.setAttribute("aria-expanded", "false");
    choose(null);
    count.textContent = "";
  };
  const propose = async () => {
    const mine = ++asked, words = find.value.trim();
    if (words.length < 2) return close();
    try {
      const answer = await fetch(`/search/proposals?${new URLSearchParams({ q: words })}`);
      if (!answer.ok || answer.redirected || mine !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      proposals.replaceChildren(...page.body.childNodes);
      proposals.hidden = false;
      find.setAttribute("aria-expanded", "true");
      choose(null);
      count.textContent = proposals.querySelector("[data-count]")?.dataset.count ?? "";
    } catch {
      // The page of the search still answers.
    }
  };
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "proposals" })) find.setAttribute(name, value);
  find.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(propose, 200);
  });
  find.addEventListener("keydown", (event) => {
    if (proposals.hidden) {
      if (event.key === "ArrowDown") propose();
      return;
    }
    const all = options(), at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
    if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      close();
    } else if (all.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      choose(all[event.key === "ArrowDown" ? (at + 1) % all.length : (at < 1 ? all.length : at) - 1]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      all[at].click();
    }
  });
  find.form.addEventListener("focusout", (event) => {
    if (!find.form.contains(event.relatedTarget)) close();
  });
}

// What prints a page is shown where it works; without scripts, the browser's own menu prints it as well.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// What is wrong with a form is where the reader begins.
document.querySelector("[data-focus]")?.focus();

// A menu closes when somebody goes on elsewhere, and by Escape, which leads back to its button.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Only one menu is open at a time.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.menu[open]")) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== event.target && !menu.contains(event.target)) menu.open = false;
    }
  }
}, true);

// A form that is on its way says so, and is not sent again by an impatient hand (the server does it once in any case).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// Filters show their result when they change; typing waits for a moment of silence.
for (const form of document.querySelectorAll("form[data-live]")) {
  let waiting;
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=date]")) form.requestSubmit();
  });
  form.addEventListener("input", (event) => {
    if (!event.target.matches("input[type=search]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => refresh(form), 250);
  });
}

// The list alone is replaced, so that the cursor stays where the person types.
let last = 0;
async function refresh(form) {
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  const mine = ++last;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected || mine !== last) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    while (form.nextSibling) form.nextSibling.remove();
    const fresh = page.querySelector("form[data-live]");
    while (fresh?.nextSibling) form.parentNode.append(fresh.nextSibling);
    history.replaceState(null, "", address);
  } catch {
    // The button of the form still shows the result.
  }
}
