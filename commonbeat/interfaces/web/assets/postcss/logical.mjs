// Turns left and right into start and end, so that one style sheet serves both directions of writing.
const sides = { left: "inline-start", right: "inline-end", top: "block-start", bottom: "block-end" };
const corners = {
  "top-left": "start-start", "top-right": "start-end", "bottom-left": "end-start", "bottom-right": "end-end",
};

const renamed = { left: "inset-inline-start", right: "inset-inline-end" };
for (const side of ["left", "right"]) {
  for (const box of ["margin", "padding", "border"]) renamed[`${box}-${side}`] = `${box}-${sides[side]}`;
  for (const part of ["width", "style", "color"]) {
    renamed[`border-${side}-${part}`] = `border-${sides[side]}-${part}`;
  }
}
for (const [physical, logical] of Object.entries(corners)) {
  renamed[`border-${physical}-radius`] = `border-${logical}-radius`;
}

const keywords = { "text-align": { left: "start", right: "end" }, float: { left: "inline-start", right: "inline-end" } };

function splitBox(declaration) {
  const values = declaration.value.match(/(?:[^\s(]+|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
  if (values.length !== 4 || values[1] === values[3]) return;
  const [top, right, bottom, left] = values;
  const box = declaration.prop;
  declaration.cloneBefore({ prop: `${box}-block`, value: `${top} ${bottom}` });
  declaration.cloneBefore({ prop: `${box}-inline`, value: `${left} ${right}` });
  declaration.remove();
}

export function logicalProperties() {
  return {
    postcssPlugin: "commonbeat-logical",
    OnceExit(root) {
      root.walkDecls((declaration) => {
        const { prop, value } = declaration;
        if (renamed[prop]) declaration.prop = renamed[prop];
        else if (keywords[prop]?.[value]) declaration.value = keywords[prop][value];
        else if (prop === "margin" || prop === "padding") splitBox(declaration);
      });
    },
  };
}
