/* The map in the page: hosts the map that Python describes once, draws binary tiles, reports clicks and drawings. */
"use strict";

const loaded = new Map();

function loadOnce(url) {
  if (!loaded.has(url)) {
    loaded.set(url, new Promise((resolve, reject) => {
      const css = url.split("?")[0].endsWith(".css");
      const element = document.createElement(css ? "link" : "script");
      if (css) { element.rel = "stylesheet"; element.href = url; } else { element.src = url; element.async = false; }
      element.onload = resolve;
      element.onerror = () => reject(new Error(url));
      document.head.appendChild(element);
    }));
  }
  return loaded.get(url);
}

/* ---- tiles ---------------------------------------------------------------------------------------------------- */

function parseShapes(buffer) {
  const [n, rings, points] = new Uint32Array(buffer, 0, 3);
  let at = 12;
  const take = (type, count) => { const part = new type(buffer, at, count); at += part.byteLength; return part; };
  const tile = { n };
  tile.row = take(Uint32Array, n);
  tile.shapeEnds = take(Uint32Array, n);
  tile.ringEnds = take(Uint32Array, rings);
  tile.xy = take(Int16Array, 2 * points);
  for (const name of ["value", "cost", "specific"]) tile[name] = take(Float32Array, n);
  for (const name of ["kind", "status", "sector", "town", "dimension"]) tile[name] = take(Uint8Array, n);
  return tile;
}

function parseWhatIf(buffer) {
  const n = buffer.byteLength / 8;
  return { value: new Float32Array(buffer, 0, n), cost: new Float32Array(buffer, 4 * n, n) };
}

const CELLS = 32;

function parseCells(buffer) {
  const count = CELLS * CELLS;
  return {
    value: new Float32Array(buffer, 0, count), cost: new Float32Array(buffer, 4 * count, count),
    specific: new Float32Array(buffer, 8 * count, count), kind: new Uint8Array(buffer, 12 * count, count),
  };
}

class TileSource {
  constructor(url, parse) { this.url = url; this.parse = parse; this.cache = new Map(); }

  get(z, x, y) {
    const key = `${z}/${x}/${y}`;
    if (!this.cache.has(key)) {
      if (this.cache.size > 400) this.cache.delete(this.cache.keys().next().value);
      const [path, query] = this.url.split("?");
      const found = fetch(`${path}/${key}?${query}`).then((answer) => {
        if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`);
        return answer.arrayBuffer();
      }).then((buffer) => { const tile = this.parse(buffer); found.tile = tile; return tile; });
      found.catch(() => this.cache.delete(key));
      this.cache.set(key, found);
    }
    return this.cache.get(key);
  }

  ready(z, x, y) { return this.cache.get(`${z}/${x}/${y}`)?.tile; }
}

function classOf(value, limits) {
  let index = 0;
  while (index < limits.length && value >= limits[index]) index += 1;
  return index;
}

function makeLayerClass(L) {
  return L.GridLayer.extend({
    initialize(source, painter, options) {
      this.source = source; this.painter = painter;
      L.GridLayer.prototype.initialize.call(this, options);
    },
    parent(coords) {
      const z = Math.min(coords.z, this.options.detail);
      const shift = coords.z - z;
      return { z, shift, x: coords.x >> shift, y: coords.y >> shift };
    },
    createTile(coords, done) {
      const canvas = document.createElement("canvas");
      const ratio = window.devicePixelRatio || 1;
      canvas.width = canvas.height = 256 * ratio;
      canvas.coords = coords;
      this.fill(canvas, done);
      return canvas;
    },
    fill(canvas, done) {
      const { z, x, y } = this.parent(canvas.coords);
      const source = this.source;
      const imagined = this.imagined;
      Promise.all([source.get(z, x, y), imagined && imagined.get(z, x, y)]).then(([tile, changed]) => {
        if (source !== this.source || imagined !== this.imagined) return;
        tile.changed = changed || null;
        this.paint(canvas, tile);
        if (done) done(null, canvas);
      }).catch((error) => { if (done) done(error, canvas); });
    },
    paint(canvas, tile) {
      const { shift, x, y } = this.parent(canvas.coords);
      const ratio = canvas.width / 256;
      const context = canvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      const scale = 2 ** shift;
      const dx = (canvas.coords.x - x * scale) * 256, dy = (canvas.coords.y - y * scale) * 256;
      context.setTransform(ratio, 0, 0, ratio, -dx * ratio, -dy * ratio);
      this.painter(context, tile, scale, canvas.coords.z);
    },
    restyle(painter) {
      if (painter) this.painter = painter;
      for (const key of Object.keys(this._tiles || {})) this.fill(this._tiles[key].el);
    },
    resource(source) { this.source = source; this.restyle(); },
    imagine(source) { this.imagined = source; this.restyle(); },
  });
}

function tracePath(context, tile, index, scale) {
  const unit = scale / 16;
  let ring = index ? tile.shapeEnds[index - 1] : 0;
  for (; ring < tile.shapeEnds[index]; ring += 1) {
    let point = ring ? tile.ringEnds[ring - 1] : 0;
    const end = tile.ringEnds[ring];
    context.moveTo(tile.xy[2 * point] * unit, tile.xy[2 * point + 1] * unit);
    for (point += 1; point < end; point += 1) context.lineTo(tile.xy[2 * point] * unit, tile.xy[2 * point + 1] * unit);
    if (tile.dimension[index] === 2) context.closePath();
  }
}

/* Paint shapes colour by colour: shapes of one ring share a path, shapes with holes are filled one by one. */
function paintShapes(context, tile, scale, colourOf, { stroke = true } = {}) {
  const groups = new Map();
  for (let index = 0; index < tile.n; index += 1) {
    const colour = colourOf(index);
    if (!colour) continue;
    if (!groups.has(colour)) groups.set(colour, []);
    groups.get(colour).push(index);
  }
  for (const [colour, members] of groups) {
    context.fillStyle = colour;
    context.strokeStyle = colour;
    context.lineWidth = 0.7;
    context.beginPath();
    for (const index of members) {
      const start = index ? tile.shapeEnds[index - 1] : 0;
      if (tile.dimension[index] === 2 && tile.shapeEnds[index] - start === 1) tracePath(context, tile, index, scale);
    }
    context.fill();
    if (stroke) context.stroke();
    for (const index of members) {
      const start = index ? tile.shapeEnds[index - 1] : 0;
      if (tile.dimension[index] === 2 && tile.shapeEnds[index] - start === 1) continue;
      context.beginPath();
      tracePath(context, tile, index, scale);
      if (tile.dimension[index] === 2) { context.fill("evenodd"); if (stroke) context.stroke(); } else context.stroke();
    }
  }
}

/* ---- painters, made from the plain description that Python sends ------------------------------------------------ */

function siteFilter(filter) {
  const sets = ["kind", "sector", "status", "town"].map((name) => [name, filter[name] && new Set(filter[name])]);
  return (tile, index) => sets.every(([name, wanted]) => !wanted || wanted.has(tile[name][index]))
    && (filter.minKwp == null || tile.value[index] >= filter.minKwp)
    && (filter.maxCost == null || tile.cost[index] <= filter.maxCost);
}

function colourBy(style) {
  if (style.by === "kind") return (tile, index) => style.colours[tile.kind[index]] || style.unknown;
  return (tile, index) => {
    const value = (tile.changed?.[style.by] || tile[style.by])[index];
    return Number.isFinite(value) ? style.ramp[classOf(value, style.limits)] : style.unknown;
  };
}

function sitePainter(style, filter) {
  const keep = siteFilter(filter), colour = colourBy(style);
  return (context, tile, scale) => paintShapes(context, tile, scale, (i) =>
    (keep(tile, i) && !(tile.changed?.value[i] <= 0) ? colour(tile, i) : null));
}

function cellPainter(style) {
  return (context, tile, scale, zoom) => {
    const size = (256 / CELLS) * scale;
    const ground = (40075016.686 / (2 ** zoom * CELLS)) * style.groundScale * scale;
    const km2 = (ground / 1000) ** 2;
    for (let index = 0; index < CELLS * CELLS; index += 1) {
      if (!(tile.value[index] > 0)) continue;
      let colour;
      if (style.by === "kind") {
        colour = style.colours[tile.kind[index]];
        context.globalAlpha = 0.35 + 0.65 * Math.min(1, tile.value[index] / 1000 / km2 / style.strong);
      } else {
        const value = style.by === "value" ? tile.value[index] / 1000 / km2 : tile[style.by][index];
        colour = Number.isFinite(value) ? style.ramp[classOf(value, style.cellLimits)] : style.unknown;
      }
      context.fillStyle = colour;
      context.fillRect((index % CELLS) * size, Math.floor(index / CELLS) * size, size - 0.6, size - 0.6);
    }
    context.globalAlpha = 1;
  };
}

function backgroundPainter(style) {
  return (context, tile, scale, zoom) => {
    context.lineCap = context.lineJoin = "round";
    for (let index = 0; index < tile.n; index += 1) {
      const look = style.kinds[tile.kind[index]];
      if (!look || zoom < look.from) continue;
      context.beginPath();
      tracePath(context, tile, index, scale);
      if (tile.dimension[index] === 2) {
        if (look.fill) { context.fillStyle = look.fill; context.fill("evenodd"); }
        if (look.dash) {
          context.setLineDash(look.dash); context.strokeStyle = look.line; context.lineWidth = 1; context.stroke();
          context.setLineDash([]);
        }
      } else {
        const width = Math.max(0.6, (tile.value[index] || 1) * (zoom < 12 ? 0.6 : zoom < 14 ? 1 : zoom - 12.5));
        if (look.casing) { context.strokeStyle = look.casing; context.lineWidth = width + 1.4; context.stroke(); }
        context.setLineDash(look.dash || []);
        context.strokeStyle = look.line; context.lineWidth = width; context.stroke();
        context.setLineDash([]);
      }
    }
  };
}

const hatches = new Map();

function hatch(context, colour, mirrored) {
  const key = `${colour} ${mirrored}`;
  if (!hatches.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    if (mirrored) pen.setTransform(-1, 0, 0, 1, 8, 0);
    pen.strokeStyle = colour; pen.lineWidth = 1.2;
    pen.beginPath(); pen.moveTo(-2, 2); pen.lineTo(2, -2); pen.moveTo(0, 8); pen.lineTo(8, 0);
    pen.moveTo(6, 10); pen.lineTo(10, 6); pen.stroke();
    hatches.set(key, context.createPattern(tile, "repeat"));
  }
  return hatches.get(key);
}

/* Land that rules take, without those that are off; a shape says its rule in place of a status. */
function excludedPainter(style, off) {
  return (context, tile, scale) => paintShapes(context, tile, scale, (index) =>
    (off?.has(tile.status[index]) ? null : hatch(context, style.line)), { stroke: false });
}

/* What comes back is what only rules take that are off: their land, less the land of all others. */
function regainedPainter(look, off, filter) {
  const towns = filter.town && new Set(filter.town), kinds = filter.kind && new Set(filter.kind);
  const meant = (tile, index) => off.has(tile.status[index]) && (!towns || towns.has(tile.town[index]))
    && (!kinds || kinds.has(tile.kind[index]));
  return (context, tile, scale) => {
    const sheet = document.createElement("canvas");
    sheet.width = context.canvas.width; sheet.height = context.canvas.height;
    const pen = sheet.getContext("2d");
    pen.setTransform(context.getTransform());
    /* One by one: shapes that overlap and run the other way round would cancel each other in one path. */
    const paint = (wanted) => {
      for (let index = 0; index < tile.n; index += 1) {
        if (!wanted(tile, index)) continue;
        pen.beginPath(); tracePath(pen, tile, index, scale); pen.fill("evenodd");
      }
    };
    paint(meant);
    pen.globalCompositeOperation = "destination-out";
    paint((_, index) => !off.has(tile.status[index]));
    pen.globalCompositeOperation = "source-in";
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = look.fill; pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.globalCompositeOperation = "source-atop";
    pen.fillStyle = hatch(pen, look.line, true); pen.fillRect(0, 0, sheet.width, sheet.height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(sheet, 0, 0);
  };
}

function heatPainter(style) {
  const wanted = style.kinds && new Set(style.kinds);
  return (context, tile, scale) => paintShapes(context, tile, scale, (index) => {
    if (wanted && !wanted.has(tile.kind[index])) return null;
    return style.ramp[classOf(tile.value[index], style.limits)];
  });
}

/* ---- picking ---------------------------------------------------------------------------------------------------- */

function distanceTo(tile, index, px, py) {
  let inside = false, best = Infinity;
  let ring = index ? tile.shapeEnds[index - 1] : 0;
  for (; ring < tile.shapeEnds[index]; ring += 1) {
    const start = ring ? tile.ringEnds[ring - 1] : 0, end = tile.ringEnds[ring];
    let ax = tile.xy[2 * (end - 1)], ay = tile.xy[2 * (end - 1) + 1];
    for (let point = start; point < end; point += 1) {
      const bx = tile.xy[2 * point], by = tile.xy[2 * point + 1];
      if ((by > py) !== (ay > py) && px < ((ax - bx) * (py - by)) / (ay - by) + bx) inside = !inside;
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      const along = length ? Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length)) : 0;
      best = Math.min(best, (ax + along * (bx - ax) - px) ** 2 + (ay + along * (by - ay) - py) ** 2);
      ax = bx; ay = by;
    }
  }
  return inside ? 0 : Math.sqrt(best);
}

function pick(map, layer, latlng, keep) {
  const zoom = map.getZoom();
  if (!map.hasLayer(layer) || zoom < layer.options.minZoom) return null;
  const z = Math.min(zoom, layer.options.detail);
  const at = map.project(latlng, z);
  const x = Math.floor(at.x / 256), y = Math.floor(at.y / 256);
  const tile = layer.source.ready(z, x, y);
  if (!tile) return null;
  const px = (at.x - x * 256) * 16, py = (at.y - y * 256) * 16;
  let best = (4 * 16) / 2 ** (zoom - z), found = null;
  for (let index = 0; index < tile.n; index += 1) {
    if (keep && !keep(tile, index)) continue;
    const distance = distanceTo(tile, index, px, py);
    if (distance < best || (distance === 0 && found === null)) { best = distance; found = tile.row[index]; }
    if (distance === 0) break;
  }
  return found;
}

/* The address says what the map shows. Streamlit writes the rest of the address and drops this part, so it is put
   back after every run; it is read by Python when a session begins. */
function setAddress(parts) {
  const address = new URL(location.href);
  let changed = false;
  for (const [name, value] of Object.entries(parts)) {
    if ((address.searchParams.get(name) || "") === (value || "")) continue;
    changed = true;
    if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
  }
  if (changed) history.replaceState(history.state, "", address.toString().replaceAll("%2F", "/"));
}

/* ---- one map ------------------------------------------------------------------------------------------------------ */

class HostedMap {
  constructor(element) { this.element = element; this.seen = {}; }

  async start(data, send) {
    this.send = send;
    this.data = data;
    for (const url of data.css) loadOnce(url);
    for (const url of data.js) await loadOnce(url);
    await Promise.all(data.css.map(loadOnce));
    const L = window.L;
    L.Icon.Default.imagePath = data.images;
    /* Leaflet keeps the window from scrolling when the map takes the focus; here another element scrolls. */
    L.Map.Keyboard.include({ _onMouseDown() { if (!this._focused) this._map.getContainer().focus({ preventScroll: true }); } });
    this.translate(L, data.texts);
    const holder = this.element.querySelector(".yj-map");
    holder.style.setProperty("--yj-height", `${data.height}px`);
    holder.innerHTML = data.html;
    if (data.panel) this.frame(holder);
    this.map = new Function(`${data.script}; return ${data.name};`)();
    const container = this.map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", data.label);
    this.map.setMinZoom(8).setMaxZoom(19);
    this.map.attributionControl.setPrefix(false).addAttribution(data.attribution);
    this.ready(L, holder);
    if (data.panel) this.panel = new window.YijianPanel(this, this.aside);
    this.update(data, send);
    if (data.panel?.geometry) {
      this.draws(L.geoJSON(data.panel.geometry, { style: data.drawStyle, interactive: false }));
      this.panel.area(data.panel.geometry);
    }
  }

  /* Put the panel beside the map; on narrow screens it follows below. */
  frame(holder) {
    const frame = holder.parentElement;
    frame.classList.add("yj-two");
    frame.querySelector(".yj-panel")?.remove();
    this.aside = document.createElement("aside");
    this.aside.className = "yj-panel";
    this.aside.style.setProperty("--yj-height", `${this.data.height}px`);
    this.aside.setAttribute("aria-label", this.data.texts.panel);
    frame.append(this.aside);
  }

  translate(L, texts) {
    if (!L.drawLocal) return;
    const { toolbar, handlers } = L.drawLocal.draw;
    Object.assign(toolbar.buttons, { rectangle: texts.rectangle, polygon: texts.polygon, polyline: texts.measure });
    Object.assign(toolbar.actions, { title: texts.cancel, text: texts.cancel });
    Object.assign(toolbar.finish, { title: texts.finish, text: texts.finish });
    Object.assign(toolbar.undo, { title: texts.undo, text: texts.undo });
    handlers.rectangle.tooltip.start = texts.dragHint;
    handlers.simpleshape.tooltip.end = texts.releaseHint;
    Object.assign(handlers.polygon.tooltip, { start: texts.pointHint, cont: texts.pointHint, end: texts.closeHint });
    Object.assign(handlers.polyline.tooltip, { start: texts.pointHint, cont: texts.pointHint, end: texts.closeHint });
  }

  ready(L, holder) {
    const map = this.map, data = this.data;
    for (const [name, z] of [["online", 190], ["ground", 200], ["raster", 250], ["under", 300], ["sites", 350], ["back", 360], ["dark", 380]]) {
      map.createPane(name).style.zIndex = z;
    }
    this.Layer = makeLayerClass(L);
    const source = (name, parse = parseShapes) => new TileSource(`${data.tiles}/${name}?v=${data.key}`, parse);
    const make = (name, pane, painter, options) =>
      new this.Layer(source(name), painter, { pane, detail: 16, updateWhenZooming: false, keepBuffer: 1, ...options });
    this.layers = {
      background: make("background", "ground", backgroundPainter(data.background), { detail: 14 }),
      excluded: make("excluded", "under", excludedPainter(data.excluded), { minZoom: 13 }),
      heat: make("heat", "under", heatPainter(data.heat), { minZoom: 10, detail: 14 }),
      regained: make("excluded", "back", () => {}, { minZoom: 9 }),
      sites: make("sites", "sites", () => {}, { minZoom: data.siteZoom }),
      cells: new this.Layer(null, () => {}, { pane: "sites", detail: data.siteZoom - 1, maxZoom: data.siteZoom - 1,
        updateWhenZooming: false, keepBuffer: 1 }),
    };
    this.marks = L.layerGroup().addTo(map);
    this.drawings = L.featureGroup().addTo(map);
    for (const { lat, lon, text } of data.labels) {
      const box = document.createElement("div");
      box.className = "yj-town"; box.textContent = text;
      L.marker([lat, lon], { icon: L.divIcon({ html: box, className: "", iconSize: [0, 0] }), interactive: false,
        keyboard: false }).addTo(map);
    }
    this.controls(L, holder);
    map.on("click", (event) => this.clicked(event.latlng));
    map.on("moveend", () => this.moved());
    this.observer = new ResizeObserver(() => map.invalidateSize());
    this.observer.observe(holder);
    if (data.view) map.setView([data.view.lat, data.view.lon], data.view.zoom, { animate: false });
    else map.fitBounds(data.bounds, { animate: false });
    this.timer = setInterval(() => this.moved(), 1500);
    this.keyboard(holder);
  }

  controls(L, holder) {
    const map = this.map, data = this.data;
    this.draw = new L.Control.Draw({
      position: "topleft",
      draw: { marker: false, circle: false, circlemarker: false,
        rectangle: data.panel ? { shapeOptions: data.drawStyle, showArea: false } : false,
        polygon: data.panel ? { shapeOptions: data.drawStyle, allowIntersection: false, showArea: false } : false,
        polyline: { shapeOptions: data.drawStyle, metric: true, feet: false } },
    });
    map.addControl(this.draw);
    map.on("draw:drawstart", () => { this.drawing = true; });
    map.on("draw:drawstop", () => setTimeout(() => { this.drawing = false; }, 50));
    map.on("draw:created", (event) => {
      this.draws(event.layer);
      if (event.layerType === "polyline") this.measured(event.layer);
      else this.drawn(event.layer.toGeoJSON().geometry);
    });
    L.control.scale({ position: "bottomleft", imperial: false }).addTo(map);
    const home = L.control({ position: "topleft" });
    home.onAdd = () => {
      const box = L.DomUtil.create("div", "leaflet-bar leaflet-control");
      const button = (path, title, act) => {
        const link = L.DomUtil.create("a", "yj-button", box);
        link.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="${path}"/></svg>`;
        link.href = "#"; link.title = title; link.setAttribute("role", "button");
        link.setAttribute("aria-label", title);
        L.DomEvent.on(link, "click", (event) => { L.DomEvent.stop(event); act(); });
      };
      if (data.panel) button("M3 11c-2-4 1-8 5-8s7 3 5 6-6 3-8 1M5 10c-1 2 0 3-2 4", data.texts.lasso, () => this.lasso(holder));
      button("M2 8l6-5 6 5M4 7v6h8V7", data.texts.home, () => map.fitBounds(this.data.bounds, { animate: false }));
      button("M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", data.texts.fullscreen, () => (document.fullscreenElement ? document.exitFullscreen()
        : holder.requestFullscreen()));
      button("M4 4l8 8M12 4l-8 8", data.texts.clear, () => { this.drawings.clearLayers(); this.marks.clearLayers(); map.closePopup();
        this.site = ""; this.moved(); this.drawn(null); });
      return box;
    };
    home.addTo(map);
    const where = L.control({ position: "bottomleft" });
    where.onAdd = () => { this.where = L.DomUtil.create("div", "yj-where"); return this.where; };
    where.addTo(map);
    map.on("mousemove", ({ latlng }) => {
      this.where.textContent = `${latlng.lng.toFixed(5)}°E ${latlng.lat.toFixed(5)}°N · WGS-84`;
    });
    const legend = L.control({ position: "bottomright" });
    legend.onAdd = () => {
      this.legend = L.DomUtil.create("details", "yj-legend");
      this.legend.open = holder.clientWidth > 600;
      L.DomEvent.disableClickPropagation(this.legend);
      L.DomEvent.disableScrollPropagation(this.legend);
      return this.legend;
    };
    legend.addTo(map);
  }

  measured(layer) {
    const points = layer.getLatLngs();
    let length = 0;
    for (let i = 1; i < points.length; i += 1) length += this.map.distance(points[i - 1], points[i]);
    const text = length < 2000 ? `${length.toFixed(0)} m` : `${(length / 1000).toFixed(2)} km`;
    layer.bindTooltip(`${this.data.texts.length} ${text}`, { permanent: true, className: "yj-measure" }).openTooltip();
  }

  draws(layer, fit) {
    this.drawings.clearLayers();
    this.drawings.addLayer(layer);
    if (fit) this.map.fitBounds(layer.getBounds(), { maxZoom: 17, animate: false });
  }

  drawn(geometry) {
    if (this.panel) this.panel.area(geometry); else this.send("drawn", geometry);
  }

  /* Drag once around the sites that are meant. */
  lasso(holder) {
    const { map } = this, L = window.L, box = map.getContainer(), points = [];
    const line = L.polyline([], { ...this.data.drawStyle, dashArray: "4 4", interactive: false });
    this.drawing = true;
    map.dragging.disable();
    holder.classList.add("yj-lasso");
    this.hint(this.data.texts.lassoHint);
    const move = (event) => { points.push(map.mouseEventToLatLng(event)); line.setLatLngs(points); };
    const end = () => {
      box.removeEventListener("pointermove", move);
      window.removeEventListener("keydown", escape);
      holder.classList.remove("yj-lasso");
      map.dragging.enable();
      this.hint("");
      line.remove();
      setTimeout(() => { this.drawing = false; }, 80);
      if (points.length < 3) return;
      const ring = L.polygon(points, { ...this.data.drawStyle, smoothFactor: 2 });
      this.draws(ring);
      this.drawn(ring.toGeoJSON(6).geometry);
    };
    const start = (event) => {
      if (event.target.closest(".leaflet-control")) { end(); return; }
      move(event); line.addTo(map);
      box.addEventListener("pointermove", move);
      window.addEventListener("pointerup", end, { once: true });
    };
    const escape = (event) => { if (event.key === "Escape") { box.removeEventListener("pointerdown", start); points.length = 0; end(); } };
    box.addEventListener("pointerdown", start, { once: true });
    window.addEventListener("keydown", escape);
  }

  hint(text) { this.where.textContent = text; }

  /* Enter picks what lies in the middle of the map; arrows and plus and minus move it. */
  keyboard(holder) {
    const box = this.map.getContainer();
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === box) { event.preventDefault(); this.clicked(this.map.getCenter()); }
    });
    box.addEventListener("keyup", (event) => { if (event.target === box) holder.classList.add("yj-keys-on"); });
    box.addEventListener("pointerdown", () => holder.classList.remove("yj-keys-on"));
    box.addEventListener("blur", () => holder.classList.remove("yj-keys-on"));
  }

  moved() {
    const centre = this.map.getCenter();
    if (this.data.keepView) {
      setAddress({ view: `${this.map.getZoom()}/${centre.lat.toFixed(5)}/${centre.lng.toFixed(5)}`, site: this.site });
    }
    const level = this.map.getZoom() < this.data.siteZoom ? "cells" : "sites";
    if (level !== this.level) { this.level = level; this.drawLegend(); }
  }

  clicked(latlng) {
    if (this.drawing) return;
    for (const name of ["sites", "heat"]) {
      const row = pick(this.map, this.layers[name], latlng, name === "sites" ? this.keep : null);
      if (row !== null) { this.show(name, row, latlng); return; }
    }
  }

  async show(layer, row, latlng, go = false) {
    const number = this.shown = (this.shown || 0) + 1;
    if (!this.panel) this.send("picked", { layer, row });
    const answer = await fetch(`${this.data.api}/${layer}?row=${row}&lang=${this.data.lang}&v=${this.data.key}`);
    if (!answer.ok || number !== this.shown) return;
    const card = await answer.json();
    this.marks.clearLayers();
    const outline = window.L.geoJSON(card.geometry, { style: this.data.pickedStyle, interactive: false }).addTo(this.marks);
    if (go) this.map.fitBounds(outline.getBounds(), { maxZoom: 17, animate: false });
    this.site = card.id;
    this.moved();
    if (this.panel) this.panel.card(card, layer);
    if (!this.panel || this.alone()) this.popup(card, latlng || outline.getBounds().getCenter());
  }

  /* Whether the panel cannot be seen beside the map: on a phone, or with the map filling the screen. */
  alone() { return Boolean(document.fullscreenElement) || this.aside.offsetTop > this.element.querySelector(".yj-map").offsetTop + 40; }

  popup(card, latlng) {
    const box = document.createElement("div");
    box.className = "yj-card";
    const title = document.createElement("b");
    title.textContent = card.title;
    box.append(title);
    const list = document.createElement("dl");
    for (const [label, value] of card.lines) {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = label; dd.textContent = value;
      list.append(dt, dd);
    }
    box.append(list);
    const note = document.createElement("small");
    note.textContent = card.note;
    box.append(note);
    window.L.popup({ maxWidth: 280, autoPanPadding: [60, 30] }).setLatLng(latlng).setContent(box).openOn(this.map);
  }

  drawLegend() {
    const legends = this.data.legends[this.map.getZoom() < this.data.siteZoom ? "cells" : "sites"];
    this.legend.replaceChildren();
    const summary = document.createElement("summary");
    summary.textContent = this.data.texts.legend;
    this.legend.append(summary);
    const { regained } = this.data;
    const back = { title: this.data.texts.whatif, items: [{ colour: regained?.line, label: regained?.label, look: "back" }] };
    for (const { title, items, folded } of this.regaining ? [back, ...legends] : legends) {
      const group = document.createElement("details"), head = document.createElement("summary");
      group.open = !folded;
      head.className = "yj-legend-title"; head.textContent = title;
      group.append(head);
      this.legend.append(group);
      for (const { colour, label, look } of items) {
        const line = document.createElement("div"), swatch = document.createElement("i");
        swatch.className = look || ""; swatch.style.setProperty("--c", colour);
        line.append(swatch, label);
        group.append(line);
      }
    }
    const why = Object.assign(document.createElement("a"), { className: "yj-why", target: "_blank" });
    why.href = `${this.data.why.href}#words`; why.textContent = this.data.why.label;
    this.legend.append(why);
  }

  changed(name, value) {
    const text = JSON.stringify(value);
    if (this.seen[name] === text) return false;
    this.seen[name] = text;
    return true;
  }

  /* Show every site as a scenario has it; the same shapes, other numbers. */
  imagine(text) {
    if (text === this.imagined) return;
    this.imagined = text; this.whatif = text;
    const { sites } = this.layers, { data } = this;
    const query = `v=${data.key}&w=${encodeURIComponent(text)}`;
    sites.imagine(text ? new TileSource(`${data.tiles}/whatif?${query}`, parseWhatIf) : null);
    this.cells();
    this.regain((text && JSON.parse(text).rules_off) || []);
  }

  /* Draw the land that comes back without some rules; a filter that asks what only sites have leaves it unknown. */
  regain(off = this.off || []) {
    const { data, layers } = this, { regained: look, filter } = data;
    this.off = off;
    if (!look || !this.changed("off", [off, filter])) return;
    const ofSites = filter.sector || filter.status || filter.minKwp != null || filter.maxCost != null;
    const codes = new Set(off.map((id) => look.rules.indexOf(id)));
    layers.excluded.restyle(excludedPainter(data.excluded, codes));
    layers.regained.painter = regainedPainter(look, codes, filter);
    this.regaining = Boolean(codes.size && !ofSites);
    this.toggle(layers.regained, this.regaining);
    if (this.regaining) layers.regained.restyle();
    this.drawLegend();
  }

  cells() {
    const { data } = this;
    const query = `v=${data.key}&q=${encodeURIComponent(data.filterText)}&w=${encodeURIComponent(this.whatif || "")}`;
    this.layers.cells.resource(new TileSource(`${data.tiles}/cells?${query}`, parseCells));
  }

  darken(url, bounds) {
    const before = this.dark;
    this.dark = url && window.L.imageOverlay(url, bounds, { pane: "dark", className: "yj-dark", alt: "" }).addTo(this.map);
    if (!before) return;
    before.remove();
    URL.revokeObjectURL(before._url);
  }

  async projects(on) {
    if (!on) { this.placed?.remove(); return; }
    if (!this.placed) {
      const L = window.L;
      this.placed = L.layerGroup();
      const answer = await fetch(`${this.data.api}/projects?lang=${this.data.lang}&v=${this.data.key}`);
      if (!answer.ok) return;
      L.geoJSON(await answer.json(), {
        pointToLayer: ({ properties }, at) => L.circleMarker(at, { radius: 8, weight: 2, color: "#fff", fillOpacity: 1,
          fillColor: properties.colour, title: properties.title }),
        onEachFeature: ({ properties }, marker) => marker.on("click", (event) => {
          L.DomEvent.stop(event);
          this.popup({ title: properties.title, lines: properties.lines, note: "" }, event.latlng);
        }),
      }).addTo(this.placed);
    }
    if (this.data.show.projects) this.placed.addTo(this.map);
  }

  /* The map of the network lies under everything and stands in for the own base as soon as it answers; where it does
     not, the own base stays, and one quiet line says so. */
  setBasemap(basemap) {
    const L = window.L;
    clearTimeout(this.patience);
    this.online?.remove();
    this.online = null; this.answered = false;
    this.say("");
    this.ground();
    if (!basemap) return;
    const online = this.online = L.layerGroup();
    let refused = 0;
    const lost = () => {
      if (this.online !== online || this.answered) return;
      online.remove();
      this.say(this.data.texts.basemapLost);
    };
    for (const url of basemap.urls) {
      L.tileLayer(url, { pane: "online", subdomains: basemap.subdomains || "abc", maxNativeZoom: basemap.maxNativeZoom, maxZoom: 19,
        attribution: basemap.attribution })
        .on("tileload", () => { if (!this.answered && this.online === online) { this.answered = true; this.ground(); } })
        .on("tileerror", () => { refused += 1; if (refused >= 3) lost(); })
        .addTo(online);
    }
    online.addTo(this.map);
    this.patience = setTimeout(lost, 10_000);
  }

  /* The own base, where it is wanted and nothing stands in for it. */
  ground() { this.toggle(this.layers.background, this.data.show.background && !this.answered); }

  say(text) {
    if (!this.told) {
      this.told = window.L.DomUtil.create("div", "yj-told", this.map.getContainer());
      this.told.setAttribute("role", "status");
    }
    this.told.textContent = text;
  }

  toggle(layer, on) { if (on && !this.map.hasLayer(layer)) this.map.addLayer(layer); if (!on) this.map.removeLayer(layer); }

  update(data, send) {
    this.data = data; this.send = send;
    if (!this.map) return;
    const { map, layers } = this;
    this.keep = siteFilter(data.filter);
    if (this.changed("style", [data.style, data.filter])) {
      layers.sites.restyle(sitePainter(data.style, data.filter));
      layers.cells.painter = cellPainter(data.style);
      if (this.changed("filter", data.filterText) || !layers.cells.source) {
        this.cells();
        if (this.panel) this.refilter();
      } else layers.cells.restyle();
      this.regain();
    }
    if (this.changed("heat", data.heat)) layers.heat.restyle(heatPainter(data.heat));
    for (const name of ["excluded", "heat"]) this.toggle(layers[name], data.show[name]);
    this.ground();
    for (const name of ["sites", "cells"]) this.toggle(layers[name], data.show.sites);
    for (const name of ["sites", "cells", "heat"]) layers[name].setOpacity(data.opacity);
    if (this.changed("projects", data.show.projects)) this.projects(data.show.projects);
    if (this.changed("basemap", data.basemap)) this.setBasemap(data.basemap);
    if (this.changed("raster", data.raster)) this.setRaster(data.raster);
    if (data.go && this.changed("go", data.go)) this.goTo(data.go);
    if (data.panel?.open && this.changed("open", data.panel.open)) this.show(data.panel.open.layer, data.panel.open.row, null, !data.view);
    if (this.changed("legends", data.legends)) this.drawLegend();
    this.moved();
  }

  /* Totals follow the filter. */
  refilter() {
    if (this.panel.geometry) this.panel.area(this.panel.geometry);
    if (this.panel.totals.children.length) this.panel.slid();
    else if (this.whatif && this.imagined === undefined) this.imagine(this.whatif);
  }

  setRaster(raster) {
    if (this.raster) { this.map.removeLayer(this.raster); this.raster = null; }
    if (!raster) return;
    this.raster = window.L.imageOverlay(raster.url, raster.bounds, { pane: "raster", opacity: raster.opacity, alt: raster.alt });
    this.raster.addTo(this.map);
  }

  goTo(go) {
    if (go.bounds) this.map.fitBounds(go.bounds, { maxZoom: 17, animate: false });
    else this.map.setView([go.lat, go.lon], go.zoom, { animate: false });
    this.marks.clearLayers();
    if (go.geometry) {
      window.L.geoJSON(go.geometry, { style: this.data.pickedStyle, interactive: false }).addTo(this.marks);
    } else if (go.mark) {
      window.L.circleMarker([go.lat, go.lon], { ...this.data.pickedStyle, radius: 9, interactive: false }).addTo(this.marks);
    }
  }

  /* Another language: everything with words is built anew, and stands where it stood. */
  renewed(data) {
    const centre = this.map.getCenter();
    data.view = { lat: centre.lat, lon: centre.lng, zoom: this.map.getZoom() };
    data.go = null;
    if (data.panel && this.panel?.chosen) data.panel.open = this.panel.chosen;
    if (data.panel) data.panel.scenario = this.whatif || "";
    const geometry = this.panel?.geometry;
    if (geometry) data.panel.geometry = geometry;
    this.stop();
    maps.delete(this.element);
    return null;
  }

  stop() {
    clearInterval(this.timer);
    clearTimeout(this.patience);
    this.observer?.disconnect();
    this.map?.remove();
    if (this.data.keepView) setAddress({ view: null, site: null });
  }
}

const maps = new WeakMap();

window.yijianMap = function yijianMap({ parentElement, data, setStateValue }) {
  const element = parentElement;
  const send = (name, value) => setStateValue(name, value);
  let hosted = maps.get(element);
  if (hosted && hosted.data.lang !== data.lang && hosted.map) hosted = hosted.renewed(data);
  if (hosted) hosted.update(data, send);
  else {
    hosted = new HostedMap(element);
    maps.set(element, hosted);
    element.querySelector(".yj-map").yijian = hosted;
    hosted.start(data, send).catch((error) => {
      const note = element.querySelector(".yj-map");
      note.textContent = `${data.texts.failed} ${error.message}`;
      console.error(error);
    });
  }
  return () => { const last = maps.get(element); maps.delete(element); last?.stop(); };
};
