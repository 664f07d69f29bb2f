// Export: the reader can copy or download the picture of the steps so far.

const EXPORTS = {
  txt: { make: asText, type: "text/plain" },
  svg: { make: asSvg, type: "image/svg+xml" },
  mmd: { make: asMermaid, type: "text/plain" },
};

const format = () => byId("format").value;

function showExport(layout) {
  byId("export").value = EXPORTS[format()].make(layout);
  byId("copied").textContent = "";
}

function download() {
  const blob = new Blob([byId("export").value], {
    type: `${EXPORTS[format()].type};charset=utf-8`,
  });
  const link = make("a", { href: URL.createObjectURL(blob), download: `calloff.${format()}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Copies a text; if the browser does not allow that, selects the text instead. */
async function copy(value, what) {
  try {
    await navigator.clipboard.writeText(value);
    byId("copied").textContent = `${what} copied.`;
  } catch {
    byId("export").value = value;
    byId("export").select();
    byId("copied").textContent = "Selected below: copy it from there.";
  }
}
