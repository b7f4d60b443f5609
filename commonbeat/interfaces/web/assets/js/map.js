// Maps: area outlines as ground, a point picker, and cards with clusters. Loaded only by pages with <div data-map>.
import { Map as View, Marker, Popup, addProtocol, setWorkerUrl } from "maplibre-gl";
import { Protocol } from "pmtiles";
import worker from "maplibre-worker-url";
import { cardsLayer, groundLayers, layersFor, paint, palette } from "./map_style.js";
import { announce, make, matching, text } from "./texts.js";

setWorkerUrl(new URL(worker, import.meta.url).href);
let protocolReady = false;

let styled;
function loadStyleSheet() {
  styled ??= new Promise((resolve) => {
    const href = document.querySelector("meta[name=map-styles]").content;
    const link = make("link", { rel: "stylesheet", href });
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
    document.head.append(link);
  });
  return styled;
}

async function fetchJson(url) {
  const answer = await fetch(url, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
}

function boundsOf(collection) {
  const box = [180, 90, -180, -90];
  const visit = (coordinates) => {
    if (typeof coordinates[0] !== "number") return coordinates.forEach(visit);
    const [x, y] = coordinates;
    [box[0], box[1], box[2], box[3]] = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
  };
  for (const feature of collection.features) if (feature.geometry) visit(feature.geometry.coordinates);
  return box[0] > box[2] ? null : box;
}

function sourcesFor(options, areas, cards) {
  const sources = { areas: { type: "geojson", data: areas } };
  if (options.basemap) {
    if (!protocolReady) addProtocol("pmtiles", new Protocol().tile);
    protocolReady = true;
    sources.ground = { type: "vector", url: `pmtiles://${new URL(options.basemap, location.href).href}` };
  }
  if (cards) sources.cards = { type: "geojson", data: cards, cluster: true, clusterRadius: 44, clusterMaxZoom: 15 };
  return sources;
}

function openView(element, options, areas, cards) {
  const colours = palette();
  const canvas = make("div", { class: "map__view", dir: "ltr" });
  element.append(canvas);
  const bounds = options.bounds?.split(",").map(Number) ?? boundsOf(cards?.features.length ? cards : areas) ?? [-180, -60, 180, 75];
  const view = new View({
    container: canvas,
    style: {
      version: 8,
      sources: sourcesFor(options, areas, cards),
      layers: [
        { id: "paper", type: "background", paint: { "background-color": colours.paper } },
        ...(options.basemap ? groundLayers(colours) : []),
        ...layersFor(colours, options),
        ...(cards ? [cardsLayer] : []),
      ],
    },
    bounds,
    // Without a ground map, a single point needs the outlines around it to say anything.
    fitBoundsOptions: { padding: 24, maxZoom: options.basemap ? 16 : 12 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: true,
    locale: {
      "Map.Title": options.label ?? text("map"),
      "CooperativeGesturesHandler.WindowsHelpText": text("map-ctrl-zoom"),
      "CooperativeGesturesHandler.MacHelpText": text("map-cmd-zoom"),
      "CooperativeGesturesHandler.MobileHelpText": text("map-two-fingers"),
      "Popup.Close": text("close"),
    },
    fadeDuration: 0,
  });
  view.touchZoomRotate.disableRotation();
  view.keyboard.disableRotation();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint(view, palette(), options));
  return { view, canvas };
}

function tool(label, sign, act) {
  const button = make("button", { type: "button", class: "map__tool", "aria-label": label, title: label }, sign);
  button.addEventListener("click", act);
  return button;
}

function addTools(element, view, extra = []) {
  element.append(make(
    "div", { class: "map__tools" },
    tool(text("map-closer"), "+", () => view.zoomIn()),
    tool(text("map-farther"), "−", () => view.zoomOut()),
    ...extra,
  ));
}

/** Area names on hover and on click; a click leads to the area's page where it has one. */
function addAreas(view, options) {
  if (options.map === "pick") return;
  const name = new Popup({ closeButton: false, closeOnClick: false, focusAfterOpen: false });
  view.on("mousemove", "areas-fill", (event) => {
    const area = event.features[0].properties;
    const words = make("div", { dir: "auto" }, make("span", { class: "map__place" }, area.name ?? ""));
    if (area.said) words.append(make("div", {}, area.said));
    name.setLngLat(event.lngLat).setDOMContent(words).addTo(view);
    view.getCanvas().style.cursor = area.url ? "pointer" : "";
  });
  view.on("mouseleave", "areas-fill", () => name.remove());
  view.on("click", "areas-fill", (event) => {
    const { url } = event.features[0].properties;
    if (url && !event.defaultPrevented) location.assign(url);
  });
}

function addPicker(element, view, canvas, options) {
  const lat = document.getElementById(options.lat);
  const long = document.getElementById(options.long);
  if (!lat || !long) return;
  const pin = make("div", { class: "map__pin" });
  pin.append(document.importNode(document.getElementById("client-texts").content.querySelector("[data-pin] svg"), true));
  const marker = new Marker({ element: pin, anchor: "bottom" });
  element.append(make("div", { class: "map__cross", "aria-hidden": "true" }));

  function show(point) {
    marker.setLngLat(point).addTo(view);
  }
  function pick(point) {
    show(point);
    lat.value = point.lat.toFixed(6);
    long.value = point.lng.toFixed(6);
    for (const field of [lat, long]) field.dispatchEvent(new Event("change", { bubbles: true }));
    const [area] = view.queryRenderedFeatures(view.project(point), { layers: ["areas-fill"] });
    const said = area ? text("map-picked-in", { area: area.properties.name }) : text("map-picked");
    const place = document.getElementById(options.says);
    if (place) place.textContent = said;
    else announce(said);
  }

  view.on("click", (event) => pick(event.lngLat));
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    pick(view.getCenter());
  });
  const follow = () => {
    if (!lat.value || !long.value) return marker.remove();
    const point = { lat: Number(lat.value), lng: Number(long.value) };
    if (Number.isFinite(point.lat) && Number.isFinite(point.lng)) show(point);
  };
  for (const field of [lat, long]) field.addEventListener("change", follow);
  if (lat.value && long.value) {
    follow();
    view.jumpTo({ center: [Number(long.value), Number(lat.value)], zoom: 15 });
  }
  return pick;
}

function locateTool(view, pick) {
  return tool(text("map-here"), "◎", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const point = { lat: coords.latitude, lng: coords.longitude };
        view.jumpTo({ center: point, zoom: 16 });
        view.once("idle", () => pick(point));
      },
      () => announce(text("map-not-here")),
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}

function cardContent(properties) {
  const body = make("div", { dir: document.documentElement.dir || "auto" });
  const title = properties.title ?? "";
  body.append(properties.url ? make("a", { href: properties.url }, title) : make("strong", {}, title));
  for (const line of [properties.status, properties.text]) if (line) body.append(make("div", {}, line));
  return body;
}

/** Points and clusters as real buttons, so that a keyboard and a screen reader reach them too. */
function addCards(view) {
  const shown = new Map();

  function clusterButton(feature) {
    const count = feature.properties.point_count;
    const button = make("button", { type: "button", class: "map__cluster", "aria-label": text("map-cluster", { count }) }, String(count));
    button.addEventListener("click", async (event) => {
      event.stopPropagation();
      const zoom = await view.getSource("cards").getClusterExpansionZoom(feature.properties.cluster_id);
      view.easeTo({ center: feature.geometry.coordinates, zoom });
    });
    return button;
  }
  function pointButton(feature) {
    const { tone, title } = feature.properties;
    const button = make("button", { type: "button", class: `map__point ${tone ? `map__point--${tone}` : ""}`, "aria-label": title });
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      new Popup({ offset: 14 }).setLngLat(feature.geometry.coordinates).setDOMContent(cardContent(feature.properties)).addTo(view);
    });
    return button;
  }
  function refresh() {
    if (!view.isSourceLoaded("cards")) return;
    const now = new Set();
    for (const feature of view.querySourceFeatures("cards")) {
      const { cluster_id: cluster, url, title } = feature.properties;
      const id = cluster ? `c${cluster}` : `${url ?? title}@${feature.geometry.coordinates}`;
      if (now.has(id)) continue;
      now.add(id);
      if (shown.has(id)) continue;
      const element = cluster ? clusterButton(feature) : pointButton(feature);
      shown.set(id, new Marker({ element }).setLngLat(feature.geometry.coordinates).addTo(view));
    }
    for (const [id, marker] of shown) {
      if (now.has(id)) continue;
      marker.remove();
      shown.delete(id);
    }
  }
  view.on("idle", refresh);
  view.on("moveend", refresh);
}

const nothing = { type: "FeatureCollection", features: [] };

async function showMap(element) {
  const options = element.dataset;
  const [areas, cards] = await Promise.all([
    options.areas ? fetchJson(options.areas) : nothing,
    options.cards ? fetchJson(options.cards) : null,
    loadStyleSheet(),
  ]);
  element.dataset.ready = "loading";
  const { view, canvas } = openView(element, options, areas, cards);
  view.once("load", () => { element.dataset.ready = "yes"; });
  const pick = options.map === "pick" ? addPicker(element, view, canvas, options) : null;
  addTools(element, view, pick && navigator.geolocation && "locate" in options ? [locateTool(view, pick)] : []);
  addAreas(view, options);
  if (cards) addCards(view);
}

function fail(element, error) {
  console.warn("map", error);
  delete element.dataset.ready;
  element.querySelectorAll(".map__view, .map__tools, .map__cross").forEach((part) => part.remove());
  if (element.querySelector(".map__instead img")) return;
  const instead = element.querySelector(".map__instead") ?? element.appendChild(make("p", { class: "map__instead" }));
  instead.textContent = text("map-failed");
}

export function enhance(root) {
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      watcher.unobserve(entry.target);
      showMap(entry.target).catch((error) => fail(entry.target, error));
    }
  }, { rootMargin: "200px" });
  for (const element of matching(root, "[data-map]")) if (!element.dataset.ready) watcher.observe(element);
}
