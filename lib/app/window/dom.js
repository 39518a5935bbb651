// A description of elements, and how a part of the page is made to look like it. What is there already stays: focus, scrolling and opened
// details are kept, and nothing flickers. Text goes in as text nodes only; no markup is ever parsed.

const svgSpace = "http://www.w3.org/2000/svg";

// h("p", {class: "note"}, "text", h("b", null, "more")): null, undefined and false are left out. `key` names an element among its siblings.
export function h(tag, props, ...children) {
  return { tag, props: props ?? {}, children };
}

const present = children => children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false);

const described = new WeakMap(); // element -> props that it was given

function setProp(element, name, value) {
  if (name === "key") return;
  if (name.startsWith("on")) element[name] = value ?? null;
  else if (name === "style") {
    for (const [property, text] of Object.entries(value ?? {}))
      if (element.style.getPropertyValue(property) !== String(text)) element.style.setProperty(property, text);
  } else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : value);
}

function describe(element, node, space) {
  const before = described.get(element) ?? {};
  for (const name of Object.keys(before)) if (!(name in node.props)) setProp(element, name, null);
  for (const [name, value] of Object.entries(node.props)) setProp(element, name, value);
  described.set(element, node.props);
  fill(element, node.children, space);
}

function make(node, space) {
  if (typeof node !== "object") return document.createTextNode(String(node));
  const own = node.tag === "svg" ? svgSpace : space;
  const element = own ? document.createElementNS(own, node.tag) : document.createElement(node.tag);
  describe(element, node, own);
  return element;
}

const keyOf = element => described.get(element)?.key;
const kindOf = props => String(props?.class ?? "").split(" ", 1)[0]; // elements of another kind are made anew, so that what is inserted moves nothing else

function fits(element, node) {
  if (typeof node !== "object") return element.nodeType === Node.TEXT_NODE;
  return element.nodeType === Node.ELEMENT_NODE && element.localName === node.tag && keyOf(element) === node.props.key && kindOf(described.get(element)) === kindOf(node.props);
}

// Makes `parent` hold `children`.
export function fill(parent, children, space) {
  const keyed = new Map();
  for (const element of parent.childNodes) if (keyOf(element) !== undefined) keyed.set(keyOf(element), element);
  let at = parent.firstChild;
  for (const node of present(children)) {
    const named = typeof node === "object" && node.props.key !== undefined ? keyed.get(node.props.key) : undefined;
    const found = named ?? at;
    if (found && fits(found, node)) {
      if (found === at) at = at.nextSibling;
      else parent.insertBefore(found, at);
      if (typeof node !== "object") {
        if (found.data !== String(node)) found.data = String(node);
      } else describe(found, node, node.tag === "svg" ? svgSpace : space);
    } else parent.insertBefore(make(node, space), at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
