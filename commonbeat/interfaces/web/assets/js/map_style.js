// How maps look: quiet ground, clear outlines, in the page's own colours (and so in its dark mode too).

export function palette() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    paper: read("--paper"), surface: read("--surface"), fill: read("--fill"), line: read("--line-strong"),
    accent: read("--accent"), water: read("--info-soft"), green: read("--good-soft"), soft: read("--accent-soft"),
  };
}

export function layersFor(colours, options) {
  const chosen = ["==", ["to-string", ["get", "code"]], options.area ?? ""];
  return [
    {
      id: "areas-fill", type: "fill", source: "areas",
      paint: {
        "fill-color": ["case", chosen, colours.accent, ["has", "fill"], ["get", "fill"], colours.surface],
        "fill-opacity": ["case", chosen, 0.25, ["has", "fill"], options.basemap ? 0.7 : 1, options.basemap ? 0 : 1],
      },
    },
    { id: "areas-line", type: "line", source: "areas", paint: { "line-color": colours.line, "line-width": 1 } },
    {
      id: "areas-chosen", type: "line", source: "areas", filter: chosen,
      paint: { "line-color": colours.accent, "line-width": 3 },
    },
  ];
}

/** The cards are drawn as buttons; this unseen layer makes the library load and cluster them. */
export const cardsLayer = { id: "cards", type: "circle", source: "cards", paint: { "circle-opacity": 0, "circle-radius": 1 } };

/** Layers for a self-hosted basemap in the Protomaps schema (earth, landuse, water, roads). */
export function groundLayers(colours) {
  return [
    { id: "earth", type: "fill", source: "ground", "source-layer": "earth", paint: { "fill-color": colours.surface } },
    {
      id: "parks", type: "fill", source: "ground", "source-layer": "landuse",
      filter: ["in", ["get", "kind"], ["literal", ["park", "nature_reserve", "forest", "wood", "grass", "cemetery"]]],
      paint: { "fill-color": colours.green },
    },
    {
      id: "water", type: "fill", source: "ground", "source-layer": "water",
      filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colours.water },
    },
    {
      id: "roads", type: "line", source: "ground", "source-layer": "roads",
      paint: {
        "line-color": colours.fill,
        "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 9, 0.5, 14, 2, 18, 14],
      },
    },
  ];
}

/** Paints the layers again after the colour scheme has changed. */
export function paint(view, colours, options) {
  view.setPaintProperty("paper", "background-color", colours.paper);
  for (const layer of [...(options.basemap ? groundLayers(colours) : []), ...layersFor(colours, options)]) {
    for (const [name, value] of Object.entries(layer.paint)) view.setPaintProperty(layer.id, name, value);
  }
}
