// Replaces the design system's fixed colours by Commonbeat's custom properties: dark mode and an agency's accent follow.
const text = {
  "#1b1b1b": "--ink", black: "--ink", white: "--on-accent", "#005ea2": "--link", "#1a4480": "--link-strong",
  "#162e51": "--link-strong", "#54278f": "--visited", "#454545": "--ink-soft", "#565c65": "--ink-soft",
  "#757575": "--ink-soft", "#71767a": "--ink-soft", "#919191": "--ink-soft", "#3d4551": "--ink-soft",
  "#b50909": "--bad", "#8b0a03": "--bad", "#dfe1e2": "--line", "#c9c9c9": "--line-strong",
};
const fill = {
  "#1b1b1b": "--ink", black: "--ink", white: "--surface", "#005ea2": "--accent", "#1a4480": "--accent-strong",
  "#162e51": "--accent-strong", "#f0f0f0": "--fill", "#dfe1e2": "--fill", "#e6e6e6": "--fill", "#c9c9c9": "--fill",
  "#757575": "--ink-soft", "#71767a": "--ink-soft", "#565c65": "--ink-soft", "#919191": "--line-strong",
  "#454545": "--ink-soft", "#3d4551": "--ink-soft", "#97d4ea": "--info-soft", "#c3ebfa": "--info-soft", "#e1f3f8": "--info-soft", "#d83933": "--bad", "#b50909": "--bad", "#8b0a03": "--bad-strong",
};
const edge = {
  "#1b1b1b": "--line", black: "--line", white: "--surface", "#005ea2": "--accent", "#1a4480": "--accent-strong",
  "#162e51": "--accent-strong", "#2491ff": "--focus", "#dfe1e2": "--line", "#e6e6e6": "--line", "#c9c9c9": "--line",
  "#a9aeb1": "--line", "#757575": "--line-strong", "#71767a": "--line-strong", "#565c65": "--line-strong",
  "#919191": "--line-strong", "#454545": "--line-strong", "#b50909": "--bad", "#54278f": "--visited",
};
const colour = /#[0-9a-f]{6}\b|#[0-9a-f]{3}\b|\b(?:white|black)\b/gi;

function paletteFor(prop) {
  if (/^(color|fill|stroke|text-decoration|caret)/.test(prop)) return text;
  if (/^background/.test(prop)) return fill;
  if (/^(border|outline|box-shadow|column-rule)/.test(prop)) return edge;
  return null;
}

export function themeColours() {
  return {
    postcssPlugin: "commonbeat-theme",
    Once(root) {
      root.walkDecls("font-family", (declaration) => {
        if (/Public Sans Web/.test(declaration.value)) declaration.value = "var(--font)";
        if (/Roboto Mono Web/.test(declaration.value)) declaration.value = "var(--mono)";
      });
      root.walkDecls((declaration) => {
        const palette = paletteFor(declaration.prop);
        if (!palette || declaration.value.includes("url(")) return;
        declaration.value = declaration.value.replace(colour, (found) => {
          const name = palette[found.toLowerCase()];
          if (!name) throw new Error(`no custom property for ${declaration.parent.selector} { ${declaration} }`);
          return `var(${name})`;
        });
      });
    },
  };
}
