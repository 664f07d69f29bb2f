// Creates elements. Text is only ever set as text, never as markup.

const byId = (id) => document.getElementById(id);

/** An element with attributes and children; `null` and `false` in either are left out. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== false));
  return element;
}

/** Replaces the content of an element. */
function fill(element, ...children) {
  element.replaceChildren(...children.flat(2).filter((child) => child !== null && child !== false));
}

/** Shows or hides an element; returns whether it is shown. */
function show(element, isShown) {
  element.hidden = !isShown;
  return isShown;
}

const count = (n, one, many = `${one}s`) => `${grouped(n)} ${n === 1 ? one : many}`;

/** A number with its digits in groups of three. */
const grouped = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/** A number of ways; counting stops at 2^53. */
const WAYS_MAX = 2 ** 53;
const ways = (n) => (n >= WAYS_MAX ? `more than ${grouped(WAYS_MAX - 1)} ways` : count(n, "way"));

/** Text in which names between backticks become code elements. */
const prose = (text) =>
  text.split("`").map((part, i) => (i % 2 === 1 ? make("code", {}, part) : part));
