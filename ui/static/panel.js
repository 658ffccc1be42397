/* The panel beside the map: the card of a site, the totals of an area, a scenario, the shadows of an hour. Every
   answer comes from the app's own addresses, without running the page again. */
"use strict";

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

async function refused(answer) {
  const text = await answer.text();
  try { return JSON.parse(text).error || text; } catch { return text || String(answer.status); }
}

class YijianPanel {
  constructor(hosted, box) {
    this.hosted = hosted;
    this.box = box;
    this.asked = 0;
    this.build();
  }

  get data() { return this.hosted.data; }

  get own() { return this.data.panel; }

  address(path, more = {}) {
    const [place, query] = path.split("?");
    const words = new URLSearchParams(query);
    for (const [name, value] of Object.entries({ lang: this.data.lang, v: this.data.key, ...more })) words.set(name, value);
    return `${this.data.api}/${place}?${words}`;
  }

  build() {
    const tabs = make("div", { className: "yj-tabs" });
    tabs.setAttribute("role", "tablist");
    tabs.setAttribute("aria-label", this.data.texts.panel);
    this.tabs = {}; this.pages = {};
    for (const [name, label] of Object.entries(this.own.tabs)) {
      const tab = make("button", { type: "button", textContent: label, id: `yj-tab-${name}` });
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", `yj-page-${name}`);
      tab.addEventListener("click", () => this.open(name));
      const page = make("div", { className: "yj-page", id: `yj-page-${name}`, hidden: true });
      page.setAttribute("role", "tabpanel");
      page.setAttribute("aria-labelledby", tab.id);
      this.tabs[name] = tab; this.pages[name] = page;
      tabs.append(tab);
    }
    tabs.addEventListener("keydown", (event) => this.arrow(event));
    this.box.append(tabs, ...Object.values(this.pages));
    this.pages.card.setAttribute("aria-live", "polite");
    this.pages.card.append(make("p", { className: "yj-note", textContent: this.data.texts.how }));
    this.buildArea();
    this.buildWhatIf();
    this.buildShadows();
    this.box.addEventListener("click", (event) => this.clicked(event));
    this.box.addEventListener("toggle", (event) => this.unfolded(event.target), true);
    this.open("card");
  }

  arrow(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(this.tabs);
    const next = names[(names.indexOf(this.shown) + step + names.length) % names.length];
    this.open(next);
    this.tabs[next].focus();
  }

  open(name) {
    this.shown = name;
    for (const [other, page] of Object.entries(this.pages)) {
      page.hidden = other !== name;
      this.tabs[other].setAttribute("aria-selected", String(other === name));
      this.tabs[other].tabIndex = other === name ? 0 : -1;
    }
  }

  say(page, error) {
    page.replaceChildren(make("p", { className: "yj-bad", textContent: `${this.data.texts.areaBad} ${error}` }));
    page.lastChild.setAttribute("role", "alert");
  }

  /* ---- card ---------------------------------------------------------------------------------------------------- */

  card(card, layer) {
    this.chosen = { layer, row: card.row, id: card.id };
    this.pages.card.innerHTML = card.panel;
    this.box.scrollTop = 0;
    this.open("card");
  }

  async unfolded(part) {
    if (!part.open || !part.dataset.load) return;
    const path = part.dataset.load;
    delete part.dataset.load;
    const answer = await fetch(this.address(path));
    const words = part.querySelector("p");
    if (answer.ok) words.outerHTML = await answer.text();
    else { words.textContent = `${this.data.texts.areaBad} ${await refused(answer)}`; part.dataset.load = path; }
  }

  clicked(event) {
    const link = event.target.closest("[data-row]");
    if (link) this.hosted.show(link.dataset.layer, Number(link.dataset.row), null, true);
    const file = event.target.closest("[data-file]");
    if (file) this.fetchFile(file, this.address(file.dataset.file), {}, file.dataset.name);
    const area = event.target.closest("[data-area]");
    if (area) {
      const chosen = (name) => this.pages.area.querySelector(`[name=${name}]`)?.value;
      const body = JSON.stringify({ ...this.question(), kind: chosen("kind"), format: chosen("format") });
      this.fetchFile(area, this.address(`area/${area.dataset.area}`), { method: "POST", body });
    }
  }

  async fetchFile(button, url, options, name) {
    if (button.disabled) return;
    const label = button.textContent;
    button.disabled = true; button.textContent = this.data.texts.working;
    button.parentElement.querySelector(".yj-bad")?.remove();
    try {
      const answer = await fetch(url, options);
      if (!answer.ok) throw new Error(await refused(answer));
      const told = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "");
      const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: told ? told[1] : name });
      document.body.append(link); link.click(); link.remove();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    } catch (error) {
      const words = make("p", { className: "yj-bad", textContent: `${this.data.texts.areaBad} ${error.message}` });
      words.setAttribute("role", "alert");
      button.after(words);
    } finally { button.disabled = false; button.textContent = label; }
  }

  /* ---- area ---------------------------------------------------------------------------------------------------- */

  buildArea() {
    const input = make("input", { type: "file", accept: ".geojson,.json,.kml,.gpkg,.zip,.parquet", className: "yj-file" });
    input.addEventListener("change", () => { if (input.files[0]) this.upload(input.files[0]); input.value = ""; });
    const label = make("label", { className: "yj-action yj-upload" }, this.data.texts.areaFile, input);
    this.areaBody = make("div", { className: "yj-area" });
    this.areaBody.setAttribute("aria-live", "polite");
    this.pages.area.append(make("p", { className: "yj-note", textContent: this.data.texts.areaHow }), label, this.areaBody);
  }

  question() { return { geometry: this.geometry, filter: this.data.filterText }; }

  async area(geometry) {
    this.geometry = geometry;
    if (!geometry) { this.areaBody.replaceChildren(); return; }
    this.open("area");
    const number = this.asked += 1;
    const answer = await fetch(this.address("area"), { method: "POST", body: JSON.stringify(this.question()) });
    if (number !== this.asked) return;
    if (!answer.ok) { this.say(this.areaBody, await refused(answer)); return; }
    this.areaBody.innerHTML = (await answer.json()).html;
  }

  async upload(file) {
    this.areaBody.replaceChildren(make("p", { className: "yj-note", textContent: this.data.texts.working }));
    const answer = await fetch(this.address("area/file", { name: file.name }), { method: "POST", body: file });
    if (!answer.ok) { this.say(this.areaBody, await refused(answer)); return; }
    const geometry = await answer.json();
    this.hosted.draws(window.L.geoJSON(geometry, { style: this.data.drawStyle, interactive: false }), true);
    await this.area(geometry);
  }

  /* ---- scenario ------------------------------------------------------------------------------------------------ */

  buildWhatIf() {
    const page = this.pages.whatif, texts = this.own.texts;
    page.append(make("p", { className: "yj-note", textContent: texts.how }));
    this.usual = { share: 1, density: 1, price: 1, rate: this.own.rate, most_lcoe: this.own.sliders.most_lcoe[1] };
    this.sliders = {};
    for (const [name, [least, most, step]] of Object.entries(this.own.sliders)) {
      const input = make("input", { type: "range", min: least, max: most, step, value: this.usual[name], name });
      const shown = make("output");
      input.addEventListener("input", () => this.slid());
      input.addEventListener("change", () => this.hosted.send("scenario", this.scenario()));
      this.sliders[name] = { input, shown };
      page.append(make("label", { className: "yj-slider" }, make("span", { textContent: texts[name] }), shown, input));
    }
    const back = make("button", { type: "button", className: "yj-action", textContent: texts.reset });
    back.addEventListener("click", () => { this.take(""); this.slid(); this.hosted.send("scenario", ""); });
    this.totals = make("div", { className: "yj-totals" });
    this.totals.setAttribute("aria-live", "polite");
    page.append(this.buildRules(), back, this.totals);
    this.take(this.own.scenario);
    if (this.own.scenario) this.hosted.whatif = this.scenario();
    this.tabs.whatif.addEventListener("click", () => { if (!this.totals.children.length) this.slid(); });
  }

  /* A tick per rule: off brings back what it takes. */
  buildRules() {
    this.rules = {};
    const { rules, texts } = this.own;
    if (!rules.length) return "";
    const fold = make("details", { className: "yj-fold yj-switches" }, make("summary", { textContent: texts.rules }));
    fold.append(make("p", { className: "yj-note", textContent: texts.rules_how }));
    const list = make("div", { className: "yj-scroll", tabIndex: 0, role: "group" });
    list.setAttribute("aria-label", texts.rules);
    for (const { id, label, back } of rules) {
      const input = make("input", { type: "checkbox", checked: true, name: `rule-${id}` });
      input.addEventListener("change", () => { this.slid(); this.hosted.send("scenario", this.scenario()); });
      this.rules[id] = input;
      list.append(make("label", { className: "yj-switch" }, input, make("span", { textContent: label }), make("small", { textContent: back })));
    }
    const { href } = this.data.why;
    fold.append(list, make("a", { href: `${href}#rules`, target: "_blank", textContent: texts.why }));
    fold.open = this.own.scenario.includes("rules_off");
    return fold;
  }

  /* Set the sliders to what a scenario says; what it says of types and statuses stays as it is. */
  take(text) {
    let given = {};
    try { given = text ? JSON.parse(text) : {}; } catch { given = {}; }
    const { share, density, price, rate, most_lcoe: most, rules_off: off, ...rest } = given;
    for (const [id, input] of Object.entries(this.rules)) input.checked = !(off || []).includes(id);
    this.rest = rest;
    const shares = Object.values(share || {});
    const values = { share: shares.length ? Math.max(...shares) : 1, density, price, rate, most_lcoe: most };
    for (const [name, { input }] of Object.entries(this.sliders)) input.value = values[name] ?? this.usual[name];
    this.label();
  }

  label() {
    for (const [name, { input, shown }] of Object.entries(this.sliders)) {
      const value = Number(input.value);
      if (name !== "most_lcoe") shown.textContent = `${(100 * value).toFixed(name === "rate" ? 1 : 0)} %`;
      else shown.textContent = value >= this.usual.most_lcoe ? "—" : value.toFixed(2);
    }
  }

  scenario() {
    const found = { ...this.rest };
    for (const [name, { input }] of Object.entries(this.sliders)) {
      const value = Number(input.value);
      if (Math.abs(value - this.usual[name]) < 1e-6) continue;
      found[name] = name === "share" ? Object.fromEntries(this.own.sectors.map((sector) => [sector, value])) : value;
    }
    const off = Object.keys(this.rules).filter((id) => !this.rules[id].checked);
    if (off.length) found.rules_off = off;
    return Object.keys(found).length ? JSON.stringify(found) : "";
  }

  /* One question at a time; what the sliders say when an answer comes back is asked next. */
  async slid() {
    this.label();
    if (this.asking) { this.again = true; return; }
    this.asking = true;
    do {
      this.again = false;
      const text = this.scenario();
      const answer = await fetch(this.address("whatif", { w: text, q: this.data.filterText }));
      if (answer.ok) this.totals.innerHTML = (await answer.json()).html;
      else this.say(this.totals, await refused(answer));
      this.hosted.imagine(answer.ok ? text : "");
    } while (this.again);
    this.asking = false;
  }

  /* ---- shadows ------------------------------------------------------------------------------------------------- */

  buildShadows() {
    const texts = this.own.texts;
    this.day = make("input", { type: "date", min: "2023-01-01", max: "2023-12-31", value: "2023-12-22" });
    this.hour = make("input", { type: "range", min: 5, max: 20, step: 0.5, value: 14 });
    const shown = make("output", { textContent: "14:00" });
    this.hour.addEventListener("input", () => { shown.textContent = this.clock(); });
    for (const input of [this.day, this.hour]) input.addEventListener("change", () => { if (this.lit) this.shadows(); });
    this.lit = false;
    this.switch = make("button", { type: "button", className: "yj-action", textContent: texts.show });
    this.switch.setAttribute("aria-pressed", "false");
    this.switch.addEventListener("click", () => { this.lit = !this.lit; this.shadows(); });
    const play = make("button", { type: "button", className: "yj-action", textContent: texts.play });
    play.addEventListener("click", () => this.play(shown));
    this.sun = make("p", { className: "yj-note" });
    this.sun.setAttribute("aria-live", "polite");
    this.pages.shadows.append(
      make("p", { className: "yj-note", textContent: texts.demo }),
      make("label", { className: "yj-slider" }, make("span", { textContent: texts.day }), this.day),
      make("label", { className: "yj-slider" }, make("span", { textContent: texts.hour }), shown, this.hour),
      this.switch, play, this.sun,
    );
    this.hosted.map.on("moveend", () => { if (this.lit) this.shadows(); });
  }

  clock() {
    const hour = Number(this.hour.value);
    return `${Math.floor(hour)}:${hour % 1 ? "30" : "00"}`;
  }

  async play(shown) {
    if (this.playing) { this.playing = false; return; }
    this.playing = true; this.lit = true;
    for (let hour = Number(this.hour.min); hour <= Number(this.hour.max) && this.playing; hour += 1) {
      this.hour.value = hour; shown.textContent = this.clock();
      await Promise.all([this.shadows(), new Promise((done) => setTimeout(done, 600))]);
    }
    this.playing = false;
  }

  async shadows() {
    const texts = this.own.texts, map = this.hosted.map;
    this.switch.textContent = this.lit ? texts.hide : texts.show;
    this.switch.setAttribute("aria-pressed", String(this.lit));
    if (!this.lit) { this.playing = false; this.hosted.darken(null); this.sun.textContent = ""; return; }
    const view = map.getBounds();
    const wide = map.distance(view.getNorthWest(), view.getNorthEast());
    const tall = map.distance(view.getNorthWest(), view.getSouthWest());
    if (Math.max(wide, tall) > 1000 * this.own.largestKm) {
      this.hosted.darken(null); this.sun.textContent = texts.zoom; return;
    }
    this.sun.textContent = this.data.texts.working;
    const number = this.darkAsked = (this.darkAsked || 0) + 1;
    const words = new URLSearchParams({ box: view.toBBoxString(), v: this.data.key });
    const answer = await fetch(`raster/shadows/${this.day.value.slice(5)}/${this.hour.value}?${words}`);
    if (number !== this.darkAsked || !this.lit) return;
    if (!answer.ok) { this.hosted.darken(null); this.sun.textContent = await refused(answer); return; }
    this.hosted.darken(URL.createObjectURL(await answer.blob()), view);
    const told = (name) => Number(answer.headers.get(name));
    this.sun.textContent = texts.sun.replace("{0}", told("x-sun-elevation").toFixed(0))
      .replace("{1}", told("x-sun-azimuth").toFixed(0)).replace("{2}", (100 * told("x-shadow-share")).toFixed(0));
  }
}

window.YijianPanel = YijianPanel;
