// Leaves out the design system's variants that no Commonbeat page uses, and its font files (we ship a subset).
const variants = new RegExp(
  [
    "inverse", "accent-cool", "accent-warm", "usa-button--base", "usa-input-list", "usa-show-password",
    "usa-show-multipassword", "usa-input--", "usa-radio", "usa-checkbox", "usa-dark-background", "usa-color-contrast",
    "usa-focus", "width-mobile", "sticky-header", "usa-form--large", "counters-sm", "step-indicator--center",
    "usa-step-indicator--no-labels", "data-sort", "usa-table__header__button", "usa-button--hover",
    "usa-button--active", "usa-button--disabled", "usa-icon", "usa-tag", "usa-file-input", "usa-search", "usa-link--",
  ].join("|"),
);

export function unusedRules() {
  return {
    postcssPlugin: "commonbeat-unused",
    Once(root) {
      root.walkAtRules("font-face", (rule) => {
        if (!rule.toString().includes("fonts/public-sans-")) rule.remove();
      });
      // The select's arrow and the rest are drawn by our own rules; no picture of the design system is shipped.
      root.walkDecls(/^(background|mask)/, (declaration) => {
        if (declaration.value.includes("url(")) declaration.remove();
      });
      root.walkRules((rule) => {
        const kept = rule.selectors.filter((selector) => !variants.test(selector));
        if (kept.length === 0) rule.remove();
        else if (kept.length < rule.selectors.length) rule.selectors = kept;
      });
    },
  };
}
