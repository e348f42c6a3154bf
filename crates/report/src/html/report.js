// The page is complete without this. Texts are only ever set as text; nothing is parsed as markup.
"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  // Theme: what the reader's system says, until the reader says otherwise.
  const tools = byId("tools");
  const themes = ["system", "light", "dark"];
  const memory = {
    get: () => { try { return localStorage.getItem("forebear-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("forebear-theme", value); } catch { /* not every place remembers */ } },
  };
  const theme = make("select", { "aria-label": "Theme" });
  for (const name of themes) theme.append(make("option", { value: name }, name[0].toUpperCase() + name.slice(1)));
  const setTheme = (name) => {
    if (name === "light" || name === "dark") root.dataset.theme = name;
    else delete root.dataset.theme;
  };
  theme.value = themes.includes(memory.get()) ? memory.get() : "system";
  setTheme(theme.value);
  theme.addEventListener("change", () => { setTheme(theme.value); memory.set(theme.value); });
  const print = make("button", { type: "button" }, "Print");
  print.addEventListener("click", () => window.print());
  tools.append(theme, print);

  // What is linked to may be folded away.
  const unfold = (element) => {
    for (let at = element; at; at = at.parentElement) if (at.localName === "details") at.open = true;
  };
  const follow = () => {
    let name = "";
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = name && byId(name);
    if (!target) return;
    if (target.hidden) target.hidden = false;
    unfold(target);
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a");
    const href = link && link.getAttribute("href");
    // The address does not change when the same link is followed twice.
    if (href && href.startsWith("#") && href === location.hash) follow();
  });

  // Paper shows everything.
  let folded = [];
  addEventListener("beforeprint", () => {
    hideTip();
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
    folded = [];
  });

  // Notes beside pictures: what the linked entries say. They stay while the pointer is over them, and Escape closes them.
  const tip = byId("tip");
  let owner = null;
  let waiting = 0;
  const noteOf = (entry) => {
    const piece = document.createDocumentFragment();
    if (entry.localName === "tr") {
      for (const cell of entry.cells) {
        const label = cell.getAttribute("data-label");
        const text = [...cell.childNodes].map((node) => node.textContent).join(" ").trim();
        if (text) piece.append(make("p", {}, ...(label ? [make("b", {}, label + ": ")] : []), text));
      }
    } else {
      for (const child of entry.children) {
        const copy = child.cloneNode(true);
        for (const one of [copy, ...copy.querySelectorAll("[id],[aria-labelledby]")]) {
          one.removeAttribute("id");
          one.removeAttribute("aria-labelledby");
        }
        piece.append(copy);
      }
    }
    return piece;
  };
  const hideTip = () => {
    clearTimeout(waiting);
    if (!owner) return;
    owner.classList.remove("lit");
    owner.removeAttribute("aria-describedby");
    owner = null;
    tip.hidden = true;
    tip.replaceChildren();
  };
  const placeTip = () => {
    const at = owner.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const room = { width: root.clientWidth, height: root.clientHeight };
    const beside = at.right + 12 + size.width <= room.width;
    const left = beside ? at.right + 12 : Math.max(16, Math.min(at.left, room.width - size.width - 16));
    const below = at.bottom + 8 + size.height <= room.height;
    const top = beside ? Math.min(at.top, room.height - size.height - 16) : below ? at.bottom + 8 : at.top - size.height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${Math.max(8, top)}px`;
  };
  const showTip = (link) => {
    clearTimeout(waiting);
    if (owner === link) return;
    hideTip();
    const entries = link.getAttribute("data-tip").split(" ").map(byId).filter(Boolean);
    if (!entries.length) return;
    owner = link;
    entries.forEach((entry, index) => {
      if (index) tip.append(make("hr"));
      tip.append(noteOf(entry));
    });
    link.classList.add("lit");
    link.setAttribute("aria-describedby", "tip");
    tip.hidden = false;
    placeTip();
  };
  const tipped = (event) => event.target.closest && event.target.closest("[data-tip]");
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = tipped(event);
    if (link) showTip(link);
    else if (tip.contains(event.target)) clearTimeout(waiting);
    else if (owner && owner !== document.activeElement) { clearTimeout(waiting); waiting = setTimeout(hideTip, 250); }
  });
  document.addEventListener("focusin", (event) => {
    const link = tipped(event);
    if (link && link.matches(":focus-visible")) showTip(link);
    else if (!tip.contains(event.target)) hideTip();
  });
  document.addEventListener("click", () => hideTip());
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });
  addEventListener("scroll", (event) => {
    if (!owner || tip.contains(event.target)) return;
    // What gets the focus is scrolled into view, and its note goes along.
    if (owner === document.activeElement || owner.matches(":hover")) placeTip();
    else hideTip();
  }, { capture: true, passive: true });

  // Commands and fingerprints get a button where they are on view.
  const addCopy = (part) => {
    for (const code of part.querySelectorAll("code.copy")) {
      if (code.nextElementSibling && code.nextElementSibling.className === "copied") continue;
      const closed = code.closest("details:not([open])");
      if (closed && part.contains(closed) && closed !== part) continue;
      code.after(make("button", { type: "button", class: "copied", "aria-label": `Copy ${code.textContent}` }, "Copy"));
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest("button.copied");
    if (!button) return;
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      // Where there is no clipboard, the text is marked for the reader to copy.
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });

  // Filters of the findings of one repository.
  const named = (label, control, kind = "") => make("label", kind ? { class: kind } : {}, make("span", {}, label), control);
  const choice = (all, values) => {
    const select = make("select");
    select.append(make("option", { value: "" }, all));
    for (const [value, number] of values) select.append(make("option", { value }, `${value} (${number})`));
    return select;
  };
  const toggles = (label, values, words, changed) => {
    const set = make("fieldset", {}, make("legend", {}, label));
    const on = new Set();
    for (const [value, number] of values) {
      const button = make("button", { type: "button", "aria-pressed": "false" }, `${words[value] || value} ${number}`);
      button.addEventListener("click", () => {
        if (on.has(value)) on.delete(value); else on.add(value);
        button.setAttribute("aria-pressed", String(on.has(value)));
        changed();
      });
      set.append(button);
    }
    return { set, on };
  };
  const tally = (items, key, order) => {
    const counts = new Map(order.map((value) => [value, 0]));
    for (const item of items) counts.set(item.dataset[key], (counts.get(item.dataset[key]) || 0) + 1);
    return [...counts].filter(([, number]) => number > 0);
  };
  const answers = { unmet: "not met", unknown: "could not tell", waived: "waived", met: "met" };
  // Repositories may share a name, and landmarks must not.
  const names = new Map();
  const distinct = (name) => {
    names.set(name, (names.get(name) || 0) + 1);
    return names.get(name) === 1 ? name : `${name}, ${names.get(name)}`;
  };
  const filterFindings = (section) => {
    const items = [...section.querySelectorAll(".finding")];
    if (items.length < 2 || section.querySelector(".filters")) return;
    const groups = [...section.querySelectorAll(".group")];
    const texts = new Map();
    const textOf = (item) => {
      if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
      return texts.get(item);
    };
    const status = make("p", { role: "status", "aria-live": "polite" });
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const item of items) {
        const data = item.dataset;
        const fits = (!severity.on.size || severity.on.has(data.severity)) && (!answer.on.size || answer.on.has(data.answer))
          && (!rule.value || rule.value === data.rule) && (!confidence.value || confidence.value === data.confidence)
          && words.every((word) => textOf(item).includes(word));
        item.hidden = !fits;
        if (fits) shown += 1;
      }
      for (const group of groups) group.hidden = !group.querySelector(".finding:not([hidden])");
      status.textContent = shown === items.length ? `All ${items.length} entries are shown.` : `${shown} of ${items.length} entries are shown.`;
      clear.hidden = shown === items.length;
    };
    let soon = 0;
    const later = () => { clearTimeout(soon); soon = setTimeout(apply, items.length > 500 ? 250 : 60); };
    const severity = toggles("Severity", tally(items, "severity", ["violation", "warning", "note"]).filter(([value]) => value !== "none"), {}, apply);
    const answer = toggles("Answer", tally(items, "answer", ["unmet", "unknown", "waived", "met"]), answers, apply);
    const rule = choice("all rules", tally(items, "rule", []).sort(([one], [two]) => (one < two ? -1 : 1)));
    const confidence = choice("any", tally(items, "confidence", ["high", "medium", "low"]));
    const search = make("input", { type: "search", placeholder: "Words, files, models, fingerprints", autocomplete: "off" });
    const clear = make("button", { type: "button" }, "Show all");
    clear.addEventListener("click", () => {
      severity.on.clear();
      answer.on.clear();
      for (const button of bar.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", "false");
      rule.value = confidence.value = search.value = "";
      apply();
      search.focus();
    });
    for (const control of [rule, confidence]) control.addEventListener("change", apply);
    search.addEventListener("input", later);
    const repository = section.closest(".repository");
    const whose = repository ? ` of ${distinct(repository.querySelector("summary h3").textContent)}` : "";
    const bar = make("div", { class: "filters", role: "search", "aria-label": `Filter the findings${whose}` },
      severity.set, answer.set, named("Rule", rule), named("Confidence", confidence), named("Text", search, "grow"), clear, status);
    groups[0].before(bar);
    apply();
  };
  const liven = (part) => {
    for (const section of part.querySelectorAll("section.findings")) filterFindings(section);
    addCopy(part);
  };
  document.addEventListener("toggle", (event) => {
    const details = event.target;
    if (details.localName !== "details" || !details.open) return;
    if (details.classList.contains("repository")) liven(details);
    else addCopy(details);
  }, true);

  // The table of several repositories: sorted by any column, and filtered.
  const overview = byId("overview");
  if (overview) {
    const table = overview.querySelector("table");
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const places = rows.map((row) => row.querySelector("a").getAttribute("href").slice(1));
    const parts = new Map(places.map((place) => [place, byId(place)]));
    const key = (row, column) => {
      const cell = row.cells[column];
      return cell.dataset.value || cell.textContent.trim();
    };
    const heads = [...table.tHead.rows[0].cells];
    const order = make("p", { role: "status", "aria-live": "polite" });
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const number = column >= 1 && column <= 5;
        const before = head.getAttribute("aria-sort");
        const down = before ? before === "ascending" : number;
        const compare = (one, two) => number ? Number(key(one, column)) - Number(key(two, column)) : key(one, column).localeCompare(key(two, column), "en", { numeric: true });
        const sorted = rows.map((row, index) => [row, index]).sort(([one, first], [two, second]) => (down ? -1 : 1) * compare(one, two) || first - second);
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        body.append(...sorted.map(([row]) => row));
      });
    });
    const verdicts = { violation: "violations", warning: "warnings", unknown: "could not tell", note: "notes", fine: "nothing missing", nothing: "no model" };
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, index) => {
        const text = row.textContent.toLowerCase();
        const fits = (!worst.on.size || worst.on.has(row.dataset.worst)) && words.every((word) => text.includes(word));
        row.hidden = !fits;
        const part = parts.get(places[index]);
        if (part) part.hidden = !fits;
        if (fits) shown += 1;
      });
      order.textContent = shown === rows.length ? `All ${rows.length} repositories are shown.` : `${shown} of ${rows.length} repositories are shown.`;
    };
    const worst = toggles("Verdict", tally(rows, "worst", Object.keys(verdicts)), verdicts, apply);
    const search = make("input", { type: "search", placeholder: "Name or base", autocomplete: "off" });
    search.addEventListener("input", apply);
    table.before(make("div", { class: "filters", role: "search", "aria-label": "Filter the repositories" }, worst.set, named("Text", search, "grow"), order));
    apply();
    liven(overview);
  } else {
    liven(document);
  }
  follow();
})();
