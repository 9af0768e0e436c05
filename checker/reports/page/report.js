"use strict";
// Every text is set as text, never as markup, and what cannot be seen is escaped.
(() => {
  const PAGE = 100, PRINTED = 2000, BINS = 60;
  const LEVELS = ["critical", "high", "medium", "low", "informational"];
  const CLOSED = new Set(["pass", "not_applicable", "visible", "suppressed"]);
  const $ = (id) => document.getElementById(id);
  const parse = (element) => JSON.parse(element.textContent);
  const visible = (text) => String(text).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (c) => (c === "\n" ? c : "\\u{" + c.codePointAt(0).toString(16) + "}"));
  function make(name, text, className) {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = visible(text);
    if (className) element.className = className;
    return element;
  }

  // A name that is too long for its column is broken between its parts.
  function cell(text, className) {
    const td = make("td", undefined, className);
    visible(text).split(/(?<=[:\/])(?![:\/])|(?<=[@.])(?=\w)|(?<=[a-z])(?=[A-Z])/).forEach((part, at) =>
      td.append(...(at ? [make("wbr")] : []), part));
    return td;
  }

  const rules = parse($("rules"));
  const blocks = [...document.querySelectorAll("script.details")];
  const rows = [];
  document.querySelectorAll("script.rows").forEach((block, number) => {
    const { s, r } = parse(block);
    r.forEach((v, at) => rows.push({
      rule: v[0], level: s[v[1]], status: s[v[2]], time: s[v[3]], what: s[v[4]],
      who: s[v[5]], account: s[v[6]], region: s[v[7]], address: s[v[8]],
      block: number, at, order: rows.length,
    }));
  });
  const opened = new Map();
  async function detail(row) {
    if (!opened.has(row.block)) opened.set(row.block, inflate(blocks[row.block].textContent));
    return (await opened.get(row.block))[row.at];
  }
  async function inflate(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  let found = rows, page = 0;
  function option(select, value, text) {
    const element = make("option", text);
    element.value = value;
    select.append(element);
  }
  const used = new Set(rows.map((row) => row.rule));
  rules.map((rule, number) => [rule, number]).filter(([, n]) => used.has(n))
    .sort((a, b) => a[0].title.localeCompare(b[0].title))
    .forEach(([rule, number]) => option($("rule"), number, rule.title));
  [...new Set(rules.flatMap((rule) => Object.keys(rule.controls)))].sort()
    .forEach((name) => option($("framework"), name, name));
  const names = new Map();
  rows.forEach((row) => row.who && names.set(row.who, (names.get(row.who) || 0) + 1));
  [...names].sort((a, b) => b[1] - a[1]).slice(0, 500)
    .forEach(([name]) => option($("names"), visible(name), visible(name)));

  function filter() {
    const value = Object.fromEntries(
      ["level", "rule", "status", "framework", "identity", "text", "from", "to"]
        .map((id) => [id, $(id).value.trim()]));
    const has = (text, part) => visible(text).toLowerCase().includes(part.toLowerCase());
    found = rows.filter((row) =>
      (!value.level || LEVELS.indexOf(row.level) <= LEVELS.indexOf(value.level)) &&
      (!value.rule || row.rule === Number(value.rule)) &&
      (value.status === "all" || (value.status
        ? row.status === value.status : !CLOSED.has(row.status))) &&
      (!value.framework || value.framework in rules[row.rule].controls) &&
      (!value.identity || has(row.who, value.identity)) &&
      (!value.from || (row.time && row.time.slice(0, 19) >= value.from)) &&
      (!value.to || (row.time && row.time.slice(0, value.to.length) <= value.to)) &&
      (!value.text || has([rules[row.rule].name, rules[row.rule].title, row.what,
        row.who, row.account, row.region, row.address].join("\n"), value.text)));
    const by = { worst: (a, b) => a.order - b.order,
      newest: (a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : a.order - b.order),
      oldest: (a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.order - b.order) };
    found.sort(by[$("sort").value]);
    page = 0;
    draw();
    timeline();
  }

  function draw(limit = PAGE) {
    const body = $("findings").tBodies[0];
    body.replaceChildren();
    const start = page * PAGE;
    const shown = found.slice(start, start + limit);
    shown.forEach((row) => body.append(line(row)));
    const count = found.length.toLocaleString("en");
    $("count").textContent = shown.length
      ? `${(start + 1).toLocaleString("en")} to ${(start + shown.length).toLocaleString("en")} of ${count} findings`
      : "No finding passes the filters.";
    $("previous").disabled = page === 0;
    $("next").disabled = start + shown.length >= found.length;
  }

  function line(row) {
    const tr = make("tr");
    const button = make("button", rules[row.rule].title, "plain");
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => toggle(row, tr, button));
    const title = make("td");
    title.append(button);
    tr.append(
      make("td", row.level, "level " + row.level),
      make("td", row.status.replace("_", " "), "wide"), make("td", row.time, "time mono"),
      title, cell(row.what, "wide"), cell(row.who), places(row));
    return tr;
  }

  function places(row) {
    const td = make("td", undefined, "wide");
    [row.account, row.region, row.address].filter(Boolean).forEach((text) =>
      td.append(make("span", text, "whole"), " "));
    return td;
  }

  async function toggle(row, tr, button) {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      if (tr.nextElementSibling?.className === "detail") tr.nextElementSibling.remove();
      return;
    }
    const rule = rules[row.rule], told = await detail(row);
    // It may be closed again by now, or opened twice.
    const closed = button.getAttribute("aria-expanded") !== "true";
    if (closed || tr.nextElementSibling?.className === "detail") return;
    const cell = make("td");
    cell.colSpan = 7;
    cell.append(make("p", told.message));
    if (rule.description) cell.append(make("p", rule.description, "faint"));
    const list = make("dl");
    const add = (name, text) => text && list.append(make("dt", name), make("dd", text));
    if (told.suppressed) {
      const { reason, owner, expires } = told.suppressed;
      add("accepted", `by ${owner} until ${expires}: ${reason}`);
    }
    add("rule", rule.name);
    Object.entries(told.subject).forEach(([name, text]) => add(name, text));
    if (told.location) {
      const { uri, record, startLine } = told.location;
      add("location", (uri === "-" ? "stdin" : uri) +
        (record === null ? ` line ${startLine}` : ` record ${record}`));
    }
    add("controls", Object.entries(rule.controls)
      .map(([name, ids]) => `${name} ${ids.join(", ")}`).join("; "));
    add("tags", rule.tags.join(", "));
    add("false positives", rule.falsepositives.join(" "));
    add("fix", rule.fix);
    add("references", rule.references.join("\n"));
    add("fingerprint", told.fingerprint);
    cell.append(list);
    if (rule.cli) cell.append(make("pre", rule.cli));
    cell.append(make("h3", "Evidence"), make("pre", JSON.stringify(told.evidence, null, 2)));
    const more = make("tr");
    more.className = "detail";
    more.append(cell);
    tr.after(more);
  }

  function timeline() {
    const svg = $("timeline");
    svg.replaceChildren();
    const timed = found.map((row) => [Date.parse(row.time), row])
      .filter(([time]) => !Number.isNaN(time));
    svg.toggleAttribute("hidden", !timed.length);
    $("findings").classList.toggle("timeless", !timed.length);
    $("period").textContent = "";
    if (!timed.length) return;
    let first = Infinity, last = -Infinity;
    for (const [time] of timed) { first = Math.min(first, time); last = Math.max(last, time); }
    const width = Math.max(1000, Math.ceil((last - first + 1) / BINS / 1000) * 1000);
    const bins = Array.from({ length: BINS }, () => ({}));
    for (const [time, row] of timed) {
      const bin = bins[Math.min(BINS - 1, Math.floor((time - first) / width))];
      bin[row.level] = (bin[row.level] || 0) + 1;
    }
    const total = (bin) => Object.values(bin).reduce((a, b) => a + b, 0);
    const most = Math.max(...bins.map(total));
    const stamp = (time) => new Date(time).toISOString().slice(0, 19);
    const rect = (className, x, y, w, h) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      Object.entries({ class: className, x, y, width: w, height: h })
        .forEach(([name, value]) => element.setAttribute(name, value));
      svg.append(element);
      return element;
    };
    bins.forEach((bin, number) => {
      let y = 90;
      LEVELS.filter((level) => bin[level]).forEach((level) => {
        const height = Math.max(1.5, (bin[level] / most) * 85);
        y -= height;
        rect(level, number * 10 + 1, y, 8, height);
      });
      if (!total(bin)) return;
      const from = stamp(first + number * width), to = stamp(first + (number + 1) * width - 1);
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = `${total(bin)} from ${from} to ${to}`;
      const area = rect("bin", number * 10, 0, 10, 90);
      area.append(title);
      area.addEventListener("click", () => { $("from").value = from; $("to").value = to; filter(); });
    });
    $("period").textContent = `${stamp(first)} to ${stamp(last)}, at most ${most.toLocaleString("en")} in one bar`;
    svg.setAttribute("aria-label", `Timeline: ${timed.length} findings from ${stamp(first)} to ${stamp(last)}, at most ${most} at once. The fields From and To choose a period.`);
  }

  let waiting;
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  $("filters").addEventListener("reset", () => setTimeout(filter));
  $("previous").addEventListener("click", () => { page -= 1; draw(); });
  $("next").addEventListener("click", () => { page += 1; draw(); });
  document.querySelectorAll("button[data-rule]").forEach((button) =>
    button.addEventListener("click", () => {
      $("rule").value = button.dataset.rule;
      filter();
      $("results").focus();
    }));
  $("skip").addEventListener("click", () => $("results").focus());
  // On paper there is no next page to click, and nothing to unfold.
  window.addEventListener("beforeprint", () => {
    page = 0;
    draw(PRINTED);
    document.querySelectorAll("details").forEach((element) => { element.open = true; });
  });
  window.addEventListener("afterprint", () => draw());
  filter();
  document.documentElement.dataset.ready = "true";
})();
